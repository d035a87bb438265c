"""Where the bytes of files are: a folder, or a store that speaks S3."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import obstore
from msgspec import Struct
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, S3Store

from glideim.media.ports import BlobError, BlobMissingError

PIECE = 64 * 1024
"""Bytes of a piece that is read, at most."""
PART = 5 * 1024 * 1024
"""Bytes of a part that is sent, at least: S3 takes no smaller ones, but for the last."""
PARTS_MOST = 10_000
"""S3 takes no more of one object; parts are as large as that asks for."""
PARTS_AT_ONCE = 2
PUTS_AT_ONCE = 4
"""With the two above: how much of what is sent to a bucket is in memory."""
RETRIES = 3
CONNECT_WITHIN = timedelta(seconds=5)
STALLED_AFTER = timedelta(seconds=15)
"""A request to the store ends when nothing comes for so long."""
ANSWER_WITHIN = timedelta(minutes=5)
"""Limit of a request as a whole; a slow reader's is longer than that, and goes on with another."""


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
        self._puts = asyncio.Semaphore(PUTS_AT_ONCE)

    async def put(self, key: str, source: Path) -> None:
        """See BlobStore. A folder gets it by renaming, S3 by a put or a multipart upload: never half of it."""
        async with self._puts:
            try:
                size = (await asyncio.to_thread(source.stat)).st_size
                await obstore.put_async(
                    self._store,
                    key,
                    source,
                    chunk_size=max(PART, -(-size // PARTS_MOST)),
                    max_concurrency=PARTS_AT_ONCE,
                )
            except (BaseError, OSError) as error:
                raise BlobError(str(error)) from error

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """See BlobStore. What breaks off goes on with another request where it was, as long as that brings more."""
        at = start
        stop: int | None = None
        while stop is None or at < stop:
            before = at
            try:
                found = await obstore.get_async(self._store, key, options={"range": (at, end)})
                stop = found.range[1]
                async for chunk in found.stream(min_chunk_size=PIECE):
                    # However much arrived at once: a slow reader holds one piece of it as bytes.
                    for first in range(0, len(chunk), PIECE):
                        piece = bytes(chunk[first : first + PIECE])
                        at += len(piece)
                        yield piece
            except FileNotFoundError as error:
                raise BlobMissingError(str(error)) from error
            except (BaseError, OSError) as error:
                if at == before:
                    raise BlobError(str(error)) from error
                continue
            if at == before:
                raise BlobError(f"{key}: the store sends nothing of what it announced")

    async def delete(self, keys: Sequence[str]) -> None:
        """See BlobStore."""
        for key in keys:
            try:
                await obstore.delete_async(self._store, key)
            except FileNotFoundError:
                continue
            except (BaseError, OSError) as error:
                raise BlobError(str(error)) from error


class FolderBlobs(ObjectBlobs):
    """`BlobStore` in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(LocalStore(folder))
        self._folder = folder

    async def put(self, key: str, source: Path) -> None:
        """See BlobStore. What is stored survives a loss of power: a row about it soon says that it is there."""
        await super().put(key, source)
        try:
            await asyncio.to_thread(self._sync, key)
        except OSError as error:
            raise BlobError(str(error)) from error

    def _sync(self, key: str) -> None:
        for path in (self._folder / key, self._folder):
            fd = os.open(path, os.O_RDONLY)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)


def local_blobs(folder: Path) -> ObjectBlobs:
    """Files in a folder, which is made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    return FolderBlobs(folder)


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
    store = S3Store(
        config=config,  # type: ignore[arg-type]
        client_options={
            "allow_http": plain,
            "connect_timeout": CONNECT_WITHIN,
            "read_timeout": STALLED_AFTER,
            "timeout": ANSWER_WITHIN,
        },
        retry_config={"max_retries": RETRIES, "retry_timeout": STALLED_AFTER},
    )
    return ObjectBlobs(store)
