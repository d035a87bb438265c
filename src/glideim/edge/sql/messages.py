"""Messages, inboxes and positions in SQLite.

Few steps per batch is the rule of every statement here: each step gives up the GIL (see `connection.single`).
Lists go in as one JSON parameter or as one statement with many rows, results come out as one JSON text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import apsw
import msgspec

from glideim.messaging.ports import AppendConflictError, Head, InboxEntry, Position
from glideim.protocol.conversations import chat_key, parse_key
from glideim.protocol.records import Message

from .connection import Value, single
from .readers import Readers
from .rows import MESSAGE_JSON, MessageRow, More, pack_cli_mid, split_key, to_json
from .writer import Writer

_MOST_ROWS = 128
"""Rows of one INSERT: beyond this another statement costs little, and its text and parameters grow."""

_COLUMNS = "mid, low, high, seq, sender, cli_mid, recipient, type, content, send_at, status, more"
_ROW = f"({', '.join('?' * 12)})"

# Asked after the insert, when the pages are at hand.
_GAPS = """
SELECT EXISTS (
    SELECT 1 FROM json_each(?) AS j CROSS JOIN message AS m ON m.mid = j.value
    WHERE m.seq > 1 AND NOT EXISTS (
        SELECT 1 FROM message AS p WHERE p.low = m.low AND p.high = m.high AND p.seq = m.seq - 1
    )
)
"""
_JOIN = "INSERT OR IGNORE INTO member (conv, uid) SELECT value ->> 0, value ->> 1 FROM json_each(?)"

# The newest message of each conversation in a JSON list of [low, high].
_NEWEST = """
FROM json_each(?) AS j CROSS JOIN message AS m
ON m.low = j.value ->> 0 AND m.high = j.value ->> 1
AND m.seq = (SELECT max(seq) FROM message WHERE low = j.value ->> 0 AND high = j.value ->> 1)
"""
_HEADS = f"SELECT json_group_array(json_array(m.low, m.high, m.seq, m.send_at)) {_NEWEST}"
_LAST = f"SELECT json_group_array({MESSAGE_JSON}) {_NEWEST}"
_FIND = f"""
SELECT json_group_array({MESSAGE_JSON})
FROM json_each(?) AS j CROSS JOIN message AS m
ON m.sender = j.value ->> 0 AND m.cli_mid = coalesce(unhex(j.value ->> 2), j.value ->> 1)
"""
_BY_MID = f"SELECT json_group_array({MESSAGE_JSON}) FROM message AS m WHERE mid = ?"
_LOG = f"""
SELECT json_group_array({MESSAGE_JSON}) FROM (
    SELECT * FROM message WHERE mid > ? ORDER BY mid LIMIT ?
) AS m
"""
_HISTORY = f"""
SELECT json_group_array({MESSAGE_JSON}) FROM (
    SELECT * FROM message WHERE low = ? AND high = ? AND seq > ? AND seq < ? ORDER BY seq LIMIT ?
) AS m
"""
_LATEST = f"""
SELECT json_group_array({MESSAGE_JSON}) FROM (
    SELECT * FROM message WHERE low = ? AND high = ? AND seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?
) AS m
"""
_LAST_FROM = f"""
SELECT json_group_array({MESSAGE_JSON}) FROM (
    SELECT * FROM message WHERE low = ? AND high = ? AND seq > ? AND seq <= ? AND sender = ?
    ORDER BY seq DESC LIMIT 1
) AS m
"""
_POSITIONS = """
SELECT json_group_array(json_array(m.conv, m.uid, m.delivered, m.read))
FROM json_each(?) AS j CROSS JOIN member AS m ON m.conv = j.value ->> 0 AND m.uid = j.value ->> 1
"""
# Written only where something moves: a page that is not touched is not committed.
_SAVE_POSITIONS = """
UPDATE member SET delivered = max(delivered, j.value ->> 2), read = max(read, j.value ->> 3)
FROM json_each(?) AS j
WHERE member.conv = j.value ->> 0 AND member.uid = j.value ->> 1
AND (j.value ->> 2 > delivered OR j.value ->> 3 > read)
"""
_INBOX = """
SELECT json_group_array(json_array(conv, uid, delivered, read))
FROM (SELECT * FROM member WHERE uid = ? AND conv > ? ORDER BY conv LIMIT ?)
"""

_messages = msgspec.json.Decoder(list[MessageRow])
_heads = msgspec.json.Decoder(list[tuple[int, int, int, int]])
_positions = msgspec.json.Decoder(list[tuple[str, int, int, int]])


class SqliteMessages:
    """`MessageStore` on SQLite."""

    def __init__(self, writer: Writer, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    async def append(self, messages: Sequence[Message], joins: Sequence[tuple[str, int]]) -> None:
        """See MessageStore."""

        def work(connection: apsw.Connection) -> None:
            try:
                _insert(connection, messages)
            except apsw.ConstraintError as error:
                raise AppendConflictError(str(error)) from None
            if connection.execute(_GAPS, (to_json([m.mid for m in messages if m.seq > 1]),)).get:
                raise AppendConflictError("a message before one of these is missing")
            if joins:
                connection.execute(_JOIN, (to_json(joins),))

        await self._writer.run(work, len(messages) + len(joins))

    async def heads(self, convs: Sequence[str]) -> Mapping[str, Head]:
        """See MessageStore."""
        parameters = (to_json([split_key(conv) for conv in convs]),)
        found = await self._readers.run(lambda c: _heads.decode(single(c, _HEADS, parameters)))
        heads = {chat_key(low, high): Head(seq, send_at) for low, high, seq, send_at in found}
        return {conv: heads.get(conv, Head(0, 0)) for conv in convs}

    async def find(self, keys: Sequence[tuple[int, str]]) -> Mapping[tuple[int, str], Message]:
        """See MessageStore."""
        packed = ((sender, cli_mid, pack_cli_mid(cli_mid)) for sender, cli_mid in keys)
        # JSON has no bytes: hexadecimal digits stand for them.
        wanted = [
            (s, text, key.hex() if isinstance(key, bytes) else None) for s, text, key in packed
        ]
        return {(m.from_, m.cli_mid): m for m in await self._read(_FIND, (to_json(wanted),))}

    async def by_mid(self, mid: int) -> Message | None:
        """See MessageStore."""
        return _first(await self._read(_BY_MID, (mid,)))

    async def highest_mid(self) -> int:
        """See MessageStore."""
        sql = "SELECT coalesce(max(mid), 0) FROM message"
        return await self._readers.run(lambda connection: int(single(connection, sql)))

    async def log(self, after_mid: int, limit: int) -> Sequence[Message]:
        """See MessageStore."""
        return await self._read(_LOG, (after_mid, limit))

    async def history(
        self, conv: str, after: int, before: int, limit: int, *, latest: bool
    ) -> Sequence[Message]:
        """See MessageStore."""
        parameters = (*split_key(conv), after, before, limit)
        messages = await self._read(_LATEST if latest else _HISTORY, parameters)
        return messages[::-1] if latest else messages

    async def last_from(self, conv: str, sender: int, after: int, up_to: int) -> Message | None:
        """See MessageStore."""
        return _first(await self._read(_LAST_FROM, (*split_key(conv), after, up_to, sender)))

    async def positions(self, convs: Sequence[str]) -> Sequence[Position]:
        """See MessageStore."""
        places = _places(convs)
        return await self._readers.run(lambda connection: _read_places(connection, places))

    async def save_positions(self, positions: Sequence[Position]) -> None:
        """See MessageStore."""
        merged = _merge(positions)
        if not merged:
            return
        parameters = (to_json(merged),)

        def work(connection: apsw.Connection) -> None:
            connection.execute(_SAVE_POSITIONS, parameters)

        await self._writer.run(work, len(merged))

    async def inbox(self, uid: int, after: str, limit: int) -> Sequence[InboxEntry]:
        """See MessageStore."""

        def query(
            connection: apsw.Connection,
        ) -> tuple[list[Position], list[Position], list[MessageRow]]:
            mine = _read_positions(connection, _INBOX, (uid, after, limit))
            convs = [position.conv for position in mine]
            others = _read_places(
                connection, [place for place in _places(convs) if place[1] != uid]
            )
            keys = to_json([split_key(conv) for conv in convs])
            return mine, others, _messages.decode(single(connection, _LAST, (keys,)))

        mine, others, rows = await self._readers.run(query)
        newest = {m.conv: m for m in (row.message() for row in rows)}
        by_conv: dict[str, list[Position]] = {}
        for position in others:
            by_conv.setdefault(position.conv, []).append(position)
        return [
            InboxEntry(p.conv, newest.get(p.conv), p, tuple(by_conv.get(p.conv, ()))) for p in mine
        ]

    async def _read(self, sql: str, parameters: Sequence[Value]) -> list[Message]:
        rows = await self._readers.run(lambda c: _messages.decode(single(c, sql, parameters)))
        return [row.message() for row in rows]


def _first(messages: Sequence[Message]) -> Message | None:
    return messages[0] if messages else None


def _read_positions(
    connection: apsw.Connection, sql: str, parameters: Sequence[Value]
) -> list[Position]:
    return [Position(*row) for row in _positions.decode(single(connection, sql, parameters))]


def _read_places(connection: apsw.Connection, places: Sequence[tuple[str, int]]) -> list[Position]:
    return _read_positions(connection, _POSITIONS, (to_json(places),)) if places else []


def _places(convs: Iterable[str]) -> list[tuple[str, int]]:
    """(conv, uid) of every member: a two-person key names them, so no index by conversation is needed."""
    return [
        (conv, uid) for conv in dict.fromkeys(convs) for uid in dict.fromkeys(parse_key(conv) or ())
    ]


def _merge(positions: Iterable[Position]) -> list[Position]:
    """One row per place: of several rows for one target an UPDATE takes any."""
    merged: dict[tuple[str, int], Position] = {}
    for p in positions:
        known = merged.get((p.conv, p.uid), p)
        delivered, read = max(p.delivered, known.delivered), max(p.read, known.read)
        merged[p.conv, p.uid] = Position(p.conv, p.uid, delivered, read)
    return list(merged.values())


def _insert(connection: apsw.Connection, messages: Sequence[Message]) -> None:
    """Insert in statements of 128, 64 … 1 rows: few steps, and few different statements to prepare."""
    start, left = 0, len(messages)
    while left:
        count = min(_MOST_ROWS, 1 << (left.bit_length() - 1))
        values: list[Value] = []
        for m in messages[start : start + count]:
            low, high = split_key(m.conv)
            more: str | None = None
            if m.reply_to or m.mentions or m.extra:
                more = to_json(More(m.reply_to, m.mentions, m.extra))
            values += (
                m.mid, low, high, m.seq, m.from_, pack_cli_mid(m.cli_mid), m.to, m.type, m.content, m.send_at,
                m.status, more,
            )  # fmt: skip
        connection.execute(_insert_sql(count), values)
        start += count
        left -= count


@cache
def _insert_sql(count: int) -> str:
    return f"INSERT INTO message ({_COLUMNS}) VALUES {', '.join([_ROW] * count)}"
