"""What search may show of groups: implements `search.ports.Visible` on the stored memberships."""

from __future__ import annotations

from collections.abc import Mapping

from glideim.group.ports import GROUPS_MOST, GroupStore
from glideim.protocol.conversations import group_key, parse_group
from glideim.search.ports import Span


class GroupSpans:
    """Members see what came after `since`; nobody else sees anything. Always asks the store: whoever was removed
    finds nothing any more from the moment that is stored."""

    def __init__(self, store: GroupStore) -> None:
        self._store = store

    async def groups(self, uid: int) -> Mapping[str, Span]:
        """See Visible."""
        gids = await self._store.groups_of(uid, 0, GROUPS_MOST)
        if not gids:
            return {}
        found = await self._store.memberships(uid, gids)
        return {group_key(gid): Span(member.since) for gid, member in found.items()}

    async def group(self, uid: int, conv: str) -> Span | None:
        """See Visible."""
        gid = parse_group(conv)
        if gid is None:
            return None
        member = (await self._store.memberships(uid, (gid,))).get(gid)
        return None if member is None else Span(member.since)
