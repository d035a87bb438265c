"""Length-prefixed frames over TCP or TLS for clients."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from typing import cast

from glideim.protocol.framing import PREAMBLE_LENGTH, FrameReader, build_preamble, frame_header
from glideim.protocol.ports import Codec
from glideim.protocol.records import FrameError

from .transport import MAX_RECEIVED, Receiver


async def connect_tcp(
    host: str, port: int, tls: ssl.SSLContext | None, receiver: Receiver, codec: Codec
) -> None:
    """See `transport.Connect`."""
    loop = asyncio.get_running_loop()
    connection = _Connection(receiver, build_preamble(codec.tcp_byte), loop.create_future())
    await loop.create_connection(lambda: connection, host, port, ssl=tls)
    try:
        await connection.accepted
    except BaseException:
        connection.abort()
        raise


class _Connection(asyncio.Protocol):
    """One connection: preamble first, then frames."""

    def __init__(self, receiver: Receiver, preamble: bytes, accepted: asyncio.Future[None]) -> None:
        self._receiver = receiver
        self._preamble = preamble
        self.accepted = accepted
        self._head = b""
        self._reader = FrameReader(MAX_RECEIVED)
        self._transport: asyncio.Transport | None = None
        self._why = ""

    # --- called by the event loop ---------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._preamble)

    def data_received(self, data: bytes) -> None:
        if not self.accepted.done():
            data = self._accept(data)
        if not data or self._transport is None:
            return
        try:
            frames = self._reader.feed(data)
        except FrameError as error:
            self._why = str(error)
            self.abort()
            return
        for frame in frames:
            self._receiver.received(frame)

    def _accept(self, data: bytes) -> bytes:
        """Compare the server's answer with the preamble; returns what came after it."""
        head = self._head + data
        if len(head) < PREAMBLE_LENGTH and self._preamble.startswith(head):
            self._head = head
            return b""
        if head[:PREAMBLE_LENGTH] != self._preamble:
            self.accepted.set_exception(
                ConnectionError("the server does not speak this protocol or codec")
            )
            self.abort()
            return b""
        self.accepted.set_result(None)
        self._receiver.opened(self)
        return head[PREAMBLE_LENGTH:]

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if not self.accepted.done():
            self.accepted.set_exception(exc or ConnectionError("the server closed the connection"))
        elif not self.accepted.cancelled() and self.accepted.exception() is None:
            self._receiver.closed(0, self._why or (str(exc) if exc is not None else ""))

    def pause_writing(self) -> None:
        self._receiver.writable(yes=False)

    def resume_writing(self) -> None:
        self._receiver.writable(yes=True)

    # --- called by the client -------------------------------------------------------------------------------

    def write(self, frames: Sequence[bytes]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(
                b"".join([part for f in frames for part in (frame_header(len(f)), f)])
            )

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()
