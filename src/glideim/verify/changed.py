"""Checks of what became of messages after they were stored. What was answered as done is what everyone finds in the end;
what had no answer may have been done or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from . import record as r
from .findings import Finding
from .index import FOREVER, PINS, Index

KEPT_AFTER_MS = 5000.0
"""Positions of reading are written a little later than they are answered: a fault within this time may undo them."""


def contents(index: Index) -> Iterator[Finding]:
    """P2, P5: what is seen is what was sent, or what its sender made of it, where it was sent to; and nothing else."""
    for seen in index.of(r.Received):
        if not seen.cli:
            continue
        sent = index.sent.get((seen.sender, seen.cli))
        what = f"{seen.conv} {seen.seq} ({seen.cli} of {seen.sender}), seen by {seen.uid},"
        if sent is None:
            yield Finding("P2", "invented", f"{what} was never sent", seen.at)
        elif sent.conv != seen.conv:
            yield Finding("P2", "altered", f"{what} was sent to {sent.conv}", seen.at)
        elif not _may_be(index, sent, seen):
            yield Finding(
                "P2", "altered", f"{what} has other content (status {seen.status})", seen.at
            )
        elif seen.pinned and not index.changes(seen.conv, seen.seq, "pin"):
            yield Finding("P2", "altered", f"{what} was pinned by nobody who may", seen.at)


def _may_be(index: Index, sent: r.Sent, seen: r.Received) -> bool:
    """Whether a message can be what is seen."""
    match seen.status:
        case r.NORMAL if not sent.grows:
            return seen.content == sent.content
        case r.NORMAL:
            return seen.content in _values(index.changes(seen.conv, seen.seq, "finish"))
        case r.EDITED:
            return seen.content in _values(index.changes(seen.conv, seen.seq, "edit"))
        case r.RECALLED:
            # One that nobody continues is taken back by the server.
            return sent.grows or bool(index.changes(seen.conv, seen.seq, "recall"))
        case r.GROWING:
            return sent.grows
        case _:
            return False


def _values(asked: Sequence[r.Asked]) -> set[str]:
    return {one.value for one in asked}


def undone(index: Index) -> Iterator[Finding]:
    """P5: a change that was answered as done is there in the end, for everyone who may see the message."""
    for seen in index.of(r.Received):
        if not index.final(seen) or (seen.conv, seen.seq) not in index.asked:
            continue
        texts = (_wrong_content, _wrong_reactions, _wrong_pin)
        for text in (text for wrong in texts for text in wrong(index, seen)):
            what = f"{seen.conv} {seen.seq}, fetched by {seen.uid}: {text}"
            yield Finding("P5", "undone", what, seen.at)


def _wrong_content(index: Index, seen: r.Received) -> Iterator[str]:
    recalls = index.changes(seen.conv, seen.seq, "recall", "cancel")
    if any(map(index.done, recalls)):
        if seen.status != r.RECALLED:
            yield "was taken back, and is there"
        return
    if seen.status == r.RECALLED and recalls:
        return
    edits = index.changes(seen.conv, seen.seq, "edit", "finish")
    if any(map(index.done, edits)) and seen.content not in _possible(index, edits):
        yield f"has not the content it was given (status {seen.status})"


def _possible(index: Index, asked: Sequence[r.Asked]) -> set[str]:
    """What the last one that is known to be done made of it, or any that had no answer."""
    last = [one.value for one in asked if index.done(one)][-1:]
    return {*last, *(one.value for one in asked if not index.done(one))}


def _wrong_reactions(index: Index, seen: r.Received) -> Iterator[str]:
    if seen.status in r.UNREAD:
        return
    shown = {key: (count, mine) for key, count, mine in seen.reactions}
    asked: dict[str, dict[int, list[r.Asked]]] = defaultdict(lambda: defaultdict(list))
    for one in index.changes(seen.conv, seen.seq, "react", "unreact"):
        asked[one.value][one.uid].append(one)
    for key in asked.keys() | shown.keys():
        count, mine = shown.get(key, (0, False))
        states = {uid: _states(index, acts) for uid, acts in asked[key].items()}
        least = sum(state == {True} for state in states.values())
        most = sum(True in state for state in states.values())
        if not least <= count <= most:
            yield f"{key} has a count of {count}, not {least} to {most}"
        if mine not in states.get(seen.uid, {False}):
            yield f"{key} is {'' if mine else 'not '}marked as one's own"


def _states(index: Index, acts: Sequence[r.Asked]) -> set[bool]:
    """Whether a reaction can be on, and whether it can be off."""
    state = {False}
    for act in acts:
        on = act.act == "react"
        state = {on} if index.done(act) else {*state, on}
    return state


def _wrong_pin(index: Index, seen: r.Received) -> Iterator[str]:
    if seen.status in {r.RECALLED, r.EXPIRED}:
        if seen.pinned:
            yield "is pinned, and was taken back"
        return
    if seen.pinned not in _last(index, index.changes(seen.conv, seen.seq, *PINS)):
        yield f"is {'' if seen.pinned else 'not '}pinned"


def _last(index: Index, acts: Sequence[r.Asked]) -> set[bool]:
    """What a pin can be in the end. Several people set it: one that was answered can have been the last unless another
    that was done was asked for later than that."""
    done = [act for act in acts if index.done(act)]
    latest = max((act.at for act in done), default=0.0)
    states = {act.act == "pin" for act in acts if _answered(index, act) >= latest}
    return states if done else {*states, False}


def _answered(index: Index, act: r.Asked) -> float:
    answer = index.answer(act)
    return answer.at if answer is not None else FOREVER


def positions(index: Index) -> Iterator[Finding]:
    """Positions of reading: told only when somebody read, and kept."""
    read: dict[tuple[int, str], int] = defaultdict(int)
    both: tuple[type[r.Asked | r.ReadBy], ...] = (r.Asked, r.ReadBy)
    for line in index.of(*both):
        if isinstance(line, r.Asked):
            key = (line.uid, line.conv)
            if line.act == "read":
                read[key] = max(read[key], line.seq)
        elif read[line.by, line.conv] < line.seq:
            text = f"{line.uid} was told that {line.by} read {line.conv} up to {line.seq}"
            yield Finding("P6", "wrong receipt", text, line.at)
    yield from _forgotten(index)


def _forgotten(index: Index) -> Iterator[Finding]:
    kept: dict[tuple[int, str], int] = defaultdict(int)
    for asked in index.of(r.Asked):
        if asked.act == "read" and index.done(asked) and not index.hurt(asked.at, KEPT_AFTER_MS):
            kept[asked.uid, asked.conv] = max(kept[asked.uid, asked.conv], asked.seq)
    for listed in index.of(r.Listed):
        if listed.read < kept[listed.uid, listed.conv]:
            text = f"{listed.uid} had read {listed.conv} up to {kept[listed.uid, listed.conv]}, listed is {listed.read}"
            yield Finding("P5", "undone", text, listed.at)
