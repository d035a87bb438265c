"""One small run of how the database grows, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from glideim.bench.case import Options, Progress, UsageError
from glideim.bench.cases import check
from glideim.bench.rows import COMMITS, WINDOWS
from glideim.bench.stored import SMALL


def names_in(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def test_too_few_messages_to_compare_are_refused() -> None:
    with pytest.raises(UsageError, match="2000"):
        check("rows", Options(messages=1999))


def test_so_many_messages_for_so_long_are_refused() -> None:
    with pytest.raises(UsageError, match="not both"):
        check("rows", Options(messages=10_000, seconds=60))


def test_a_time_too_short_for_windows_is_refused() -> None:
    with pytest.raises(UsageError, match="30 seconds"):
        check("rows", Options(seconds=29))


async def test_a_small_run_says_what_was_stored_and_read(tmp_path: Path) -> None:
    options = Options(messages=2000, clients=50, window=4, data=str(tmp_path))
    (outcome,) = await check("rows", options).run(options, Progress())
    assert outcome.code == 0
    assert outcome.figures["messages stored"] == SMALL + 4 * WINDOWS * (1 + COMMITS)
    assert outcome.latency_ms["full commit"]
    assert outcome.figures["log at most (MiB)"] >= outcome.figures["log at the end (MiB)"] > 0
    assert outcome.figures["file (MiB)"] > 0
    assert names_in(tmp_path) == []
