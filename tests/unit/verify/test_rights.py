"""Who may do what to messages of others, and what is pinned: every kind of breach is found, and nothing in true records."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from glideim.verify import record as r
from tests.support.histories import ALICE, BOB, CAROL, CHAT, DAVE, GROUP, History, kinds

Tell = Callable[[History], None]
OLD, MINE, HERS = 2, 4, 5
"""Messages of the group: of Bob; of Alice, who is its admin; of Carol."""


def told(tell: Tell) -> list[r.Line]:
    """A conversation of Alice and Bob, a group whose admin is Alice, and what `tell` makes of them."""
    history = History()
    history.message(CHAT, ALICE, "one")
    history.message(CHAT, BOB, "two")
    history.message(GROUP, BOB, "to all")
    history.becomes_role(ALICE, "admin")
    history.message(GROUP, ALICE, "of an admin")
    history.message(GROUP, CAROL, "of a member")
    history.at += 10_000
    tell(history)
    return history.finish()


def recalled(
    history: History, uid: int, seq: int = OLD, *, code: str | None = "", shown: bool = True
) -> None:
    history.ask(uid, GROUP, seq, "recall", code=code)
    if shown:
        history.becomes(GROUP, seq, content="", status=r.RECALLED)


def pinned(
    history: History, uid: int, conv: str, *, act: str = "pin", code: str | None = "", shown: bool = True
) -> None:  # fmt: skip
    history.ask(uid, conv, 2, act, code=code)
    history.becomes(conv, 2, pinned=shown)


def taken_down(history: History, *, code: str | None = "", shown: bool) -> None:
    pinned(history, ALICE, CHAT)
    pinned(history, BOB, CHAT, act="unpin", code=code, shown=shown)


def at_once(history: History, *, shown: bool) -> None:
    """Alice pins and Bob takes down, each before the other has an answer."""
    history.add(r.Asked(history.tick(), ALICE, 101, CHAT, 2, "pin"))
    history.add(r.Asked(history.tick(), BOB, 102, CHAT, 2, "unpin"))
    history.add(r.Done(history.tick(), 102))
    history.add(r.Done(history.tick(), 101))
    history.becomes(CHAT, 2, pinned=shown)


def pinned_then_recalled(history: History, *, shown: bool) -> None:
    pinned(history, ALICE, CHAT)
    history.ask(BOB, CHAT, 2, "recall")
    history.becomes(CHAT, 2, content="", status=r.RECALLED, pinned=shown)


def no_admin_any_more(history: History, *, code: str, shown: bool) -> None:
    history.becomes_role(ALICE, "member")
    history.at += 1000
    recalled(history, ALICE, code=code, shown=shown)


def left_as_admin(history: History, *, code: str) -> None:
    """An admin who leaves and comes back is a plain member, to whom old messages are not there."""
    history.becomes_role(CAROL, "admin")
    history.group_event(False, CAROL)
    history.group_event(True, CAROL)
    recalled(history, CAROL, code=code, shown=not code)


def recalled_twice(history: History) -> None:
    recalled(history, ALICE)
    recalled(history, CAROL)


def of_what_grew(history: History) -> None:
    """A text of Bob's that the server took back, because nobody went on with it."""
    seq = history.next_seq(GROUP)
    history.add(r.Sent(history.tick(), BOB, BOB, "2-g", GROUP, "", grows=True))
    history.add(r.Acked(history.tick(), BOB, BOB, "2-g", GROUP, seq, 777))
    history.stored.append(
        r.Received(0, 0, 0, GROUP, seq, 777, "2-g", BOB, "", int(history.at), 0, r.RECALLED)
    )
    history.ask(CAROL, GROUP, seq, "recall")


def clashed(history: History, *, first: bool) -> None:
    """Bob's message is taken back, and he sends another content under its name before or after that."""
    if first:
        recalled(history, ALICE)
    cli = next(item.cli for item in history.stored if (item.conv, item.seq) == (GROUP, OLD))
    history.add(r.Clashed(history.tick(), BOB, cli))
    if not first:
        recalled(history, ALICE)


TRUE: dict[str, Tell] = {
    "an admin takes back what a member wrote": lambda h: recalled(h, ALICE),
    "without an answer": lambda h: recalled(h, ALICE, code=None),
    "without an answer, and it was not done": lambda h: recalled(h, ALICE, code=None, shown=False),
    "a member takes back their own": lambda h: recalled(h, CAROL, HERS),
    "a member is too late for their own": lambda h: recalled(h, CAROL, HERS, code="recall_expired", shown=False),
    "a member is refused": lambda h: recalled(h, CAROL, code="forbidden", shown=False),
    "a member without an answer": lambda h: recalled(h, CAROL, code=None, shown=False),
    "a member asks for what is taken back": recalled_twice,
    "a member asks for what the server took back": of_what_grew,
    "one who is no admin any more is refused": lambda h: no_admin_any_more(h, code="forbidden", shown=False),
    "one who left as an admin is refused": lambda h: left_as_admin(h, code="not_found"),
    "another content under what an admin took back": lambda h: clashed(h, first=True),
    "pinned": lambda h: pinned(h, BOB, CHAT),
    "pinned, without an answer": lambda h: pinned(h, BOB, CHAT, code=None),
    "not pinned, without an answer": lambda h: pinned(h, BOB, CHAT, code=None, shown=False),
    "too many are pinned": lambda h: pinned(h, BOB, CHAT, code="too_large", shown=False),
    "pinned and taken down": lambda h: taken_down(h, shown=False),
    "taken down, perhaps": lambda h: taken_down(h, code=None, shown=False),
    "taken down, perhaps not": lambda h: taken_down(h, code=None, shown=True),
    "two at once, one is last": lambda h: at_once(h, shown=True),
    "two at once, the other is last": lambda h: at_once(h, shown=False),
    "pinned by an admin": lambda h: pinned(h, ALICE, GROUP),
    "a member may not pin": lambda h: pinned(h, CAROL, GROUP, code="forbidden", shown=False),
    "a stranger may not pin": lambda h: pinned(h, DAVE, CHAT, code="not_found", shown=False),
    "what is taken back is not pinned": lambda h: pinned_then_recalled(h, shown=False),
}  # fmt: skip


@pytest.mark.parametrize("tell", TRUE.values(), ids=TRUE.keys())
def test_what_may_be_is_no_finding(tell: Tell) -> None:
    assert kinds(told(tell)) == set()


FORGED: dict[str, tuple[str, Tell]] = {
    "what an admin took back is there": ("undone", lambda h: recalled(h, ALICE, shown=False)),
    "taken back although the admin was refused": ("altered", lambda h: recalled(h, ALICE, code="not_found")),
    "an admin is forbidden it": ("wrong refusal", lambda h: recalled(h, ALICE, code="forbidden", shown=False)),
    "another content before an admin took it back": ("clash", lambda h: clashed(h, first=False)),
    "one of two is forbidden to pin": (
        "wrong refusal", lambda h: pinned(h, BOB, CHAT, code="forbidden", shown=False),
    ),
    "one of two is forbidden to take back": (
        "wrong refusal", lambda h: h.ask(ALICE, CHAT, 1, "recall", code="forbidden"),
    ),
    "an admin is too late": ("wrong refusal", lambda h: recalled(h, ALICE, code="recall_expired", shown=False)),
    "an admin is too late for their own": (
        "wrong refusal", lambda h: recalled(h, ALICE, MINE, code="recall_expired", shown=False),
    ),
    "a member takes back what another wrote": ("usurped", lambda h: recalled(h, CAROL)),
    "it is answered as done and is not": ("usurped", lambda h: recalled(h, CAROL, shown=False)),
    "a member without an answer has it taken back": ("altered", lambda h: recalled(h, CAROL, code=None)),
    "a member is refused, and it is done": ("altered", lambda h: recalled(h, CAROL, code="forbidden")),
    "a member is refused with the wrong code": (
        "wrong refusal", lambda h: recalled(h, CAROL, code="not_found", shown=False),
    ),
    "a stranger is refused with the wrong code": (
        "wrong refusal", lambda h: pinned(h, DAVE, CHAT, code="bad_request", shown=False),
    ),
    "one of two takes back what the other wrote": ("usurped", lambda h: h.ask(ALICE, CHAT, 2, "recall")),
    "one who is no admin any more": ("usurped", lambda h: no_admin_any_more(h, code="", shown=True)),
    "one who left as an admin": ("usurped", lambda h: left_as_admin(h, code="")),
    "a pin is gone": ("undone", lambda h: pinned(h, BOB, CHAT, shown=False)),
    "a pin of an admin is gone": ("undone", lambda h: pinned(h, ALICE, GROUP, shown=False)),
    "what was taken down is pinned": ("undone", lambda h: taken_down(h, shown=True)),
    "pinned by nobody": ("altered", lambda h: h.becomes(CHAT, 2, pinned=True)),
    "pinned although it was refused": ("altered", lambda h: pinned(h, BOB, CHAT, code="too_large")),
    "a member pins": ("usurped", lambda h: pinned(h, CAROL, GROUP)),
    "a member takes down": ("usurped", lambda h: pinned(h, CAROL, GROUP, act="unpin", shown=False)),
    "a member without an answer has it pinned": ("altered", lambda h: pinned(h, CAROL, GROUP, code=None)),
    "a stranger pins": ("usurped", lambda h: pinned(h, DAVE, CHAT)),
    "what is taken back is pinned": ("undone", lambda h: pinned_then_recalled(h, shown=True)),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "tell"), FORGED.values(), ids=FORGED.keys())
def test_a_breach_is_found(kind: str, tell: Tell) -> None:
    assert kind in kinds(told(tell))


def test_a_pin_that_one_alone_is_not_shown_is_found() -> None:
    lines = told(lambda h: pinned(h, BOB, CHAT))
    one = next(n for n, line in enumerate(lines) if isinstance(line, r.Received) and line.pinned)
    line = lines[one]
    assert isinstance(line, r.Received)
    lines[one] = replace(line, pinned=False)
    assert kinds(lines) == {"undone"}
