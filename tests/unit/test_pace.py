from __future__ import annotations

import pytest

from glideim import pace


@pytest.mark.parametrize(
    ("messages", "batches", "expected"),
    [(0, 0, pace.SHORT), (1, 1, pace.SHORT), (256, 1, pace.SHORT), (257, 1, pace.LONG), (1000, 10, pace.SHORT)],
)  # fmt: skip
def test_turns_are_long_where_batches_are_large(
    messages: int, batches: int, expected: float
) -> None:
    assert pace.turn(messages, batches) == expected


async def test_it_follows_what_the_server_does() -> None:
    seen = iter([(0, 0), (10, 5), (5010, 10), (10_010, 15), (10_010, 15)])
    chosen: list[float] = []

    class OverError(Exception):
        """Nothing more is seen."""

    def committed() -> tuple[int, int]:
        try:
            return next(seen)
        except StopIteration:
            raise OverError from None

    async def pause(seconds: float) -> None:
        assert seconds == pace.LOOK_EVERY

    with pytest.raises(OverError):
        await pace.keep(committed, chosen.append, pause)
    assert chosen == [pace.SHORT, pace.LONG, pace.SHORT]
