"""When people were last seen, and who may know it, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from glideim.presence.ports import Audience, Kept

from .engine import Engine

_NOTHING = Kept()


class MemoryPresence:
    """`PresenceStore` in memory."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: dict[int, Kept] = {}

    async def kept(self, uids: Sequence[int]) -> Mapping[int, Kept]:
        """See PresenceStore."""
        self._engine.check()
        return {uid: self._kept[uid] for uid in uids if uid in self._kept}

    async def set_audience(self, uid: int, audience: Audience) -> None:
        """See PresenceStore."""
        self._engine.check()
        self._kept[uid] = replace(self._kept.get(uid, _NOTHING), audience=audience)

    async def save_seen(self, seen: Mapping[int, int]) -> None:
        """See PresenceStore."""
        self._engine.check()
        for uid, at in seen.items():
            kept = self._kept.get(uid, _NOTHING)
            self._kept[uid] = replace(kept, seen_at=max(kept.seen_at, at))
