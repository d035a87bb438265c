"""What is wrong with a record: every breach of the promises P1 to P7, and counts.

Pure: a record in, findings out. Each promise is checked by its own function; `check` runs them all. Each reads as much of
the record as it needs, line by line.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from . import record as r
from .changed import contents, positions, undone
from .findings import Finding
from .index import PINS, Index
from .rights import rights

Check = Callable[[Index], Iterator[Finding]]


class Outcome(Struct, frozen=True):
    """What a record shows. `findings` is empty when every promise was kept."""

    counts: dict[str, int]
    findings: tuple[Finding, ...]

    def of(self, *kinds: str) -> int:
        """How many findings are of these kinds."""
        return sum(finding.kind in kinds for finding in self.findings)


def check(lines: r.Stored) -> Outcome:
    """Check all promises."""
    index = Index(lines)
    found = [finding for examine in CHECKS for finding in examine(index)]
    return Outcome(_counts(index), tuple(sorted(found, key=lambda finding: finding.at)))


def _counts(index: Index) -> dict[str, int]:
    seen = Counter(line.page == r.PUSH for line in index.of(r.Received))
    return {
        "sent": len(index.sent),
        "acked": len(index.acked),
        "refused": len({(line.uid, line.cli) for line in index.of(r.Refused)}),
        "pushed": seen[True],
        "fetched": seen[False],
        "changed": sum(map(index.done, index.of(r.Asked))),
        **_deeds(index),
        "receipts": sum(1 for _ in index.of(r.Delivered)),
        "connections": sum(1 for _ in index.of(r.Opened)),
        "compared": sum(1 for _ in index.of(r.Compared)),
    }


def _deeds(index: Index) -> dict[str, int]:
    """Those changes that are not one's own messages' alone, and what was refused to who has no right to it."""
    asked = list(index.of(r.Asked))
    others = [one for one in asked if one.act == "recall" and not index.own(one)]
    codes = (index.answer(one) for one in asked if not index.lawful(one))
    return {
        "moderated": sum(index.done(one) and index.lawful(one) for one in others),
        "pinned": sum(index.done(one) for one in asked if one.act in PINS),
        "forbidden": sum(done is not None and bool(done.code) for done in codes),
    }


def _lost(index: Index) -> Iterator[Finding]:
    """P1, P5: what was acknowledged is there for everyone who may see it, after everything."""
    for ack in index.of(r.Acked):
        for uid in index.readers(ack.conv, ack.seq):
            if uid in index.finished and ack.seq not in index.held.get((uid, ack.conv), ()):
                text = f"{ack.cli} of {ack.uid} was acknowledged as {ack.conv} {ack.seq}; {uid} cannot fetch it"
                yield Finding("P5", "lost", text, ack.at)


def _doubled(index: Index) -> Iterator[Finding]:
    """P2: one `cli` of one sender is one message, however it is seen."""
    for (sender, cli), places in index.places.several.items():
        where = ", ".join(f"{conv} {seq} (mid {mid})" for conv, seq, mid in sorted(places))
        yield Finding("P2", "doubled", f"{cli} of {sender} is {where}", index.first(places))


def _clashes(index: Index) -> Iterator[Finding]:
    """P2: the same `cli` with other content is refused."""
    for clash in index.of(r.Clashed):
        if clash.answer != "conflict" and not _may_be_unknown(index, clash):
            got = clash.answer or "an acknowledgement"
            text = f"{clash.cli} of {clash.uid} with other content got {got}"
            yield Finding("P2", "clash", text, clash.at)


def _may_be_unknown(index: Index, clash: r.Clashed) -> bool:
    """What was first sent is not kept once it was taken back: whoever sends anything under its `cli` then may be told
    what became of it, as a retry must be."""
    ack = index.acked.get((clash.uid, clash.cli))
    if ack is None or clash.answer:
        return False
    return any(asked.at < clash.at for asked in index.changes(ack.conv, ack.seq, "recall", "edit"))


def _numbering(index: Index) -> Iterator[Finding]:
    """P3: one message for each `seq`, the same for everyone."""
    for (conv, seq), mids in index.numbers.several.items():
        text = f"{conv} {seq} is each of {', '.join(map(str, sorted(mids)))}"
        yield Finding("P3", "misnumbered", text, index.seen[conv, seq].at)


def _push_order(index: Index) -> Iterator[Finding]:
    """P3: pushes of a conversation on one connection come in the order of `seq`, each once."""
    last: dict[tuple[int, str], int] = {}
    for seen in index.of(r.Received):
        if seen.page != r.PUSH:
            continue
        key = (seen.session, seen.conv)
        before = last.get(key, 0)
        if seen.status == r.GROWING and seen.seq <= before:
            continue  # what grows is told again to who comes later
        if seen.seq == before:
            text = f"{seen.conv} {seen.seq} was pushed to {seen.uid} twice on connection {seen.session}"
            yield Finding("P3", "repeated", text, seen.at)
        elif seen.seq < before:
            text = f"{seen.conv} {seen.seq} was pushed to {seen.uid} after {before}"
            yield Finding("P3", "misordered", text, seen.at)
        last[key] = max(before, seen.seq)


def _pages(index: Index) -> Iterator[Finding]:
    """P3: a page ascends, and has everything in its range; of a group, from where the person may read on."""
    pages: dict[int, list[int]] = defaultdict(list)
    both: tuple[type[r.Received | r.Fetched], ...] = (r.Received, r.Fetched)
    for page in index.of(*both):
        if isinstance(page, r.Received):
            if page.page not in {r.PUSH, r.ALONE}:
                pages[page.page].append(page.seq)
            continue
        seqs = pages.pop(page.page, [])
        if seqs != sorted(set(seqs)):
            text = f"{page.conv}: {page.uid} got a page in the order {seqs[:20]}"
            yield Finding("P3", "misordered", text, page.at)
        held = set(seqs)
        first = page.after + 1 if page.conv.startswith("c:") else min(held, default=page.upto + 1)
        missing = [
            seq
            for seq in range(first, page.upto + 1)
            if seq not in held and index.may_see(page.uid, page.conv, seq)
        ]
        if missing:
            text = f"{page.conv}: {page.uid} misses {missing[:20]} of {first} to {page.upto}"
            yield Finding("P3", "gap", text, page.at)


def _clock(index: Index) -> Iterator[Finding]:
    """Section 5: `sendAt` never runs backwards inside a conversation."""
    latest: dict[str, int] = {}
    for conv, seq in sorted(index.seen):
        place = index.seen[conv, seq]
        if place.mid:
            if place.send_at < latest.get(conv, 0):
                text = f"{conv} {seq} has an earlier sendAt than the one before"
                yield Finding("P3", "backwards", text, place.at)
            latest[conv] = max(latest.get(conv, 0), place.send_at)


def _sender_order(index: Index) -> Iterator[Finding]:
    """P4: what was sent once, on one connection, to one conversation, has its `seq` in that order."""
    last: dict[tuple[int, str], tuple[int, str]] = {}
    for sent in index.of(r.Sent):
        ack = index.acked.get((sent.uid, sent.cli))
        if ack is None or sent.grows or (sent.uid, sent.cli) in index.again:
            continue  # what grows is stored in its own time
        key = (sent.session, sent.conv)
        before, other = last.get(key, (0, ""))
        if ack.seq < before:
            text = (
                f"{sent.uid} sent {other} ({before}) before {sent.cli} ({ack.seq}) to {sent.conv}"
            )
            yield Finding("P4", "misordered", text, sent.at)
        last[key] = max((before, other), (ack.seq, sent.cli))


def _answers(index: Index) -> Iterator[Finding]:
    """P1: in the end every send has its answer."""
    refused = {(line.uid, line.cli) for line in index.of(r.Refused) if not line.retryable}
    for key, sent in index.sent.items():
        if not sent.grows and key not in index.acked and key not in refused:
            yield Finding("P1", "unanswered", f"{sent.cli} of {sent.uid} has no answer", sent.at)


def _access(index: Index) -> Iterator[Finding]:
    """Nobody sees what is not theirs."""
    for seen in index.of(r.Received):
        if not index.may_see(seen.uid, seen.conv, seen.seq):
            text = f"{seen.conv} {seen.seq} was seen by {seen.uid}, who is not in it"
            yield Finding("P5", "leaked", text, seen.at)


def _receipts(index: Index) -> Iterator[Finding]:
    """P6: a receipt says what is true: somebody confirmed, or nobody was there."""
    confirmed: dict[tuple[int, str], int] = defaultdict(int)
    both: tuple[type[r.Confirmed | r.Delivered], ...] = (r.Confirmed, r.Delivered)
    for line in index.of(*both):
        if isinstance(line, r.Confirmed):
            key = (line.uid, line.conv)
            confirmed[key] = max(confirmed[key], line.seq)
        elif line.by != line.uid:  # a note to oneself is told otherwise
            what = f"{line.conv} {line.seq}: {line.uid} was told that {line.by}"
            if not line.offline and confirmed[line.by, line.conv] < line.seq:
                yield Finding("P6", "early receipt", f"{what} has it", line.at)
            elif line.offline and index.was_here(line.by, line.conv, line.seq, line.at):
                yield Finding("P6", "wrong receipt", f"{what} is offline", line.at)


def _missing_receipts(index: Index) -> Iterator[Finding]:
    """P6: a sender whose connection lasted to the end was told, of every message, one or the other."""
    told: dict[tuple[int, str], int] = defaultdict(int)
    for line in index.of(r.Delivered):
        key = (line.session, line.conv)
        told[key] = max(told[key], line.seq)
    for ack in index.of(r.Acked):
        if not ack.conv.startswith("c:") or ack.session in index.closed_at:
            continue
        if told[ack.session, ack.conv] < ack.seq and index.settled(ack):
            text = f"{ack.uid} was told nothing about the delivery of {ack.conv} {ack.seq}"
            yield Finding("P6", "no receipt", text, ack.at)


def _bounds(index: Index) -> Iterator[Finding]:
    """P7: who does not read is cut off, and costs no memory without end."""
    for stuck in index.of(r.Stuck):
        if not stuck.ended:
            text = f"{stuck.uid} did not read and was never cut off"
            yield Finding("P7", "unbounded", text, stuck.at)
        elif stuck.code not in {0, 4008}:
            text = f"{stuck.uid} did not read and was closed with {stuck.code}"
            yield Finding("P7", "wrong close", text, stuck.at)
    for memory in index.of(r.Memory):
        if memory.bound and memory.resident > memory.bound:
            text = f"the server holds {memory.resident} bytes, more than {memory.bound}"
            yield Finding("P7", "unbounded", text, memory.at)


def _state(index: Index) -> Iterator[Finding]:
    """What a client builds from events is what a fresh fetch shows."""
    for line in index.of(r.Compared):
        if line.difference:
            text = f"{line.what} of {line.uid}: {line.difference}"
            yield Finding("P3", "stale", text, line.at)


def _frames(index: Index) -> Iterator[Finding]:
    """What the server sends can be read, and does not go round in circles."""
    for broken in index.of(r.Broken):
        yield Finding("protocol", "broken", f"{broken.uid} was sent: {broken.what}", broken.at)


CHECKS: tuple[Check, ...] = (
    _lost, _doubled, _clashes, contents, undone, positions, _numbering, _push_order, _pages, _clock, _sender_order,
    _answers, _access, rights, _receipts, _missing_receipts, _bounds, _state, _frames,
)  # fmt: skip


def summary(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings of each kind, most frequent first."""
    return dict(Counter(finding.kind for finding in findings).most_common())
