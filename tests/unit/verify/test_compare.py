"""The replay check sees each way in which a device's messages can differ from the server's."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from glideim.verify import record as r
from glideim.verify.compare import difference
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
