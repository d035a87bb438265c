"""Messages, inboxes and positions in SQLite.

Few steps per batch is the rule of every statement here: each step gives up the GIL (see `connection.single`).
Lists go in as one JSON parameter or as one statement with many rows, results come out as one JSON text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial

import apsw
import msgspec

from glideim.group.ports import GroupChange
from glideim.messaging.ports import (
    AppendConflictError,
    Head,
    InboxEntry,
    Position,
    Settings,
    Standings,
)
from glideim.protocol.conversations import key_of, parse_key
from glideim.protocol.records import Message

from .changes import SqliteChanges
from .connection import Value, single
from .groups import NEXT_CHANGE, apply_change
from .reading import fetch, fetch_rows, with_reactions
from .rows import MESSAGE_JSON, MessageRow, More, pack_cli_mid, split_key, to_json

_MOST_ROWS = 128
"""Rows of one INSERT: beyond this another statement costs little, and its text and parameters grow."""

_MOST_POSITIONS = 200
"""Positions written in one job: a millisecond or two."""

_COLUMNS = "mid, low, high, seq, sender, cli_mid, recipient, type, content, send_at, status, more, expire_at"
_ROW = f"({', '.join('?' * 13)})"

# How many of the places in a JSON list of [low, high, seq] are taken. Asked after the insert, when the pages are at hand.
_TAKEN = """
SELECT count(*) FROM json_each(?) AS j CROSS JOIN message AS m
ON m.low = j.value ->> 0 AND m.high = j.value ->> 1 AND m.seq = j.value ->> 2
"""
# Whoever hid the conversation before its first message has no row yet, so nothing is lost by ignoring.
_JOIN = "INSERT OR IGNORE INTO member (conv, uid) SELECT value ->> 0, value ->> 1 FROM json_each(?)"

# The newest message of each conversation in a JSON list of [low, high].
_NEWEST = """
FROM json_each(?) AS j CROSS JOIN message AS m
ON m.low = j.value ->> 0 AND m.high = j.value ->> 1
AND m.seq = (SELECT max(seq) FROM message WHERE low = j.value ->> 0 AND high = j.value ->> 1)
"""
_HEADS = f"SELECT json_group_array(json_array(m.low, m.high, m.seq, m.send_at)) {_NEWEST}"
_EXPIRIES = """
SELECT json_group_array(json_array(c.low, c.high, c.expire_after, c.changed))
FROM json_each(?) AS j CROSS JOIN conversation AS c ON c.low = j.value ->> 0 AND c.high = j.value ->> 1
"""
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
_BY_MIDS = f"""
SELECT json_group_array({MESSAGE_JSON}) FROM json_each(?) AS j CROSS JOIN message AS m ON m.mid = j.value
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
UPDATE member SET delivered = max(delivered, j.value ->> 2), read = max(read, j.value ->> 3), changed = ?2
FROM json_each(?1) AS j
WHERE member.conv = j.value ->> 0 AND member.uid = j.value ->> 1
AND (j.value ->> 2 > delivered OR j.value ->> 3 > read OR j.value ->> 4)
"""
_ENTRY = """
json_array(m.conv, m.uid, m.delivered, m.read, m.pinned, m.muted, m.hidden, m.changed,
    iif(m.conv >= 'g', (
        SELECT since FROM group_member AS g WHERE g.gid = CAST(substr(m.conv, 3) AS INTEGER) AND g.uid = m.uid
    ), 0))
"""
_INBOX = f"""
SELECT json_group_array({_ENTRY})
FROM (SELECT * FROM member WHERE uid = ? AND conv > ? ORDER BY conv LIMIT ?) AS m
"""
_ONE_ENTRY = f"SELECT json_group_array({_ENTRY}) FROM member AS m WHERE uid = ? AND conv = ?"

_heads = msgspec.json.Decoder(list[tuple[int, int, int, int]])
_positions = msgspec.json.Decoder(list[tuple[str, int, int, int]])


class _Entry(msgspec.Struct, array_like=True, gc=False):
    """A row of `member`, with where the member may begin to read."""

    conv: str
    uid: int
    delivered: int
    read: int
    pinned: int
    muted: int
    hidden: int
    changed: int
    since: int | None


_entries = msgspec.json.Decoder(list[_Entry])


class SqliteMessages(SqliteChanges):
    """`MessageStore` on SQLite."""

    async def append(
        self,
        messages: Sequence[Message],
        joins: Sequence[tuple[str, int]],
        change: GroupChange | None = None,
    ) -> None:
        """See MessageStore."""

        def work(connection: apsw.Connection) -> None:
            try:
                before = _insert(connection, messages)
            except apsw.ConstraintError as error:
                raise AppendConflictError(str(error)) from None
            if before and connection.execute(_TAKEN, (to_json(before),)).get != len(before):
                raise AppendConflictError("a message before one of these is missing")
            if joins:
                connection.execute(_JOIN, (to_json(joins),))
            if change is not None:
                apply_change(connection, change, messages[0].seq)

        # A change may concern every member.
        await self._writer.run(work, len(messages) + len(joins), large=change is not None)

    async def heads(self, convs: Sequence[str]) -> Mapping[str, Head]:
        """See MessageStore."""
        return await self._readers.look_up(lambda c: _read_heads(c, convs), len(convs))

    async def standings(self, convs: Sequence[str]) -> Standings:
        """See MessageStore."""

        def query(connection: apsw.Connection) -> Standings:
            heads = _read_heads(connection, convs)
            places = _places(conv for conv, head in heads.items() if head.seq)
            return Standings(heads, _read_places(connection, places))

        return await self._readers.look_up(query, 2 * len(convs))

    async def find(self, keys: Sequence[tuple[int, str]]) -> Mapping[tuple[int, str], Message]:
        """See MessageStore."""
        packed = ((sender, cli_mid, pack_cli_mid(cli_mid)) for sender, cli_mid in keys)
        # JSON has no bytes: hexadecimal digits stand for them.
        wanted = [
            (s, text, key.hex() if isinstance(key, bytes) else None) for s, text, key in packed
        ]
        parameters = (to_json(wanted),)
        found = await self._readers.look_up(lambda c: fetch(c, _FIND, parameters, 0), len(keys))
        return {(m.from_, m.cli_mid): m for m in found}

    async def by_mid(self, mid: int) -> Message | None:
        """See MessageStore."""
        return _first(await self._readers.look_up(lambda c: fetch(c, _BY_MID, (mid,), 0), 1))

    async def by_mids(self, mids: Sequence[int], viewer: int = 0) -> Sequence[Message]:
        """See MessageStore."""
        found = {m.mid: m for m in await self._read(_BY_MIDS, (to_json(list(mids)),), viewer)}
        return [found[mid] for mid in mids if mid in found]

    async def log(self, after_mid: int, limit: int) -> Sequence[Message]:
        """See MessageStore."""
        return await self._read(_LOG, (after_mid, limit))

    async def highest_mid(self) -> int:
        """See MessageStore."""
        sql = "SELECT coalesce(max(mid), 0) FROM message"
        return await self._readers.run(lambda connection: int(single(connection, sql)))

    async def history(
        self, conv: str, after: int, before: int, limit: int, *, latest: bool, viewer: int = 0
    ) -> Sequence[Message]:
        """See MessageStore."""
        parameters = (*split_key(conv), after, before, limit)
        messages = await self._read(_LATEST if latest else _HISTORY, parameters, viewer)
        return messages[::-1] if latest else messages

    async def last_from(self, conv: str, sender: int, after: int, up_to: int) -> Message | None:
        """See MessageStore."""
        return _first(await self._read(_LAST_FROM, (*split_key(conv), after, up_to, sender)))

    async def save_positions(self, positions: Sequence[Position], *, patient: bool = False) -> None:
        """See MessageStore."""
        # A piece at a time: neither the loop nor messages that are to be committed wait for all of them.
        for start in range(0, len(positions), _MOST_POSITIONS):
            rows = _moved(positions[start : start + _MOST_POSITIONS])
            parameters = to_json(rows)
            await self._writer.run(partial(_save, parameters), len(rows), patient=patient)

    async def inbox(self, uid: int, after: str, limit: int) -> Sequence[InboxEntry]:
        """See MessageStore."""
        return await self._readers.run(lambda c: _inbox(c, _INBOX, (uid, after, limit), uid))

    async def entry(self, uid: int, conv: str) -> InboxEntry | None:
        """See MessageStore."""
        found = await self._readers.run(lambda c: _inbox(c, _ONE_ENTRY, (uid, conv), uid))
        return found[0] if found else None

    async def _read(self, sql: str, parameters: Sequence[Value], viewer: int = 0) -> list[Message]:
        return await self._readers.run(lambda c: fetch(c, sql, parameters, viewer))


def _save(positions: str, connection: apsw.Connection) -> None:
    number = connection.execute(NEXT_CHANGE).get
    connection.execute(_SAVE_POSITIONS, (positions, number))


def _inbox(
    connection: apsw.Connection, sql: str, parameters: Sequence[Value], uid: int
) -> list[InboxEntry]:
    mine = _entries.decode(single(connection, sql, parameters))
    convs = [entry.conv for entry in mine]
    places = [place for place in _places(convs) if place[1] != uid]
    by_conv: dict[str, list[Position]] = {}
    for position in _read_places(connection, places):
        by_conv.setdefault(position.conv, []).append(position)
    keys = (to_json([split_key(conv) for conv in convs]),)
    rows: list[MessageRow] = fetch_rows(connection, _LAST, keys)
    newest = {m.conv: m for m in with_reactions(connection, rows, uid)}
    expiries = _expiries(connection, keys)
    return [
        InboxEntry(
            e.conv,
            newest.get(e.conv),
            Position(e.conv, e.uid, e.delivered, e.read),
            tuple(by_conv.get(e.conv, ())),
            Settings(e.pinned > 0, e.muted > 0, e.hidden),
            expiries.get(e.conv, (0, 0))[0],
            e.since or 0,
            max(e.changed, expiries.get(e.conv, (0, 0))[1]),
        )
        for e in mine
    ]


def _read_heads(connection: apsw.Connection, convs: Sequence[str]) -> Mapping[str, Head]:
    parameters = (to_json([split_key(conv) for conv in convs]),)
    found = _heads.decode(single(connection, _HEADS, parameters))
    expiries = _expiries(connection, parameters)
    heads = {key_of(low, high): (seq, send_at) for low, high, seq, send_at in found}
    return {conv: Head(*heads.get(conv, (0, 0)), expiries.get(conv, (0, 0))[0]) for conv in convs}


def _expiries(connection: apsw.Connection, keys: Sequence[Value]) -> Mapping[str, tuple[int, int]]:
    """After how long messages are erased, and the change that set it, where that was ever set."""
    rows = _heads.decode(single(connection, _EXPIRIES, keys))
    return {key_of(low, high): (seconds, changed) for low, high, seconds, changed in rows}


def _moved(positions: Iterable[Position]) -> list[tuple[str, int, int, int, int]]:
    """One row per place, as of several for one target an UPDATE takes any: (conv, uid, delivered, read, touched). The
    other person's list shows a position, too: their entry has changed with it."""
    places: dict[tuple[str, int], tuple[int, int]] = {}
    for conv, uid, delivered, read in positions:
        known = places.get((conv, uid))
        if known is not None:
            delivered, read = max(delivered, known[0]), max(read, known[1])
        places[conv, uid] = (delivered, read)
    rows: list[tuple[str, int, int, int, int]] = []
    for (conv, uid), (delivered, read) in places.items():
        first, second = parse_key(conv) or (uid, uid)
        other = second if uid == first else first
        touched = other != uid and (conv, other) in places
        rows.append((conv, uid, delivered, read, int(touched)))
        if other != uid and not touched:
            rows.append((conv, other, 0, 0, 1))
    return rows


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


def _insert(
    connection: apsw.Connection, messages: Sequence[Message]
) -> Sequence[tuple[int, int, int]]:
    """Insert in statements of 128, 64 … 1 rows: few steps, and few different statements to prepare. Returns the places
    that must be taken for no gap to be there, those aside that the message before in the same list has just taken."""
    before: list[tuple[int, int, int]] = []
    heads: dict[str, int] = {}
    start, left = 0, len(messages)
    while left:
        count = min(_MOST_ROWS, 1 << (left.bit_length() - 1))
        values: list[Value] = []
        for m in messages[start : start + count]:
            low, high = split_key(m.conv)
            if m.seq > 1 and heads.get(m.conv) != m.seq - 1:
                before.append((low, high, m.seq - 1))
            heads[m.conv] = m.seq
            more: str | None = None
            if m.reply_to or m.mentions or m.extra:
                more = to_json(More(m.reply_to, m.mentions, m.extra))
            values += (
                m.mid, low, high, m.seq, m.from_, pack_cli_mid(m.cli_mid), m.to, m.type, m.content, m.send_at,
                m.status, more, m.expire_at,
            )  # fmt: skip
        connection.execute(_insert_sql(count), values)
        start += count
        left -= count
    return before


@cache
def _insert_sql(count: int) -> str:
    return f"INSERT INTO message ({_COLUMNS}) VALUES {', '.join([_ROW] * count)}"
