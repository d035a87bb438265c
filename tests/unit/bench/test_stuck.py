"""What is wrong with how connections that never read ended, and when the load begins."""

from __future__ import annotations

import pytest

from glideim.bench.case import Progress
from glideim.bench.stuck import Begins, Ends


@pytest.mark.parametrize(
    ("ends", "counted", "said"),
    [
        (Ends(3, {4008: 1, 0: 2}), 3, []),
        (Ends(2, {0: 3}), 3, ["1 connections that never read were not closed"]),
        (Ends(3, {4001: 1, 0: 2}), 3, ["connections that never read were closed with [4001]"]),
        (Ends(3, {0: 3}), 2, ["the server closed 2 of 3 as too slow"]),
    ],
)
def test_every_one_of_them_is_to_be_closed_as_too_slow(
    ends: Ends, counted: float, said: list[str]
) -> None:
    assert ends.problems(3, counted) == said


def test_the_flood_waits_for_the_load() -> None:
    begins = Begins(Progress())
    with begins.phase("glideim: sign-in", 1):
        assert not begins.load.is_set()
    with begins.phase("glideim: load", 1) as bar:
        bar(1)
        assert begins.load.is_set()
