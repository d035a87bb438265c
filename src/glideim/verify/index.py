"""A record, looked up from every side the checks need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from glideim.protocol.conversations import parse_key

from . import record as r

L = TypeVar("L", bound=r.Event)

FOREVER = float("inf")
CHARGED = frozenset({"owner", "admin"})
PINS = ("pin", "unpin")
GRACE_MS = 1000.0
"""A receiver counts as connected only this long after signing in: the server need not know at once."""
UNDER_FAULT_MS = 5000.0
"""How long after a fault connections may still be half open."""


class Index:
    """Built once from a record."""

    def __init__(self, lines: Sequence[r.Line]) -> None:
        self.lines = lines
        self._kinds: dict[type, list[r.Line]] = defaultdict(list)
        for line in lines:
            self._kinds[type(line)].append(line)
        self.end = lines[-1].at if lines else 0.0
        self.sent: dict[tuple[int, str], r.Sent] = {}
        for sent in self.of(r.Sent):
            self.sent.setdefault((sent.uid, sent.cli), sent)
        self.acked = {(ack.uid, ack.cli): ack for ack in self.of(r.Acked)}
        self.placed = {(ack.conv, ack.seq): key for key, ack in self.acked.items()}
        self.closed_at = {line.session: line.at for line in self.of(r.Closed)}
        self._index_views()
        self._index_changes()
        self._index_members()
        self._index_roles()
        self._index_sessions()

    def of(self, kind: type[L]) -> list[L]:
        """All lines of a kind, in order."""
        return self._kinds[kind]  # type: ignore[return-value]  # keyed by the type itself

    # --- messages -------------------------------------------------------------------------------------------

    def _index_views(self) -> None:
        self.numbers: dict[tuple[str, int], set[int]] = defaultdict(set)
        self.places: dict[tuple[int, str], set[tuple[str, int, int]]] = defaultdict(set)
        self.times: dict[str, dict[int, int]] = defaultdict(dict)
        self.pages: dict[int, list[int]] = defaultdict(list)
        self.seen_at: dict[tuple[str, int], float] = {}
        for ack in self.of(r.Acked):
            self.seen_at.setdefault((ack.conv, ack.seq), ack.at)
            self.numbers[ack.conv, ack.seq].add(ack.mid)
            self.places[ack.uid, ack.cli].add((ack.conv, ack.seq, ack.mid))
        for seen in self.of(r.Received):
            self.seen_at.setdefault((seen.conv, seen.seq), seen.at)
            if seen.page != r.PUSH:
                self.pages[seen.page].append(seen.seq)
            if seen.mid:
                self.numbers[seen.conv, seen.seq].add(seen.mid)
                self.times[seen.conv][seen.seq] = seen.send_at
            if seen.cli:
                self.places[seen.sender, seen.cli].add((seen.conv, seen.seq, seen.mid))
        self.final: dict[tuple[int, str], dict[int, r.Received]] = {}
        self.finished: set[int] = set()
        ends = {page.page for page in self.of(r.Fetched) if page.final and page.page != r.PUSH}
        for page in self.of(r.Fetched):
            if page.final:
                self.finished.add(page.uid)
                self.final.setdefault((page.uid, page.conv), {})
        for seen in self.of(r.Received):
            if seen.page in ends:
                self.final.setdefault((seen.uid, seen.conv), {})[seen.seq] = seen

    def finally_seen(self, conv: str, seq: int) -> Iterator[r.Received]:
        """A message as everyone has it who could fetch it at the end."""
        for uid in self._fetched[conv]:
            seen = self.final[uid, conv].get(seq)
            if seen is not None:
                yield seen

    def _index_changes(self) -> None:
        self._fetched: dict[str, list[int]] = defaultdict(list)
        for uid, conv in self.final:
            self._fetched[conv].append(uid)
        self.asked: dict[tuple[str, int], list[r.Asked]] = defaultdict(list)
        for asked in self.of(r.Asked):
            self.asked[asked.conv, asked.seq].append(asked)
        self._answers = {done.number: done for done in self.of(r.Done)}

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
        return max(self.seen_at[conv, seq] for conv, seq, _ in places)

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
            at = self.seen_at.get(place, told.at)
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
        return self.placed.get((asked.conv, asked.seq), (0, ""))[0] == asked.uid

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
        sent = self.sent.get(self.placed.get((conv, seq), (0, "")))
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
