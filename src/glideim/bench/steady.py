"""`rows --minutes`: commits at a steady rate for long, to see what checkpoints and growth do to them.

As fast as it goes, a file grows for minutes only, and every commit waits for the one before. At half of that rate there is
room: what is late then is so because of something that goes on now and then, or because of how large the file is.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Sequence

from msgspec import Struct, field

from .case import Bar, Options, Progress, UsageError
from .filling import MIB, Filling, opened
from .histogram import Histogram
from .light import now_us
from .outcome import Outcome, load_average

WINDOWS = 30
"""Parts that are looked at by themselves: minutes of half an hour."""
SHARE = 0.5
"""Of the rate that the disk managed."""
FASTEST = 15.0
"""Seconds in which that rate is found, at most; of a short run a tenth."""
LEAST = 30.0
"""Seconds below which a window is too short to say anything."""
ROOM = 0.8
"""Share of the disk's free space that a run may be expected to take."""


class Window(Struct):
    """One part of the run."""

    took: Histogram = field(default_factory=Histogram)
    """Microseconds of each commit."""
    late: Histogram = field(default_factory=Histogram)
    """Microseconds from when each commit was due until it was done: what waits for a slow one counts as slow, too."""
    log_most: float = 0.0
    file: int = 0


class Pace(Struct, frozen=True):
    """What was found out first."""

    fastest: float
    """Commits a second, one after the other; making their messages is part of what that takes."""
    seconds: float
    """For which `rate` is held."""

    @property
    def rate(self) -> float:
        """Commits a second."""
        return SHARE * self.fastest

    @property
    def due(self) -> int:
        """Commits of the whole run."""
        return max(1, int(self.rate * self.seconds))


async def fastest(filling: Filling, seconds: float) -> float:
    """Commits a second, one after the other; making their messages is part of what that takes."""
    took, began = Histogram(), time.monotonic()
    while time.monotonic() < began + seconds or not took.count:
        await filling.next(took)
    return took.count / (time.monotonic() - began)


def check_room(filling: Filling, pace: Pace, free: int) -> None:
    """Raises UsageError when the file would fill the disk."""
    needed = (filling.file + filling.log) / max(1, filling.commits) * pace.due
    if needed > ROOM * free:
        text = f"at {pace.rate:,.0f} commits/s this takes some {needed / MIB:,.0f} MiB of {free / MIB:,.0f} that are free"
        raise UsageError(f"{text}: fewer minutes, a smaller --window, or another disk with --data")


async def hold(filling: Filling, pace: Pace, bar: Bar) -> list[Window]:
    """Commits when they are due, until the time is over; those that are late are made one after the other."""
    windows = [Window() for _ in range(WINDOWS)]
    began = now_us()
    span = pace.seconds * 1e6
    for number in range(pace.due):
        messages = filling.mix.batch(filling.size)
        due = began + int(number / pace.rate * 1e6)
        if (early := due - now_us()) > 0:
            await asyncio.sleep(early / 1e6)
        past = now_us() - began
        if past >= span:
            break
        window = windows[int(past / span * WINDOWS)]
        await filling.commit(messages, window.took)
        window.late.add(now_us() - due)
        window.log_most = max(window.log_most, filling.log)
        window.file = filling.file
        bar(past / 1e6)
    return windows


async def steady(options: Options, progress: Progress) -> list[Outcome]:
    """The whole run. Raises UsageError when the disk has no room for it."""
    seconds = options.seconds
    async with opened(options) as filling:
        first = min(FASTEST, seconds / 10)
        with progress.phase("as fast as it goes", first) as bar:
            pace = Pace(await fastest(filling, first), seconds)
            bar(first)
        check_room(filling, pace, shutil.disk_usage(filling.directory).free)
        what = f"{pace.rate:,.1f} commits/s of {filling.size} messages"
        with progress.phase(what, seconds) as bar:
            windows = await hold(filling, pace, bar)
        return [outcome(filling, pace, windows)]


def outcome(filling: Filling, pace: Pace, windows: Sequence[Window]) -> Outcome:
    """What the windows say."""
    made = sum(window.took.count for window in windows)
    third = len(windows) // 3
    first, last = (_both(part) for part in (windows[:third], windows[-third:]))
    figures = {
        "messages stored": float(filling.commits * filling.size),
        "commits/s, as fast as it goes at first": pace.fastest,
        "commits/s asked for": pace.rate,
        "commits made / due": made / pace.due,
        "commits/s, last third / first third": last[0].count / max(1, first[0].count),
        "p99 of a commit, last third / first third": _ratio(first[0], last[0]),
        "p99 since due, last third / first third": _ratio(first[1], last[1]),
        "worst commit (ms)": max(window.took.largest for window in windows) / 1000,
        **filling.figures(),
    }
    span = pace.seconds / len(windows)
    latency = {"commit": _both(windows)[0], "since due": _both(windows)[1]}
    latency |= {_name(n, span, window): window.took for n, window in enumerate(windows)}
    return Outcome(
        case="rows", target="glideim's SQLite", figures=figures, notes=_notes(pace, made),
        latency_ms={name: histogram.summary() for name, histogram in latency.items()},
        lines=_lines(windows, span), load_average=load_average(),
    )  # fmt: skip


def _notes(pace: Pace, made: int) -> tuple[str, ...]:
    held = f"{SHARE:.0%} of {pace.fastest:,.1f} commits/s, what this disk managed with the file still small"
    if made >= 0.99 * pace.due:
        return (f"steady: {held}",)
    return (f"asked for: {held}", f"not held: {pace.due - made:,} commits were not made in time")


def _name(number: int, span: float, window: Window) -> str:
    until = (number + 1) * span / 60
    return f"until {until:.1f} min, file {window.file / MIB:,.0f}, log {window.log_most / MIB:,.1f} MiB"


def _both(windows: Sequence[Window]) -> tuple[Histogram, Histogram]:
    took, late = Histogram(), Histogram()
    for window in windows:
        took.merge(window.took.plain())
        late.merge(window.late.plain())
    return took, late


def _ratio(first: Histogram, last: Histogram) -> float:
    return last.quantile(0.99) / max(1, first.quantile(0.99))


def _lines(windows: Sequence[Window], span: float) -> dict[str, tuple[tuple[float, float], ...]]:
    at = [(number + 1) * span for number in range(len(windows))]
    values = {
        "commits/s": [window.took.count / span for window in windows],
        "p99 of a commit in ms": [window.took.quantile(0.99) / 1000 for window in windows],
        "log in MiB": [window.log_most / MIB for window in windows],
        "file in MiB": [window.file / MIB for window in windows],
    }
    return {name: tuple(zip(at, points, strict=True)) for name, points in values.items()}
