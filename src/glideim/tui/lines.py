"""A message as it is shown."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Mark(Enum):
    """How far a message of one's own came."""

    NONE = ""
    PENDING = "◷"
    SENT = "✓"
    OFFLINE = "✓ offline"
    DELIVERED = "✓✓"
    READ = "✓✓ read"
    FAILED = "✗"


class Line(NamedTuple):
    """One message as it is shown.

    `event`: it says what happened to a group, and nobody says it. `quote` is the beginning of what it answers. `tags` is
    what was done to it: edited, pinned, reactions. `named`: it mentions oneself. `selected`: commands are about it.
    """

    who: str
    mine: bool
    text: str
    at: int
    mark: Mark
    note: str = ""
    seq: int = 0
    event: bool = False
    quote: str = ""
    tags: str = ""
    named: bool = False
    selected: bool = False
