"""Files, as the application deals with them: uploads go on where they stopped, downloads as well."""

from __future__ import annotations

import asyncio
import base64
import io
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import BinaryIO

from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Empty
from glideim.protocol.social import (
    AppendUpload,
    BeginUpload,
    FileInfo,
    FileList,
    FileQuery,
    PageQuery,
    Upload,
    UploadQuery,
)

from .asking import Ask, paged
from .errors import RequestFailed
from .httpfiles import download

PIECE = 24 * 1024
"""Bytes of a file that one request carries; 32 KiB of base64."""
TRIES = 5
"""Requests in a row that may fail before an upload is given up."""

Progress = Callable[[int, int], None]
"""Told how many bytes of how many are there."""


class Files:
    """`client.files`. Everything raises RequestFailed when the server refuses it.

    Uploads go over the connection and need no other address. Downloads come over HTTP: from `api`, the address of the
    HTTP API (`http://host:8081`).
    """

    def __init__(self, ask: Ask, api: str) -> None:
        self._ask = ask
        self._api = api.rstrip("/")

    async def upload(
        self,
        source: Path | str | bytes,
        *,
        name: str = "",
        type: str = "",  # noqa: A002 - its name in the protocol
        progress: Progress | None = None,
    ) -> FileInfo:
        """Store a file (a path) or bytes; send `url` of the result, or the whole, as the content of a message. The
        server looks at the bytes to tell their type; `type` is only a hint. Broken connections are survived. Raises
        OSError when the file cannot be read."""
        if isinstance(source, bytes):
            return await self._upload(io.BytesIO(source), len(source), name, type, progress)
        path = Path(source)
        with await asyncio.to_thread(path.open, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            return await self._upload(file, size, name or path.name, type, progress)

    async def download(
        self, file: FileInfo | str, to: Path | str, *, progress: Progress | None = None
    ) -> Path:
        """Fetch a file (its record or its `url`) to a path; an incomplete `<path>.part` is continued. Raises
        ValueError when the client was given no `api`, RequestFailed, OSError."""
        url = file.url if isinstance(file, FileInfo) else file
        if not url.startswith(("http://", "https://")):
            if not self._api:
                raise ValueError("downloads need the address of the HTTP API: Client(…, api=…)")
            url = self._api + url
        path = Path(to)
        await asyncio.to_thread(download, url, path, progress)
        return path

    async def info(self, file_id: str) -> FileInfo:
        """What is known of a file."""
        return await self._ask(Action.API_FILES_INFO, FileQuery(file_id), FileInfo)

    def list(self) -> AsyncIterator[FileInfo]:
        """One's own files, the newest first."""
        return paged(self._ask, Action.API_FILES_LIST, PageQuery, FileList)

    async def space(self) -> tuple[int, int]:
        """Bytes that one's own files take, and how many they may."""
        page = await self._ask(Action.API_FILES_LIST, PageQuery(limit=1), FileList)
        return page.used, page.quota

    async def delete(self, file_id: str) -> None:
        """Remove one's own file, for everybody."""
        await self._ask(Action.API_FILES_DELETE, FileQuery(file_id), Empty)

    async def _upload(
        self, file: BinaryIO, size: int, name: str, kind: str, progress: Progress | None
    ) -> FileInfo:
        upload = await self._ask(Action.API_FILES_BEGIN, BeginUpload(name, size, kind), Upload)
        failures = 0
        while upload.file is None:
            file.seek(upload.offset)
            read = await asyncio.to_thread(file.read, PIECE)
            if not read and upload.offset < size:
                raise OSError(f"{name} became shorter while it was read")
            data = base64.b64encode(read).decode()
            piece = AppendUpload(upload.upload_id, upload.offset, data)
            try:
                upload = await self._ask(Action.API_FILES_APPEND, piece, Upload)
            except RequestFailed as error:
                failures += 1
                if failures == TRIES or error.code not in _AGAIN:
                    raise
                upload = await self._ask(
                    Action.API_FILES_STATUS, UploadQuery(upload.upload_id), Upload
                )
                continue
            failures = 0
            if progress is not None:
                progress(upload.offset, size)
        return upload.file


_AGAIN = frozenset({ErrorCode.UNAVAILABLE, ErrorCode.RATE_LIMITED, ErrorCode.CONFLICT})
"""Refusals after which it is worth looking how much is there. Conflict: another offset than expected."""
