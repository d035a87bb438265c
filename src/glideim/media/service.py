"""Uploads, resumable; downloads; limits, quotas and what was abandoned."""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import MAX_ID
from glideim.protocol.social import FileInfo, FileList
from glideim.protocol.social import Upload as UploadView

from .images import HEAD_BYTES, Picture, is_picture, sniff
from .ports import BlobError, BlobStore, FileStore, StoredFile, Upload
from .scratch import SMALL, WHOLE, DiskError, Scratch, TooLongError
from .thumbnails import Thumbnails
from .types import TypeRules

log = logging.getLogger("glideim.media")

NAME_MOST = 255
PAGE_DEFAULT, PAGE_MOST = 50, 200
PIECE_MOST = 36 * 1024
"""Bytes of one part over the long connection, before they are base64."""
PURGE_BATCH = 500


class MediaOptions(Struct, frozen=True):
    """Limits of files."""

    file_bytes: int = 100 * 1024 * 1024
    quota: int = 1024 * 1024 * 1024
    uploads_each: int = 20
    """Uploads that one person may have under way."""
    uploads_most: int = 200
    """Uploads that write at the same time."""
    upload_hours: int = 24
    """Hours after which an upload that was not finished is forgotten."""
    types: TypeRules = TypeRules()
    url: str = "/api/v2/files/"


class MediaService:
    """Everything about files. Every method may raise RequestError."""

    def __init__(
        self,
        *,
        store: FileStore,
        blobs: BlobStore,
        scratch: Path | None,
        clock: Clock,
        options: MediaOptions,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._scratch = Scratch(scratch)
        self._thumbnails = Thumbnails()
        self._clock = clock
        self.options = options
        self._busy: set[str] = set()
        """Uploads that are being written or finished now."""
        self.stored = 0

    def open(self) -> None:
        """Prepare the folder of unfinished uploads."""
        self._scratch.open()

    async def recover(self) -> None:
        """Clear away what the last process left: uploads whose request went with it, and what belongs to none."""
        for name in await self._scratch.names():
            upload_id = name.removesuffix(WHOLE).removesuffix(SMALL)
            upload = None if name.endswith(WHOLE) else await self._store.upload(upload_id)
            if name.endswith(WHOLE):
                await self._forget(upload_id, name)
            elif upload is None or name.endswith(SMALL):
                await self._scratch.remove(name)

    async def close(self) -> None:
        """End the threads."""
        await self._thumbnails.close()
        await self._scratch.close()

    def statistics(self) -> Mapping[str, int]:
        """What is under way, and what was done since the start."""
        return {
            "uploads_writing": len(self._busy),
            "uploads_writing_limit": self.options.uploads_most,
            "files_stored_total": self.stored,
            "thumbnails_failed_total": self._thumbnails.failed,
        }

    # --- uploads ------------------------------------------------------------------------------------------

    async def begin(self, uid: int, name: str, size: int) -> UploadView:
        """Announce a file of `size` bytes."""
        if not 0 < size <= self.options.file_bytes:
            code = ErrorCode.BAD_REQUEST if size <= 0 else ErrorCode.TOO_LARGE
            raise RequestError(code, f"size: must be 1 to {self.options.file_bytes} bytes")
        upload = self._new(uid, name, size)
        await self._reserve(upload, upload.upload_id)
        return await self._view(upload)

    async def status(self, uid: int, upload_id: str) -> UploadView:
        """How much is there."""
        return await self._view(await self._mine(uid, upload_id))

    async def cancel(self, uid: int, upload_id: str) -> None:
        """Give an upload up."""
        await self._mine(uid, upload_id)
        async with self._alone(upload_id):
            await self._forget(upload_id, upload_id)

    async def append(self, uid: int, upload_id: str, offset: int, data: str) -> UploadView:
        """One part in base64; the last one makes it a file."""
        try:
            piece = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            raise RequestError(ErrorCode.BAD_REQUEST, "data: not base64") from None
        if len(piece) > PIECE_MOST:
            raise RequestError(ErrorCode.TOO_LARGE, f"data: at most {PIECE_MOST} bytes a time")
        return await self.write(uid, upload_id, offset, _single(piece))

    async def write(
        self, uid: int, upload_id: str, offset: int, pieces: AsyncIterator[bytes]
    ) -> UploadView:
        """Append pieces as they come; what came before the stream broke off stays. The last byte makes it a file."""
        upload = await self._mine(uid, upload_id)
        async with self._alone(upload_id):
            have = await self._size(upload_id)
            if offset != have:
                raise RequestError(ErrorCode.CONFLICT, f"offset: {have} bytes are there")
            have = await self._append(upload_id, upload.size, pieces)
            if have < upload.size:
                return await self._view(upload)
            # Again, for its time may be over by now, and what it reserved somebody else's.
            await self._mine(uid, upload_id)
            info = await self._keep(upload, upload_id, upload.size)
            return UploadView(upload_id, upload.size, upload.size, upload.expires_at, info)

    async def store_stream(
        self, uid: int, name: str, pieces: AsyncIterator[bytes], size_hint: int = 0
    ) -> FileInfo:
        """A whole file whose size shows only at its end. At most `size_hint` bytes, if that is given.

        While it comes, as much as it may become counts against the quota.
        """
        most = min(size_hint or self.options.file_bytes, self.options.file_bytes)
        room = self.options.quota - await self._store.used(uid, self._clock.now_ms())
        if room <= 0:
            raise RequestError(ErrorCode.TOO_LARGE, "your quota is used up")
        draft = self._new(uid, name, min(most, room))
        part = draft.upload_id + WHOLE
        async with self._alone(draft.upload_id):
            try:
                await self._reserve(draft, part)
                size = await self._append(part, draft.size, pieces)
                if not size:
                    raise RequestError(ErrorCode.BAD_REQUEST, "file: is empty")
                return await self._keep(draft, part, size)
            finally:
                await self._forget(draft.upload_id, part)

    def _new(self, uid: int, name: str, size: int) -> Upload:
        expires_at = self._clock.now_ms() + self.options.upload_hours * 3_600_000
        return Upload(secrets.token_urlsafe(18), uid, clean_name(name), size, expires_at)

    async def _reserve(self, upload: Upload, part: str) -> None:
        """The file first: one that nobody knows of is found after a crash, a reservation without one is not."""
        try:
            await self._scratch.create(part)
        except DiskError as error:
            raise _disk(error) from None
        fits = await self._store.add_upload(
            upload, self.options.quota, self.options.uploads_each, self._clock.now_ms()
        )
        if not fits:
            await self._scratch.remove(part)
            raise RequestError(
                ErrorCode.TOO_LARGE, "your quota is used up, or too many uploads are under way"
            )

    async def _append(self, part: str, most: int, pieces: AsyncIterator[bytes]) -> int:
        try:
            return await self._scratch.append(part, most, pieces)
        except TooLongError:
            text = f"more than the {most} bytes that were announced or fit your quota"
            raise RequestError(ErrorCode.TOO_LARGE, text) from None
        except DiskError as error:
            raise _disk(error) from None

    async def _keep(self, upload: Upload, part: str, size: int) -> FileInfo:
        """Bytes first, the row last: a crash in between leaves nothing that anybody can see.

        The file has the upload's id, so that whoever clears the upload away finds what was stored of it.
        """
        source, small = self._scratch.path(part), self._scratch.path(upload.upload_id + SMALL)
        try:
            media_type, digest = await self._scratch.run(lambda: _examine(source))
            if not self.options.types.allow(media_type):
                await self._forget(upload.upload_id, part)
                text = f"files of the type {media_type} are not taken here"
                raise RequestError(ErrorCode.FORBIDDEN, text)
            shown = Picture()
            if is_picture(media_type):
                shown = await self._thumbnails.make(source, small)
            await self._blobs.put(upload.upload_id, source)
            if shown.thumbnail:
                await self._blobs.put(_small(upload.upload_id), small)
        except BlobError as error:
            log.error("a file cannot be stored: %s", error)
            raise RequestError(ErrorCode.UNAVAILABLE, "the file cannot be stored now") from None
        except DiskError as error:
            raise _disk(error) from None
        finally:
            await self._scratch.remove(small.name)
        now = self._clock.now_ms()
        file = StoredFile(
            upload.upload_id, upload.uid, upload.name, media_type, size, digest, now, shown.width, shown.height,
            shown.thumbnail,
        )  # fmt: skip
        await self._store.add_file(file, upload.upload_id)
        await self._scratch.remove(part)
        self.stored += 1
        return self._info(file)

    # --- files --------------------------------------------------------------------------------------------

    async def file(self, file_id: str) -> StoredFile:
        """A file by its id, which is all that it takes: it cannot be guessed."""
        file = await self._store.file(file_id)
        if file is None:
            raise _no_file()
        return file

    async def info(self, file_id: str) -> FileInfo:
        """What is known of a file."""
        return self._info(await self.file(file_id))

    def read(self, file: StoredFile, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes [start, end). Raises BlobError."""
        return self._blobs.read(file.file_id, start, end)

    def read_thumbnail(self, file: StoredFile) -> AsyncIterator[bytes]:
        """The small picture of an image, in WebP. Raises BlobError."""
        if not file.thumbnail:
            raise _no_file()
        return self._blobs.read(_small(file.file_id), 0, MAX_ID)

    async def list(self, uid: int, cursor: str, limit: int) -> FileList:
        """A person's own files, newest first."""
        if limit < 0:
            raise RequestError(ErrorCode.BAD_REQUEST, "limit: must not be negative")
        most = min(limit or PAGE_DEFAULT, PAGE_MOST)
        files = await self._store.files_of(uid, _read_cursor(cursor), most + 1)
        page = files[:most]
        following = f"{page[-1].created_at}.{page[-1].file_id}" if len(files) > most else ""
        items = tuple(self._info(file) for file in page)
        used = await self._store.used(uid, self._clock.now_ms())
        return FileList(items, following, used, self.options.quota)

    async def delete(self, uid: int, file_id: str) -> None:
        """Remove one's own file. The row goes first: what nobody can find may stay a moment."""
        file = await self.file(file_id)
        if file.uid != uid:
            raise _no_file()
        await self._store.remove_file(file_id)
        await self._delete_blobs(file_id)

    async def purge(self) -> int:
        """Forget uploads that were never finished; how many."""
        total = 0
        while gone := await self._store.expired_uploads(self._clock.now_ms(), PURGE_BATCH):
            # One that is being written finds out by itself, and is cleared away next time.
            idle = [upload.upload_id for upload in gone if upload.upload_id not in self._busy]
            for upload_id in idle:
                await self._forget(upload_id, upload_id)
            total += len(idle)
            if len(idle) < len(gone):
                break
        return total

    # --- inside -------------------------------------------------------------------------------------------

    async def _forget(self, upload_id: str, part: str) -> None:
        """Clear an upload away, unless it became a file."""
        await self._scratch.remove(part, upload_id + SMALL)
        if await self._store.file(upload_id) is None:
            await self._delete_blobs(upload_id)
        await self._store.drop_uploads([upload_id])

    async def _delete_blobs(self, file_id: str) -> None:
        try:
            await self._blobs.delete((file_id, _small(file_id)))
        except BlobError as error:
            log.warning("the bytes of file %s stay behind: %s", file_id, error)

    async def _mine(self, uid: int, upload_id: str) -> Upload:
        upload = await self._store.upload(upload_id)
        if upload is None or upload.uid != uid or upload.expires_at <= self._clock.now_ms():
            raise RequestError(ErrorCode.NOT_FOUND, "there is no such upload")
        return upload

    @asynccontextmanager
    async def _alone(self, upload_id: str) -> AsyncIterator[None]:
        if upload_id in self._busy:
            raise RequestError(ErrorCode.CONFLICT, "this upload is being written")
        if len(self._busy) >= self.options.uploads_most:
            raise RequestError(ErrorCode.UNAVAILABLE, "too many uploads at once")
        self._busy.add(upload_id)
        try:
            yield
        finally:
            self._busy.discard(upload_id)

    async def _view(self, upload: Upload) -> UploadView:
        have = await self._size(upload.upload_id)
        return UploadView(upload.upload_id, have, upload.size, upload.expires_at)

    def _info(self, file: StoredFile) -> FileInfo:
        url = self.options.url + file.file_id
        small = url + "/thumbnail" if file.thumbnail else ""
        return FileInfo(
            file.file_id, url, file.name, file.type, file.size, file.sha256, file.width, file.height, small,
            file.created_at,
        )  # fmt: skip

    async def _size(self, upload_id: str) -> int:
        try:
            return await self._scratch.size(upload_id)
        except DiskError as error:
            raise _disk(error) from None


def clean_name(name: str) -> str:
    """A file's name without folders and what cannot be seen."""
    last = name.replace("\\", "/").rpartition("/")[2]
    visible = "".join(c for c in last if c.isprintable()).strip()
    return visible[:NAME_MOST] or "file"


def _no_file() -> RequestError:
    return RequestError(ErrorCode.NOT_FOUND, "there is no such file")


def _small(file_id: str) -> str:
    return f"{file_id}.thumbnail"


def _disk(error: DiskError) -> RequestError:
    log.error("an upload cannot be written: %s", error)
    return RequestError(ErrorCode.UNAVAILABLE, "the file cannot be written now")


def _examine(path: Path) -> tuple[str, str]:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(0)
        return sniff(head), hashlib.file_digest(file, "sha256").hexdigest()


def _read_cursor(cursor: str) -> tuple[int, str]:
    if not cursor:
        return MAX_ID, ""
    at, _, file_id = cursor.partition(".")
    if not (at.isascii() and at.isdigit() and len(at) <= 16 and file_id):
        raise RequestError(ErrorCode.BAD_REQUEST, "cursor: not one that this server gave out")
    return int(at), file_id


async def _single(piece: bytes) -> AsyncIterator[bytes]:
    yield piece
