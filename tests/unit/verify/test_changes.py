"""Changes of messages as a device takes them in."""

from __future__ import annotations

import pytest

from glideim.protocol.actions import Action
from glideim.protocol.records import Envelope, Message
from glideim.protocol.social import NotifyReact, Pin, Recall, Stream
from glideim.verify import record as r
from glideim.verify.changes import Change, Ledger, change_of
from glideim.verify.state import Held, State

ME, OTHER = 1, 2
CONV = "c:1:2"
HELD = Held(11, r.digest("one"), r.NORMAL, (("ok", 1, True),))


def told(action: str, data: object) -> Change:
    change = change_of(Envelope(action, 0, data), ME)
    assert change is not None
    return change


@pytest.mark.parametrize(
    ("action", "data", "becomes"),
    [
        (Action.MESSAGE_CHAT_RECALL, Recall(CONV, 3, mid=11), Held(11, "", r.RECALLED)),
        (
            Action.MESSAGE_EDIT,
            Message(mid=11, conv=CONV, seq=3, from_=ME, content="new", status=r.EDITED),
            Held(11, r.digest("new"), r.EDITED, (("ok", 1, True),)),
        ),
        (
            Action.NOTIFY_REACT,
            NotifyReact(CONV, 3, "ok", 2, OTHER, on=True),
            Held(11, HELD.content, r.NORMAL, (("ok", 2, True),)),
        ),
        (
            Action.NOTIFY_REACT,
            NotifyReact(CONV, 3, "no", 1, OTHER, on=True),
            Held(11, HELD.content, r.NORMAL, (("no", 1, False), ("ok", 1, True))),
        ),
        (
            Action.NOTIFY_PIN,
            Pin(CONV, 3, on=True),
            Held(11, HELD.content, r.NORMAL, (("ok", 1, True),), pinned=True),
        ),
        (Action.NOTIFY_PIN, Pin(CONV, 3, on=False), HELD),
        (
            Action.NOTIFY_REACT,
            NotifyReact(CONV, 3, "ok", 0, ME, on=False),
            Held(11, HELD.content, r.NORMAL),
        ),
        (
            Action.MESSAGE_STREAM,
            Stream(conv=CONV, seq=3, op="finish", content="whole"),
            Held(11, r.digest("whole"), r.NORMAL, (("ok", 1, True),)),
        ),
        (Action.MESSAGE_STREAM, Stream(conv=CONV, seq=3, op="cancel"), Held(11, "", r.RECALLED)),
    ],
)
def test_each_change_makes_another_message(action: str, data: object, becomes: Held) -> None:
    change = told(action, data)
    assert (change.conv, change.seq) == (CONV, 3)
    assert change.make(HELD) == becomes


@pytest.mark.parametrize(
    ("action", "data"),
    [
        (Action.MESSAGE_CHAT, Message(mid=11, conv=CONV, seq=3)),
        (Action.MESSAGE_STREAM, Stream(conv=CONV, seq=3, op="open")),
        (Action.MESSAGE_STREAM, Stream(conv=CONV, seq=3, op="delta", content="piece")),
    ],
)
def test_what_is_no_change(action: str, data: object) -> None:
    assert change_of(Envelope(action, 0, data), ME) is None


def test_a_change_told_while_a_page_was_on_its_way_is_not_undone_by_the_page() -> None:
    state = State(ME)
    ledger = Ledger(state)
    mark = ledger.begin()
    ledger.take(told(Action.MESSAGE_CHAT_RECALL, Recall(CONV, 1, mid=11)))
    state.conv(CONV).put(1, HELD)  # as it was when the page was made
    ledger.end(mark)
    assert state.conv(CONV).items[1] == Held(11, "", r.RECALLED)


def test_what_was_told_before_the_page_was_asked_for_is_in_it() -> None:
    state = State(ME)
    ledger = Ledger(state)
    outer = ledger.begin()
    ledger.take(told(Action.NOTIFY_REACT, NotifyReact(CONV, 1, "ok", 1, ME, on=True)))
    mark = ledger.begin()
    state.conv(CONV).put(1, Held(11, "later"))
    ledger.end(mark)
    assert state.conv(CONV).items[1] == Held(11, "later")
    ledger.end(outer)
    assert state.conv(CONV).items[1].reactions == (("ok", 1, True),)


def test_changes_are_counted_for_each_message() -> None:
    state = State(ME)
    ledger = Ledger(state)
    state.conv(CONV).put(1, HELD)
    ledger.take(told(Action.MESSAGE_CHAT_RECALL, Recall(CONV, 1, mid=11)))
    conv = state.conv(CONV)
    assert (conv.turn, conv.changed) == (1, {1: 1})
