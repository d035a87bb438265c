"""What files offer and need: their values, the rows about them, and where their bytes are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct


class StoredFile(Struct, frozen=True, gc=False):
    """A file that is whole. `width` and `height` in pixels, 0 for what is no image; `thumbnail` if there is one."""

    file_id: str
    uid: int
    name: str
    type: str
    size: int
    sha256: str
    created_at: int
    width: int = 0
    height: int = 0
    thumbnail: bool = False


class Upload(Struct, frozen=True, gc=False):
    """A file on its way: `size` bytes are announced."""

    upload_id: str
    uid: int
    name: str
    size: int
    expires_at: int


class FileStore(Protocol):
    """Rows about files, kept durably. Every method may raise StoreUnavailableError."""

    async def add_file(self, file: StoredFile, upload_id: str) -> None:
        """Keep a file; the upload it came from is over."""
        ...

    async def file(self, file_id: str) -> StoredFile | None:
        """One file."""
        ...

    async def files_of(self, uid: int, before: tuple[int, str], limit: int) -> Sequence[StoredFile]:
        """A person's files older than (created_at, file_id), newest first."""
        ...

    async def remove_file(self, file_id: str) -> None:
        """Forget a file."""
        ...

    async def used(self, uid: int, now_ms: int) -> int:
        """Bytes of a person's files and of the uploads they have announced, but for those whose time is over."""
        ...

    async def add_upload(self, upload: Upload, quota: int, most: int, now_ms: int) -> bool:
        """Keep an upload; False when it would exceed the quota in bytes, or `most` uploads are under way. Those whose
        time is over do not count."""
        ...

    async def upload(self, upload_id: str) -> Upload | None:
        """One upload."""
        ...

    async def drop_uploads(self, uploads: Sequence[str]) -> None:
        """Forget uploads."""
        ...

    async def expired_uploads(self, now_ms: int, limit: int) -> Sequence[Upload]:
        """Uploads whose time is over."""
        ...


class BlobError(Exception):
    """The blob store cannot serve; the text says why."""


class BlobMissingError(BlobError):
    """The blob store serves, but has nothing by that key."""


class BlobStore(Protocol):
    """Bytes by key. Every method may raise BlobError."""

    async def put(self, key: str, source: Path) -> None:
        """Store a file's content; it is whole or not there at all."""
        ...

    def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes [start, end) in pieces, up to the last there is. Raises BlobMissingError; BlobError when `start`
        is beyond the end."""
        ...

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove; what is not there is no error."""
        ...
