"""What every BlobStore promises: a folder, memory, and a real store that speaks S3."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from glideim.edge.blobs import PART, PIECE, S3Options, local_blobs, memory_blobs, s3_blobs
from glideim.media.ports import BlobError, BlobMissingError, BlobStore

SMALL = bytes(range(256)) * 16
LARGE = hashlib.shake_128(b"seed").digest(2 * PART + 12_345)


@pytest.fixture(params=["local", "memory", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "s3":
        return s3_blobs(S3Options(**request.getfixturevalue("s3_service")))
    return local_blobs(tmp_path / "blobs") if request.param == "local" else memory_blobs()


@pytest.fixture
def key() -> str:
    return secrets.token_urlsafe(18)


async def put(blobs: BlobStore, key: str, content: bytes, folder: Path) -> None:
    source = folder / f"{key}.source"
    source.write_bytes(content)
    await blobs.put(key, source)


async def read(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


@pytest.mark.parametrize(
    ("start", "end"), [(0, 4096), (0, 1), (4095, 4096), (10, 3000), (4000, 2**53 - 1)]
)
async def test_any_range_comes_back(
    blobs: BlobStore, key: str, tmp_path: Path, start: int, end: int
) -> None:
    await put(blobs, key, SMALL, tmp_path)
    assert await read(blobs.read(key, start, end)) == SMALL[start:end]


async def test_beyond_the_end_is_an_error(blobs: BlobStore, key: str, tmp_path: Path) -> None:
    await put(blobs, key, SMALL, tmp_path)
    with pytest.raises(BlobError):
        await read(blobs.read(key, 4096, 5000))


async def test_what_takes_several_parts_comes_back_in_pieces(
    blobs: BlobStore, key: str, tmp_path: Path
) -> None:
    await put(blobs, key, LARGE, tmp_path)
    pieces = [piece async for piece in blobs.read(key, 0, len(LARGE))]
    assert b"".join(pieces) == LARGE
    assert max(map(len, pieces)) <= PIECE
    start, end = PART - 100, PART + 3 * PIECE
    assert await read(blobs.read(key, start, end)) == LARGE[start:end]


async def test_a_reader_may_leave_and_others_read_on(
    blobs: BlobStore, key: str, tmp_path: Path
) -> None:
    await put(blobs, key, LARGE, tmp_path)
    leaving = blobs.read(key, 0, len(LARGE))
    assert LARGE.startswith(await anext(leaving))
    readers = [read(blobs.read(key, n, n + 2 * PART)) for n in range(4)]
    for n, content in enumerate(await asyncio.gather(*readers)):
        assert content == LARGE[n : n + 2 * PART]


async def test_many_at_once(blobs: BlobStore, key: str, tmp_path: Path) -> None:
    names = [f"{key}-{n}" for n in range(20)]
    await asyncio.gather(*(put(blobs, name, name.encode(), tmp_path) for name in names))
    assert [await read(blobs.read(name, 0, 99)) for name in names] == [n.encode() for n in names]


async def test_what_is_deleted_is_missing(blobs: BlobStore, key: str, tmp_path: Path) -> None:
    with pytest.raises(BlobMissingError):
        await read(blobs.read(key, 0, 10))
    await put(blobs, key, SMALL, tmp_path)
    await blobs.delete([f"{key}-never-there", key, key])
    with pytest.raises(BlobMissingError):
        await read(blobs.read(key, 0, 10))


async def test_a_source_that_cannot_be_read_is_an_error_and_leaves_nothing(
    blobs: BlobStore, key: str, tmp_path: Path
) -> None:
    with pytest.raises(BlobError):
        await blobs.put(key, tmp_path / "not there")
    with pytest.raises(BlobMissingError):
        await read(blobs.read(key, 0, 10))
