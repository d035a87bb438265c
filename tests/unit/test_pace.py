from __future__ import annotations

import pytest

from glideim import pace


@pytest.mark.parametrize(
    ("used", "passed", "expected"),
    [(0.0, 0.1, pace.SHORT), (0.085, 0.1, pace.SHORT), (0.095, 0.1, pace.LONG), (0.15, 0.1, pace.LONG)],
)  # fmt: skip
def test_turns_are_long_where_there_is_no_time_to_spare(
    used: float, passed: float, expected: float
) -> None:
    assert pace.turn(used, passed) == expected


async def test_it_follows_what_the_process_uses() -> None:
    seen = iter([(0.0, 0.0), (0.01, 0.1), (0.11, 0.2), (0.21, 0.3), (0.22, 0.4)])
    chosen: list[float] = []

    class OverError(Exception):
        """Nothing more is seen."""

    def read() -> tuple[float, float]:
        try:
            return next(seen)
        except StopIteration:
            raise OverError from None

    async def pause(seconds: float) -> None:
        assert seconds == pace.LOOK_EVERY

    with pytest.raises(OverError):
        await pace.keep(read, chosen.append, pause)
    assert chosen == [pace.SHORT, pace.LONG, pace.SHORT]
