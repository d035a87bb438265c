"""What is stored to see how the database grows, and one small run of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from glideim.bench.case import Options, Progress, UsageError
from glideim.bench.cases import check
from glideim.bench.rows import COMMITS, LARGE, WINDOWS, Mix
from glideim.bench.stored import SMALL


def names_in(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def test_messages_of_a_chat_are_numbered_without_a_gap() -> None:
    mix = Mix(100, seed=1)
    seqs: dict[str, list[int]] = {}
    for message in mix.batch(2000):
        seqs.setdefault(message.conv, []).append(message.seq)
    assert all(found == list(range(1, len(found) + 1)) for found in seqs.values())
    assert len(seqs["c:1:2"]) == mix.stored(LARGE) > 900


def test_names_are_random_and_the_same_for_the_same_seed() -> None:
    names = [message.cli_mid for message in Mix(100, seed=1).batch(200)]
    assert names == [message.cli_mid for message in Mix(100, seed=1).batch(200)]
    assert len(set(names)) == 200


def test_too_few_messages_to_compare_are_refused() -> None:
    with pytest.raises(UsageError, match="2000"):
        check("rows", Options(messages=1999))


async def test_a_small_run_says_what_was_stored_and_read(tmp_path: Path) -> None:
    options = Options(messages=2000, clients=50, window=4, data=str(tmp_path))
    (outcome,) = await check("rows", options).run(options, Progress())
    assert outcome.code == 0
    assert outcome.figures["messages stored"] == SMALL + 4 * WINDOWS * (1 + COMMITS)
    assert outcome.latency_ms["full commit"]
    assert names_in(tmp_path) == []
