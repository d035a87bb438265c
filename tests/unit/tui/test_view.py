from __future__ import annotations

import pytest

from glideim.tui.lines import Line, Mark
from glideim.tui.messages import Chat
from glideim.tui.view import LIST_WIDTH, about, chat_text, message_text, span

LINE = Line("Bob", mine=False, text="hi", at=0, mark=Mark.NONE, seq=7)


def shown(line: Line) -> str:
    """Without the time, which depends on where one is."""
    text = message_text([line], 0).plain
    return text.split(" ", 3)[-1] if line.selected else text.split(" ", 1)[1]


def test_messages() -> None:
    assert shown(LINE) == "Bob: hi"
    assert shown(LINE._replace(text="Bob left", event=True)) == "— Bob left"
    assert shown(LINE._replace(quote="me: so?")) == "Bob: ↳ me: so?\n      hi"
    tagged = LINE._replace(tags="edited 👍2", mine=True, mark=Mark.FAILED, note="no\x1b")
    assert shown(tagged) == "Bob: hi  [edited 👍2]  ✗ no\ufffd"
    assert message_text([LINE._replace(selected=True)], 0).plain.startswith("▶ #7 ")
    assert len(message_text([LINE, LINE], 0).plain.splitlines()) == 2


def test_entries_of_the_list() -> None:
    chat = Chat("g:7", 0, "Team", preview="Bob: hi", last_seq=3, pinned=True, mentioned=True)
    assert chat_text(chat).plain == "▲ ● Team @ (3)\n  Bob: hi"
    chat.muted = True
    assert chat_text(chat).plain == "▲ Team @ (3)\n  Bob: hi"
    assert chat_text(Chat("c:1:2", 2, "Bob"), there=True).plain == "Bob ○\n  "
    assert chat_text(Chat("g:8", 0, closed=True)).plain == "group 8 left\n  "
    wide = chat_text(Chat("c:1:2", 2, "名" * 60, preview="字" * 60))
    assert max(part.cell_len for part in wide.split("\n")) <= LIST_WIDTH - 4


def test_what_there_is_to_know() -> None:
    assert about(Chat("c:1:2", 2, expire_after=3_600), there=True) == (
        "here · messages disappear after 1 h"
    )
    assert about(Chat("g:7", 0, muted=True, closed=True), there=False) == (
        "group 7 · quiet · you do not belong to it any more"
    )


@pytest.mark.parametrize(
    ("seconds", "words"), [(30, "30 s"), (90, "90 s"), (120, "2 m"), (172_800, "2 d")]
)
def test_spans(seconds: int, words: str) -> None:
    assert span(seconds) == words
