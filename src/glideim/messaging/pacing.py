"""Work that can wait is done a piece at a time, evenly over a span, so that it never stands in front of messages."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

LEAST, MOST = 25, 100
"""Items of a piece: more only where there are too many for the pieces that a span has, or there is no span."""
GAP = 0.01
"""Seconds from one piece to the next, at least: what a store may wait for others to write with, and a transaction."""


async def in_pieces(
    items: Sequence[T], within: float, do: Callable[[Sequence[T]], Awaitable[None]]
) -> None:
    """Do something with the items in order, in pieces that come evenly over `within` seconds; one right after the other
    when that is 0, or when doing it takes longer. Raises what `do` raises; the pieces after it are not done."""
    loop = asyncio.get_running_loop()
    began, total = loop.time(), len(items)
    size = max(LEAST, math.ceil(total * GAP / within)) if within else MOST
    for start in range(0, total, size):
        early = began + within * start / total - loop.time()
        if early > 0:
            await asyncio.sleep(early)
        await do(items[start : start + size])
