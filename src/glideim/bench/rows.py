"""Messages straight into the embedded database, without a server: how it keeps its speed as it grows."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable

from glideim.edge.sql.sqlite import SqliteStores
from glideim.protocol.conversations import chat_key

from .case import Case, Options, Progress, UsageError
from .filling import BATCH, CONVERSATIONS, FEW, LARGE, Filling, Mix, opened
from .histogram import Histogram
from .outcome import Outcome, load_average
from .steady import LEAST, steady
from .stored import PAGE, PAGES, SMALL, alternate

MESSAGES = 1_000_000
"""What is stored in the end."""
WINDOWS, COMMITS = 10, 100
"""How often growth is measured, and commits of each measurement, into the full file and an empty one in turn."""


async def _fill(filling: Filling, batches: int) -> Histogram:
    took = Histogram()
    for _ in range(batches):
        await filling.next(took)
    return took


async def _compare(filling: Filling, options: Options) -> tuple[Histogram, Histogram]:
    """Commits into the full file and into an empty one, in turn, on the same disk."""
    full, empty = Histogram(), Histogram()
    async with opened(options) as other:
        for _ in range(COMMITS):
            await filling.next(full)
            await other.next(empty)
    return full, empty


async def _pages(
    stores: SqliteStores, mix: Mix, seed: int, progress: Progress
) -> dict[str, Histogram]:
    chance = random.Random(seed)

    def page(pair: tuple[int, int], latest: bool) -> Callable[[], Awaitable[object]]:
        async def read() -> None:
            after = chance.randint(0, mix.stored(pair) - PAGE)
            before = after + PAGE + 1
            got = await stores.messages.history(
                chat_key(*pair), after, before, PAGE, latest=latest, viewer=1
            )
            if sorted(message.seq for message in got) != list(range(after + 1, before)):
                raise ValueError(f"the {PAGE} messages after {after} are not what was read")

        return read

    ways = {
        f"page of {mix.stored(pair)} messages, {name}": page(pair, latest)
        for pair in (FEW, LARGE)
        for name, latest in (("forwards", False), ("backwards", True))
    }
    return await alternate(ways, PAGES, progress)


async def _grown(options: Options, progress: Progress) -> list[Outcome]:
    size, messages = options.window or BATCH, options.messages or MESSAGES
    batches = max(1, messages // (size * WINDOWS) - COMMITS)
    full = empty = Histogram()
    points, worst = list[tuple[float, float]](), 0.0
    async with opened(options) as filling:
        began = time.monotonic()
        few = [filling.mix.one(FEW) for _ in range(SMALL)]
        await filling.stores.messages.append(few, [])
        with progress.phase("fill", WINDOWS) as bar:
            for done in range(WINDOWS):
                filled = await _fill(filling, batches)
                full, empty = await _compare(filling, options)
                ratio = empty.total / max(1, full.total)
                points.append((time.monotonic() - began, ratio))
                worst = max(worst, filled.quantile(1.0) / 1000)
                bar(done + 1)
        stored = SMALL + (batches + COMMITS) * WINDOWS * size
        figures = {
            "messages stored": float(stored),
            "commits/s, full / empty": points[-1][1],
            "worst window of these": min(ratio for _, ratio in points),
            "worst commit (ms)": worst,
            "file (bytes per message)": filling.file / stored,
            **filling.figures(),
        }
        took = await _pages(filling.stores, filling.mix, options.seed, progress)
    latency = {name: h.summary() for name, h in (("empty commit", empty), ("full commit", full), *took.items())}  # fmt: skip
    return [
        Outcome(
            case="rows", target="glideim's SQLite", figures=figures, latency_ms=latency,
            lines={"full / empty": tuple(points)}, load_average=load_average(),
        )
    ]  # fmt: skip


async def _run(options: Options, progress: Progress) -> list[Outcome]:
    return await (steady if options.seconds else _grown)(options, progress)


def _check(options: Options) -> None:
    least = SMALL * 2
    if options.messages and options.messages < least:
        raise UsageError(f"rows needs at least {least} messages")
    if options.messages and options.seconds:
        raise UsageError("rows fills up to so many --messages or for so many --minutes, not both")
    if options.seconds and options.seconds < LEAST:
        raise UsageError(f"rows needs at least {LEAST:.0f} seconds, of a few for each window")


CASE = Case(
    "rows",
    "commits as the embedded database grows, against an empty one, or at a steady rate for --minutes; pages of a long chat",
    _run, clients=CONVERSATIONS, own_server=True, check=_check,
)  # fmt: skip
