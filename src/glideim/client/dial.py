"""Which transport an address means."""

from __future__ import annotations

import ssl as ssl_module
from urllib.parse import urlsplit

from .transport import Connect


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
