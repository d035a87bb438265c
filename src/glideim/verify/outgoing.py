"""A message of one's own, on its way or stored."""

from __future__ import annotations

from msgspec import Struct


class Outgoing(Struct):
    """`since` is when it was last sent, `session` on which connection, `seq` its number once it is stored. With
    `changed` it was edited or taken back since, or that was tried."""

    conv: str
    to: int
    content: str
    session: int = 0
    since: float = 0.0
    seq: int = 0
    changed: bool = False
