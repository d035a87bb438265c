"""Rows about files in SQLite."""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from glideim.media.ports import StoredFile, Upload

from .readers import Readers
from .rows import to_json
from .writer import Writer

_FILE = "file_id, uid, name, type, size, sha256, created_at, width, height, thumbnail"
_UPLOAD = "upload_id, uid, name, size, expires_at"
_USED = """
SELECT (SELECT coalesce(sum(size), 0) FROM file WHERE uid = ?1)
     + (SELECT coalesce(sum(size), 0) FROM upload WHERE uid = ?1 AND expires_at > ?2)
"""


class SqliteFiles:
    """`FileStore` on SQLite."""

    def __init__(self, writer: Writer, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    async def add_file(self, file: StoredFile, upload_id: str) -> None:
        """See FileStore."""
        f = file
        row = (
            f.file_id, f.uid, f.name, f.type, f.size, f.sha256, f.created_at, f.width, f.height, int(f.thumbnail),
        )  # fmt: skip

        def work(connection: apsw.Connection) -> None:
            connection.execute(f"INSERT INTO file ({_FILE}) VALUES ({', '.join('?' * 10)})", row)
            connection.execute("DELETE FROM upload WHERE upload_id = ?", (upload_id,))

        await self._writer.run(work)

    async def file(self, file_id: str) -> StoredFile | None:
        """See FileStore."""
        sql = f"SELECT {_FILE} FROM file WHERE file_id = ?"
        found = await self._readers.run(lambda c: c.execute(sql, (file_id,)).fetchall())
        return _file(found[0]) if found else None

    async def files_of(self, uid: int, before: tuple[int, str], limit: int) -> Sequence[StoredFile]:
        """See FileStore."""
        sql = f"""
            SELECT {_FILE} FROM file WHERE uid = ? AND (created_at, file_id) < (?, ?)
            ORDER BY created_at DESC, file_id DESC LIMIT ?
        """
        rows = await self._readers.run(lambda c: c.execute(sql, (uid, *before, limit)).fetchall())
        return [_file(row) for row in rows]

    async def remove_file(self, file_id: str) -> None:
        """See FileStore."""

        def work(connection: apsw.Connection) -> None:
            connection.execute("DELETE FROM file WHERE file_id = ?", (file_id,))

        await self._writer.run(work)

    async def used(self, uid: int, now_ms: int) -> int:
        """See FileStore."""
        return await self._readers.run(lambda c: int(c.execute(_USED, (uid, now_ms)).get))

    async def add_upload(self, upload: Upload, quota: int, most: int, now_ms: int) -> bool:
        """See FileStore."""
        u = upload

        def work(connection: apsw.Connection) -> bool:
            used = int(connection.execute(_USED, (u.uid, now_ms)).get)
            count = connection.execute(
                "SELECT count(*) FROM upload WHERE uid = ? AND expires_at > ?", (u.uid, now_ms)
            ).get
            if used + u.size > quota or int(count) >= most:
                return False
            connection.execute(
                f"INSERT INTO upload ({_UPLOAD}) VALUES (?, ?, ?, ?, ?)",
                (u.upload_id, u.uid, u.name, u.size, u.expires_at),
            )
            return True

        return await self._writer.run(work)

    async def upload(self, upload_id: str) -> Upload | None:
        """See FileStore."""
        sql = f"SELECT {_UPLOAD} FROM upload WHERE upload_id = ?"
        found = await self._readers.run(lambda c: c.execute(sql, (upload_id,)).fetchall())
        return _upload(found[0]) if found else None

    async def drop_uploads(self, uploads: Sequence[str]) -> None:
        """See FileStore."""
        sql = "DELETE FROM upload WHERE upload_id IN (SELECT value FROM json_each(?))"
        names = to_json(list(uploads))

        def work(connection: apsw.Connection) -> None:
            connection.execute(sql, (names,))

        await self._writer.run(work)

    async def expired_uploads(self, now_ms: int, limit: int) -> Sequence[Upload]:
        """See FileStore."""
        sql = f"SELECT {_UPLOAD} FROM upload WHERE expires_at <= ? ORDER BY expires_at LIMIT ?"
        rows = await self._readers.run(lambda c: c.execute(sql, (now_ms, limit)).fetchall())
        return [_upload(row) for row in rows]


def _file(row: tuple[apsw.SQLiteValue, ...]) -> StoredFile:
    file_id, uid, name, kind, size, sha256, created_at, width, height, thumbnail = row
    return StoredFile(
        str(file_id), _int(uid), str(name), str(kind), _int(size), str(sha256), _int(created_at), _int(width),
        _int(height), bool(thumbnail),
    )  # fmt: skip


def _upload(row: tuple[apsw.SQLiteValue, ...]) -> Upload:
    upload_id, uid, name, size, expires_at = row
    return Upload(str(upload_id), _int(uid), str(name), _int(size), _int(expires_at))


def _int(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"not an integer: {value!r}")
    return value
