"""What dispatch offers (Dispatch) and what it needs of each gateway (GatewayLink)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from glideim.protocol.codes import CloseCode
from glideim.protocol.records import Envelope


class Origin(Struct, frozen=True, gc=False):
    """A connection, as named between nodes: which gateway holds it, and its number there."""

    node: str
    conn: int


class Push(Struct, frozen=True, gc=False):
    """One envelope for every device of some people; encoded once per codec wherever it arrives.

    `echo` is a person whose devices get it too without being counted: the sender. `skip` is the connection it
    must not go to: the one it came from.
    """

    uids: tuple[int, ...]
    envelope: Envelope
    echo: int = 0
    skip: Origin | None = None


class Reply(Struct, frozen=True, gc=False):
    """One envelope for one connection. Dropped when the connection is gone: its client will ask again."""

    to: Origin
    envelope: Envelope


Item = Push | Reply


class GatewayLink(Protocol):
    """A gateway, as dispatch sees it."""

    node: str

    def deliver(self, batch: Sequence[Item]) -> Sequence[int]:
        """Put every item into the outboxes it belongs to, in order. For each item, how many connections it
        reached, of all people in `uids` together (`echo` is not counted)."""
        ...

    def connected(self, uid: int) -> int:
        """How many connections this gateway holds for a person."""
        ...

    def close(
        self, uid: int, code: CloseCode, reason: str, *, session_id: int | None = None
    ) -> None:
        """Close a person's connections here, or only those of one session."""
        ...


class Dispatch(Protocol):
    """Frames to people, wherever they are connected."""

    async def deliver(self, batch: Sequence[Item]) -> Sequence[int]:
        """Deliver in order; for each item, how many connections it reached. Never raises for people who are
        not connected; what cannot be delivered is dropped (a client pulls it on return)."""
        ...

    def post(self, batch: Sequence[Item]) -> None:
        """The same without waiting and without counts: for what may be lost with its connection."""
        ...

    async def online(self, uids: Sequence[int]) -> frozenset[int]:
        """Those of the people who have a connection somewhere."""
        ...

    async def close(
        self, uid: int, code: CloseCode, reason: str, *, session_id: int | None = None
    ) -> None:
        """Close a person's connections everywhere, or only those of one session."""
        ...
