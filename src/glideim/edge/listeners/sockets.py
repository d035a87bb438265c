"""Listening on a socket: what the built-in transports share."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Any

import aiofastnet

from .ports import ConnectionSink, ListenOptions


class SocketListener(ABC):
    """Accepts connections and gives each a protocol. Implements `Listener`."""

    def __init__(self, sink: ConnectionSink, options: ListenOptions) -> None:
        self._sink = sink
        self._options = options
        self._server: asyncio.Server | None = None

    async def start(self) -> tuple[str, int]:
        """Begin to accept; the address that was bound. Raises OSError."""
        options = self._options
        self._server = await aiofastnet.create_server(
            asyncio.get_running_loop(),
            self._protocol,
            host=options.host,
            port=options.port,
            ssl=options.tls,
            backlog=options.backlog,
            reuse_port=options.shared or None,
        )
        host, port = self._server.sockets[0].getsockname()[:2]
        return host, port

    async def stop(self) -> None:
        """Accept no more; connections go on."""
        if self._server is not None:
            self._server.close()

    @abstractmethod
    def _protocol(self) -> Any:
        """An asyncio protocol for a new connection."""
