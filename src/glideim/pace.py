"""How long a thread may keep the interpreter to itself, chosen by what the server does.

The loop and the threads of the database take turns in one interpreter. Where batches are small people wait for those
turns, so they are short; where batches are large each turn carries much, and short ones would only cost time.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

SHORT, LONG = 0.0005, 0.005
"""Seconds of a turn; the longer one is what the interpreter has of its own."""
LARGE_BATCH = 256
"""Messages."""
LOOK_EVERY = 0.1
"""Seconds."""


def turn(messages: int, batches: int) -> float:
    """How long a turn should be, where so many messages were committed in so many batches."""
    return LONG if messages > LARGE_BATCH * batches else SHORT


async def keep(
    committed: Callable[[], tuple[int, int]],
    choose: Callable[[float], None] = sys.setswitchinterval,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Choose again and again until cancelled; `committed` tells how many messages in how many batches so far."""
    messages = batches = 0
    chosen = 0.0
    while True:
        before, (messages, batches) = (messages, batches), committed()
        seconds = turn(messages - before[0], batches - before[1])
        if seconds != chosen:
            choose(seconds)
            chosen = seconds
        await pause(LOOK_EVERY)
