"""What is stored to see how the database behaves, and how large its files are said to be."""

from __future__ import annotations

from pathlib import Path

from glideim.bench.case import Options
from glideim.bench.filling import LARGE, Mix, opened
from glideim.bench.histogram import Histogram


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


async def test_the_log_grows_with_commits_and_is_kept_in_mind(tmp_path: Path) -> None:
    took = Histogram()
    async with opened(Options(window=8, clients=20, data=str(tmp_path))) as filling:
        await filling.next(took)
        first = filling.log_most
        await filling.next(took)
        figures = filling.figures()
        assert filling.log_most > first > 0
    assert took.count == filling.commits == 2
    assert figures["log on the disk (MiB)"] >= figures["log at most (MiB)"] > 0
    assert names_in(tmp_path) == []
