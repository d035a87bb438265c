"""What a device builds from events."""

from __future__ import annotations

import msgspec

from glideim.protocol.records import Message
from glideim.protocol.social import NotifyGroup
from glideim.verify import record as r
from glideim.verify.state import Conv, Held, State, notice_of

ME, OTHER, THIRD = 1, 2, 3
GROUP = "g:9"


def held(number: int) -> Held:
    return Held(number, f"content {number}")


def test_a_conversation_is_known_up_to_the_first_hole() -> None:
    conv = Conv()
    conv.put(1, held(1))
    conv.put(3, held(3))
    assert (conv.known, conv.gap) == (1, True)
    conv.put(2, held(2))
    assert (conv.known, conv.gap) == (3, False)


def test_entering_late_awaits_nothing_from_before() -> None:
    conv = Conv()
    conv.put(1, held(1))
    conv.put(8, held(8))
    conv.enter(7)
    conv.put(7, held(7))
    assert (conv.known, conv.gap, sorted(conv.items)) == (8, False, [7, 8])
    conv.enter(5)
    assert conv.begin == 7


def test_who_was_put_out_awaits_nothing_until_they_are_in_again() -> None:
    state = State(ME)
    conv = state.conv(GROUP)
    conv.put(1, held(1))
    for seq, kind in ((1, "created"), (5, "removed")):
        state.notice(notice(seq, kind, ME))
        conv.put(seq, held(seq))
    assert (conv.known, conv.gap) == (1, False)
    state.notice(notice(8, "joined", ME))
    conv.put(8, held(8))
    conv.put(10, held(10))
    assert (conv.known, conv.gap) == (8, True)
    # What is heard late of an earlier stay changes nothing.
    state.notice(notice(5, "removed", ME))
    assert conv.gap


def test_what_was_pushed_without_mid_is_completed_and_not_undone() -> None:
    conv = Conv()
    conv.put(1, Held(0, "event 1"))
    conv.put(1, Held(11, "event 1"))
    conv.put(1, Held(0, "event 1"))
    assert conv.items[1].mid == 11


def notice(seq: int, kind: str, *uids: int) -> NotifyGroup:
    return NotifyGroup(gid=9, seq=seq, type=kind, by=ME, uids=uids)


def test_what_grows_and_is_told_again_keeps_what_was_done_to_it() -> None:
    conv = Conv()
    opened = Held(11, "", r.GROWING)
    conv.grow(1, opened)
    conv.change(1, lambda held: msgspec.structs.replace(held, pinned=True))
    conv.grow(1, opened)
    assert (conv.known, conv.items[1].pinned) == (1, True)
    # One that is finished does not grow: that it is told again is seen.
    conv.change(1, lambda held: Held(held.mid, "whole"))
    conv.grow(1, opened)
    assert conv.items[1] == opened


def test_members_follow_from_notices_in_whatever_order_they_come() -> None:
    state = State(ME)
    state.notice(notice(4, "left", OTHER))
    state.notice(notice(1, "created", ME, OTHER))
    state.notice(notice(2, "joined", THIRD))
    assert state.members(GROUP) == {ME, THIRD}


def test_members_are_not_guessed() -> None:
    state = State(ME)
    assert state.members(GROUP) is None
    state.notice(notice(5, "joined", ME))
    assert state.members(GROUP) is None
    other = State(ME)
    other.notice(notice(1, "created", ME, OTHER))
    other.notice(notice(2, "removed", ME))
    assert other.members(GROUP) is None


def test_a_stored_event_is_the_notice_that_was_pushed() -> None:
    content = msgspec.json.encode(notice(0, "joined", OTHER)).decode()
    found = notice_of(Message(mid=5, conv=GROUP, seq=6, type=-2, content=content))
    assert found == notice(6, "joined", OTHER)
    assert notice_of(Message(mid=5, conv=GROUP, seq=7, type=1, content=content)) is None
