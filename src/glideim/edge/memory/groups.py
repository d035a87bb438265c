"""Groups, their members and who asks to join, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from glideim.group.ports import Group, GroupChange, GroupState, Member, Request

from .engine import Engine


class MemoryGroups:
    """`GroupStore` in memory."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._groups: dict[int, Group] = {}
        self._members: dict[int, dict[int, Member]] = {}
        self._of: dict[int, set[int]] = {}
        self._requests: dict[int, dict[int, Request]] = {}

    def apply(self, change: GroupChange) -> None:
        """Write a change of a group; called by the messages, together with its event."""
        gid = change.gid
        if change.group is not None:
            self._groups[gid] = change.group
        members = self._members.setdefault(gid, {})
        for member in change.upsert:
            members[member.uid] = member
            self._of.setdefault(member.uid, set()).add(gid)
        for uid in change.leaving:
            members.pop(uid, None)
            self._of.get(uid, set()).discard(gid)
        for uid in change.answered:
            self._requests.get(gid, {}).pop(uid, None)
        if change.group is not None and change.group.dissolved:
            self._requests.pop(gid, None)

    def since(self, gid: int, uid: int) -> int:
        """The `seq` before the first that a member may see."""
        member = self._members.get(gid, {}).get(uid)
        return member.since if member is not None else 0

    async def load(self, gid: int) -> GroupState | None:
        """See GroupStore."""
        self._engine.check()
        group = self._groups.get(gid)
        return None if group is None else GroupState(group, dict(self._members.get(gid, {})))

    async def groups_of(self, uid: int, after: int, limit: int) -> Sequence[int]:
        """See GroupStore."""
        self._engine.check()
        return sorted(gid for gid in self._of.get(uid, ()) if gid > after)[:limit]

    async def memberships(self, uid: int, gids: Sequence[int]) -> Mapping[int, Member]:
        """See GroupStore."""
        self._engine.check()
        return {gid: self._members[gid][uid] for gid in gids if uid in self._members.get(gid, {})}

    async def crowded(self, uids: Sequence[int], most: int) -> frozenset[int]:
        """See GroupStore."""
        self._engine.check()
        return frozenset(uid for uid in uids if len(self._of.get(uid, ())) >= most)

    async def infos(self, gids: Sequence[int]) -> Mapping[int, tuple[Group, int]]:
        """See GroupStore."""
        self._engine.check()
        return {
            gid: (self._groups[gid], len(self._members[gid])) for gid in gids if gid in self._groups
        }

    async def add_request(self, gid: int, request: Request, most: int) -> bool:
        """See GroupStore."""
        self._engine.check()
        waiting = self._requests.setdefault(gid, {})
        if request.uid not in waiting and len(waiting) >= most:
            return False
        waiting[request.uid] = request
        return True

    async def requests(self, gid: int, after: int, limit: int) -> Sequence[Request]:
        """See GroupStore."""
        self._engine.check()
        waiting = self._requests.get(gid, {})
        return [waiting[uid] for uid in sorted(waiting) if uid > after][:limit]

    async def drop_request(self, gid: int, uid: int) -> bool:
        """See GroupStore."""
        self._engine.check()
        return self._requests.get(gid, {}).pop(uid, None) is not None
