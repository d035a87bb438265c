"""Time for a client, as a port: so that tests can hold it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """Something that will be called."""

    def cancel(self) -> None:
        """Do not call it."""
        ...


class Timers(Protocol):
    """Clocks and timers."""

    def now_ms(self) -> int:
        """Wall clock, Unix milliseconds (UTC)."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never runs backwards."""
        ...

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        """Call back when `monotonic` reaches `when`."""
        ...


class LoopTimers:
    """The clocks of the machine and the timers of the running event loop."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_at(when, callback)
