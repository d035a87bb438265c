"""A log of groups without messages, and groups to decide about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from glideim.edge.memory import MemoryStore
from glideim.group.ports import Decision, Group, GroupState, Member, Plan, Role

OWNER, ADMIN, MEMBER, OTHER_ADMIN, OTHER_MEMBER, STRANGER = 1, 2, 3, 4, 5, 6
NOW = 1_800_000_000_000
GID = 77


def group_of(**fields: object) -> GroupState:
    """A group with an owner, two admins and two members."""
    values: dict[str, object] = {"gid": GID, "name": "g", "owner": OWNER, "created_at": 1}
    roles = {OWNER: Role.OWNER, ADMIN: Role.ADMIN, OTHER_ADMIN: Role.ADMIN}
    members = {
        uid: Member(uid, roles.get(uid, Role.MEMBER), joined_at=uid)
        for uid in (OWNER, ADMIN, MEMBER, OTHER_ADMIN, OTHER_MEMBER)
    }
    return GroupState(Group(**(values | fields)), members)  # type: ignore[arg-type]


class Event(NamedTuple):
    """What the log would have told."""

    gid: int
    seq: int
    kind: str
    by: int
    uids: tuple[int, ...]
    value: str


class Told(NamedTuple):
    """A notice that is no event."""

    gid: int
    uids: tuple[int, ...]
    kind: str
    by: int
    value: str


class PlainLog:
    """`GroupLog` over the groups in memory: every plan runs at once and its change is kept; counts the `seq`.

    `rivals` are plans that somebody else gets in before the next change, each once: the plan then runs a second
    time, as it does when a race was lost.
    """

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._seqs: dict[int, int] = {}
        self.events: list[Event] = []
        self.told: list[Told] = []
        self.rivals: list[tuple[int, Plan]] = []

    async def state(self, gid: int) -> GroupState | None:
        """See GroupLog."""
        return await self._store.groups.load(gid)

    async def change(self, gid: int, uid: int, plan: Plan) -> Decision:
        """See GroupLog."""
        if self.rivals:
            await self._decide(gid, uid, plan)
            rival, first = self.rivals.pop()
            self._keep(gid, rival, await self._decide(gid, rival, first))
        decision = await self._decide(gid, uid, plan)
        self._keep(gid, uid, decision)
        return decision

    async def _decide(self, gid: int, _uid: int, plan: Plan) -> Decision:
        return plan(await self.state(gid), self._seqs.get(gid, 0) + 1)

    def _keep(self, gid: int, uid: int, decision: Decision) -> None:
        if decision.kind is None or decision.change is None:
            return
        self._seqs[gid] = seq = self._seqs.get(gid, 0) + 1
        self._store.groups.apply(decision.change)
        event = Event(gid, seq, str(decision.kind), uid, decision.uids, decision.value)
        self.events.append(event)

    def tell(self, gid: int, uids: Sequence[int], kind: str, by: int, value: str) -> None:
        """See GroupLog."""
        self.told.append(Told(gid, tuple(uids), kind, by, value))

    def take(self) -> list[Event]:
        """Events since last asked."""
        events, self.events = self.events, []
        return events
