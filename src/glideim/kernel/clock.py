"""Time as a port: the one place the server learns what time it is."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Both clocks a server needs."""

    def now_ms(self) -> int:
        """Wall clock, Unix milliseconds (UTC). May step backwards: never use it for durations."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never runs backwards."""
        ...


class SystemClock:
    """The clocks of the machine."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()


class ManualClock:
    """A clock that moves only when told to; for tests and simulations."""

    def __init__(self, now_ms: int = 1_800_000_000_000) -> None:
        self._now_ms = now_ms
        self._monotonic = 0.0

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Move both clocks forward."""
        self._monotonic += seconds
        self._now_ms += round(seconds * 1000)

    def step(self, milliseconds: int) -> None:
        """Step the wall clock alone, as an administrator or a bad time server would."""
        self._now_ms += milliseconds
