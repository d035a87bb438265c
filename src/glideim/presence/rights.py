"""Who may see whether somebody is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .ports import Audience, Kept, Pair, PresenceStore, Relation, Relations

_NOTHING = Kept()


class Rights:
    """Looks up settings and relations for many pairs at once."""

    def __init__(self, store: PresenceStore, relations: Relations) -> None:
        self._store = store
        self._relations = relations

    async def look_up(self, pairs: Sequence[Pair]) -> tuple[frozenset[Pair], Mapping[int, Kept]]:
        """Those of (viewer, viewed) that may see, and what is kept of the viewed. May raise
        StoreUnavailableError. Uids that do not exist look like people who never came."""
        kept = await self._store.kept(list({viewed for _, viewed in pairs}))
        relations = await self._relations.relations(pairs)
        seeing = frozenset(
            pair
            for pair in pairs
            if may_see(pair, kept.get(pair[1], _NOTHING).audience, relations.get(pair))
        )
        return seeing, kept


def may_see(pair: Pair, audience: Audience, relation: Relation | None) -> bool:
    """Whether the first of the pair may see the second; `relation` is None for strangers."""
    viewer, viewed = pair
    if viewer == viewed:
        return True
    if relation is None:
        return audience is Audience.EVERYONE
    if relation.blocked:
        return False
    return audience is Audience.EVERYONE or (audience is Audience.CONTACTS and relation.friends)
