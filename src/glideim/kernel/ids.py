"""Ids without a round trip each: Leaf segments (ranges reserved in a store) or snowflake (time and node).

Both hand out integers below 2**53, ascending within a source, never twice. Both may leave holes.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from .clock import Clock
from .errors import StoreUnavailableError

MAX_ID = 2**53 - 1
"""Largest id: safe in every JSON client."""


class SegmentStore(Protocol):
    """Ranges of ids (Leaf segments), kept durably."""

    async def take_segment(self, name: str, count: int) -> tuple[int, int]:
        """Reserve `count` ids of the sequence `name`, durably: `(first, last)`, inclusive. Never given twice.

        A new sequence starts at 1 unless a migration created it with another start. Raises
        StoreUnavailableError.
        """
        ...


class IdSource(Protocol):
    """One sequence of ids. Belongs to one event loop."""

    def take(self, count: int) -> range | None:
        """`count` ids in ascending order, or None when they are not at hand: then `reserve` them."""
        ...

    async def reserve(self, count: int) -> range:
        """The same, fetching more if need be. Raises StoreUnavailableError."""
        ...


class Leaf:
    """Ids from segments of a SegmentStore, with two buffers.

    When half of the current segment is used the next one is fetched in the background, so the store is slow
    or away for a while before anybody waits for it. How many ids a segment holds follows the use: a segment
    should last about a quarter of an hour, so a restart wastes little and a busy server rarely asks.
    """

    SHORT_S = 900.0
    """A segment that lasted less doubles the next one; one that lasted twice as long halves it."""
    RETRY_S = 1.0
    """Pause between failed fetches in the background: every `take` would try otherwise."""

    def __init__(
        self,
        store: SegmentStore,
        name: str,
        clock: Clock,
        *,
        step: int = 1000,
        smallest: int = 1000,
        largest: int = 1_000_000,
    ) -> None:
        if not 0 < smallest <= step <= largest:
            raise ValueError("steps must be 0 < smallest <= step <= largest")
        self._store = store
        self._name = name
        self._clock = clock
        self._step = step
        self._smallest = smallest
        self._largest = largest
        self._current = range(0)
        self._half = 0
        self._standby: range | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._fetched_at: float | None = None
        self._retry_at = 0.0
        self.fetches = 0

    @property
    def step(self) -> int:
        """How many ids the next segment will hold."""
        return self._step

    def take(self, count: int) -> range | None:
        """See IdSource. Must be called in the event loop: it may start a fetch."""
        current = self._current
        if len(current) < count:
            if self._standby is None or len(self._standby) < count:
                return None
            # What was left of the old segment is given up: ids are plenty, ranges are quick.
            current = self._adopt(self._standby)
            self._standby = None
        self._current = current[count:]
        if len(self._current) <= self._half and self._standby is None:
            self._prefetch()
        return current[:count]

    async def reserve(self, count: int) -> range:
        """See IdSource."""
        while (ids := self.take(count)) is None:
            # The task is shared by everybody who waits: one of them giving up must not cancel it. One that is done
            # was fruitless for this caller, others were quicker: awaiting it again would never let the loop go on.
            if self._fetching is None or self._fetching.done():
                self._fetching = self._fetch_soon(at_least=count)
            await asyncio.shield(self._fetching)
        return ids

    async def close(self) -> None:
        """Wait for a fetch under way; whether it succeeds no longer matters."""
        if self._fetching is not None:
            await asyncio.wait([self._fetching])

    def _adopt(self, segment: range) -> range:
        self._half = len(segment) // 2
        return segment

    def _prefetch(self) -> None:
        if self._fetching is None and self._clock.monotonic() >= self._retry_at:
            self._fetching = self._fetch_soon(at_least=1)

    def _fetch_soon(self, at_least: int) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(
            self._fetch(at_least), name=f"ids-{self._name}"
        )
        task.add_done_callback(self._fetched)
        return task

    def _fetched(self, task: asyncio.Task[None]) -> None:
        if self._fetching is task:
            self._fetching = None
        # Looked at here, so that a failure in the background is not reported as forgotten: it will be met again.
        if not task.cancelled() and task.exception() is not None:
            self._retry_at = self._clock.monotonic() + self.RETRY_S

    async def _fetch(self, at_least: int) -> None:
        self._adapt()
        first, last = await self._store.take_segment(self._name, max(at_least, self._step))
        if last > MAX_ID:
            raise StoreUnavailableError(f"the sequence {self._name!r} is used up")
        self.fetches += 1
        self._fetched_at = self._clock.monotonic()
        if self._standby is not None:
            self._current = self._adopt(self._standby)
        self._standby = range(first, last + 1)

    def _adapt(self) -> None:
        if self._fetched_at is None:
            return
        lasted = self._clock.monotonic() - self._fetched_at
        if lasted < self.SHORT_S:
            self._step = min(self._step * 2, self._largest)
        elif lasted > 2 * self.SHORT_S:
            self._step = max(self._step // 2, self._smallest)


SNOWFLAKE_EPOCH_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""
_NODE_BITS = 5
_SEQUENCE_BITS = 7
MAX_NODE = 2**_NODE_BITS - 1


class Snowflake:
    """Ids from time and node number: 41 bits of milliseconds since 2026 (until 2095), 7 of sequence, 5 of node.

    The node stands last, so the ids of one node are evenly spaced and any number of them is one `range`.
    Ids never go back when the clock does: time is counted on from where it was, and `floor` (the highest id
    that is stored) covers restarts. Bursts above 128 ids a millisecond borrow from the near future.
    """

    MAX_AHEAD_MS = 1000
    """How far ids may run ahead of time: at most this much is borrowed before ids are refused."""

    def __init__(self, clock: Clock, node: int, *, floor: int = 0) -> None:
        if not 0 <= node <= MAX_NODE:
            raise ValueError(f"node must be 0 to {MAX_NODE}")
        self._clock = clock
        self._node = node
        self._next = (floor >> _NODE_BITS) + 1
        self._base_ms = max(clock.now_ms() - SNOWFLAKE_EPOCH_MS, self._next >> _SEQUENCE_BITS, 0)
        self._base_monotonic = clock.monotonic()

    def take(self, count: int) -> range | None:
        """See IdSource. None: more ids were asked for than the last second has room for."""
        now = self._elapsed_ms()
        first = max(self._next, now << _SEQUENCE_BITS)
        after = first + count
        if after > (now + self.MAX_AHEAD_MS) << _SEQUENCE_BITS or self._id(after) > MAX_ID:
            return None
        self._next = after
        return range(self._id(first), self._id(after), 1 << _NODE_BITS)

    async def reserve(self, count: int) -> range:
        """See IdSource. Does not wait for time to pass: whoever needs this many ids is overloaded."""
        ids = self.take(count)
        if ids is None:
            raise StoreUnavailableError("more ids were asked for than time allows")
        return ids

    def _elapsed_ms(self) -> int:
        """Milliseconds since the epoch: follows the wall clock forward, and the monotonic one when it steps back."""
        monotonic = self._clock.monotonic()
        counted = self._base_ms + int((monotonic - self._base_monotonic) * 1000)
        wall = self._clock.now_ms() - SNOWFLAKE_EPOCH_MS
        if wall <= counted:
            return counted
        self._base_ms = wall
        self._base_monotonic = monotonic
        return wall

    def _id(self, counter: int) -> int:
        return counter << _NODE_BITS | self._node
