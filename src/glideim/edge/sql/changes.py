"""What happens to messages after they were stored, and settings of conversations, in SQLite."""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from glideim.messaging.ports import ERASED, MessageErasedError, MessageStatus, Rewrite
from glideim.protocol.conversations import key_of
from glideim.protocol.records import Message

from .groups import NEXT_CHANGE, PUT_EXPIRY
from .readers import Readers
from .reading import fetch, fetch_rows
from .rows import MESSAGE_JSON, split_key, to_json
from .writer import Refusal, Writer

_ONE = f"SELECT json_group_array({MESSAGE_JSON}) FROM message AS m WHERE low = ? AND high = ? AND seq = ?"
_CHANGES = f"""
SELECT json_group_array({MESSAGE_JSON}) FROM (
    SELECT * FROM message WHERE changed > 0 AND changed > ? ORDER BY changed LIMIT ?
) AS m
"""
_CHANGED = f"""
SELECT json_group_array({MESSAGE_JSON}) FROM (
    SELECT * FROM message
    WHERE low = ? AND high = ? AND changed > 0 AND changed > ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?
) AS m
"""
_AMONG = """
SELECT j.value ->> 0, j.value ->> 1 FROM json_each(?) AS j WHERE EXISTS (
    SELECT 1 FROM message AS m
    WHERE m.low = j.value ->> 0 AND m.high = j.value ->> 1 AND m.changed > 0 AND m.changed > ?
)
"""
_PINS = f"""
SELECT json_group_array({MESSAGE_JSON}) FROM (
    SELECT * FROM message WHERE low = ? AND high = ? AND pinned > 0 ORDER BY pinned DESC, seq DESC
) AS m
"""
_DUE = f"""
SELECT json_group_array({MESSAGE_JSON}) FROM (
    SELECT * FROM message WHERE expire_at > 0 AND expire_at <= ? ORDER BY expire_at LIMIT ?
) AS m
"""
_GROWING = f"""
SELECT json_group_array({MESSAGE_JSON}) FROM (SELECT * FROM message WHERE status = 4 ORDER BY mid LIMIT ?) AS m
"""
_WHERE = "WHERE low = ? AND high = ? AND seq = ?"
# What was erased has no due time any more, and nothing hangs on it.
_ERASE = (
    "UPDATE message SET content = NULL, more = NULL, status = ?, changed = ?, pinned = 0,"
    f" expire_at = 0 {_WHERE}"
)
_REPLACE = f"UPDATE message SET content = ?, status = ?, changed = ? {_WHERE}"
_TOUCH = f"UPDATE message SET changed = ? {_WHERE}"
_FORGET_REACTIONS = f"DELETE FROM reaction {_WHERE}"
_COUNT_KEY = f"SELECT count(*) FROM reaction {_WHERE} AND key = ?"
_COUNT_KEYS = f"SELECT count(DISTINCT key) FROM reaction {_WHERE}"
_COUNT_PINS = "SELECT count(*) FROM message WHERE low = ? AND high = ? AND pinned > 0"
_SETTINGS = """
UPDATE member SET pinned = coalesce(?, pinned), muted = coalesce(?, muted), hidden = coalesce(?, hidden),
changed = ? WHERE uid = ? AND conv = ?
"""


class SqliteChanges:
    """The part of `MessageStore` that changes what is stored."""

    def __init__(self, writer: Writer, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    async def changes(self, after: int, limit: int) -> Sequence[tuple[int, Message]]:
        """See MessageStore."""
        rows = await self._readers.run(lambda c: fetch_rows(c, _CHANGES, (after, limit)))
        return [(row.changed, row.message()) for row in rows]

    async def changed(
        self, conv: str, after: int, first: int, last: int, limit: int, viewer: int
    ) -> Sequence[Message]:
        """See MessageStore."""
        parameters = (*split_key(conv), after, first, last, limit)
        return await self._readers.run(lambda c: fetch(c, _CHANGED, parameters, viewer))

    async def changed_among(self, convs: Sequence[str], after: int) -> frozenset[str]:
        """See MessageStore."""
        keys = to_json([split_key(conv) for conv in convs])
        return await self._readers.run(
            lambda c: frozenset(
                key_of(int(low), int(high)) for low, high in c.execute(_AMONG, (keys, after))
            )
        )

    async def last_change(self) -> int:
        """See MessageStore."""
        sql = "SELECT next - 1 FROM segment WHERE name = 'change'"
        return await self._readers.run(lambda c: int(c.execute(sql).get))

    async def rewrite(self, rewrites: Sequence[Rewrite]) -> Sequence[Message | None]:
        """See MessageStore."""

        def work(connection: apsw.Connection) -> list[Message | None]:
            number = connection.execute(NEXT_CHANGE).get
            return [_rewrite(connection, rewrite, number) for rewrite in rewrites]

        return await self._writer.run(work, len(rewrites))

    async def react(
        self, conv: str, seq: int, uid: int, key: str, *, on: bool, most: int
    ) -> tuple[int, bool]:
        """See MessageStore."""
        place = (*split_key(conv), seq)

        def work(connection: apsw.Connection) -> tuple[int, bool] | Refusal:
            if on and _is_erased(connection, place):
                return Refusal(MessageErasedError())
            count = int(connection.execute(_COUNT_KEY, (*place, key)).get)
            if on and not count and int(connection.execute(_COUNT_KEYS, place).get) >= most:
                return -1, False
            if on:
                connection.execute(
                    "INSERT OR IGNORE INTO reaction (low, high, seq, key, uid) VALUES (?, ?, ?, ?, ?)",
                    (*place, key, uid),
                )
            else:
                connection.execute(
                    f"DELETE FROM reaction {_WHERE} AND key = ? AND uid = ?", (*place, key, uid)
                )
            moved = connection.changes() > 0
            if moved:
                connection.execute(_TOUCH, (connection.execute(NEXT_CHANGE).get, *place))
            return int(connection.execute(_COUNT_KEY, (*place, key)).get), moved

        return await self._writer.run(work)

    async def pin(self, conv: str, seq: int, *, at: int, most: int) -> bool | None:
        """See MessageStore."""
        low, high = split_key(conv)

        def work(connection: apsw.Connection) -> bool | Refusal | None:
            if at and _is_erased(connection, (low, high, seq)):
                return Refusal(MessageErasedError())
            if at and int(connection.execute(_COUNT_PINS, (low, high)).get) >= most:
                held = connection.execute(
                    f"SELECT pinned FROM message {_WHERE}", (low, high, seq)
                ).get
                return False if held else None
            connection.execute(
                f"UPDATE message SET pinned = ? {_WHERE} AND (pinned > 0) <> (? > 0)",
                (at, low, high, seq, at),
            )
            moved = connection.changes() > 0
            if moved:
                connection.execute(_TOUCH, (connection.execute(NEXT_CHANGE).get, low, high, seq))
            return moved

        return await self._writer.run(work)

    async def pins(self, conv: str, viewer: int) -> Sequence[Message]:
        """See MessageStore."""
        return await self._readers.run(lambda c: fetch(c, _PINS, split_key(conv), viewer))

    async def due(self, now: int, limit: int) -> Sequence[Message]:
        """See MessageStore."""
        return await self._readers.run(lambda c: fetch(c, _DUE, (now, limit)))

    async def growing(self, limit: int) -> Sequence[Message]:
        """See MessageStore."""
        return await self._readers.run(lambda c: fetch(c, _GROWING, (limit,)))

    async def save_settings(
        self,
        uid: int,
        conv: str,
        *,
        pinned: bool | None = None,
        muted: bool | None = None,
        hidden: int | None = None,
    ) -> bool:
        """See MessageStore."""

        def work(connection: apsw.Connection) -> bool:
            number = connection.execute(NEXT_CHANGE).get
            connection.execute(
                _SETTINGS, (_number(pinned), _number(muted), hidden, number, uid, conv)
            )
            return connection.changes() > 0

        return await self._writer.run(work)

    async def set_expiry(self, conv: str, seconds: int) -> None:
        """See MessageStore."""
        place = split_key(conv)

        def work(connection: apsw.Connection) -> None:
            number = connection.execute(NEXT_CHANGE).get
            connection.execute(PUT_EXPIRY, (*place, seconds, number))

        await self._writer.run(work)


def _is_erased(connection: apsw.Connection, place: tuple[int, int, int]) -> bool:
    return connection.execute(f"SELECT status FROM message {_WHERE}", place).get in ERASED


def _number(value: bool | None) -> int | None:
    return None if value is None else int(value)


def _rewrite(connection: apsw.Connection, rewrite: Rewrite, number: int) -> Message | None:
    place = (*split_key(rewrite.conv), rewrite.seq)
    status = connection.execute(f"SELECT status FROM message {_WHERE}", place).get
    if status is None or MessageStatus(status) not in rewrite.only:
        return None
    if rewrite.content is None:
        connection.execute(_ERASE, (rewrite.status, number, *place))
        connection.execute(_FORGET_REACTIONS, place)
    else:
        connection.execute(_REPLACE, (rewrite.content, rewrite.status, number, *place))
    return fetch(connection, _ONE, place)[0]
