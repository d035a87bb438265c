"""`api.messages.*` and `api.sync`: what was said, and saying something without a connection."""

from __future__ import annotations

from glideim.account.ports import Caller
from glideim.kernel.ratelimit import SEND, RateLimiter
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import AckMessage, HistoryQuery, Message, MessageList, Sync, Synced
from glideim.protocol.social import Edit, NotifyReact, Pin, React, Recall

from .auth import limited, signed_in
from .ports import Endpoint, Messages

GROUP = "Messages"
_CONV = "c:10001:10002"
_MESSAGE = {
    "mid": 71, "cliMid": "0b9a2c1e", "conv": _CONV, "seq": 12, "from": 10001, "to": 10002, "type": 1,
    "content": "hello", "sendAt": 1798675200000,
}  # fmt: skip


class MessageHandlers:
    """The handlers."""

    def __init__(self, messages: Messages, limiter: RateLimiter) -> None:
        self._messages = messages
        self._limiter = limiter

    async def list(self, caller: Caller, request: HistoryQuery) -> MessageList:
        """History by `seq`."""
        uid = signed_in(caller).uid
        return await self._messages.history(
            uid, request.conv, request.after, request.before, request.limit
        )

    async def send(self, caller: Caller, request: Message) -> AckMessage:
        """Send a message."""
        uid = signed_in(caller).uid
        limited(self._limiter.allow(SEND, uid))
        return await self._messages.send(uid, request)

    async def sync(self, caller: Caller, request: Sync) -> Synced:
        """Everything missed."""
        return await self._messages.sync(signed_in(caller).uid, request.known, request.cursor)

    async def recall(self, caller: Caller, request: Recall) -> Recall:
        """Take a message back."""
        return await self._messages.recall(signed_in(caller).uid, request.conv, request.seq)

    async def edit(self, caller: Caller, request: Edit) -> Message:
        """Another content."""
        uid = signed_in(caller).uid
        return await self._messages.edit(uid, request.conv, request.seq, request.content)

    async def react(self, caller: Caller, request: React) -> NotifyReact:
        """Set or take back a reaction."""
        return await self._messages.react(signed_in(caller).uid, request)

    async def pin(self, caller: Caller, request: Pin) -> Pin:
        """Pin a message or take it down."""
        return await self._messages.pin(signed_in(caller).uid, request)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The table of this group."""
        return (
            Endpoint(
                "GET", "/conversations/{conv}/messages", Action.API_MESSAGES_LIST, HistoryQuery, MessageList,
                self.list, "History of a conversation", GROUP,
                "Messages with `after < seq < before`, ascending: the first ones if `after` is given, else the last."
                " At most `limit` (default 50, at most 200), fewer when they are large: only an empty page is the last.",
                errors=(ErrorCode.NOT_FOUND,),
                example={"conv": _CONV, "after": 11}, example_result={"items": [_MESSAGE]},
            ),
            Endpoint(
                "POST", "/messages", Action.API_MESSAGES_SEND, Message, AckMessage, self.send,
                "Send a message", GROUP,
                "For programs without a connection; with `conv` to a group, else to the person `to`. Repeating the call with the same `cliMid` stores nothing again"
                " and gives the same answer.",
                status=201, errors=(
                    ErrorCode.NOT_FOUND, ErrorCode.CONFLICT, ErrorCode.TOO_LARGE, ErrorCode.BLOCKED,
                    ErrorCode.NOT_FRIEND, ErrorCode.NOT_MEMBER, ErrorCode.MUTED, ErrorCode.FORBIDDEN,
                ),
                example={"cliMid": "0b9a2c1e", "to": 10002, "type": 1, "content": "hello"},
                example_result={
                    "cliMid": "0b9a2c1e", "mid": 71, "conv": _CONV, "seq": 12, "sendAt": 1798675200000,
                },
            ),
            Endpoint(
                "POST", "/conversations/{conv}/messages/{seq}/recall", Action.API_MESSAGES_RECALL, Recall, Recall,
                self.recall, "Take a message back", GROUP,
                "Its sender within two minutes (as configured); admins of a group at any time. The content is erased,"
                " the place in the conversation stays.",
                errors=(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN, ErrorCode.RECALL_EXPIRED),
                example={"conv": _CONV, "seq": 12},
                example_result={
                    "conv": _CONV, "seq": 12, "mid": 71, "recallBy": 10001, "at": 1798675200000,
                },
            ),
            Endpoint(
                "PATCH", "/conversations/{conv}/messages/{seq}", Action.API_MESSAGES_EDIT, Edit, Message,
                self.edit, "Edit a message", GROUP,
                "Its sender within fifteen minutes (as configured).",
                errors=(
                    ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN, ErrorCode.RECALL_EXPIRED, ErrorCode.TOO_LARGE,
                    ErrorCode.CONFLICT,
                ),
                example={"conv": _CONV, "seq": 12, "content": "hello!"},
                example_result={**_MESSAGE, "content": "hello!", "status": 2},
            ),
            Endpoint(
                "POST", "/conversations/{conv}/messages/{seq}/reactions", Action.API_MESSAGES_REACT, React,
                NotifyReact, self.react, "React to a message", GROUP,
                "`key` is an emoji or a name of at most 32 characters; without `on` the reaction is taken back.",
                errors=(ErrorCode.NOT_FOUND, ErrorCode.TOO_LARGE),
                example={"conv": _CONV, "seq": 12, "key": "👍", "on": True},
                example_result={
                    "conv": _CONV, "seq": 12, "key": "👍", "count": 1, "uid": 10002, "on": True,
                },
            ),
            Endpoint(
                "POST", "/conversations/{conv}/messages/{seq}/pin", Action.API_MESSAGES_PIN, Pin, Pin, self.pin,
                "Pin a message", GROUP,
                "At most 50 in a conversation, in groups for admins; without `on` it is taken down.",
                errors=(ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN, ErrorCode.TOO_LARGE),
                example={"conv": _CONV, "seq": 12, "on": True},
                example_result={
                    "conv": _CONV, "seq": 12, "on": True, "by": 10001, "at": 1798675200000,
                },
            ),
            Endpoint(
                "POST", "/sync", Action.API_SYNC, Sync, Synced, self.sync,
                "Everything missed", GROUP,
                "`known` is the highest `seq` up to which the client has everything, per conversation. While `more`,"
                " ask again with the new `cursor`; the last page's cursor begins the next sync, which then brings what"
                " changed since (recalled, edited, reacted to, pinned, erased) besides new messages. `gone` names"
                " conversations of `known` that the caller does not belong to.",
                errors=(ErrorCode.TOO_LARGE,),
                example={"known": {_CONV: 11}},
                example_result={
                    "conversations": [
                        {"conv": _CONV, "lastSeq": 12, "readSeq": 11, "unread": 1, "lastMessage": _MESSAGE}
                    ],
                    "messages": {_CONV: [_MESSAGE]},
                    "cursor": "WyIiLCIiLDBd",
                    "more": False,
                },
            ),
        )  # fmt: skip
