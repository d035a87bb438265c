"""When which client sends: drawn by lot beforehand, and kept however late the answers are.

A schedule that waits for answers sends less while the server stalls and so hides the stall. Here latency counts
from the moment a message was due, whether or not it could be sent then.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator

from msgspec import Struct


class Plan(Struct, frozen=True):
    """Every client sends `messages` messages, the gap before each uniform between the two (ms)."""

    shortest_ms: float
    longest_ms: float
    messages: int

    @property
    def rate(self) -> float:
        """Messages per second of one client."""
        return 2000.0 / (self.shortest_ms + self.longest_ms)

    @property
    def seconds(self) -> float:
        """How long it takes, on average."""
        return self.messages / self.rate


def due(plan: Plan, clients: int, seed: int) -> Iterator[tuple[int, int, int]]:
    """(µs after the start, client, number of its message), by time; the same for the same seed."""
    chance = random.Random(seed)
    low, high = plan.shortest_ms * 1000, plan.longest_ms * 1000
    if not plan.messages:
        return
    heap = [(round(chance.uniform(low, high)), client, 0) for client in range(clients)]
    heapq.heapify(heap)
    while heap:
        at, client, number = heap[0]
        yield at, client, number
        if number + 1 < plan.messages:
            heapq.heapreplace(heap, (at + round(chance.uniform(low, high)), client, number + 1))
        else:
            heapq.heappop(heap)
