"""When people were last seen, and who may know it, in SQLite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import apsw
import msgspec

from glideim.presence.ports import Audience, Kept

from .connection import single
from .readers import Readers
from .writer import Writer

_KEPT = """
SELECT json_group_array(json_array(uid, json_object('audience', audience, 'seen_at', seen_at))) FROM presence
WHERE uid IN (SELECT value FROM json_each(?))
"""
_SET = """
INSERT INTO presence (uid, audience) VALUES (?, ?) ON CONFLICT DO UPDATE SET audience = excluded.audience
"""
_SEEN = """
INSERT INTO presence (uid, seen_at) SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE true
ON CONFLICT DO UPDATE SET seen_at = max(seen_at, excluded.seen_at)
"""

_kept = msgspec.json.Decoder(list[tuple[int, Kept]])


class SqlitePresence:
    """`PresenceStore` on SQLite."""

    def __init__(self, writer: Writer, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    async def kept(self, uids: Sequence[int]) -> Mapping[int, Kept]:
        """See PresenceStore."""
        asked = msgspec.json.encode(uids).decode()
        return dict(
            await self._readers.look_up(
                lambda c: _kept.decode(single(c, _KEPT, (asked,))), len(uids)
            )
        )

    async def set_audience(self, uid: int, audience: Audience) -> None:
        """See PresenceStore."""

        def work(connection: apsw.Connection) -> None:
            connection.execute(_SET, (uid, int(audience)))

        await self._writer.run(work)

    async def save_seen(self, seen: Mapping[int, int]) -> None:
        """See PresenceStore."""
        rows = msgspec.json.encode(list(seen.items())).decode()

        def work(connection: apsw.Connection) -> None:
            connection.execute(_SEEN, (rows,))

        await self._writer.run(work, len(seen))
