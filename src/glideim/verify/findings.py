"""One breach of a promise."""

from __future__ import annotations

from msgspec import Struct


class Finding(Struct, frozen=True):
    """One breach: which promise, what kind of breach, what exactly, and when (ms of the run)."""

    promise: str
    kind: str
    text: str
    at: float
