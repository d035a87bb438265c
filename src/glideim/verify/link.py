"""One connection of one device: requests by number, everything else handed to the device as it comes."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Any, TypeVar

from glideim.client.dial import connector
from glideim.client.transport import Transport
from glideim.protocol.actions import Action
from glideim.protocol.codec import load_codec
from glideim.protocol.records import Envelope, Error, FrameError, Heartbeat, NotifyClose, Rejected

T = TypeVar("T")

PATIENCE = 6.0
"""Seconds until a connection that does not answer is given up."""

TOLD_ALIKE = frozenset(
    {
        Action.ACK_MESSAGE, Action.MESSAGE_CHAT_RECALL, Action.MESSAGE_GROUP_RECALL, Action.MESSAGE_EDIT,
        Action.NOTIFY_REACT, Action.NOTIFY_PIN,
    }
)  # fmt: skip
"""Answers that change what a device knows: it is handed them like pushes, in the order they came."""

_codec = functools.cache(load_codec)


class RefusedError(Exception):
    """The server answered with an error."""

    def __init__(self, error: Error) -> None:
        super().__init__(f"{error.code}: {error.message}")
        self.code = error.code
        self.retryable = error.retryable


class BrokenError(ConnectionError):
    """The server sent what the protocol does not allow."""


class Link:
    """A connection. `on_push` gets envelopes that answer no request, and those of TOLD_ALIKE; `on_closed` the close code,
    once. `broken` says what the server sent that it may not send."""

    def __init__(
        self, codec: str, on_push: Callable[[Envelope], None], on_closed: Callable[[int], None]
    ) -> None:
        self.codec = _codec(codec)
        self.closed_with: int | None = None
        self.broken = ""
        self._on_push = on_push
        self._on_closed = on_closed
        self._transport: Transport | None = None
        self._waiting: dict[int, asyncio.Future[Envelope]] = {}
        self._count = 0
        self._announced = 0

    async def connect(self, url: str) -> None:
        """Open the connection. Raises OSError."""
        try:
            async with asyncio.timeout(PATIENCE):
                await connector(url, None)(self, self.codec)
        except TimeoutError as error:
            raise ConnectionError("no connection in time") from error

    async def call(self, action: str, data: Any, result: type[T]) -> T:
        """The result of an API action. Raises RefusedError, ConnectionError."""
        answer = await self.ask(action, data)
        try:
            return self.codec.result(answer.data, result)
        except FrameError as error:
            raise self.give_up(f"answer to {action}: {error}") from error

    def give_up(self, what: str) -> BrokenError:
        """End a connection on which the server sent what it may not send."""
        self.broken = self.broken or what
        self.abort()
        return BrokenError(what)

    async def ask(self, action: str, data: Any) -> Envelope:
        """The answer to a request. Raises RefusedError, ConnectionError: no answer in time, or closed."""
        if self.closed_with is not None:
            raise ConnectionError("closed")
        self._count += 1
        number = self._count
        answer: asyncio.Future[Envelope] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self.tell(action, data, number)
        try:
            async with asyncio.timeout(PATIENCE):
                envelope = await answer
        except TimeoutError as error:
            self.abort()
            raise ConnectionError(f"{action}: no answer") from error
        finally:
            self._waiting.pop(number, None)
        if isinstance(envelope.data, Error):
            raise RefusedError(envelope.data)
        return envelope

    def tell(self, action: str, data: Any, seq: int = 0) -> None:
        """Send without waiting for an answer."""
        if self._transport is not None:
            self._transport.write((self.codec.encode(Envelope(action, seq, data)),))

    def close(self) -> None:
        """End the connection after what was written has left."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    # --- Receiver -------------------------------------------------------------------------------------------

    def opened(self, transport: Transport) -> None:
        self._transport = transport

    def received(self, frame: bytes) -> None:
        try:
            for envelope in self.codec.decode(frame):
                if isinstance(envelope, Rejected):
                    raise BrokenError(f"the server sent {envelope}")
                self._take(envelope)
        except Exception as error:  # noqa: BLE001 - whatever cannot be taken in is a finding, and must be seen
            self.give_up(f"{type(error).__name__}: {error}")

    def _take(self, envelope: Envelope) -> None:
        waiting = self._waiting.get(envelope.seq) if envelope.seq else None
        if waiting is not None:
            if not waiting.done():
                waiting.set_result(envelope)
            if envelope.action in TOLD_ALIKE:
                self._on_push(envelope)
        elif envelope.action == Action.HEARTBEAT:
            self.tell(Action.HEARTBEAT, Heartbeat())
        elif isinstance(envelope.data, NotifyClose):
            self._announced = envelope.data.code
        else:
            self._on_push(envelope)

    def writable(self, *, yes: bool) -> None:
        """People write too little to care."""

    def closed(self, code: int, reason: str) -> None:
        if self.closed_with is not None:
            return
        self.closed_with = self._announced or code
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError(f"closed: {code} {reason}"))
        self._on_closed(self.closed_with)
