"""`api.conversations.*`: a person's list of conversations and their settings of each."""

from __future__ import annotations

from glideim.account.ports import Caller
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import (
    Conversation,
    ConversationList,
    Empty,
    MessageList,
    MessageRead,
)  # fmt: skip
from glideim.protocol.social import ConversationQuery, PageQuery, UpdateConversation

from .auth import signed_in
from .ports import Endpoint, Messages

GROUP = "Conversations"
_CONV = "c:10001:10002"
_MESSAGE = {
    "mid": 71, "cliMid": "0b9a2c1e", "conv": _CONV, "seq": 12, "from": 10001, "to": 10002, "type": 1,
    "content": "hello", "sendAt": 1798675200000,
}  # fmt: skip
_CONVERSATION = {
    "conv": _CONV, "lastSeq": 12, "readSeq": 11, "unread": 1, "updatedAt": 1798675200000, "lastMessage": _MESSAGE,
    "peer": {"uid": 10002, "account": "bob", "nickname": "Bob"}, "pinned": True,
}  # fmt: skip


class ConversationHandlers:
    """The handlers."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    async def list(self, caller: Caller, request: PageQuery) -> ConversationList:
        """One's own, newest first."""
        uid = signed_in(caller).uid
        return await self._messages.inbox.list(uid, request.cursor, request.limit)

    async def update(self, caller: Caller, request: UpdateConversation) -> Conversation:
        """Pin, mute, let messages disappear."""
        return await self._messages.update_conversation(signed_in(caller).uid, request)

    async def hide(self, caller: Caller, request: ConversationQuery) -> Empty:
        """Out of the list until something new is said."""
        await self._messages.inbox.hide(signed_in(caller).uid, None, request.conv)
        return Empty()

    async def pins(self, caller: Caller, request: ConversationQuery) -> MessageList:
        """Pinned messages."""
        return await self._messages.inbox.pins(signed_in(caller).uid, request.conv)

    async def read(self, caller: Caller, request: MessageRead) -> Empty:
        """Read up to here."""
        await self._messages.read(signed_in(caller).uid, None, request.conv, request.seq)
        return Empty()

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The table of this group."""
        unknown = (ErrorCode.NOT_FOUND,)
        return (
            Endpoint(
                "GET", "/conversations", Action.API_CONVERSATIONS_LIST, PageQuery, ConversationList, self.list,
                "One's own conversations", GROUP,
                "Newest first, at most 200 a page (default 50). `unread` is `lastSeq - readSeq`: who writes has read"
                " what stands above.",
                example={"limit": 20}, example_result={"items": [_CONVERSATION]},
            ),
            Endpoint(
                "PATCH", "/conversations/{conv}", Action.API_CONVERSATIONS_UPDATE, UpdateConversation, Conversation,
                self.update, "Pin, mute, let messages disappear", GROUP,
                "Fields that are not given stay. `pinned` and `muted` are one's own; `expireAfter` (seconds, 0 is off)"
                " is everybody's: messages sent from now on are erased that long after. In groups admins set it.",
                errors=(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN),
                example={"conv": _CONV, "pinned": True}, example_result=_CONVERSATION,
            ),
            Endpoint(
                "DELETE", "/conversations/{conv}", Action.API_CONVERSATIONS_HIDE, ConversationQuery, Empty, self.hide,
                "Hide a conversation", GROUP, "It comes back with its next message. Nothing is deleted.",
                errors=unknown, example={"conv": _CONV},
            ),
            Endpoint(
                "GET", "/conversations/{conv}/pins", Action.API_CONVERSATIONS_PINS, ConversationQuery, MessageList,
                self.pins, "Pinned messages", GROUP, "The one pinned last comes first.",
                errors=unknown, example={"conv": _CONV}, example_result={"items": [{**_MESSAGE, "pinned": True}]},
            ),
            Endpoint(
                "POST", "/conversations/{conv}/read", Action.API_CONVERSATIONS_READ, MessageRead, Empty, self.read,
                "Read up to here", GROUP, "Moves the read position of the person, on all devices.",
                errors=unknown, example={"conv": _CONV, "seq": 12},
            ),
        )  # fmt: skip
