"""What the checks look up: kept small, and exact whatever the order things come in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from glideim.verify.index import Seqs, Values


@given(st.lists(st.integers(0, 30)))
def test_ranges_hold_what_was_taken_in_and_nothing_else(numbers: list[int]) -> None:
    seqs = Seqs()
    for number in numbers:
        seqs.add(number)
    assert {number for number in range(-2, 33) if number in seqs} == set(numbers)


def test_what_stands_for_several_things_is_known_with_all_of_them() -> None:
    values: Values[str, int] = Values()
    for key, value in (("a", 1), ("b", 2), ("a", 1), ("b", 3), ("b", 2), ("b", 4)):
        values.add(key, value)
    assert values.several == {"b": {2, 3, 4}}
