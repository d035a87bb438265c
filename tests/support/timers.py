"""`call_later` under a clock that moves only when told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from glideim.kernel.clock import ManualClock


@dataclass
class ManualTimer:
    """Something that will happen unless it is cancelled."""

    at: float
    callback: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


class ManualTimers:
    """Timers that fire as the clock is moved, in the order of their times."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._timers: list[ManualTimer] = []

    def __len__(self) -> int:
        return sum(not timer.cancelled for timer in self._timers)

    def call_later(self, delay: float, callback: Callable[[], None]) -> ManualTimer:
        timer = ManualTimer(self._clock.monotonic() + delay, callback)
        self._timers.append(timer)
        return timer

    def advance(self, seconds: float) -> None:
        """Move the clock, and do what is due meanwhile when it is due."""
        end = self._clock.monotonic() + seconds
        while due := [t for t in self._timers if not t.cancelled and t.at <= end + 1e-9]:
            first = min(due, key=lambda timer: timer.at)
            self._timers.remove(first)
            self._clock.advance(max(0.0, first.at - self._clock.monotonic()))
            first.callback()
        self._clock.advance(max(0.0, end - self._clock.monotonic()))
