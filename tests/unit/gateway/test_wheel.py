"""The timing wheel visits what is due, when it is due, once."""

from __future__ import annotations

from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from glideim.gateway.wheel import TimingWheel

T = TypeVar("T")


def noted(notes: list[T], note: T, again: int) -> int:
    """A visit that keeps a note."""
    notes.append(note)
    return again


def test_an_entry_is_visited_when_its_time_comes_and_not_before() -> None:
    visited: list[str] = []

    def visit(entry: str) -> int:
        visited.append(entry)
        return 0

    wheel = TimingWheel(16, visit)
    wheel.add("a", 3)
    for _ in range(2):
        wheel.advance()
    assert visited == []
    wheel.advance()
    assert visited == ["a"]
    for _ in range(40):
        wheel.advance()
    assert visited == ["a"]


def test_an_entry_that_asks_for_it_is_visited_again() -> None:
    times: list[int] = []
    wheel: TimingWheel[str] = TimingWheel(16, lambda _: noted(times, wheel.tick, 5))
    wheel.add("a", 5)
    for _ in range(20):
        wheel.advance()
    assert times == [5, 10, 15, 20]


def test_a_wait_longer_than_the_wheel_is_cut_to_it() -> None:
    times: list[int] = []
    wheel: TimingWheel[str] = TimingWheel(8, lambda _: noted(times, wheel.tick, 0))
    wheel.add("a", 1000)
    for _ in range(1000):
        wheel.advance()
    assert times == [7]


@given(st.lists(st.integers(1, 30), max_size=50))
def test_everything_is_visited_exactly_at_its_tick(waits: list[int]) -> None:
    seen: list[tuple[int, int]] = []
    wheel: TimingWheel[int] = TimingWheel(64, lambda wait: noted(seen, (wait, wheel.tick), 0))
    for wait in waits:
        wheel.add(wait, wait)
    for _ in range(64):
        wheel.advance()
    assert sorted(seen) == sorted((wait, wait) for wait in waits)
