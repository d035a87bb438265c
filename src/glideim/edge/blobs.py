"""Where the bytes of files are: a folder, or a store that speaks S3."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import obstore
from msgspec import Struct
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, S3Store

from glideim.media.ports import BlobError


class S3Options(Struct, frozen=True):
    """A bucket, and who may use it. Empty keys: those of the environment."""

    bucket: str
    endpoint: str = ""
    region: str = ""
    key_id: str = ""
    secret: str = ""


class ObjectBlobs:
    """`BlobStore` on a library that knows them all."""

    def __init__(self, store: LocalStore | S3Store | MemoryStore) -> None:
        self._store = store

    async def put(self, key: str, source: Path) -> None:
        """See BlobStore. A folder gets it by renaming, S3 by a put or a multipart upload: never half of it."""
        try:
            await obstore.put_async(self._store, key, source)
        except (BaseError, OSError) as error:
            raise BlobError(str(error)) from error

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """See BlobStore."""
        try:
            meta = await obstore.head_async(self._store, key)
            stop = min(end, meta["size"])
            if stop <= start:
                return
            found = await obstore.get_async(self._store, key, options={"range": (start, stop)})
            async for piece in found.stream(min_chunk_size=64 * 1024):
                yield bytes(piece)
        except (BaseError, OSError) as error:
            raise BlobError(str(error)) from error

    async def delete(self, keys: Sequence[str]) -> None:
        """See BlobStore."""
        for key in keys:
            try:
                await obstore.delete_async(self._store, key)
            except FileNotFoundError:
                continue
            except (BaseError, OSError) as error:
                raise BlobError(str(error)) from error


def local_blobs(folder: Path) -> ObjectBlobs:
    """Files in a folder, which is made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    return ObjectBlobs(LocalStore(folder))


def memory_blobs() -> ObjectBlobs:
    """Bytes in memory, gone with the process."""
    return ObjectBlobs(MemoryStore())


def s3_blobs(options: S3Options) -> ObjectBlobs:
    """Objects in a bucket."""
    config: dict[str, str | bool] = {"bucket": options.bucket}
    if options.endpoint:
        config |= {"endpoint": options.endpoint, "virtual_hosted_style_request": False}
    for name, value in (
        ("region", options.region),
        ("access_key_id", options.key_id),
        ("secret_access_key", options.secret),
    ):
        if value:
            config[name] = value
    plain = options.endpoint.startswith("http://")
    return ObjectBlobs(S3Store(config=config, client_options={"allow_http": plain}))  # type: ignore[arg-type]
