"""Processes of load: lines of progress, answers, and what becomes of one that fails."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from glideim.bench.workers import WorkerError, Workers, shares

WORKER = """
import sys, json
for line in sys.stdin:
    for done in (1, 2):
        print(json.dumps({"progress": done}), flush=True)
    print(json.dumps(json.loads(line)), flush=True)
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "echo_worker.py").write_text(WORKER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert sys.executable
    return "echo_worker"


async def test_progress_of_all_is_added_and_is_no_answer(module: str) -> None:
    workers, told = Workers(), list[float]()
    try:
        for _ in range(2):
            await workers.start(module)
        workers.say({"n": 1}, {"n": 2})
        assert await workers.hear(told.append) == [{"n": 1}, {"n": 2}]
    finally:
        await workers.stop()
    assert max(told) == 4
    assert len(told) == 4


async def test_a_process_that_cannot_is_said(module: str) -> None:
    workers = Workers()
    try:
        await workers.start(module)
        workers.say({"error": "no room"})
        with pytest.raises(WorkerError, match="no room"):
            await workers.hear()
    finally:
        await workers.stop()


async def test_a_process_that_ends_is_said() -> None:
    workers = Workers()
    try:
        await workers.start("keyword")  # does nothing, and says nothing
        with pytest.raises(WorkerError, match="ended by itself"):
            await workers.hear()
    finally:
        await workers.stop()


@pytest.mark.parametrize(("whole", "parts", "each"), [(10, 3, [4, 3, 3]), (2, 2, [1, 1])])
def test_shares_are_even(whole: int, parts: int, each: list[int]) -> None:
    assert shares(whole, parts) == each
