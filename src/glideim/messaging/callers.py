"""Sends for callers of the API, who have no connection: their answers are futures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from glideim.dispatch.ports import Dispatch, Item, Origin, Reply
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import AckMessage, Error, Message

from .ports import Send

API_NODE = ""
"""Node name of origins that are calls to `send`, not connections."""


class Callers:
    """Dispatch for the committer: replies to callers go to their futures, the rest goes on."""

    def __init__(self, dispatch: Dispatch) -> None:
        self._dispatch = dispatch
        self._waiting: dict[int, asyncio.Future[Item]] = {}
        self._count = 0
        self.post = dispatch.post
        self.online = dispatch.online
        self.close = dispatch.close

    def __len__(self) -> int:
        """Calls that wait for an answer."""
        return len(self._waiting)

    async def send(
        self,
        take: Callable[[Sequence[Send]], int],
        uid: int,
        action: str,
        message: Message,
        group: bool,
        source: Origin | None,
    ) -> AckMessage:
        """Have `take` store a message; returns when it is. Raises RequestError."""
        self._count += 1
        number = self._count
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            # No connection has a number below zero: the answer finds its future and nothing else.
            origin = Origin(API_NODE, -number)
            if take((Send(uid, origin, 0, action, message, group, source=source),)) == 0:
                raise RequestError(
                    ErrorCode.UNAVAILABLE, "too many messages are waiting to be stored"
                )
            item = await answer
        finally:
            del self._waiting[number]
        data = item.envelope.data
        if isinstance(data, Error):
            raise RequestError(ErrorCode(data.code), data.message)
        if not isinstance(data, AckMessage):
            raise TypeError(f"a send was answered with {type(data).__name__}")
        return data

    async def deliver(self, batch: Sequence[Item]) -> Sequence[int]:
        """See `Dispatch`."""
        if self._waiting:
            for item in batch:
                if type(item) is Reply and item.to.node == API_NODE:
                    caller = self._waiting.get(-item.to.conn)
                    if caller is not None and not caller.done():
                        caller.set_result(item)
        return await self._dispatch.deliver(batch)
