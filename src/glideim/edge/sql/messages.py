"""Messages, inboxes and positions in SQLite.

Few steps per batch is the rule of every statement here: each step gives up the GIL (see `connection.single`).
Lists go in as one JSON parameter or as one statement with many rows, results come out as one JSON text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import apsw
import msgspec
from msgspec import Struct

from glideim.messaging.ports import AppendConflictError, Head, InboxEntry, Position
from glideim.protocol.conversations import parse_key
from glideim.protocol.records import Message

from .connection import Value, single
from .readers import Readers
from .writer import Writer

_MOST_ROWS = 128
"""Rows of one INSERT: beyond this another statement costs little, and its text and parameters grow."""

_COLUMNS = "mid, conv, seq, sender, cli_mid, recipient, type, content, send_at, status, more"
_ROW = f"({', '.join('?' * 11)})"

# Bare columns of message `m` as a JSON array, in the order of _MessageRow.
_AS_JSON = (
    "json_array(m.mid, m.cli_mid, m.conv, m.seq, m.sender, m.recipient, m.type, m.content, m.send_at,"
    " m.status, json(m.more))"
)

_GAPS = """
SELECT EXISTS (
    SELECT 1 FROM json_each(?) AS j
    WHERE NOT EXISTS (SELECT 1 FROM message WHERE conv = j.value ->> 0 AND seq = j.value ->> 1)
)
"""
_JOIN = "INSERT OR IGNORE INTO member (conv, uid) SELECT value ->> 0, value ->> 1 FROM json_each(?)"
_HEADS = """
SELECT json_group_array(json_array(m.conv, m.seq, m.send_at))
FROM json_each(?) AS j JOIN message AS m
ON m.conv = j.value AND m.seq = (SELECT max(seq) FROM message WHERE conv = j.value)
"""
_FIND = f"""
SELECT json_group_array({_AS_JSON})
FROM json_each(?) AS j CROSS JOIN message AS m
ON m.sender = j.value ->> 0 AND m.cli_mid = j.value ->> 1
"""
_BY_MID = f"SELECT json_group_array({_AS_JSON}) FROM message AS m WHERE mid = ?"
_HISTORY = f"""
SELECT json_group_array({_AS_JSON}) FROM (
    SELECT * FROM message WHERE conv = ? AND seq > ? AND seq < ? ORDER BY seq LIMIT ?
) AS m
"""
_LATEST = f"""
SELECT json_group_array({_AS_JSON}) FROM (
    SELECT * FROM message WHERE conv = ? AND seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?
) AS m
"""
_LAST_FROM = f"""
SELECT json_group_array({_AS_JSON}) FROM (
    SELECT * FROM message WHERE conv = ? AND seq > ? AND seq <= ? AND sender = ? ORDER BY seq DESC LIMIT 1
) AS m
"""
_POSITIONS = """
SELECT json_group_array(json_array(m.conv, m.uid, m.delivered, m.read))
FROM json_each(?) AS j CROSS JOIN member AS m
ON m.conv = j.value ->> 0 AND m.uid = j.value ->> 1
"""
# Written only where something moves: a page that is not touched is not committed.
_SAVE_POSITIONS = """
UPDATE member SET delivered = max(delivered, j.value ->> 2), read = max(read, j.value ->> 3)
FROM json_each(?) AS j
WHERE member.conv = j.value ->> 0 AND member.uid = j.value ->> 1
  AND (j.value ->> 2 > delivered OR j.value ->> 3 > read)
"""
_INBOX = f"""
SELECT json_group_array(json_array(b.conv, b.delivered, b.read, CASE WHEN m.mid IS NULL THEN NULL ELSE {_AS_JSON} END))
FROM (SELECT conv, delivered, read FROM member WHERE uid = ? AND conv > ? ORDER BY conv LIMIT ?) AS b
LEFT JOIN message AS m
ON m.conv = b.conv AND m.seq = (SELECT max(seq) FROM message WHERE conv = b.conv)
"""


class _More(Struct, frozen=True, omit_defaults=True):
    """What most messages lack, kept in one column."""

    reply_to: int = 0
    mentions: tuple[int, ...] = ()
    extra: dict[str, str] = {}


class _MessageRow(Struct, frozen=True, array_like=True, gc=False):
    mid: int
    cli_mid: str
    conv: str
    seq: int
    sender: int
    recipient: int
    type: int
    content: str | None
    send_at: int
    status: int
    more: _More | None

    def message(self) -> Message:
        """The message of this row."""
        more = self.more or _NO_MORE
        return Message(
            self.mid, self.cli_mid, self.conv, self.seq, self.sender, self.recipient, self.type, self.content,
            self.send_at, self.status, more.reply_to, more.mentions, more.extra,
        )  # fmt: skip


class _InboxRow(Struct, frozen=True, array_like=True, gc=False):
    conv: str
    delivered: int
    read: int
    last: _MessageRow | None


_NO_MORE = _More()
_encoder = msgspec.json.Encoder()
_messages = msgspec.json.Decoder(list[_MessageRow])
_heads = msgspec.json.Decoder(list[tuple[str, int, int]])
_positions = msgspec.json.Decoder(list[tuple[str, int, int, int]])
_inbox = msgspec.json.Decoder(list[_InboxRow])


class SqliteMessages:
    """`MessageStore` on SQLite."""

    def __init__(self, writer: Writer, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    async def append(self, messages: Sequence[Message], joins: Sequence[tuple[str, int]]) -> None:
        """See MessageStore."""
        before = _predecessors(messages)

        def work(connection: apsw.Connection) -> None:
            if before and connection.execute(_GAPS, (_json(before),)).get:
                raise AppendConflictError("a message before the first of a conversation is missing")
            try:
                _insert(connection, messages)
            except apsw.ConstraintError as error:
                raise AppendConflictError(str(error)) from None
            if joins:
                connection.execute(_JOIN, (_json(joins),))

        await self._writer.run(work, len(messages) + len(joins))

    async def heads(self, convs: Sequence[str]) -> Mapping[str, Head]:
        """See MessageStore."""
        parameters = (_json(convs),)
        found = await self._readers.run(lambda c: _heads.decode(single(c, _HEADS, parameters)))
        return dict.fromkeys(convs, Head(0, 0)) | {conv: Head(seq, at) for conv, seq, at in found}

    async def find(self, keys: Sequence[tuple[int, str]]) -> Mapping[tuple[int, str], Message]:
        """See MessageStore."""
        return {(m.from_, m.cli_mid): m for m in await self._read(_FIND, (_json(keys),))}

    async def by_mid(self, mid: int) -> Message | None:
        """See MessageStore."""
        return _first(await self._read(_BY_MID, (mid,)))

    async def highest_mid(self) -> int:
        """See MessageStore."""
        sql = "SELECT coalesce(max(mid), 0) FROM message"
        return await self._readers.run(lambda connection: int(single(connection, sql)))

    async def history(
        self, conv: str, after: int, before: int, limit: int, *, latest: bool
    ) -> Sequence[Message]:
        """See MessageStore."""
        messages = await self._read(_LATEST if latest else _HISTORY, (conv, after, before, limit))
        return messages[::-1] if latest else messages

    async def last_from(self, conv: str, sender: int, after: int, up_to: int) -> Message | None:
        """See MessageStore."""
        return _first(await self._read(_LAST_FROM, (conv, after, up_to, sender)))

    async def positions(self, convs: Sequence[str]) -> Sequence[Position]:
        """See MessageStore."""
        parameters = (_json(_places(convs)),)
        return await self._readers.run(lambda c: _read_positions(c, parameters))

    async def save_positions(self, positions: Sequence[Position]) -> None:
        """See MessageStore."""
        # Of two rows for one target SQLite takes any: merge them first.
        merged: dict[tuple[str, int], Position] = {}
        for p in positions:
            known = merged.get((p.conv, p.uid), p)
            merged[p.conv, p.uid] = Position(
                p.conv, p.uid, max(p.delivered, known.delivered), max(p.read, known.read)
            )
        if not merged:
            return
        parameters = (_json(list(merged.values())),)

        def work(connection: apsw.Connection) -> None:
            connection.execute(_SAVE_POSITIONS, parameters)

        await self._writer.run(work, len(merged))

    async def inbox(self, uid: int, after: str, limit: int) -> Sequence[InboxEntry]:
        """See MessageStore."""

        def query(connection: apsw.Connection) -> tuple[list[_InboxRow], list[Position]]:
            rows = _inbox.decode(single(connection, _INBOX, (uid, after, limit)))
            others = [
                (conv, other) for conv, other in _places([row.conv for row in rows]) if other != uid
            ]
            return rows, _read_positions(connection, (_json(others),)) if others else []

        rows, positions = await self._readers.run(query)
        others: dict[str, list[Position]] = {}
        for position in positions:
            others.setdefault(position.conv, []).append(position)
        return [
            InboxEntry(
                conv=row.conv,
                last=None if row.last is None else row.last.message(),
                mine=Position(row.conv, uid, row.delivered, row.read),
                others=tuple(others.get(row.conv, ())),
            )
            for row in rows
        ]

    async def _read(self, sql: str, parameters: Sequence[Value]) -> list[Message]:
        rows = await self._readers.run(lambda c: _messages.decode(single(c, sql, parameters)))
        return [row.message() for row in rows]


def _json(value: object) -> str:
    return _encoder.encode(value).decode()


def _first(messages: Sequence[Message]) -> Message | None:
    return messages[0] if messages else None


def _read_positions(connection: apsw.Connection, parameters: Sequence[Value]) -> list[Position]:
    return [Position(*row) for row in _positions.decode(single(connection, _POSITIONS, parameters))]


def _places(convs: Iterable[str]) -> list[tuple[str, int]]:
    """(conv, uid) of every member: a two-person key names them, so the table needs no index by conversation."""
    return [
        (conv, uid) for conv in dict.fromkeys(convs) for uid in dict.fromkeys(parse_key(conv) or ())
    ]


def _predecessors(messages: Sequence[Message]) -> list[tuple[str, int]]:
    """(conv, seq) that must be stored already, so that the batch leaves no gap (P3).

    Raises AppendConflictError when the batch has a gap or a repeat in itself.
    """
    heads: dict[str, int] = {}
    before: list[tuple[str, int]] = []
    for message in messages:
        conv, seq = message.conv, message.seq
        head = heads.get(conv)
        if head is None:
            if seq > 1:
                before.append((conv, seq - 1))
        elif seq != head + 1:
            raise AppendConflictError(f"{conv}: {seq} follows {head}")
        heads[conv] = seq
    return before


def _insert(connection: apsw.Connection, messages: Sequence[Message]) -> None:
    """Insert in statements of 128, 64 … 1 rows: few steps, and few different statements to prepare."""
    start, left = 0, len(messages)
    while left:
        count = min(_MOST_ROWS, 1 << (left.bit_length() - 1))
        values: list[Value] = []
        for m in messages[start : start + count]:
            more = _more(m) if m.reply_to or m.mentions or m.extra else None
            values += (
                m.mid, m.conv, m.seq, m.from_, m.cli_mid, m.to, m.type, m.content, m.send_at, m.status, more,
            )  # fmt: skip
        connection.execute(_insert_sql(count), values)
        start += count
        left -= count


@cache
def _insert_sql(count: int) -> str:
    # OR FAIL: the transaction is rolled back anyway, so the statement needs no journal of its own.
    return f"INSERT OR FAIL INTO message ({_COLUMNS}) VALUES {', '.join([_ROW] * count)}"


def _more(message: Message) -> str:
    return _json(_More(message.reply_to, message.mentions, message.extra))
