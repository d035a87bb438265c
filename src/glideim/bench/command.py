"""What `glideim bench` does with its options: run, show, write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import uvloop
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from .cases import Options, run
from .outcome import Outcome, text
from .plot import svg


def bench(case: str, options: Options, json: Path | None, plot: Path | None) -> int:
    """Measure, print, write; returns the exit code. Raises UsageError, WorkerError, OSError."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(case)

        def tell(what: str) -> None:
            progress.update(task, description=what)
            progress.console.print(what)

        outcomes = uvloop.run(run(case, options, tell))
    print("\n\n".join(text(outcome) for outcome in outcomes))
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(outcomes)))
    if plot is not None:
        plot.write_text(svg(outcomes))
    return worst(outcomes)


def worst(outcomes: Sequence[Outcome]) -> int:
    """The exit code of all together."""
    return max(outcome.code for outcome in outcomes)
