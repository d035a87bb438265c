"""A client's state in a file, so that nothing is lost or repeated across restarts."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from glideim.protocol.records import Message

from .store import Changes, Credentials, Saved

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cursors (
  uid INTEGER NOT NULL, conv TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (uid, conv)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (
  position INTEGER PRIMARY KEY AUTOINCREMENT, uid INTEGER NOT NULL, cli_mid TEXT NOT NULL,
  message BLOB NOT NULL, UNIQUE (uid, cli_mid)
);
CREATE TABLE IF NOT EXISTS syncs (uid INTEGER PRIMARY KEY, cursor TEXT NOT NULL) WITHOUT ROWID;
"""

_encode = msgspec.json.Encoder().encode
_message = msgspec.json.Decoder(Message)


class FileStore:
    """State in one SQLite file, readable by its owner only (it holds the token). One client at a time.

    A write survives the death of the process. After a loss of power the last moments may be missing: messages of
    those moments are given to the application again; a message that was not sent yet may be gone.
    Raises sqlite3.Error when the file cannot be used.
    """

    def __init__(self, path: Path | str) -> None:
        file = Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(file, isolation_level=None)
        # NORMAL: a commit costs no fsync, which would stall the application's event loop for milliseconds.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)
        self._db.execute(
            "INSERT OR IGNORE INTO meta VALUES ('instance', ?)", (secrets.token_bytes(6),)
        )

    def instance(self) -> bytes:
        return bytes(self._db.execute("SELECT value FROM meta WHERE name='instance'").fetchone()[0])

    def credentials(self) -> Credentials | None:
        row = self._db.execute("SELECT value FROM meta WHERE name='credentials'").fetchone()
        return msgspec.json.decode(row[0], type=Credentials) if row is not None else None

    def save_credentials(self, credentials: Credentials | None) -> None:
        if credentials is None:
            self._db.execute("DELETE FROM meta WHERE name='credentials'")
        else:
            self._db.execute("REPLACE INTO meta VALUES ('credentials', ?)", (_encode(credentials),))

    def load(self, uid: int) -> Saved:
        db = self._db
        cursors = dict(db.execute("SELECT conv, seq FROM cursors WHERE uid=?", (uid,)))
        rows = db.execute("SELECT message FROM outbox WHERE uid=? ORDER BY position", (uid,))
        outbox = [_message.decode(row[0]) for row in rows]
        row = db.execute("SELECT cursor FROM syncs WHERE uid=?", (uid,)).fetchone()
        return Saved(cursors, outbox, row[0] if row is not None else None)

    def write(self, uid: int, changes: Changes) -> None:
        db = self._db
        with self._transaction():
            db.executemany(
                "INSERT OR IGNORE INTO outbox (uid, cli_mid, message) VALUES (?, ?, ?)",
                [(uid, cli_mid, _encode(message)) for cli_mid, message in changes.added.items()],
            )
            db.executemany(
                "DELETE FROM outbox WHERE uid=? AND cli_mid=?",
                [(uid, cli_mid) for cli_mid in changes.removed],
            )
            db.executemany(
                "REPLACE INTO cursors VALUES (?, ?, ?)",
                [(uid, conv, seq) for conv, seq in changes.cursors.items()],
            )
            if changes.sync_cursor is not None:
                db.execute("REPLACE INTO syncs VALUES (?, ?)", (uid, changes.sync_cursor))

    def close(self) -> None:
        self._db.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
