"""Rows about files in memory."""

from __future__ import annotations

from collections.abc import Sequence

from glideim.media.ports import StoredFile, Upload

from .engine import Engine


class MemoryFiles:
    """`FileStore` in memory."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._files: dict[str, StoredFile] = {}
        self._uploads: dict[str, Upload] = {}

    async def add_file(self, file: StoredFile, upload_id: str) -> None:
        """See FileStore."""
        self._engine.check()
        self._files[file.file_id] = file
        self._uploads.pop(upload_id, None)

    async def file(self, file_id: str) -> StoredFile | None:
        """See FileStore."""
        self._engine.check()
        return self._files.get(file_id)

    async def files_of(self, uid: int, before: tuple[int, str], limit: int) -> Sequence[StoredFile]:
        """See FileStore."""
        self._engine.check()
        mine = [
            file
            for file in self._files.values()
            if file.uid == uid and (file.created_at, file.file_id) < before
        ]
        mine.sort(key=lambda file: (file.created_at, file.file_id), reverse=True)
        return mine[:limit]

    async def remove_file(self, file_id: str) -> None:
        """See FileStore."""
        self._engine.check()
        self._files.pop(file_id, None)

    async def used(self, uid: int, now_ms: int) -> int:
        """See FileStore."""
        self._engine.check()
        stored = sum(file.size for file in self._files.values() if file.uid == uid)
        return stored + sum(up.size for up in self._under_way(uid, now_ms))

    async def add_upload(self, upload: Upload, quota: int, most: int, now_ms: int) -> bool:
        """See FileStore."""
        under_way = len(self._under_way(upload.uid, now_ms))
        if await self.used(upload.uid, now_ms) + upload.size > quota or under_way >= most:
            return False
        self._uploads[upload.upload_id] = upload
        return True

    async def upload(self, upload_id: str) -> Upload | None:
        """See FileStore."""
        self._engine.check()
        return self._uploads.get(upload_id)

    async def drop_uploads(self, uploads: Sequence[str]) -> None:
        """See FileStore."""
        self._engine.check()
        for upload_id in uploads:
            self._uploads.pop(upload_id, None)

    async def expired_uploads(self, now_ms: int, limit: int) -> Sequence[Upload]:
        """See FileStore."""
        self._engine.check()
        over = [upload for upload in self._uploads.values() if upload.expires_at <= now_ms]
        return sorted(over, key=lambda upload: upload.expires_at)[:limit]

    def _under_way(self, uid: int, now_ms: int) -> Sequence[Upload]:
        return [up for up in self._uploads.values() if up.uid == uid and up.expires_at > now_ms]
