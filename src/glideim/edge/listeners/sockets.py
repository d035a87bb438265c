"""Listening on a socket: what the built-in transports share."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from functools import partial
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
        options, loop = self._options, asyncio.get_running_loop()
        # aiofastnet's transports have 5 KiB each. uvloop's own have less than one and cost less CPU; but its TLS costs
        # more, and the standard loop's transports do in every way.
        create = (
            loop.create_server
            if options.tls is None and type(loop).__module__.startswith("uvloop")
            else partial(aiofastnet.create_server, loop)
        )
        self._server = await create(
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
