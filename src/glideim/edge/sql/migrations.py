"""Brings the schema of a database up to date: plain SQL files, applied once, in order.

A file is named `0001_what.sql` and is never edited after a release: its checksum is kept in the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import apsw

from glideim.edge.stores import StoreOpenError
from glideim.kernel.clock import Clock

DIRECTORY = Path(__file__).with_name("sqlite_migrations")

_TABLE = """
CREATE TABLE IF NOT EXISTS schema_version (
    version    INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    checksum   TEXT    NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT
"""


class SchemaError(StoreOpenError):
    """The database and this program do not fit together."""


class Migration(NamedTuple):
    """One step of the schema."""

    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, whatever the line ends of the checkout."""
        return hashlib.sha256(self.sql.replace("\r\n", "\n").encode()).hexdigest()


def load(directory: Path = DIRECTORY) -> list[Migration]:
    """The migrations in a directory, in order. Raises SchemaError if their numbers have holes."""
    found = []
    for file in sorted(directory.glob("*.sql")):
        number, _, name = file.stem.partition("_")
        if not number.isdigit():
            raise SchemaError(f"{file}: the name of a migration begins with its number")
        found.append(Migration(int(number), name, file.read_text("utf-8")))
    if [migration.version for migration in found] != list(range(1, len(found) + 1)):
        raise SchemaError(f"{directory}: migrations must be numbered 1, 2, 3 …")
    return found


def migrate(connection: apsw.Connection, migrations: Sequence[Migration], clock: Clock) -> int:
    """Apply what is missing, each in a transaction of its own; how many were applied.

    Raises SchemaError when the database is newer than this program or an applied file was edited.
    """
    missing = _compare(_applied(connection), migrations)
    for migration in missing:
        _apply(connection, migration, clock)
    return len(missing)


def _applied(connection: apsw.Connection) -> dict[int, str]:
    """Checksums of what was applied, by version. Writes only to an empty database."""
    if not connection.execute(
        "SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'"
    ).fetchall():
        connection.execute(_TABLE)
    rows = connection.execute("SELECT version, checksum FROM schema_version")
    return {int(version): str(checksum) for version, checksum in rows}


def _compare(applied: Mapping[int, str], migrations: Sequence[Migration]) -> list[Migration]:
    newest = max(applied, default=0)
    if newest > len(migrations):
        raise SchemaError(
            f"the database has schema version {newest}, this program knows only {len(migrations)}: "
            "use the newer program, or a backup from before it"
        )
    for migration in migrations:
        if applied.get(migration.version, migration.checksum) != migration.checksum:
            raise SchemaError(
                f"migration {migration.version} ({migration.name}) differs from the one that made this database"
            )
    return [migration for migration in migrations if migration.version not in applied]


def _apply(connection: apsw.Connection, migration: Migration, clock: Clock) -> None:
    with connection:
        # Another process may have been quicker: the row decides, inside the transaction.
        connection.execute(
            "INSERT INTO schema_version VALUES (?, ?, ?, ?)",
            (migration.version, migration.name, migration.checksum, clock.now_ms()),
        )
        connection.execute(migration.sql)
