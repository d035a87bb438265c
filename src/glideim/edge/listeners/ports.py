"""What a transport is. A third party adds one in its own package: a factory of this shape behind the entry point
group `glideim.transports`."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from glideim.gateway.connection import Connection
from glideim.gateway.ports import Wire
from glideim.protocol.codec import Codec


class ConnectionSink(Protocol):
    """The gateway, as transports see it. Call everything on the loop's thread."""

    def opened(self, wire: Wire, codec: Codec, address: str) -> Connection: ...
    def received(self, connection: Connection, frame: bytes) -> None: ...
    def oversized(self, connection: Connection) -> None: ...
    def blocked(self, connection: Connection) -> None: ...
    def unblocked(self, connection: Connection) -> None: ...
    def closed(self, connection: Connection) -> None: ...


class ListenOptions(Struct, frozen=True):
    """Where and how to listen."""

    host: str
    port: int
    """0 takes a free port."""
    max_frame: int
    tls: ssl.SSLContext | None = None
    backlog: int = 4096
    shared: bool = False
    """Several processes listen on the same port; the kernel gives each its share of the connections."""
    origins: tuple[str, ...] = ()
    """Origins whose pages may connect (browsers send one); empty: any."""


class Listener(Protocol):
    """A transport that listens."""

    async def start(self) -> tuple[str, int]:
        """Begin to accept; the address that was bound."""
        ...

    async def stop(self) -> None:
        """Accept no more; connections go on."""
        ...


class TransportFactory(Protocol):
    """Makes a listener; the entry point is such a callable."""

    def __call__(
        self, sink: ConnectionSink, codecs: Mapping[str, Codec], options: ListenOptions
    ) -> Listener: ...
