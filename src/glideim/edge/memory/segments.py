"""Sequences of ids in memory."""

from __future__ import annotations

from glideim.edge.stores import FIRST_UID

from .engine import Engine


class MemorySegments:
    """`SegmentStore` in memory."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._next = {"uid": FIRST_UID}

    async def take_segment(self, name: str, count: int) -> tuple[int, int]:
        """See SegmentStore."""
        self._engine.check()
        if count < 1:
            raise ValueError("a segment holds at least one id")
        first = self._next.get(name, 1)
        self._next[name] = first + count
        return first, first + count - 1
