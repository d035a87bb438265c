"""Commits at a steady rate: what is held, what is late, and what does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from glideim.bench.case import Options, Progress, UsageError
from glideim.bench.filling import opened
from glideim.bench.histogram import Histogram
from glideim.bench.steady import SHARE, WINDOWS, Pace, Window, check_room, hold, outcome, steady


def names_in(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def small(directory: Path, seconds: float = 0.0) -> Options:
    return Options(window=2, clients=20, seconds=seconds, data=str(directory))


def windows(counts: list[int], milliseconds: list[int]) -> list[Window]:
    """Three windows: so many commits of so long in each."""
    made = [Window() for _ in counts]
    for window, count, took in zip(made, counts, milliseconds, strict=True):
        for _ in range(count):
            window.took.add(1000 * took)
            window.late.add(2000 * took)
    return made


def test_half_of_what_the_disk_managed_is_asked_for() -> None:
    pace = Pace(fastest=100.0, seconds=60.0)
    assert pace.rate == 100.0 * SHARE
    assert pace.due == 3000


async def test_a_run_is_looked_at_in_windows(tmp_path: Path) -> None:
    (found,) = await steady(small(tmp_path, seconds=1.0), Progress())
    assert found.code == 0
    assert 0 < found.figures["commits made / due"] <= 1
    assert found.figures["log at most (MiB)"] > 0
    assert found.figures["file (MiB)"] > 0
    assert len(found.lines["commits/s"]) == WINDOWS
    assert "what this disk managed" in found.notes[0]
    assert names_in(tmp_path) == []


async def test_what_is_due_is_committed_and_counted_from_when_it_was_due(tmp_path: Path) -> None:
    async with opened(small(tmp_path)) as filling:
        made = await hold(filling, Pace(fastest=40.0, seconds=0.5), lambda _done: None)
    took = sum(window.took.count for window in made)
    assert took == filling.commits <= 10
    assert sum(window.late.total for window in made) >= sum(window.took.total for window in made)


async def test_a_run_that_gets_slower_is_seen_to(tmp_path: Path) -> None:
    async with opened(small(tmp_path)) as filling:
        await filling.next(Histogram())
        found = outcome(filling, Pace(20.0, 9.0), windows([30, 30, 15], [2, 2, 8]))
    assert found.figures["commits/s, last third / first third"] == pytest.approx(0.5)
    assert found.figures["p99 of a commit, last third / first third"] == pytest.approx(4, rel=0.02)
    assert found.figures["worst commit (ms)"] == 8
    assert found.notes[-1] == "not held: 15 commits were not made in time"


async def test_a_run_that_would_fill_the_disk_is_refused(tmp_path: Path) -> None:
    async with opened(small(tmp_path)) as filling:
        await filling.next(Histogram())
        check_room(filling, Pace(10.0, 60.0), free=2**40)
        with pytest.raises(UsageError, match="another disk"):
            check_room(filling, Pace(10.0, 60.0), free=2**20)
