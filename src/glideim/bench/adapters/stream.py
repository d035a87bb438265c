"""What the adapters of other servers share: a TCP connection that collects bytes and knows when it is signed in."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import cast
from urllib.parse import urlsplit

from .peer import Sink

READY_WITHIN = 60.0
"""Seconds until a connection that is not signed in is an error."""


class StreamPeer(asyncio.Protocol, ABC):
    """One connection; subclasses say hello, and read what came from `buffer`."""

    def __init__(self, client: int, sink: Sink, address: int, topic: int | None = None) -> None:
        """`topic`: listen to that address instead of one's own, and confirm nothing."""
        self.listens_to = address if topic is None else topic
        self.confirms = topic is None
        self.client = client
        self.sink = sink
        self.address = address
        self.buffer = bytearray()
        self.transport: asyncio.Transport | None = None
        self._ready: asyncio.Future[None] | None = None
        self._closing = False

    async def open(self, url: str) -> int:
        """Connect and sign in."""
        loop = asyncio.get_running_loop()
        self._ready = loop.create_future()
        parts = urlsplit(url)
        await loop.create_connection(lambda: self, parts.hostname or "", parts.port or 0)
        async with asyncio.timeout(READY_WITHIN):
            await self._ready
        return self.address

    def close(self) -> None:
        """End the connection."""
        self._closing = True
        if self.transport is not None:
            self.transport.close()

    def ready(self) -> None:
        """Signed in."""
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(None)

    def write(self, data: bytes) -> None:
        """Send bytes."""
        if self.transport is not None:
            self.transport.write(data)

    # --- asyncio.Protocol -----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by descent
        self.hello()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self.read()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(
                ConnectionError("the connection ended before it was signed in")
            )
        elif not self._closing:
            self.sink.ended(self.client, str(exc or "by the server"))

    # --- of the subclass --------------------------------------------------------------------------------------

    @abstractmethod
    def hello(self) -> None:
        """Say who one is."""

    @abstractmethod
    def read(self) -> None:
        """Take whole packets from `buffer`."""


class BroadcastPeer(StreamPeer):
    """One that can also send to whoever listens."""

    @abstractmethod
    def publish(self, to: int, content: str) -> None:
        """Send without being told what became of it."""
