from __future__ import annotations

import pytest

from glideim.tui.text import clean, clock, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain äöü 漢字 👩‍👩‍👧", "plain äöü 漢字 👩‍👩‍👧"),
        ("two\nlines", "two\nlines"),
        ("\x1b]0;title\x07\x1b[31mred", "\ufffd]0;title\ufffd\ufffd[31mred"),
        ("a\u202eb\x9b1m\x00", "a\ufffdb\ufffd1m\ufffd"),
    ],
)
def test_nothing_that_steers_a_terminal_is_left(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_one_line_is_one_short_line() -> None:
    assert one_line(" a\n\n b\tc ") == "a b c"
    assert one_line("x" * 100, 10) == "x" * 9 + "…"


def test_the_date_is_shown_unless_it_is_today() -> None:
    now = 1_800_000_000_000
    assert len(clock(now, now)) == 5
    assert len(clock(now - 3 * 86_400_000, now)) == len("01 Jan 00:00")
