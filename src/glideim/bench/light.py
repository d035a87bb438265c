"""A client that costs little: requests and answers by number, everything else handed on as it came."""

from __future__ import annotations

import asyncio
import functools
import ssl
import time
from collections.abc import Callable
from typing import Any, TypeVar

from glideim.client.dial import connector
from glideim.client.transport import Transport
from glideim.protocol.actions import Action
from glideim.protocol.codec import load_codec
from glideim.protocol.records import (
    Auth,
    Envelope,
    Error,
    Guest,
    Heartbeat,
    LoggedIn,
    Rejected,
)

T = TypeVar("T")

PATIENCE = 120.0
"""Seconds until an answer that does not come is an error: thousands may sign in at once."""
DEVICE = 2


_codec = functools.cache(load_codec)
"""One of each for the whole process: looking for them takes milliseconds."""


class RefusedError(Exception):
    """The server answered a request with an error; the text is its code and message."""


class LightClient:
    """One connection. Not signed in until `guest` returns; `uid` is 0 until then."""

    def __init__(self, codec: str, on_frame: Callable[[bytes], None] | None = None) -> None:
        self.codec = _codec(codec)
        self.uid = 0
        self.closed_with: tuple[int, str] | None = None
        self._on_frame = on_frame
        self._on_end: Callable[[int, str], None] | None = None
        self._transport: Transport | None = None
        self._waiting: dict[int, asyncio.Future[Envelope]] = {}
        self._count = 0

    async def connect(self, url: str, tls: ssl.SSLContext | None = None) -> None:
        """Open the connection: `ws://`, `tcp://`, `wss://` or `tls://`. Raises OSError."""
        await connector(url, tls)(self, self.codec)

    async def guest(self) -> None:
        """Become a new person and sign in. Raises RefusedError."""
        made = await self.call(Action.API_AUTH_GUEST, Guest(device=DEVICE), LoggedIn)
        answer = await self.ask(Action.AUTH, Auth(token=made.token, device=DEVICE, batch=True))
        self.uid = answer.data.uid

    async def call(self, action: str, data: Any, result: type[T]) -> T:
        """The result of an API action. Raises RefusedError."""
        return self.codec.result((await self.ask(action, data)).data, result)

    async def ask(self, action: str, data: Any) -> Envelope:
        """The answer to a request. Raises RefusedError, TimeoutError."""
        self._count += 1
        number = self._count
        answer = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self.tell(action, data, number)
        try:
            async with asyncio.timeout(PATIENCE):
                envelope: Envelope = await answer
        finally:
            self._waiting.pop(number, None)
        if isinstance(envelope.data, Error):
            raise RefusedError(f"{action}: {envelope.data.code}: {envelope.data.message}")
        return envelope

    def tell(self, action: str, data: Any, seq: int = 0) -> None:
        """Send without waiting for an answer."""
        if self._transport is not None:
            self._transport.write((self.codec.encode(Envelope(action, seq, data)),))

    def hand_over(
        self,
        on_frame: Callable[[bytes], None],
        on_end: Callable[[int, str], None] | None = None,
    ) -> None:
        """From now on give frames to this function, unread, instead of looking for answers in them; and the code
        and reason of the end of the connection to the other one."""
        self._on_frame, self._on_end = on_frame, on_end

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()

    # --- Receiver -------------------------------------------------------------------------------------------

    def opened(self, transport: Transport) -> None:
        self._transport = transport

    def received(self, frame: bytes) -> None:
        if self._on_frame is not None:
            self._on_frame(frame)
            return
        for envelope in self.codec.decode(frame):
            if isinstance(envelope, Rejected):
                raise TypeError(f"the server sent {envelope}")
            if envelope.action == Action.HEARTBEAT:
                self.tell(Action.HEARTBEAT, Heartbeat())
            waiting = self._waiting.pop(envelope.seq, None) if envelope.seq else None
            if waiting is not None and not waiting.done():
                waiting.set_result(envelope)

    def writable(self, *, yes: bool) -> None:
        """Light clients write too little to care."""

    def closed(self, code: int, reason: str) -> None:
        self.closed_with = (code, reason)
        if self._on_end is not None:
            self._on_end(code, reason)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError(f"closed: {code} {reason}"))


def now_us() -> int:
    """Microseconds of a clock that all processes of this machine share."""
    return time.monotonic_ns() // 1000
