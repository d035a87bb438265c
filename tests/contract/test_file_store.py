"""What every FileStore promises."""

from __future__ import annotations

import pytest

from glideim.edge.stores import Stores
from glideim.media.ports import FileStore, StoredFile, Upload
from glideim.protocol.records import MAX_ID


@pytest.fixture
def store(stores: Stores) -> FileStore:
    return stores.files


def file(name: str, uid: int = 1, at: int = 5, size: int = 10) -> StoredFile:
    return StoredFile(name, uid, "n", "image/png", size, "ab", at, 3, 4, True)


def upload(name: str, uid: int = 1, size: int = 10, expires_at: int = 100) -> Upload:
    return Upload(name, uid, "n", size, expires_at)


async def test_keeps_every_field_and_ends_the_upload(store: FileStore) -> None:
    assert await store.add_upload(upload("u"), 100, 5, 10)
    await store.add_file(file("a"), "u")
    assert await store.file("a") == file("a")
    assert await store.upload("u") is None
    assert await store.file("b") is None


async def test_a_persons_files_newest_first_in_pages(store: FileStore) -> None:
    for name, at in (("a", 1), ("b", 2), ("c", 2), ("d", 3)):
        await store.add_file(file(name, at=at), "")
    await store.add_file(file("x", uid=2, at=9), "")
    first = await store.files_of(1, (MAX_ID, ""), 2)
    assert [f.file_id for f in first] == ["d", "c"]
    rest = await store.files_of(1, (first[-1].created_at, first[-1].file_id), 9)
    assert [f.file_id for f in rest] == ["b", "a"]


async def test_quota_counts_files_and_what_was_announced(store: FileStore) -> None:
    await store.add_file(file("a", size=60), "")
    assert await store.add_upload(upload("u", size=40), 100, 5, 10)
    assert await store.used(1, 10) == 100
    assert not await store.add_upload(upload("v", size=1), 100, 5, 10)
    assert await store.add_upload(upload("w", uid=2, size=1), 100, 5, 10)
    await store.remove_file("a")
    assert await store.used(1, 10) == 40


async def test_uploads_under_way_are_bounded_and_expire(store: FileStore) -> None:
    assert await store.add_upload(upload("u", expires_at=50), 100, 2, 10)
    assert await store.add_upload(upload("v", expires_at=40), 100, 2, 10)
    assert not await store.add_upload(upload("w"), 100, 2, 10)
    assert [u.upload_id for u in await store.expired_uploads(50, 9)] == ["v", "u"]
    assert [u.upload_id for u in await store.expired_uploads(49, 9)] == ["v"]
    # Their time is over at 50: they count no more, before anybody has cleared them away.
    assert await store.used(1, 39) == 20
    assert await store.used(1, 40) == 10
    assert await store.add_upload(upload("w", size=90), 100, 2, 40)
    assert not await store.add_upload(upload("x", size=1), 100, 2, 40)
    await store.drop_uploads(["u", "v", "w"])
    assert await store.expired_uploads(MAX_ID, 9) == []
