"""How the time of durable figures is divided."""

from __future__ import annotations

import pytest

from glideim.bench.durable import SECONDS, rounds_of


@pytest.mark.parametrize(("seconds", "rounds"), [(SECONDS, 30), (6.0, 3), (300.0, 5)])
def test_rounds_fill_the_time(seconds: float, rounds: int) -> None:
    count, span = rounds_of(seconds)
    assert count == rounds
    assert count * span == pytest.approx(seconds)
