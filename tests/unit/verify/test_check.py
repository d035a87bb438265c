"""The checker finds every kind of breach in forged records, and nothing in true ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glideim.verify import record as r
from tests.support.histories import (
    ALICE,
    BOB,
    CAROL,
    CHAT,
    DAVE,
    GROUP,
    History,
    a_history,
    examined,
    kinds,
)

replace = msgspec.structs.replace


def test_a_true_history_has_no_findings_and_is_counted() -> None:
    outcome = examined(a_history())
    assert outcome.findings == ()
    assert outcome.counts["sent"] == outcome.counts["acked"] == 6
    assert outcome.counts["receipts"] == 3
    assert outcome.counts["connections"] == 4


def test_an_empty_record_has_no_findings() -> None:
    assert examined([]).findings == ()


# --- forging ------------------------------------------------------------------------------------------------

Forge = Callable[[list[r.Line]], list[r.Line]]


def find(lines: Sequence[r.Line], kind: type, **fields: object) -> int:
    """Where the first line of a kind with these fields is."""
    for at, line in enumerate(lines):
        if isinstance(line, kind) and all(getattr(line, k) == v for k, v in fields.items()):
            return at
    raise LookupError(kind)


def changed(kind: type, where: dict[str, object], **fields: object) -> Forge:
    def forge(lines: list[r.Line]) -> list[r.Line]:
        at = find(lines, kind, **where)
        lines[at] = replace(lines[at], **fields)
        return lines

    return forge


def without(kind: type, **where: object) -> Forge:
    def forge(lines: list[r.Line]) -> list[r.Line]:
        del lines[find(lines, kind, **where)]
        return lines

    return forge


def with_line(line: r.Line) -> Forge:
    return lambda lines: [*lines, line]


def forgotten_by_the_server(lines: list[r.Line]) -> list[r.Line]:
    """Nobody's last fetch has the first message."""
    return [
        line
        for line in lines
        if not (isinstance(line, r.Received) and line.cli == "1-1" and line.page != r.PUSH)
    ]


def confirmed_only_afterwards(lines: list[r.Line]) -> list[r.Line]:
    at = find(lines, r.Confirmed, uid=BOB)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    return lines


def pushed_in_the_wrong_order(lines: list[r.Line]) -> list[r.Line]:
    first = find(lines, r.Received, uid=BOB, cli="1-1", page=0)
    second = find(lines, r.Received, uid=BOB, cli="1-3", page=0)
    lines[first], lines[second] = lines[second], lines[first]
    return lines


def pushed_twice(lines: list[r.Line]) -> list[r.Line]:
    at = find(lines, r.Received, uid=BOB, cli="1-1", page=0)
    return [*lines[:at], lines[at], *lines[at:]]


def page_turned_round(lines: list[r.Line]) -> list[r.Line]:
    first = find(lines, r.Received, uid=BOB, cli="1-1", page=3)
    lines[first], lines[first + 1] = lines[first + 1], lines[first]
    return lines


def acknowledged_in_the_wrong_order(lines: list[r.Line]) -> list[r.Line]:
    """Alice sent two messages on one connection; the second has the smaller number, for everyone."""
    swap = {"1-1": "1-3", "1-3": "1-1"}
    turned: list[r.Line] = []
    for line in lines:
        if isinstance(line, r.Sent) and line.cli in swap:
            other = lines[find(lines, r.Sent, cli=swap[line.cli])]
            assert isinstance(other, r.Sent)
            turned.append(replace(line, cli=other.cli, content=other.content))
        else:
            turned.append(line)
    return turned


def other_mid_in_a_push(lines: list[r.Line]) -> list[r.Line]:
    at = find(lines, r.Received, uid=BOB, cli="1-1", page=0)
    lines[at] = replace(lines[at], mid=77, cli="")
    return lines


BOB_OFFLINE = r.Delivered(0, ALICE, ALICE, CHAT, 1, BOB, offline=True)
FORGERIES: dict[str, tuple[str, Forge]] = {
    "an acknowledged message is gone for everyone": ("lost", forgotten_by_the_server),
    "a member of a group cannot fetch a message": (
        "lost", lambda lines: [
            line for line in lines
            if not (isinstance(line, r.Received) and line.uid == BOB and line.cli == "4-5" and line.page)
        ],
    ),
    "a history is wholly gone": (
        "lost", lambda lines: [
            line for line in lines
            if not (isinstance(line, (r.Received, r.Fetched)) and line.uid == BOB
                    and line.conv == CHAT and line.page)
        ],
    ),
    "two acknowledgements with other numbers": (
        "doubled", with_line(r.Acked(50_000, ALICE, ALICE, "1-1", CHAT, 9, 4711)),
    ),
    "stored twice under one number": (
        "doubled", changed(r.Received, {"uid": BOB, "cli": "1-1", "page": 0}, mid=4711),
    ),
    "another content under the same cliMid is accepted": ("clash", with_line(r.Clashed(1, ALICE, "1-1"))),
    "another content is refused with the wrong code": (
        "clash", with_line(r.Clashed(1, ALICE, "1-1", "bad_request")),
    ),
    "a message that nobody sent": (
        "invented", changed(r.Received, {"uid": BOB, "cli": "1-1", "page": 0}, cli="1-99"),
    ),
    "another content arrives": (
        "altered", changed(r.Received, {"uid": BOB, "cli": "1-1", "page": 0}, content="other"),
    ),
    "a message arrives in another conversation": (
        "altered", changed(r.Received, {"uid": BOB, "cli": "1-1", "page": 0}, conv=GROUP, seq=3),
    ),
    "one number for two messages": ("misnumbered", other_mid_in_a_push),
    "pushed in the wrong order": ("misordered", pushed_in_the_wrong_order),
    "pushed twice on one connection": ("repeated", pushed_twice),
    "a page in the wrong order": ("misordered", page_turned_round),
    "a page with a hole": ("gap", without(r.Received, uid=ALICE, cli="2-2", page=1)),
    "a page of a group with a hole": ("gap", without(r.Received, uid=BOB, seq=2, page=4)),
    "time runs backwards": (
        "backwards", lambda lines: [
            replace(line, send_at=1) if isinstance(line, r.Received) and line.cli == "1-3" else line
            for line in lines
        ],
    ),
    "a message has no time": (
        "backwards", lambda lines: [
            replace(line, send_at=0) if isinstance(line, r.Received) and line.cli == "1-3" else line
            for line in lines
        ],
    ),
    "the sender's order is not kept": ("misordered", acknowledged_in_the_wrong_order),
    "a send without an answer": ("unanswered", with_line(r.Sent(1, ALICE, ALICE, "1-50", CHAT, "x"))),
    "a send that was only refused for the moment": (
        "unanswered", lambda lines: [
            *lines, r.Sent(1, ALICE, ALICE, "1-50", CHAT, "x"),
            r.Refused(2, ALICE, ALICE, "1-50", "unavailable", retryable=True),
        ],
    ),
    "a stranger sees a conversation": (
        "leaked", changed(r.Received, {"uid": BOB, "cli": "1-1", "page": 0}, uid=DAVE),
    ),
    "a removed member still gets messages": (
        "leaked", changed(r.Received, {"uid": DAVE, "cli": "1-6", "page": 0}, uid=CAROL, session=CAROL),
    ),
    "a new member sees what was before": (
        "leaked", changed(r.Received, {"uid": CAROL, "cli": "2-4", "page": 0}, uid=DAVE, session=DAVE),
    ),
    "a receipt before the confirmation": ("early receipt", confirmed_only_afterwards),
    "a receipt without any confirmation": ("early receipt", without(r.Confirmed, uid=BOB, seq=3)),
    "a receipt says that one who is here is not": (
        "wrong receipt", lambda lines: [
            line if not (isinstance(line, r.Delivered) and line.seq == 1) else replace(line, offline=True)
            for line in lines
        ],
    ),
    "no receipt at all": ("no receipt", without(r.Delivered, uid=ALICE, seq=3)),
    "one who never reads is never cut off": ("unbounded", with_line(r.Stuck(1, ALICE, ended=False))),
    "one who never reads is closed as something else": (
        "wrong close", with_line(r.Stuck(1, ALICE, ended=True, code=4001)),
    ),
    "memory grows beyond its bound": ("unbounded", with_line(r.Memory(1, 2_000, 1_000))),
    "a client's state is not the server's": ("stale", with_line(r.Compared(1, ALICE, CHAT, "lacks [3]"))),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "forge"), FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_record_is_found_out(kind: str, forge: Forge) -> None:
    assert kind in kinds(forge(a_history()))


@pytest.mark.parametrize(
    "line",
    [
        r.Clashed(1, ALICE, "1-1", "conflict"),
        r.Stuck(1, ALICE, ended=True, code=4008),
        r.Stuck(1, ALICE, ended=True),
        r.Memory(1, 1_000, 2_000),
        r.Memory(1, 1_000),
        r.Compared(1, ALICE, CHAT),
    ],
    ids=repr,
)
def test_what_is_allowed_is_no_finding(line: r.Line) -> None:
    assert kinds([*a_history(), line]) == set()


def test_a_refusal_for_good_is_an_answer() -> None:
    sent = r.Sent(1, ALICE, ALICE, "1-50", CHAT, "x")
    refused = r.Refused(2, ALICE, ALICE, "1-50", "blocked")
    assert kinds([*a_history(), sent, refused]) == set()


def test_offline_is_right_when_the_receiver_was_gone_or_a_fault_went_on() -> None:
    def offline(lines: list[r.Line], between: r.Line) -> list[r.Line]:
        at = find(lines, r.Sent, cli="1-1")
        made = [*lines[:at], between, *lines[at:]]
        where = find(made, r.Delivered, seq=1)
        made[where] = replace(made[where], offline=True)
        return made

    at = 5000.0
    assert kinds(offline(a_history(), r.Closed(at, BOB, BOB, 0))) == set()
    assert kinds(offline(a_history(), r.Fault(at, "stop", begins=True))) == set()
    assert kinds(offline(a_history(), r.Membership(at, "g:8", 1, (), inside=True))) == {
        "wrong receipt"
    }


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.text(max_size=5)), max_size=30))
def test_true_histories_have_no_findings(acts: list[tuple[int, bool, str]]) -> None:
    assert kinds(told(acts)) == set()


def told(acts: Sequence[tuple[int, bool, str]]) -> list[r.Line]:
    history = History()
    for what, flag, content in acts:
        if what < 2:
            history.message(CHAT, ALICE if flag else BOB, content, retried=what == 1)
        elif what < 4:
            history.message(GROUP, ALICE if flag else BOB, content, retried=what == 3)
        else:
            uid = CAROL if what == 4 else DAVE
            history.group_event(uid not in history.inside, uid)
    return history.finish()


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.booleans(), st.text(max_size=5)), min_size=1, max_size=15
    ),
    st.randoms(use_true_random=False),
)
def test_one_change_to_what_is_fetched_is_always_found(
    acts: list[tuple[int, bool, str]], rng: random.Random
) -> None:
    lines = told(acts)
    at = rng.choice(
        [
            n
            for n, line in enumerate(lines)
            if isinstance(line, r.Received) and line.cli and line.page
        ]
    )
    line = lines[at]
    assert isinstance(line, r.Received)
    changes: list[dict[str, object]] = [
        {"mid": line.mid + 1}, {"seq": line.seq + 1000}, {"content": "other"}, {"cli": "9-9"},
        {"conv": "c:7:8"}, {"uid": 99},
    ]  # fmt: skip
    lines[at] = replace(line, **rng.choice(changes))
    assert kinds(lines)
    del lines[at]
    assert kinds(lines) & {"lost", "gap"}
