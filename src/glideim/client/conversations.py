"""The list of conversations and their settings, as the application deals with them."""

from __future__ import annotations

from collections.abc import AsyncIterator

from glideim.protocol.actions import Action
from glideim.protocol.records import Conversation, ConversationList, Empty, Message, MessageList
from glideim.protocol.social import ConversationQuery, PageQuery, UpdateConversation

from .asking import Ask, paged

DAY = 86_400
"""Seconds."""


class Conversations:
    """`client.conversations`. Everything raises RequestFailed when the server refuses it."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def list(self) -> AsyncIterator[Conversation]:
        """All of them, the newest first, with unread counts and last messages."""
        return paged(
            self._ask,
            Action.API_CONVERSATIONS_LIST,
            PageQuery,
            ConversationList,
        )

    async def pin(self, conv: str, *, on: bool = True) -> Conversation:
        """Keep it at the top of one's own list."""
        return await self._update(UpdateConversation(conv, pinned=on))

    async def mute(self, conv: str, *, on: bool = True) -> Conversation:
        """Let it not notify oneself."""
        return await self._update(UpdateConversation(conv, muted=on))

    async def hide(self, conv: str) -> None:
        """Take it off one's own list until something new is said there."""
        await self._ask(Action.API_CONVERSATIONS_HIDE, ConversationQuery(conv), Empty)

    async def erase_after(self, conv: str, seconds: int) -> Conversation:
        """Let what is said there from now on be erased so long after (`DAY` is one), for everybody; 0: not any more."""
        return await self._update(UpdateConversation(conv, expire_after=seconds))

    async def pins(self, conv: str) -> tuple[Message, ...]:
        """The pinned messages."""
        query = ConversationQuery(conv)
        return (await self._ask(Action.API_CONVERSATIONS_PINS, query, MessageList)).items

    async def _update(self, change: UpdateConversation) -> Conversation:
        return await self._ask(Action.API_CONVERSATIONS_UPDATE, change, Conversation)
