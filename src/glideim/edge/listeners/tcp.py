"""TCP: an 8-byte preamble that chooses the codec, then length-prefixed frames."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import cast

from glideim.gateway.connection import Connection
from glideim.protocol.codec import Codec
from glideim.protocol.framing import (
    PREAMBLE_LENGTH,
    FrameReader,
    FrameTooLarge,
    frame_header,
    parse_preamble,
)  # fmt: skip

from .ports import ConnectionSink, ListenOptions
from .sockets import SocketListener

CLOSE_WAIT = 1.0
"""Seconds the client has to close its side after `notify.close` before the socket is closed."""
PREAMBLE_WAIT = 10.0
"""Seconds to send the preamble."""


class TcpWire(asyncio.Protocol):
    """One connection: asyncio's callbacks on one side, the gateway's `Wire` on the other."""

    def __init__(self, sink: ConnectionSink, codecs: Mapping[int, Codec], limit: int) -> None:
        self._sink = sink
        self._codecs = codecs
        self._reader = FrameReader(limit)
        self._transport: asyncio.Transport | None = None
        self._connection: Connection | None = None
        self._preamble = b""
        self._deadline: asyncio.TimerHandle | None = None
        self._over = False

    # --- asyncio ------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._deadline = asyncio.get_running_loop().call_later(PREAMBLE_WAIT, self.abort)

    def data_received(self, data: bytes) -> None:
        if self._over:
            return
        if self._connection is None:
            data = self._greet(data)
        connection = self._connection
        if connection is None or not data:
            return
        try:
            for frame in self._reader.feed(data):
                self._sink.received(connection, frame)
        except FrameTooLarge:
            self._over = True
            self._sink.oversized(connection)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        connection, self._connection = self._connection, None
        # Each knows the other: without this everything of the connection would stay until garbage is collected.
        self._transport = None
        if connection is not None:
            self._sink.closed(connection)

    def pause_writing(self) -> None:
        if self._connection is not None:
            self._sink.blocked(self._connection)

    def resume_writing(self) -> None:
        if self._connection is not None:
            self._sink.unblocked(self._connection)

    def _greet(self, data: bytes) -> bytes:
        """Wait for the preamble, answer it, and hand the connection over; returns what came behind it."""
        self._preamble += data
        if len(self._preamble) < PREAMBLE_LENGTH:
            return b""
        preamble, rest = self._preamble[:PREAMBLE_LENGTH], self._preamble[PREAMBLE_LENGTH:]
        self._preamble = b""
        self._cancel_deadline()
        codec = self._codecs.get(parse_preamble(preamble) or 0)
        if codec is None or self._transport is None:
            self._over = True
            self.abort()
            return b""
        self._transport.write(preamble)
        peer = self._transport.get_extra_info("peername")
        self._connection = self._sink.opened(self, codec, peer[0] if peer else "")
        return rest

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    # --- Wire ---------------------------------------------------------------------------------------------

    def write(self, payloads: Sequence[bytes]) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        parts: list[bytes] = []
        for payload in payloads:
            parts.append(frame_header(len(payload)))
            parts.append(payload)
        self._transport.write(b"".join(parts))

    def close(self, code: int, reason: str) -> None:
        # The code travelled in notify.close; the end of the stream is all that TCP has to say.
        if self._transport is None:
            return
        self._over = True
        if self._transport.can_write_eof():
            self._transport.write_eof()
        else:  # TLS cannot close one side alone
            self._transport.close()
        asyncio.get_running_loop().call_later(CLOSE_WAIT, self.abort)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class TcpListener(SocketListener):
    """Accepts TCP connections."""

    def __init__(
        self, sink: ConnectionSink, codecs: Mapping[str, Codec], options: ListenOptions
    ) -> None:
        super().__init__(sink, options)
        self._codecs = {codec.tcp_byte: codec for codec in codecs.values()}

    def _protocol(self) -> TcpWire:
        return TcpWire(self._sink, self._codecs, self._options.max_frame)
