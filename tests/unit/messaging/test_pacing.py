"""Work that waits comes in pieces: over a span or at once, everything once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from glideim.messaging.pacing import GAP, LEAST, MOST, in_pieces


class _Loop:
    """The time of a loop, which moves only while somebody sleeps or works."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(asyncio, "get_running_loop", lambda: self)
        monkeypatch.setattr(asyncio, "sleep", self._sleep)

    def time(self) -> float:
        return self.now

    async def _sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


async def _do(
    items: Sequence[int], within: float, loop: _Loop, took: float = 0.0
) -> list[tuple[float, Sequence[int]]]:
    done: list[tuple[float, Sequence[int]]] = []

    async def do(piece: Sequence[int]) -> None:
        done.append((loop.now, piece))
        loop.now += took

    await in_pieces(items, within, do)
    assert [item for _, piece in done for item in piece] == list(items)
    return done


async def test_pieces_come_evenly_over_the_span(monkeypatch: pytest.MonkeyPatch) -> None:
    done = await _do(range(100), 0.8, _Loop(monkeypatch))
    assert [len(piece) for _, piece in done] == [LEAST] * 4
    assert [at for at, _ in done] == pytest.approx([0, 0.2, 0.4, 0.6])


async def test_more_pieces_than_a_span_has_are_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    done = await _do(range(100_000), 0.8, _Loop(monkeypatch))
    assert len(done) == pytest.approx(0.8 / GAP, abs=1)
    assert done[-1][0] < 0.8


async def test_without_a_span_nobody_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    done = await _do(range(250), 0.0, _Loop(monkeypatch))
    assert [(at, len(piece)) for at, piece in done] == [(0, MOST), (0, MOST), (0, 50)]


async def test_who_falls_behind_does_not_sleep_either(monkeypatch: pytest.MonkeyPatch) -> None:
    done = await _do(range(100), 0.8, _Loop(monkeypatch), took=0.5)
    assert [at for at, _ in done] == pytest.approx([0, 0.5, 1.0, 1.5])


async def test_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await _do([], 0.8, _Loop(monkeypatch)) == []


async def test_what_fails_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    _Loop(monkeypatch)
    done: list[Sequence[int]] = []

    async def do(piece: Sequence[int]) -> None:
        done.append(piece)
        if len(done) == 2:
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        await in_pieces(range(100), 0.8, do)
    assert len(done) == 2
