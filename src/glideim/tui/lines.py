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
    """One message as it is shown."""

    who: str
    mine: bool
    text: str
    at: int
    mark: Mark
    note: str = ""
