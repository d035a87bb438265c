"""A stream between two processes of ours: parts gathered for a turn of the loop, written as one frame."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

import msgspec

In = TypeVar("In")

HEAD = 4
"""Bytes of a frame's length."""
WAITING_MOST = 256 * 1024 * 1024
"""Bytes that may wait to be taken by the other process before it counts as lost."""


class Link(asyncio.Protocol, Generic[In]):
    """One end. `received` gets the parts of a frame in order, `lost` is called once."""

    def __init__(
        self,
        parts: msgspec.msgpack.Decoder[list[In]],
        received: Callable[[list[In]], None],
        lost: Callable[[], None],
    ) -> None:
        self._parts = parts
        self._received = received
        self._lost = lost
        self._encoder = msgspec.msgpack.Encoder()
        self._transport: asyncio.WriteTransport | None = None
        self._out: list[Any] = []
        self._due = False
        self._buffer = bytearray()

    @property
    def waiting(self) -> int:
        """Bytes that the other process has not taken."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self._transport = cast("asyncio.WriteTransport", transport)
        self._transport.set_write_buffer_limits(WAITING_MOST)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._transport = None
        self._lost()

    def pause_writing(self) -> None:
        """More waits than may: the other process does not read, and is given up."""
        self.close()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        buffer = self._buffer
        buffer += data
        start = 0
        while len(buffer) - start >= HEAD:
            end = start + HEAD + int.from_bytes(buffer[start : start + HEAD], "big")
            if len(buffer) < end:
                break
            parts = self._parts.decode(bytes(buffer[start + HEAD : end]))
            start = end
            self._received(parts)
        if start:
            del buffer[:start]

    def tell(self, part: Any) -> None:
        """Say something, with whatever else is said in this turn. Dropped when the other end is gone."""
        if self._transport is None:
            return
        self._out.append(part)
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Write what was said so far."""
        self._due = False
        out, self._out = self._out, []
        if self._transport is not None and out:
            frame = self._encoder.encode(out)
            self._transport.write(len(frame).to_bytes(HEAD, "big") + frame)

    def close(self) -> None:
        """End it; what waits is dropped."""
        if self._transport is not None:
            self._transport.abort()
