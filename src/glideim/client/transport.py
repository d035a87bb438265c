"""What carries frames: the port that a client needs, and which transport a URL means."""

from __future__ import annotations

import ssl as ssl_module
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from glideim.protocol.codec import Codec

MAX_RECEIVED = 16 * 1024 * 1024
"""Bytes of the largest frame taken from a server: a page of 500 of the largest messages."""


class Transport(Protocol):
    """An open connection."""

    def write(self, frames: Sequence[bytes]) -> None:
        """Send frames. Does nothing once the connection is closing."""
        ...

    def close(self) -> None:
        """End the connection after what was written has left."""
        ...

    def abort(self) -> None:
        """End the connection at once."""
        ...


class Receiver(Protocol):
    """Who is told what happens on a connection: `opened`, then any of the others, then `closed` once."""

    def opened(self, transport: Transport) -> None:
        """The connection is open. Called before the first frame."""
        ...

    def received(self, frame: bytes) -> None:
        """A whole frame arrived."""
        ...

    def writable(self, *, yes: bool) -> None:
        """Whether the socket takes more."""
        ...

    def closed(self, code: int, reason: str) -> None:
        """The connection is gone; `code` 0 when none was given."""
        ...


Connect = Callable[[Receiver, Codec], Awaitable[None]]
"""Opens a connection and returns when `opened` was called. Raises OSError (and its kinds: refused, timed out, not
the protocol wanted); whoever cancels it leaves no connection behind."""


def connector(url: str, tls: ssl_module.SSLContext | None) -> Connect:
    """The way to open connections to `ws://`, `wss://`, `tcp://` or `tls://` addresses. Raises ValueError."""
    # Imported here: whoever uses TCP need not load the WebSocket library.
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError(f"{url!r} names no host: expected something like ws://127.0.0.1:8080/ws")
    if parts.scheme in {"ws", "wss"}:
        from .websocket import connect_websocket  # noqa: PLC0415

        return lambda receiver, codec: connect_websocket(url, tls, receiver, codec)
    if parts.scheme in {"tcp", "tls"}:
        from .tcp import connect_tcp  # noqa: PLC0415

        if parts.port is None:
            raise ValueError(f"{url!r} names no port: expected something like tcp://127.0.0.1:8082")
        host, port = parts.hostname, parts.port
        context = (tls or ssl_module.create_default_context()) if parts.scheme == "tls" else None
        return lambda receiver, codec: connect_tcp(host, port, context, receiver, codec)
    raise ValueError(f"{url!r} is not a ws://, wss://, tcp:// or tls:// address")
