"""A timing wheel: looking after many connections for O(1) each.

Nothing is rescheduled when a connection is heard: each sits in one bucket, and when its bucket comes up it says
when it wants to be looked at next. A frame costs one attribute, a connection one visit per interval.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class TimingWheel(Generic[T]):
    """Buckets of entries, one bucket per tick. Driven from outside by `advance`: it has no clock."""

    def __init__(self, slots: int, visit: Callable[[T], int]) -> None:
        """`visit` gets an entry whose time has come and returns in how many ticks to come again; 0: never."""
        self._buckets: list[list[T]] = [[] for _ in range(slots)]
        self._visit = visit
        self.tick = 0
        """The current time in ticks."""

    def add(self, entry: T, ticks: int) -> None:
        """Visit `entry` in so many ticks (at least 1; more than the wheel has slots is visited earlier)."""
        ahead = max(1, min(ticks, len(self._buckets) - 1))
        self._buckets[(self.tick + ahead) % len(self._buckets)].append(entry)

    def advance(self) -> None:
        """One tick passes."""
        self.tick += 1
        slot = self.tick % len(self._buckets)
        due, self._buckets[slot] = self._buckets[slot], []
        for entry in due:
            again = self._visit(entry)
            if again:
                self.add(entry, again)
