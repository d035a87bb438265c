"""WebSocket through picows: `/ws`, the codec chosen by subprotocol.

picows gives frames; whole messages are joined here. Frames to the client are built by us, so that everything
that waits for a connection leaves in one write.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast

import picows
from picows import (
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
)
from picows import WSUpgradeResponseWithListener as ResponseWithListener
from picows.picows import WSProtocol  # type: ignore[attr-defined]

from glideim.gateway.connection import Connection
from glideim.protocol.codec import Codec
from glideim.protocol.framing import FrameTooLarge
from glideim.protocol.websocket import BINARY_HEADERS, TEXT_HEADERS, MessageJoiner, ws_header

from .ports import ConnectionSink, ListenOptions
from .sockets import SocketListener

PATH = "/ws"
READ_BUFFER = 1024
"""Initial read buffer per connection; it grows with what arrives. Most of the memory of an idle connection."""
CLOSE_WAIT = 1.0
"""Seconds the client has to answer a close frame before the socket is closed."""
HANDSHAKE_TIMEOUT = 10.0

_BINARY: Any = WSMsgType.BINARY
"""Continuation, text and binary frames have opcodes up to this one, control frames above. (They are integers;
picows' stubs do not say so.)"""
_CLOSE = WSMsgType.CLOSE
_TOO_BIG = picows.WSCloseCode.MESSAGE_TOO_BIG


class WebSocketWire(WSListener):
    """One connection: picows' callbacks on one side, the gateway's `Wire` on the other."""

    def __init__(self, sink: ConnectionSink, codec: Codec, limit: int) -> None:
        super().__init__()
        self._sink = sink
        self._received = sink.received
        self._codec = codec
        self._transport: WSTransport | None = None
        self._raw: Any = None
        self._connection: Connection | None = None
        self._joiner = MessageJoiner(limit)
        self._headers = BINARY_HEADERS if codec.binary else TEXT_HEADERS

    # --- picows -------------------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        self._raw = transport.underlying_transport
        # They were read, and would be kept for as long as the connection: two kilobytes.
        transport.request.headers.clear()
        transport.response.headers.clear()
        peer = self._raw.get_extra_info("peername")
        self._connection = self._sink.opened(self, self._codec, peer[0] if peer else "")

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        connection = self._connection
        if connection is None:
            return
        kind: Any = frame.msg_type
        if kind <= _BINARY and frame.fin and not self._joiner.joining:
            self._received(connection, frame.get_payload_as_bytes())
        elif kind <= _BINARY:
            self._join(connection, frame)
        elif kind == _CLOSE:
            # One without a code is answered with 1000: what stands for "none" may not be sent.
            code: Any = frame.get_close_code()  # may be 0, which picows' stubs do not say
            transport.send_close(code or WSCloseCode.OK)
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        connection, self._connection = self._connection, None
        # Each knows the other: without this everything of the connection would stay until garbage is collected.
        self._transport = self._raw = None
        if connection is not None:
            self._sink.closed(connection)

    def pause_writing(self) -> None:
        if self._connection is not None:
            self._sink.blocked(self._connection)

    def resume_writing(self) -> None:
        if self._connection is not None:
            self._sink.unblocked(self._connection)

    def oversized(self) -> None:
        """The header of a frame that is too large arrived."""
        if self._connection is not None:
            self._sink.oversized(self._connection)

    def _join(self, connection: Connection, frame: WSFrame) -> None:
        try:
            whole = self._joiner.add(frame.get_payload_as_bytes(), fin=frame.fin)
        except FrameTooLarge:
            self.oversized()
            return
        if whole is not None:
            self._received(connection, whole)

    # --- Wire ---------------------------------------------------------------------------------------------

    def write(self, payloads: Sequence[bytes]) -> None:
        if self._raw is None or self._raw.is_closing():
            return
        parts: list[bytes] = []
        headers = self._headers
        known = len(headers)
        for payload in payloads:
            length = len(payload)
            parts += (
                headers[length] if length < known else ws_header(length, binary=self._codec.binary),
                payload,
            )
        self._raw.write(b"".join(parts))

    def close(self, code: int, reason: str) -> None:
        if self._transport is None:
            return
        self._transport.send_close(cast(WSCloseCode, code), reason.encode()[:120])
        asyncio.get_running_loop().call_later(CLOSE_WAIT, self.abort)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.disconnect(graceful=False)


class _ParserLog:
    """Stands where picows wants a logger: the only place where it tells that a frame was too large, before it
    would close with a code that is not ours (a contract test holds picows to it)."""

    __slots__ = ("wire",)

    def __init__(self) -> None:
        self.wire: WebSocketWire | None = None

    def error(self, message: str, *args: Any) -> None:
        problem = args[0][0] if args and isinstance(args[0], tuple) and args[0] else None
        if problem == _TOO_BIG and self.wire is not None:
            self.wire.oversized()
        else:
            _log.debug(message, *args)

    def debug(self, message: str, *args: Any) -> None:
        """Sends after a close are expected: the client just left."""

    def exception(self, message: str, *args: Any) -> None:
        _log.exception(message, *args)

    def warning(self, message: str, *args: Any) -> None:
        _log.debug(message, *args)

    def info(self, message: str, *args: Any) -> None:
        """Connections that come and go are counted, not logged."""

    def log(self, level: int, message: str, *args: Any) -> None:
        _log.log(level, message, *args)

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - logging's name
        return False


_log = logging.getLogger("glideim.websocket")


class WebSocketListener(SocketListener):
    """Accepts WebSocket connections."""

    def __init__(
        self, sink: ConnectionSink, codecs: Mapping[str, Codec], options: ListenOptions
    ) -> None:
        super().__init__(sink, options)
        self._codecs = {codec.subprotocol: codec for codec in codecs.values()}

    def _protocol(self) -> Any:
        log = _ParserLog()

        def listener(request: WSUpgradeRequest) -> ResponseWithListener:
            return self._choose(request, log)

        # Positional as picows 2.3 has it; its own `ws_create_server` takes one logger for all connections.
        return WSProtocol(
            None, None, False, listener, log, True, HANDSHAKE_TIMEOUT, False, 20.0, 20.0,
            picows.WSAutoPingStrategy.PING_WHEN_IDLE, True, self._options.max_frame, None, READ_BUFFER,
        )  # fmt: skip

    def _choose(self, request: WSUpgradeRequest, log: _ParserLog) -> ResponseWithListener:
        path = request.path.decode("latin-1").partition("?")[0]
        if path != PATH:
            return _refusal(HTTPStatus.NOT_FOUND, f"WebSocket clients connect to {PATH}")
        origin = request.headers.get("origin")
        if origin is not None and self._options.origins and origin not in self._options.origins:
            return _refusal(HTTPStatus.FORBIDDEN, "pages of this origin may not connect")
        offered = [
            p.strip()
            for p in ",".join(request.headers.getall("sec-websocket-protocol", [])).split(",")
        ]
        codec = next((self._codecs[name] for name in offered if name in self._codecs), None)
        if codec is None:
            names = ", ".join(self._codecs)
            return _refusal(HTTPStatus.BAD_REQUEST, f"offer one of the subprotocols {names}")
        log.wire = WebSocketWire(self._sink, codec, self._options.max_frame)
        response = WSUpgradeResponse.create_101_response(
            {"Sec-WebSocket-Protocol": codec.subprotocol}
        )
        return ResponseWithListener(response, log.wire)


def _refusal(status: HTTPStatus, text: str) -> ResponseWithListener:
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    return ResponseWithListener(
        WSUpgradeResponse.create_error_response(status, text.encode(), headers), None
    )
