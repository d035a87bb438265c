"""Connections to the database file, and what SQLite's errors mean to the rest.

Only apsw, with its own SQLite, ever opens the file: a second SQLite library in the process would break the
POSIX locks of the first, and those below 3.51.3 can corrupt a WAL that is checkpointed from another connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

import apsw

from glideim.edge.stores import StoreOpenError
from glideim.kernel.errors import StoreUnavailableError

OLDEST_SQLITE = (3, 51, 3)
"""First version without the WAL-reset corruption."""

BUSY_TIMEOUT_MS = 5000
PAGE_BYTES = 4096
PAGES_MIB = 128
"""Pages that the writer keeps: the inner ones and the busy leaves of the indexes of some ten million messages."""
READER_SHARE = 8
"""A reader keeps this part of it."""
_STATEMENTS = 128

Value = str | int | float | bytes | None


class Durability(StrEnum):
    """What a commit survives (docs/storage.md); the value of `PRAGMA synchronous` behind each."""

    FULL = "full"
    NORMAL = "normal"
    RELAXED = "relaxed"

    @property
    def synchronous(self) -> str:
        """The pragma's value."""
        return {"full": "FULL", "normal": "NORMAL", "relaxed": "OFF"}[self.value]


def check_version(version: str) -> None:
    """Raises StoreOpenError when this SQLite must not be trusted with the file."""
    if tuple(int(part) for part in version.split(".")[:3]) < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise StoreOpenError(
            f"SQLite {version} is too old, at least {oldest} is needed: upgrade apsw"
        )


def open_writer(file: Path, durability: Durability, pages_mib: int = PAGES_MIB) -> apsw.Connection:
    """The connection that writes; creates the file. Raises apsw.Error."""
    connection = _open(file, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE, 1024 * pages_mib)
    connection.pragma("page_size", PAGE_BYTES)
    mode = connection.pragma("journal_mode", "WAL")
    if mode != "wal":
        raise StoreOpenError(
            f"{file} cannot use a write-ahead log (mode {mode}): is it on a network drive?"
        )
    # Checkpoints of the writer's own would be paid by whoever commits next; see Checkpointer.
    connection.wal_autocheckpoint(0)
    connection.pragma("synchronous", durability.synchronous)
    # Statements that insert many rows keep a journal of their own; on disk it would cost as much as the rows.
    connection.pragma("temp_store", "MEMORY")
    return connection


def open_reader(file: Path, pages_mib: int = PAGES_MIB) -> apsw.Connection:
    """A connection that only reads; `pages_mib` is what the writer keeps. Raises apsw.Error."""
    cache_kib = 1024 * pages_mib // READER_SHARE
    connection = _open(file, apsw.SQLITE_OPEN_READWRITE, cache_kib)
    # Not opened read-only: such a connection cannot set up the shared memory of the log if it comes first.
    connection.pragma("query_only", True)
    connection.pragma("temp_store", "MEMORY")
    return connection


def open_checkpointer(file: Path, durability: Durability) -> apsw.Connection:
    """A connection that copies the log into the database. Raises apsw.Error."""
    connection = _open(file, apsw.SQLITE_OPEN_READWRITE, 1024)
    connection.wal_autocheckpoint(0)
    connection.pragma("synchronous", durability.synchronous)
    return connection


def _open(file: Path, flags: int, cache_kib: int) -> apsw.Connection:
    connection = apsw.Connection(str(file), flags=flags, statementcachesize=_STATEMENTS)
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    connection.pragma("cache_size", -cache_kib)
    return connection


_UNAVAILABLE = (
    apsw.BusyError,
    apsw.CantOpenError,
    apsw.ConnectionClosedError,
    apsw.CorruptError,
    apsw.FullError,
    apsw.InterruptError,
    apsw.IOError,
    apsw.LockedError,
    apsw.NoMemError,
    apsw.NotADBError,
    apsw.PermissionsError,
    apsw.ProtocolError,
    apsw.ReadOnlyError,
)


def translate(error: Exception) -> Exception:
    """StoreUnavailableError for what is the fault of the disk or its state; anything else as it is."""
    if isinstance(error, _UNAVAILABLE):
        unavailable = StoreUnavailableError(f"SQLite: {error}")
        unavailable.__cause__ = error
        return unavailable
    return error


def single(connection: apsw.Connection, sql: str, parameters: Sequence[Value] = ()) -> str:
    """The one text value of a query that makes all its rows into one.

    Every step of a statement gives up the GIL and has to win it back from a busy event loop, which may take
    milliseconds: so rows are put into one JSON text by SQLite, and the statement is never stepped again.
    """
    cursor = connection.execute(sql, parameters)
    try:
        return str(next(cursor)[0])
    finally:
        cursor.close(force=True)
