"""A record, looked up from every side the checks need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Generic, TypeVar

from msgspec import Struct

from glideim.protocol.conversations import parse_key

from . import record as r

L = TypeVar("L", bound=r.Event)
K = TypeVar("K")
V = TypeVar("V")

MANY: frozenset[type[r.Event]] = frozenset(
    {r.Received, r.Fetched, r.Sent, r.Acked, r.Confirmed, r.Delivered, r.Asked, r.ReadBy}
)
"""What there are so many lines of that they stay in the file."""
FOREVER = float("inf")
CHARGED = frozenset({"owner", "admin"})
PINS = ("pin", "unpin")
GRACE_MS = 1000.0
"""A receiver counts as connected only this long after signing in: the server need not know at once."""
UNDER_FAULT_MS = 5000.0
"""How long after a fault connections may still be half open."""


class Place(Struct):
    """A number of a conversation: when it was first heard of (`at`), the last `mid` and `sendAt` seen with it (0: none, as
    with events that are pushed), and which send was acknowledged with it."""

    at: float
    mid: int = 0
    send_at: int = 0
    by: tuple[int, str] | None = None


class Seqs:
    """Numbers, kept as ranges: of what is fetched hardly any is missing."""

    def __init__(self) -> None:
        self._ranges: list[tuple[int, int]] = []

    def add(self, seq: int) -> None:
        """Take one in."""
        first, last = self._ranges[-1] if self._ranges else (0, -1)
        if seq == last + 1:
            self._ranges[-1:] = [(first, seq)]
        else:
            self._ranges.append((seq, seq))

    def __contains__(self, seq: int) -> bool:
        return any(first <= seq <= last for first, last in self._ranges)


class Values(Generic[K, V]):
    """What each key stands for; `several` has all that was seen of those that stand for more than one thing."""

    def __init__(self) -> None:
        self._first: dict[K, V] = {}
        self.several: dict[K, set[V]] = {}

    def add(self, key: K, value: V) -> None:
        """Note that a key stands for this."""
        first = self._first.setdefault(key, value)
        if first != value:
            self.several.setdefault(key, {first}).add(value)


class Index:
    """Built once from a record. What there is most of, receipts and what was seen of messages, stays in the file: only
    what the checks look up of it is kept, so memory grows with the messages and not with how often they are fetched."""

    def __init__(self, lines: r.Stored) -> None:
        self._lines = lines
        self._kinds: dict[type, list[r.Line]] = defaultdict(list)
        for line in lines.without(*MANY):
            if type(line) in MANY:
                raise ValueError(f"not as it was written: {line}")
            self._kinds[type(line)].append(line)
        self.end = lines.last()
        self.closed_at = {line.session: line.at for line in self.of(r.Closed)}
        self._index_sent()
        self._index_views()
        self._index_changes()
        self._index_members()
        self._index_roles()
        self._index_sessions()

    def of(self, *kinds: type[L]) -> Iterable[L]:
        """All lines of some kinds, in order. Of several kinds, all must be among MANY."""
        if kinds[0] in MANY:
            return self._lines.of(*kinds)
        return self._kinds[kinds[0]]  # type: ignore[return-value]  # keyed by the type itself

    # --- messages -------------------------------------------------------------------------------------------

    def _index_sent(self) -> None:
        """`again` has those that were sent more than once."""
        self.sent: dict[tuple[int, str], r.Sent] = {}
        self.acked: dict[tuple[int, str], r.Acked] = {}
        self.again: set[tuple[int, str]] = set()
        for sent in self.of(r.Sent):
            if self.sent.setdefault((sent.uid, sent.cli), sent) is not sent:
                self.again.add((sent.uid, sent.cli))
        for ack in self.of(r.Acked):
            self.acked[ack.uid, ack.cli] = ack

    def _index_views(self) -> None:
        self.seen: dict[tuple[str, int], Place] = {}
        self.numbers: Values[tuple[str, int], int] = Values()
        self.places: Values[tuple[int, str], tuple[str, int, int]] = Values()
        for ack in self.of(r.Acked):
            self.seen.setdefault((ack.conv, ack.seq), Place(ack.at))
            self.numbers.add((ack.conv, ack.seq), ack.mid)
            self.places.add((ack.uid, ack.cli), (ack.conv, ack.seq, ack.mid))
        for key, ack in self.acked.items():
            self.seen[ack.conv, ack.seq].by = key
        self._index_fetched()
        for seen in self.of(r.Received):
            self._see(seen)

    def _index_fetched(self) -> None:
        self.held: dict[tuple[int, str], Seqs] = {}
        self.finished: set[int] = set()
        self._ends: set[int] = set()
        for page in self.of(r.Fetched):
            if page.final:
                self.finished.add(page.uid)
                self.held.setdefault((page.uid, page.conv), Seqs())
                if page.page != r.PUSH:
                    self._ends.add(page.page)

    def _see(self, seen: r.Received) -> None:
        key = (seen.conv, seen.seq)
        place = self.seen.setdefault(key, Place(seen.at))
        if seen.mid:
            self.numbers.add(key, seen.mid)
            place.mid, place.send_at = seen.mid, seen.send_at
        if seen.cli:
            self.places.add((seen.sender, seen.cli), (seen.conv, seen.seq, seen.mid))
        if self.final(seen):
            self.held.setdefault((seen.uid, seen.conv), Seqs()).add(seen.seq)

    def final(self, seen: r.Received) -> bool:
        """Whether this is what somebody found at the end, when the load was over."""
        return seen.page in self._ends

    def _index_changes(self) -> None:
        self.asked: dict[tuple[str, int], list[r.Asked]] = defaultdict(list)
        for asked in self.of(r.Asked):
            self.asked[asked.conv, asked.seq].append(asked)
        self._answers = {done.number: done for done in self.of(r.Done)}

    def stored_as(self, conv: str, seq: int) -> r.Sent | None:
        """What was sent and acknowledged with this number."""
        place = self.seen.get((conv, seq))
        return None if place is None or place.by is None else self.sent.get(place.by)

    def changes(self, conv: str, seq: int, *acts: str) -> list[r.Asked]:
        """Changes of a message that were asked for by who has the right to, and not refused for good, in order."""
        return [
            asked
            for asked in self.asked.get((conv, seq), ())
            if asked.act in acts and not self._refused(asked) and self.lawful(asked)
        ]

    def answer(self, asked: r.Asked) -> r.Done | None:
        """What came of it; None if there was no answer, or one only for the moment."""
        return self._answers.get(asked.number)

    def done(self, asked: r.Asked) -> bool:
        """Whether it was answered that it is done."""
        answer = self.answer(asked)
        return answer is not None and not answer.code

    def _refused(self, asked: r.Asked) -> bool:
        answer = self.answer(asked)
        return answer is not None and bool(answer.code)

    def first(self, places: Iterable[tuple[str, int, int]]) -> float:
        """When the last of these places was first seen: from then on something was wrong."""
        return max(self.seen[conv, seq].at for conv, seq, _ in places)

    # --- people ---------------------------------------------------------------------------------------------

    def _index_members(self) -> None:
        """For each group and person the ranges of `seq` during which they were in."""
        self._stays: dict[str, dict[int, list[tuple[int, float]]]] = defaultdict(dict)
        changes = {(line.conv, line.seq): line for line in self.of(r.Membership)}
        for _, change in sorted(changes.items()):
            for uid in change.uids:
                stays = self._stays[change.conv].setdefault(uid, [])
                inside = bool(stays) and stays[-1][1] == FOREVER
                if change.inside and not inside:
                    stays.append((change.seq, FOREVER))
                elif not change.inside and inside:
                    stays[-1] = (stays[-1][0], change.seq)

    def may_see(self, uid: int, conv: str, seq: int) -> bool:
        """Whether the message is for this person; while their latest stay in a group lasts, only what is in that."""
        if conv.startswith("c:"):
            people = parse_key(conv)
            return people is not None and uid in people
        return any(first <= seq <= last for first, last in self._stays[conv].get(uid, ()))

    def readers(self, conv: str, seq: int) -> list[int]:
        """Who must be able to fetch the message at the end."""
        if conv.startswith("c:"):
            return sorted(set(parse_key(conv) or ()))
        return [
            uid
            for uid, stays in self._stays[conv].items()
            if stays[-1][1] == FOREVER and stays[-1][0] <= seq
        ]

    def members(self, conv: str) -> set[int]:
        """Who is in a group at the end."""
        return {uid for uid, stays in self._stays[conv].items() if stays[-1][1] == FOREVER}

    # --- rights ---------------------------------------------------------------------------------------------

    def _index_roles(self) -> None:
        """For each group and person from when until when they were surely, and at most, in charge of it."""
        self._charges: dict[tuple[str, int], tuple[float, float]] = {}
        roles: dict[tuple[str, int], r.Role | r.Membership] = {}
        for role in self.of(r.Role):
            roles.setdefault((role.conv, role.seq), role)
        for change in self.of(r.Membership):
            if not change.inside:
                roles.setdefault((change.conv, change.seq), change)
        for place, told in sorted(roles.items()):
            # It was so at the latest when somebody first heard of it.
            at = self.seen[place].at if place in self.seen else told.at
            granted = isinstance(told, r.Role) and told.role in CHARGED
            for uid in told.uids:
                since, _ = self._charges.get((told.conv, uid), (at, 0.0))
                if granted:
                    self._charges[told.conv, uid] = (at, FOREVER)
                elif (told.conv, uid) in self._charges:
                    self._charges[told.conv, uid] = (since, at)

    def _in_charge(self, conv: str, uid: int, at: float) -> bool:
        return at <= self._charges.get((conv, uid), (0.0, -1.0))[1]

    def surely_in_charge(self, asked: r.Asked) -> bool:
        """Whether who asked was owner or admin of the group from before until the end."""
        since, until = self._charges.get((asked.conv, asked.uid), (FOREVER, 0.0))
        return since < asked.at and until == FOREVER

    def surely_there(self, uid: int, conv: str, seq: int) -> bool:
        """Whether a person was in a group from before the message until the end, without a pause."""
        stays = self._stays[conv].get(uid, [])
        return len(stays) == 1 and stays[0][0] <= seq and stays[0][1] == FOREVER

    def own(self, asked: r.Asked) -> bool:
        """Whether a change is asked for by who sent the message."""
        sent = self.stored_as(asked.conv, asked.seq)
        return sent is not None and sent.uid == asked.uid

    def lawful(self, asked: r.Asked) -> bool:
        """Whether who asked may have had the right to. A right counts from the beginning, until the moment at which
        somebody heard that it is no more."""
        if asked.act == "recall" and self.own(asked):
            return True
        if asked.act == "recall" or (asked.act in PINS and asked.conv.startswith("g:")):
            return self._in_charge(asked.conv, asked.uid, asked.at)
        return asked.act not in PINS or self.may_see(asked.uid, asked.conv, asked.seq)

    # --- connections ----------------------------------------------------------------------------------------

    def _index_sessions(self) -> None:
        self._opened: dict[int, list[r.Opened]] = defaultdict(list)
        for line in self.of(r.Opened):
            self._opened[line.uid].append(line)
        self._faults: list[tuple[float, float]] = []
        for fault in self.of(r.Fault):
            if fault.begins:
                self._faults.append((fault.at, FOREVER))
            elif self._faults:
                self._faults[-1] = (self._faults[-1][0], fault.at + UNDER_FAULT_MS)

    def was_here(self, uid: int, conv: str, seq: int, told_at: float) -> bool:
        """Whether one connection of the person lasted from well before the message until its sender was told, with
        no fault between: only then is "offline" surely wrong."""
        sent = self.stored_as(conv, seq)
        if sent is None or self.disturbed(sent.at, told_at):
            return False
        return any(
            line.at + GRACE_MS < sent.at
            and self.closed_at.get(line.session, FOREVER) > told_at + GRACE_MS
            for line in self._opened[uid]
        )

    def disturbed(self, since: float, until: float) -> bool:
        """Whether a fault was going on at any time between."""
        return any(begin <= until and since <= end for begin, end in self._faults)

    def hurt(self, at: float, within: float) -> bool:
        """Whether a fault was going on then, or began within so many milliseconds."""
        return any(begin - within <= at <= end for begin, end in self._faults)

    def settled(self, ack: r.Acked) -> bool:
        """Whether there was time to tell its sender of the delivery, and no fault stood in the way."""
        return ack.at + UNDER_FAULT_MS < self.end and not self.disturbed(ack.at, self.end)
