"""Who may see which conversation, from where on. Whoever may not learns no more than of one that does not exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from glideim.group.rights import refusal
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from glideim.protocol.conversations import chat_key, group_key, parse_group, parse_key
from glideim.protocol.records import MAX_ID, Message

from .groups import GroupCache, GroupConversation
from .ports import MessageStore


class View(NamedTuple):
    """A conversation as somebody may see it: messages with `seq` > `since`."""

    conv: str
    since: int
    group: GroupConversation | None
    users: tuple[int, ...]
    """Everybody in it."""


def no_conversation() -> RequestError:
    """What strangers hear, of conversations that exist and of those that do not."""
    return RequestError(ErrorCode.NOT_FOUND, "there is no such conversation")


def no_message() -> RequestError:
    """The same of messages."""
    return RequestError(ErrorCode.NOT_FOUND, "there is no such message")


class Access:
    """Answers for all who read or change messages."""

    def __init__(self, store: MessageStore, groups: GroupCache) -> None:
        self._store = store
        self._groups = groups

    async def view(self, uid: int, conv: str) -> View:
        """Raises RequestError `not_found`."""
        users = parse_key(conv)
        if users is not None and uid in users:
            return View(conv, 0, None, tuple(dict.fromkeys(users)))
        gid = parse_group(conv)
        group = await self._groups.one(gid) if gid is not None else None
        if group is None or refusal("history", group.state, uid) is not None:
            raise no_conversation()
        return View(conv, group.state.members[uid].since, group, group.receivers)

    async def audience(self, conv: str, seq: int) -> tuple[int, ...]:
        """Everybody who may see a message, whoever says something about it; nobody when the group is gone."""
        users = parse_key(conv)
        if users is not None:
            return tuple(dict.fromkeys(users))
        gid = parse_group(conv)
        group = await self._groups.one(gid) if gid is not None else None
        return group.audience(seq) if group is not None else ()

    async def message(self, uid: int, conv: str, seq: int) -> tuple[View, Message]:
        """One message that somebody may see. Raises RequestError `not_found`."""
        view = await self.view(uid, conv)
        if not view.since < seq <= MAX_ID:
            raise no_message()
        found = await self._store.history(conv, seq - 1, seq + 1, 1, latest=False, viewer=uid)
        if not found:
            raise no_message()
        return view, found[0]

    async def addressed(self, uid: int, to: int, mid: int, *, group: bool) -> tuple[View, Message]:
        """One message by its id, in the conversation with somebody or of a group."""
        view = await self.view(uid, group_key(to) if group else chat_key(uid, to))
        message = await self._store.by_mid(mid)
        if message is None or message.conv != view.conv or message.seq <= view.since:
            raise no_message()
        return view, message

    async def since(self, uid: int, convs: Sequence[str]) -> Mapping[str, int]:
        """Where somebody may begin to read, for those of the conversations that they may see."""
        seen: dict[str, int] = {}
        for conv in dict.fromkeys(convs):
            try:
                seen[conv] = (await self.view(uid, conv)).since
            except RequestError:
                continue
        return seen
