"""Checks of who may do what: messages of others are taken back by those in charge of the group, and pinned by them, or by
the two whose conversation it is. Whoever else tries is refused."""

from __future__ import annotations

from collections.abc import Iterator

from . import record as r
from .findings import Finding
from .index import PINS, Index

FORBIDDEN, EXPIRED = "forbidden", "recall_expired"
STRANGER = frozenset({FORBIDDEN, "not_member", "not_found"})
"""What one may hear who is, or was for a time, no member: of what is not theirs people need not learn that it exists."""


def rights(index: Index) -> Iterator[Finding]:
    """Section 5: who has no right to a change is refused, and who has it is not."""
    for asked in index.of(r.Asked):
        answer = index.answer(asked)
        if answer is None or asked.act not in {"recall", *PINS}:
            continue
        what = f"{asked.conv} {asked.seq}: {asked.act} by {asked.uid}"
        if index.lawful(asked):
            if _wrongly_refused(index, asked, answer.code):
                text = f"{what}, who may, was refused with {answer.code}"
                yield Finding("protocol", "wrong refusal", text, asked.at)
        elif not answer.code:
            if not _was_gone(index, asked, answer.at):
                yield Finding("protocol", "usurped", f"{what}, who may not, was done", asked.at)
        elif answer.code not in _refusals(index, asked):
            text = f"{what}, who may not, was refused with {answer.code}"
            yield Finding("protocol", "wrong refusal", text, asked.at)


def _refusals(index: Index, asked: r.Asked) -> frozenset[str]:
    inside = index.surely_there(asked.uid, asked.conv, asked.seq)
    return frozenset({FORBIDDEN}) if inside else STRANGER


def _wrongly_refused(index: Index, asked: r.Asked, code: str) -> bool:
    if not asked.conv.startswith("g:") and code == FORBIDDEN:
        return True  # between two nobody is in charge: one's own is taken back, and both pin
    if not asked.conv.startswith("g:") or not index.surely_in_charge(asked):
        return asked.act == "recall" and code == EXPIRED and not index.own(asked)
    return code in {FORBIDDEN, EXPIRED}


def _was_gone(index: Index, asked: r.Asked, until: float) -> bool:
    """Whether the message may have been taken back before: then there is nothing left to refuse."""
    if asked.act != "recall":
        return False
    sent = index.stored_as(asked.conv, asked.seq)
    grows = sent is not None and sent.grows
    return grows or any(one.at < until for one in index.changes(asked.conv, asked.seq, "recall"))
