"""What the load needs of a client of any server."""

from __future__ import annotations

from typing import Protocol


class Sink(Protocol):
    """Who is told what happens to the clients of one process. `client` is the number among them."""

    def acked(self, client: int, number: int) -> None:
        """The server (or, where it confirms nothing, the receiver) has the client's message."""

    def arrived(self, client: int, content: str | bytes) -> None:
        """A message came."""

    def refused(self, client: int, why: str, number: int | None = None) -> None:
        """A message (this one, if it is known which) was refused."""

    def ended(self, client: int, why: str) -> None:
        """The connection ended, and nobody closed it here."""


class Peer(Protocol):
    """One client."""

    async def open(self, url: str) -> int:
        """Connect and sign in; returns the address that others send to. Raises OSError."""

    def send(self, to: int, content: str, number: int) -> None:
        """Send; what comes of it the sink is told."""

    def close(self) -> None:
        """End the connection."""
