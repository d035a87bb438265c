"""`api.messages.*` and `api.sync`: what was said, and saying something without a connection."""

from __future__ import annotations

from glideim.account.ports import Caller
from glideim.kernel.ratelimit import SEND, RateLimiter
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import AckMessage, HistoryQuery, Message, MessageList, Sync, Synced

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
                "For programs without a connection. Repeating the call with the same `cliMid` stores nothing again"
                " and gives the same answer.",
                status=201, errors=(ErrorCode.NOT_FOUND, ErrorCode.CONFLICT, ErrorCode.TOO_LARGE),
                example={"cliMid": "0b9a2c1e", "to": 10002, "type": 1, "content": "hello"},
                example_result={
                    "cliMid": "0b9a2c1e", "mid": 71, "conv": _CONV, "seq": 12, "sendAt": 1798675200000,
                },
            ),
            Endpoint(
                "POST", "/sync", Action.API_SYNC, Sync, Synced, self.sync,
                "Everything missed", GROUP,
                "`known` is the highest `seq` up to which the client has everything, per conversation. While `more`,"
                " ask again with the new `cursor`; the last page's cursor begins the next sync.",
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
