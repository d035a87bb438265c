"""What became of messages after they were stored: the checks find every kind of breach, and nothing in true records."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from glideim.verify import record as r
from tests.support.histories import ALICE, BOB, CHAT, GROUP, History, kinds

NEW = r.digest("new")
Tell = Callable[[History], None]


def told(tell: Tell) -> list[r.Line]:
    """Two messages of a conversation, one of a group, and what `tell` makes of them."""
    history = History()
    history.message(CHAT, ALICE, "one")
    history.message(CHAT, BOB, "two")
    history.message(GROUP, ALICE, "to all")
    history.at += 10_000
    tell(history)
    return history.finish()


def edited(history: History, *, code: str | None = "", shown: str = NEW) -> None:
    history.ask(ALICE, CHAT, 1, "edit", NEW, code=code)
    if shown:
        history.becomes(CHAT, 1, content=shown, status=r.EDITED)


def recalled(history: History, *, code: str | None = "", shown: bool = True) -> None:
    history.ask(ALICE, CHAT, 1, "recall", code=code)
    if shown:
        history.becomes(CHAT, 1, content="", status=r.RECALLED)


def grown(history: History, *, op: str = "finish", code: str | None = "", **shown: object) -> None:
    seq = history.next_seq(CHAT)
    history.add(r.Sent(history.tick(), ALICE, ALICE, "1-g", CHAT, "", grows=True))
    history.add(r.Acked(history.tick(), ALICE, ALICE, "1-g", CHAT, seq, 777))
    history.add(r.Confirmed(history.tick(), BOB, BOB, CHAT, seq))
    history.add(r.Delivered(history.tick(), ALICE, ALICE, CHAT, seq, BOB))
    opened = r.Received(
        history.tick(), BOB, BOB, CHAT, seq, 777, "1-g", ALICE, "", int(history.at), 0, r.GROWING
    )
    history.add(opened)
    history.stored.append(opened)
    history.ask(ALICE, CHAT, seq, op, NEW if op == "finish" else "", code=code)
    history.becomes(CHAT, seq, **shown)


def reacted(history: History, *, code: str | None = "", count: int = 1, mine: bool = False) -> None:
    """Bob reacts to a message of the group; `mine` as Alice is shown it."""
    history.ask(BOB, GROUP, 2, "react", "ok", code=code)
    history.becomes(GROUP, 2, reactions=(("ok", count, mine),) if count else ())


def as_bob(lines: list[r.Line]) -> list[r.Line]:
    """Reactions as they are shown to everyone, Bob's being his."""
    return [
        msgspec.structs.replace(
            line, reactions=tuple((key, count, True) for key, count, _ in line.reactions)
        )
        if isinstance(line, r.Received) and line.uid == BOB
        else line
        for line in lines
    ]


def read(history: History, *, kept: int = 2) -> None:
    history.ask(BOB, CHAT, 2, "read")
    history.add(r.ReadBy(history.tick(), ALICE, ALICE, CHAT, BOB, 2))
    history.read[BOB, CHAT] = kept


def edited_twice(history: History) -> None:
    history.ask(ALICE, CHAT, 1, "edit", "old")
    edited(history)


def an_older_edit_is_back(history: History) -> None:
    history.ask(ALICE, CHAT, 1, "edit", "old")
    edited(history, shown="old")


def edited_then_recalled(history: History) -> None:
    edited(history)
    recalled(history)


def reaction_taken_back(history: History) -> None:
    reacted(history)
    history.ask(BOB, GROUP, 2, "unreact", "ok")
    history.becomes(GROUP, 2, reactions=())


def reaction_of_nobody(history: History) -> None:
    reacted(history)
    history.becomes(GROUP, 2, reactions=(("ok", 1, False), ("no", 1, False)))


def forgotten_by_a_fault(history: History) -> None:
    read(history, kept=0)
    history.add(r.Fault(history.at + 1000, "kill", begins=True))


def grows_and_is_told_again(history: History) -> None:
    grown(history, code=None)
    history.message(CHAT, ALICE, "three")
    again = r.Received(
        history.tick(), BOB, BOB, CHAT, 3, 777, "1-g", ALICE, "", 20_000, 0, r.GROWING
    )
    history.add(again)


TRUE: dict[str, Tell] = {
    "edited": edited,
    "edited, without an answer": lambda h: edited(h, code=None),
    "not edited, without an answer": lambda h: edited(h, code=None, shown=""),
    "an edit that is refused": lambda h: edited(h, code="forbidden", shown=""),
    "edited twice": edited_twice,
    "recalled": recalled,
    "recalled, without an answer": lambda h: recalled(h, code=None),
    "not recalled, without an answer": lambda h: recalled(h, code=None, shown=False),
    "edited, then recalled": edited_then_recalled,
    "a text that grew": lambda h: grown(h, content=NEW, status=r.NORMAL),
    "a text that was cancelled": lambda h: grown(h, op="cancel", status=r.RECALLED),
    "a text that nobody finished": lambda h: grown(h, code=None),
    "a text that the server took back": lambda h: grown(h, code=None, status=r.RECALLED),
    "a reaction": reacted,
    "a reaction without an answer": lambda h: reacted(h, code=None),
    "no reaction, without an answer": lambda h: reacted(h, code=None, count=0),
    "a reaction that is taken back": reaction_taken_back,
    "read": read,
    "read just before a fault, and forgotten": forgotten_by_a_fault,
    "something that grows is told again": grows_and_is_told_again,
}  # fmt: skip


@pytest.mark.parametrize("tell", TRUE.values(), ids=TRUE.keys())
def test_what_may_be_is_no_finding(tell: Tell) -> None:
    assert kinds(as_bob(told(tell))) == set()


FORGED: dict[str, tuple[str, Tell]] = {
    "an edit is gone": ("undone", lambda h: edited(h, shown="")),
    "an older edit is back": ("undone", an_older_edit_is_back),
    "edited by nobody": ("altered", lambda h: h.becomes(CHAT, 1, content=NEW, status=r.EDITED)),
    "edited although it was refused": ("altered", lambda h: edited(h, code="forbidden")),
    "edited to something else": ("altered", lambda h: edited(h, shown="other")),
    "a recalled message is there": ("undone", lambda h: recalled(h, shown=False)),
    "recalled by nobody": ("altered", lambda h: h.becomes(CHAT, 1, content="", status=r.RECALLED)),
    "recalled although it was refused": ("altered", lambda h: recalled(h, code="recall_expired")),
    "expired without a time": ("altered", lambda h: h.becomes(CHAT, 1, content="", status=r.EXPIRED)),
    "a message grows that was sent whole": (
        "altered", lambda h: h.becomes(CHAT, 1, content="", status=r.GROWING),
    ),
    "a text that grew is cut": ("altered", lambda h: grown(h, content="cut", status=r.NORMAL)),
    "a finished text still grows": ("undone", grown),
    "a finished text is taken back": ("undone", lambda h: grown(h, status=r.RECALLED)),
    "a cancelled text is there": (
        "undone", lambda h: grown(h, op="cancel", content=NEW, status=r.NORMAL),
    ),
    "a reaction is gone": ("undone", lambda h: reacted(h, count=0)),
    "a reaction counts twice": ("undone", lambda h: reacted(h, count=2)),
    "somebody else's reaction is one's own": ("undone", lambda h: reacted(h, mine=True)),
    "a reaction of nobody": (
        "undone", reaction_of_nobody,
    ),
    "a position is forgotten": ("undone", lambda h: read(h, kept=1)),
    "told of reading before anybody read": (
        "wrong receipt", lambda h: h.add(r.ReadBy(h.tick(), ALICE, ALICE, CHAT, BOB, 2)),
    ),
    "a frame that cannot be read": (
        "broken", lambda h: h.add(r.Broken(h.tick(), ALICE, ALICE, "FrameError: what")),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "tell"), FORGED.values(), ids=FORGED.keys())
def test_a_breach_is_found(kind: str, tell: Tell) -> None:
    assert kind in kinds(as_bob(told(tell)))


def test_a_reaction_is_marked_for_who_set_it() -> None:
    # Told as Alice is shown it to everyone, so Bob does not find it marked as his.
    assert "undone" in kinds(told(reacted))
