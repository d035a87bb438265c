"""WebSocket for clients, on picows."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence

from picows import (
    WSCloseCode,
    WSError,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    ws_connect,
)

from glideim.protocol.ports import Codec

from .transport import MAX_RECEIVED, Receiver

HANDSHAKE_TIMEOUT = 10.0
"""Seconds after which a handshake is given up that nobody waits for any more."""


async def connect_websocket(
    url: str, tls: ssl.SSLContext | None, receiver: Receiver, codec: Codec
) -> None:
    """See `transport.Connect`."""

    abandoned = False

    def listen(_request: WSUpgradeRequest, response: WSUpgradeResponse) -> WSListener:
        # Without the subprotocol the server would speak version 1 on this connection.
        if response.headers.get("Sec-WebSocket-Protocol") != codec.subprotocol:
            raise WSError(f"the server does not speak {codec.subprotocol}")
        if abandoned:
            raise WSError("nobody waits for this connection any more")
        return _Connection(receiver, binary=codec.binary)

    try:
        _, listener = await ws_connect(
            listen,
            url,
            ssl_context=tls,
            extra_headers={"Sec-WebSocket-Protocol": codec.subprotocol},
            max_frame_size=MAX_RECEIVED,
            websocket_handshake_timeout=HANDSHAKE_TIMEOUT,
        )
    except WSError as error:
        raise ConnectionError(str(error)) from error
    except asyncio.CancelledError:
        # picows goes on with the handshake by itself until its own time-out.
        abandoned = True
        raise
    if listener is None:
        # So says picows when the connection ends before the handshake does; nobody was told of it yet.
        raise ConnectionError("the connection ended during the handshake")


class _Connection(WSListener):
    """One connection: joins continuation frames, writes whole ones."""

    def __init__(self, receiver: Receiver, *, binary: bool) -> None:
        self._receiver = receiver
        self._type = WSMsgType.BINARY if binary else WSMsgType.TEXT
        self._parts: list[bytes] = []
        self._size = 0
        self._transport: WSTransport | None = None
        self._told = (0, "")

    # --- called by picows -----------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        self._receiver.opened(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if kind == WSMsgType.CLOSE:
            self._told = (
                int.from_bytes(frame.get_payload_as_bytes()[:2], "big"),
                frame.get_close_reason() or "",
            )
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()
        elif kind in {WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION}:
            self._take(transport, frame)

    def _take(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.fin and not self._parts:
            self._receiver.received(frame.get_payload_as_bytes())
            return
        self._size += frame.payload_size
        if self._size > MAX_RECEIVED:
            transport.disconnect(graceful=False)
            return
        self._parts.append(frame.get_payload_as_bytes())
        if frame.fin:
            whole = b"".join(self._parts)
            self._parts, self._size = [], 0
            self._receiver.received(whole)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._transport = None
        self._receiver.closed(*self._told)

    def pause_writing(self) -> None:
        self._receiver.writable(yes=False)

    def resume_writing(self) -> None:
        self._receiver.writable(yes=True)

    # --- called by the client -------------------------------------------------------------------------------

    def write(self, frames: Sequence[bytes]) -> None:
        if self._transport is not None and not self._transport.is_close_frame_sent:
            for frame in frames:
                self._transport.send(self._type, frame)

    def close(self) -> None:
        if self._transport is not None:
            if not self._transport.is_close_frame_sent:
                self._transport.send_close(WSCloseCode.OK)
            self._transport.disconnect()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.disconnect(graceful=False)
