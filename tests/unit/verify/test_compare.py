"""The replay check sees each way in which a device's messages can differ from the server's."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from glideim.protocol.records import MAX_ID
from glideim.verify import record as r
from glideim.verify.compare import WINDOW, difference, part
from glideim.verify.state import Held

HELD = Held(11, r.digest("one"), r.NORMAL, (("ok", 1, True),), pinned=True)


def test_what_is_the_same_is_no_difference() -> None:
    assert difference({3: HELD}, {2: Held(10, "more"), 3: HELD}) == ""


@pytest.mark.parametrize(
    "shown",
    [
        replace(HELD, mid=12),
        replace(HELD, content="other"),
        replace(HELD, status=r.RECALLED),
        replace(HELD, reactions=()),
        replace(HELD, pinned=False),
        None,
    ],
    ids=repr,
)
def test_each_difference_is_seen(shown: Held | None) -> None:
    assert difference({3: HELD}, {} if shown is None else {3: shown}).startswith(
        "shown differently: [3]"
    )


def test_a_pushed_event_has_no_mid() -> None:
    assert difference({3: Held(0, "event 3")}, {3: Held(14, "event 3")}) == ""


def test_of_a_short_conversation_everything_is_compared() -> None:
    assert part(random.Random(1), 0, 2 * WINDOW) == (0, MAX_ID)
    assert part(random.Random(1), 7_001, 9_000) == (0, MAX_ID)


@given(st.integers(0, 9_000), st.integers(1, 9_000), st.randoms(use_true_random=False))
def test_of_a_long_one_a_part_of_it_is(begin: int, more: int, rng: random.Random) -> None:
    last = begin + 2 * WINDOW + more
    after, upto = part(rng, begin, last)
    assert max(0, begin - 1) <= after < upto <= last
    assert upto - after == WINDOW
