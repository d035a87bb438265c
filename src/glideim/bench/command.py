"""What `glideim bench` does with its options: run, show, write."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import rich.progress
import uvloop
from rich.console import Console

from .case import Bar, Options, Progress
from .cases import check, run
from .outcome import Outcome, text
from .plot import svg

INTERRUPTED = 130
"""Exit code of a run that was ended before it was over, as shells have it."""


class Shown(Progress):
    """On standard error: a bar for the phase under way, and a line for what is over."""

    def __init__(self, bars: rich.progress.Progress) -> None:
        self._bars = bars

    def tell(self, text: str) -> None:
        self._bars.console.print(text, highlight=False)

    @contextlib.contextmanager
    def phase(self, what: str, total: float) -> Iterator[Bar]:
        task = self._bars.add_task(what, total=total)
        try:
            yield lambda done: self._bars.update(task, completed=done)
        finally:
            took = self._bars.tasks[self._bars.task_ids.index(task)].elapsed or 0.0
            self._bars.remove_task(task)
        self.tell(f"{what}: {took:.1f} s")


def bench(case: str, options: Options, json: Path | None, plot: Path | None) -> int:
    """Measure, print, write; returns the exit code. Raises UsageError, WorkerError, GoneError, OSError."""
    check(case, options)
    columns = (
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.TaskProgressColumn(),
        rich.progress.TimeElapsedColumn(),
        rich.progress.TimeRemainingColumn(),
    )
    with rich.progress.Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        outcomes = _until_stopped(case, options, Shown(bars))
    if outcomes is None:
        return INTERRUPTED
    print("\n\n".join(text(outcome) for outcome in outcomes))
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(outcomes)))
    if plot is not None:
        plot.write_text(svg(outcomes))
    return worst(outcomes)


def _until_stopped(case: str, options: Options, progress: Progress) -> list[Outcome] | None:
    """The outcomes; None when SIGINT or SIGTERM came first, and everything that was started is stopped."""

    async def whole() -> list[Outcome] | None:
        task = asyncio.ensure_future(run(case, options, progress))
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            progress.tell("stopped")
            return None

    return uvloop.run(whole())


def worst(outcomes: Sequence[Outcome]) -> int:
    """The exit code of all together."""
    return max(outcome.code for outcome in outcomes)
