"""How long a thread may keep the interpreter to itself, chosen by how busy the process is.

The loop and the threads of the database take turns in one interpreter. While there is time to spare people wait for those
turns, so they are short; when there is none short ones only cost: 10 to 20 % of all CPU.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

SHORT, LONG = 0.0005, 0.005
"""Seconds of a turn; the longer one is what the interpreter has of its own."""
BUSY = 0.9
"""Share of a core that the process uses."""
LOOK_EVERY = 0.1
"""Seconds."""

Clocks = Callable[[], tuple[float, float]]
"""Seconds of processor time that the process has used, and of a clock that never steps."""


def clocks() -> tuple[float, float]:
    """Those of this process."""
    return time.process_time(), time.monotonic()


def turn(used: float, passed: float) -> float:
    """How long a turn should be in a process that used so many seconds of processor time in so many seconds."""
    return LONG if used > BUSY * passed else SHORT


async def keep(
    read: Clocks = clocks,
    choose: Callable[[float], None] = sys.setswitchinterval,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Choose again and again until cancelled."""
    used, now = read()
    chosen = 0.0
    while True:
        await pause(LOOK_EVERY)
        before, (used, now) = (used, now), read()
        seconds = turn(used - before[0], now - before[1])
        if seconds != chosen:
            choose(seconds)
            chosen = seconds
