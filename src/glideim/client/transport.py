"""What carries frames: the port that a client needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from glideim.protocol.ports import Codec

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
