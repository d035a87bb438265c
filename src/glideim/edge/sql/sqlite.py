"""Opens and closes the embedded engine: one SQLite file, its threads and its stores."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import apsw

from glideim.edge.stores import StoreOpenError
from glideim.kernel.clock import Clock

from . import migrations
from .accounts import SqliteAccounts
from .checkpointer import Checkpointer
from .connection import (
    PAGE_BYTES,
    PAGES_MIB,
    Durability,
    check_version,
    open_checkpointer,
    open_reader,
    open_writer,
)
from .contacts import SqliteContacts
from .files import SqliteFiles
from .groups import SqliteGroups
from .hooks import SqliteHooks
from .keys import SqliteKeys
from .lock import DirectoryLock
from .messages import SqliteMessages
from .presence import SqlitePresence
from .readers import Near, Readers
from .segments import SqliteSegments
from .writer import Writer, WriterLimits

FILE_NAME = "glideim.db"
READERS = 2


class SqliteStores:
    """The open engine. Belongs to the event loop it was opened in."""

    def __init__(
        self, file: Path, durability: Durability, lock: DirectoryLock | None, writing: apsw.Connection,
        limits: WriterLimits, pages_mib: int,
    ) -> None:  # fmt: skip
        loop = asyncio.get_running_loop()
        self._file = file
        self._lock = lock
        self._reading = [open_reader(file, pages_mib) for _ in range(READERS)]
        self._looking_up = open_reader(file, pages_mib)
        self._copying = open_checkpointer(file, durability)
        self._writing = writing
        self._checkpointer = Checkpointer(self._copying)
        self.writer = Writer(writing, loop, self._checkpointer.wake, limits)
        self._near = Near(self._looking_up)
        self.readers = Readers(self._reading, loop, near=self._near)
        self.messages = SqliteMessages(self.writer, self.readers)
        self.accounts = SqliteAccounts(self.writer, self.readers)
        self.files = SqliteFiles(self.writer, self.readers)
        self.groups = SqliteGroups(self.writer, self.readers)
        self.contacts = SqliteContacts(self.writer, self.readers)
        self.presence = SqlitePresence(self.writer, self.readers)
        self.segments = SqliteSegments(self.writer)
        self.keys = SqliteKeys(self.writer, self.readers)
        self.hooks = SqliteHooks(self.writer, self.readers)
        self._closed = False
        for part in (self.writer, self.readers, self._checkpointer):
            part.start()

    async def close(self) -> None:
        """Commit what was queued, copy the log into the database, close the file and free the directory."""
        if self._closed:
            return
        self._closed = True
        await self.writer.close()
        await self.readers.close()
        await asyncio.get_running_loop().run_in_executor(None, self._let_go)

    def _let_go(self) -> None:
        self._checkpointer.close()
        for connection in (*self._reading, self._looking_up, self._copying):
            connection.close()
        # The last connection copies the log and removes it.
        self._writing.close()
        if self._lock is not None:
            self._lock.release()

    def statistics(self) -> Mapping[str, float]:
        """Depths of queues, counters since the start, and the size of the log in bytes."""
        writer, checkpointer = self.writer, self._checkpointer
        return {
            "write_queue_jobs": writer.queued_jobs,
            "write_queue_jobs_limit": writer.limits.queued_jobs,
            "write_queue_rows": writer.queued_rows,
            "write_queue_rows_limit": writer.limits.queued_rows,
            "read_queue": self.readers.queued,
            "read_queue_limit": self.readers.limit,
            "reads": self.readers.reads + self._near.reads,
            "reads_in_the_loop": self._near.reads,
            "slow_reads_in_the_loop": self._near.slow,
            "commits": writer.transactions,
            "commits_made_in_the_loop": writer.near,
            "slow_commits_made_in_the_loop": writer.slow,
            "rows": writer.rows,
            "jobs_set_aside": writer.retried,
            "failed_transactions": writer.failures,
            "wal_bytes": writer.wal_pages * PAGE_BYTES,
            "wal_restarts": writer.restarts,
            "checkpoints": checkpointer.checkpoints,
            "failed_checkpoints": checkpointer.failures,
        }


async def open_sqlite(
    directory: Path,
    *,
    durability: Durability | str = Durability.FULL,
    clock: Clock,
    exclusive: bool = True,
    limits: WriterLimits | None = None,
    pages_mib: int = PAGES_MIB,
) -> SqliteStores:
    """Open the database in a directory, creating both if need be, and bring its schema up to date.

    With `exclusive` the directory is locked against other servers; a tool that works beside a running server
    on the same machine opens it without. Raises StoreOpenError.
    """
    check_version(apsw.sqlite_lib_version())
    loop = asyncio.get_running_loop()
    level = Durability(durability)
    file = directory / FILE_NAME
    try:
        lock, connection = await loop.run_in_executor(
            None, _prepare, file, level, clock, exclusive, pages_mib
        )
    except (OSError, apsw.Error) as error:
        raise StoreOpenError(f"cannot open {file}: {error}") from error
    return SqliteStores(file, level, lock, connection, limits or WriterLimits(), pages_mib)


def _prepare(
    file: Path, durability: Durability, clock: Clock, exclusive: bool, pages_mib: int
) -> tuple[DirectoryLock | None, apsw.Connection]:
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = DirectoryLock(file.parent) if exclusive else None
    connection = None
    try:
        connection = open_writer(file, durability, pages_mib)
        migrations.migrate(connection, migrations.load(), clock)
    except BaseException:
        if connection is not None:
            connection.close()
        if lock is not None:
            lock.release()
        raise
    return lock, connection
