"""The search index in an SQLite file of its own, which can be deleted at any time.

Beside the messages' file, not in it: writing the index must never make a message wait. The full-text table keeps no
text, only which terms stand where (`body`), and as further terms (`tags`) who may see a message, who sent it and of
which type it is, so that one intersection of sorted lists answers a search whatever else matches its words.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import apsw
import msgspec

from glideim.edge.stores import StoreOpenError
from glideim.kernel.errors import StoreUnavailableError
from glideim.protocol.conversations import key_of, parse_group, parse_key
from glideim.search.ports import Cursors, Document, Found, Hit, Wanted
from glideim.search.text import Clause, terms_of

from .connection import BUSY_TIMEOUT_MS, PAGES_MIB, READER_SHARE, check_version, single
from .readers import Query, Readers, T

FILE_NAME = "search.db"
APPLICATION = 0x476C5378
"""`application_id` of such a file; any other is made anew."""
VERSION = 1
"""`user_version`: raised when the layout or the way of cutting text changes, which makes every index anew."""
WAITING_MOST = 64
"""Jobs waiting for either thread; more are refused."""
CLOCK_SLACK_MS = 3_600_000
"""How much a server's clock may ever have been set back: later messages have larger mids but for that."""

PREFIXES = (5, 3)
"""Lengths of beginnings that are indexed like words. Of any other length FTS5 would first gather all that begins so,
however much; a longer one is looked for by its first characters, and who asks for candidates checks the rest."""

# `ascii`: terms come cut and folded, and no tokenizer of another Unicode version shall cut them again.
_SCHEMA = f"""
CREATE VIRTUAL TABLE term USING fts5(
    body, tags, content='', contentless_delete=1, tokenize='ascii', prefix='{" ".join(map(str, sorted(PREFIXES)))}'
);
CREATE TABLE place (
    mid INTEGER PRIMARY KEY, low INTEGER NOT NULL, high INTEGER NOT NULL, seq INTEGER NOT NULL,
    send_at INTEGER NOT NULL
) STRICT;
CREATE INDEX place_by_time ON place (send_at, mid);
CREATE TABLE progress (one INTEGER PRIMARY KEY CHECK (one = 1), mid INTEGER NOT NULL, change INTEGER NOT NULL) STRICT;
INSERT INTO progress VALUES (1, 0, 0);
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
"""
_PUT_TERMS = "INSERT OR REPLACE INTO term (rowid, body, tags) VALUES (?, ?, ?)"
_PUT_PLACE = "INSERT OR REPLACE INTO place (mid, low, high, seq, send_at) VALUES (?, ?, ?, ?, ?)"
_DROP = ("DELETE FROM term WHERE rowid = -?", "DELETE FROM place WHERE mid = ?")
_CURSORS = "SELECT json_array(mid, change) FROM progress"
_TABLES = "SELECT count(*) FROM sqlite_schema WHERE name IN ('term', 'place', 'progress')"
_ADVANCE = "UPDATE progress SET mid = ?, change = ?"
# The rowid of terms is -mid: lists are read from their beginning, newest first, and to begin at the end of one FTS5
# would walk through all of it. The inner query stops at its limit: nothing is sorted, ranked or counted.
_FIND = """
SELECT json_group_array(json_array(p.mid, p.low, p.high, p.seq, p.send_at)) FROM (
    SELECT -rowid AS mid FROM term WHERE term MATCH ?1 AND rowid > -?2 AND rowid <= -?3
    ORDER BY rowid LIMIT ?4
) AS t CROSS JOIN place AS p ON p.mid = t.mid
"""
_FIRST_SINCE = (
    "SELECT coalesce((SELECT mid FROM place WHERE send_at > ? ORDER BY send_at, mid LIMIT 1), ?)"
)
_LAST_UNTIL = "SELECT coalesce((SELECT mid FROM place WHERE send_at < ? ORDER BY send_at DESC, mid DESC LIMIT 1), 0)"

_rows = msgspec.json.Decoder(list[tuple[int, int, int, int, int]])
_cursors = msgspec.json.Decoder(Cursors)
_DAMAGED = (apsw.CorruptError, apsw.NotADBError)
log = logging.getLogger("glideim.search")


class SqliteSearch:
    """`SearchIndex` on SQLite: a thread that writes and one that reads. Belongs to the event loop it was opened in."""

    def __init__(self, file: Path, pages_mib: int = PAGES_MIB) -> None:
        self._file = file
        self._cache_kib = 1024 * pages_mib // READER_SHARE
        self._repair = asyncio.Lock()
        self._open = True
        self.remade = 0
        self._connect()

    def _connect(self) -> None:
        self._connections = _connections(self._file, self._cache_kib)
        loop = asyncio.get_running_loop()
        self._writer, self._reader = (
            Readers([connection], loop, queued=WAITING_MOST) for connection in self._connections
        )
        self._writer.start()
        self._reader.start()

    async def cursors(self) -> Cursors:
        """See SearchIndex."""
        return await self._run(self._reader, lambda c: _cursors.decode(single(c, _CURSORS)))

    async def put(
        self, documents: Sequence[Document], gone: Sequence[int], cursors: Cursors
    ) -> None:
        """See SearchIndex."""

        def work(connection: apsw.Connection) -> None:
            # Text is cut here, not in the event loop.
            rows = [_row(d) for d in sorted(documents, key=lambda d: -d.mid)]
            with connection:
                for sql in _DROP:
                    connection.executemany(sql, [(mid,) for mid in gone])
                connection.executemany(_PUT_TERMS, [terms for terms, _ in rows])
                connection.executemany(_PUT_PLACE, [place for _, place in rows])
                connection.execute(_ADVANCE, cursors)

        await self._run(self._writer, work)

    async def clear(self) -> None:
        """See SearchIndex."""
        async with self._repair:
            await self._remake()

    async def find(self, wanted: Wanted, below: int, limit: int) -> Found:
        """See SearchIndex."""
        expression = match_expression(wanted)
        return await self._run(self._reader, lambda c: _find(c, expression, wanted, below, limit))

    async def close(self) -> None:
        """See SearchIndex."""
        if self._open:
            self._open = False
            await self._disconnect()

    def statistics(self) -> Mapping[str, float]:
        """Depths of queues, and how often a damaged file was made anew."""
        return {
            "write_queue": self._writer.queued,
            "write_queue_limit": self._writer.limit,
            "read_queue": self._reader.queued,
            "read_queue_limit": self._reader.limit,
            "remade_total": self.remade,
        }

    async def _run(self, threads: Readers, query: Query[T]) -> T:
        try:
            return await threads.run(query)
        except (StoreUnavailableError, apsw.Error) as error:
            if isinstance(error.__cause__ or error, _DAMAGED):
                await self._replace(threads)
            if isinstance(error, apsw.Error):
                raise StoreUnavailableError(f"SQLite: {error}") from error
            raise

    async def _replace(self, threads: Readers) -> None:
        """Make a damaged file anew, once for all who find it damaged."""
        async with self._repair:
            if self._open and threads in (self._writer, self._reader):
                log.warning("%s is damaged and is made anew", self._file)
                self.remade += 1
                await self._remake()

    async def _remake(self) -> None:
        await self._disconnect()
        remove(self._file)
        self._connect()

    async def _disconnect(self) -> None:
        await self._writer.close()
        await self._reader.close()
        for connection in self._connections:
            connection.close(force=True)


async def open_search(directory: Path, pages_mib: int = PAGES_MIB) -> SqliteSearch:
    """Open the index of a data directory; it is made anew if it is missing, damaged or of another kind. Raises
    StoreOpenError when that cannot be done."""
    check_version(apsw.sqlite_lib_version())
    file = directory / FILE_NAME
    try:
        if not _is_sound(file):
            remove(file)
        return SqliteSearch(file, pages_mib)
    except (OSError, apsw.Error) as error:
        raise StoreOpenError(f"cannot open {file}: {error}") from error


def remove(file: Path) -> None:
    """Delete a database and what belongs to it."""
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def match_expression(wanted: Wanted) -> str:
    """The search in the language of FTS5. Every term is quoted, and none holds anything but letters and digits:
    what people type is never part of that language."""
    where = _where(wanted)
    parts = [f"tags : ({where})"]
    if wanted.sender:
        parts.append(f'tags : "s{wanted.sender}"')
    if wanted.type:
        parts.append(f'tags : "t{wanted.type}"')
    parts += [f"body : {_phrase(clause)}" for clause in wanted.clauses]
    return " AND ".join(parts)


def _where(wanted: Wanted) -> str:
    if wanted.conv:
        return f'"{_conversation(wanted.conv)}"'
    tags = [f"u{wanted.uid}", *(_conversation(conv) for conv in wanted.groups)]
    return " OR ".join(f'"{tag}"' for tag in tags)


def _conversation(conv: str) -> str:
    low, high = _numbers(conv)
    return f"c{low}x{high}" if low else f"g{high}"


def _phrase(clause: Clause) -> str:
    if not clause.prefix:
        return '"' + " ".join(clause.terms) + '"'
    last = clause.terms[-1]
    size = next((size for size in PREFIXES if size <= len(last)), len(last))
    return '"' + " ".join((*clause.terms[:-1], last[:size])) + '"*'


def _numbers(conv: str) -> tuple[int, int]:
    """A conversation as two integers: people, or 0 and a group. Raises ValueError."""
    pair = parse_key(conv)
    if pair is not None:
        return pair
    gid = parse_group(conv)
    if gid is None:
        raise ValueError(f"not a conversation: {conv!r}")
    return 0, gid


def _row(
    document: Document,
) -> tuple[tuple[int, str, str], tuple[int, int, int, int, int]]:
    low, high = _numbers(document.conv)
    people = f"u{low} u{high} " if low else ""
    tags = f"{people}{_conversation(document.conv)} s{document.sender} t{document.type}"
    return (
        (-document.mid, " ".join(terms_of(document.text)), tags),
        (document.mid, low, high, document.seq, document.send_at),
    )


def _find(
    connection: apsw.Connection, expression: str, wanted: Wanted, below: int, limit: int
) -> Found:
    lowest = 0
    if wanted.after:
        since = wanted.after - CLOCK_SLACK_MS
        lowest = int(single(connection, _FIRST_SINCE, (since, below)))
    if wanted.before:
        until = wanted.before + CLOCK_SLACK_MS
        below = min(below, int(single(connection, _LAST_UNTIL, (until,))) + 1)
    rows = _rows.decode(single(connection, _FIND, (expression, below, lowest, limit)))
    hits = [
        Hit(mid, key_of(low, high), seq)
        for mid, low, high, seq, send_at in rows
        if send_at > wanted.after and (not wanted.before or send_at < wanted.before)
    ]
    return Found(hits, rows[-1][0] if len(rows) == limit else 0)


def _is_sound(file: Path) -> bool:
    """Whether it is an index as this version makes them. What is broken further inside shows when it is used."""
    if not file.exists():
        return False
    try:
        connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            kind = (connection.pragma("application_id"), connection.pragma("user_version"))
            return kind == (APPLICATION, VERSION) and single(connection, _TABLES) == "3"
        finally:
            connection.close()
    except (apsw.Error, StopIteration):
        return False


def _connections(file: Path, cache_kib: int) -> tuple[apsw.Connection, apsw.Connection]:
    """One that writes and one that reads. Raises apsw.Error."""
    made = []
    for _ in range(2):
        connection = apsw.Connection(str(file))
        connection.set_busy_timeout(BUSY_TIMEOUT_MS)
        connection.pragma("cache_size", -cache_kib)
        connection.pragma("journal_mode", "WAL")
        # Survives a crash of the server; a power loss may cost the last batches, which are indexed again.
        connection.pragma("synchronous", "NORMAL")
        connection.pragma("temp_store", "MEMORY")
        made.append(connection)
    writing, reading = made
    with writing:
        if not writing.pragma("user_version"):
            writing.execute(_SCHEMA)
    return writing, reading
