"""Uploads: what they count, what they leave behind, what goes wrong beneath them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from glideim.edge.blobs import ObjectBlobs, local_blobs, memory_blobs
from glideim.edge.memory import open_memory
from glideim.kernel.clock import ManualClock
from glideim.kernel.errors import RequestError
from glideim.media.ports import FileStore
from glideim.media.service import MediaOptions, MediaService
from glideim.media.types import TypeRules
from glideim.protocol.codes import ErrorCode

ANN, BOB = 1, 2
HOUR = 3_600_000


class Place:
    """What outlives a process: rows, blobs, the folder."""

    def __init__(self, folder: Path, store: FileStore) -> None:
        self.folder = folder / "uploads"
        self.store = store
        self.blobs: ObjectBlobs = memory_blobs()
        self.clock = ManualClock()

    async def process(self, **options: object) -> MediaService:
        """A process that just started."""
        chosen = MediaOptions(**{"file_bytes": 600, "quota": 1000, "upload_hours": 1} | options)  # type: ignore[arg-type]
        service = MediaService(
            store=self.store, blobs=self.blobs, scratch=self.folder, clock=self.clock, options=chosen
        )  # fmt: skip
        service.open()
        await service.recover()
        return service

    async def used(self, uid: int = ANN) -> int:
        return await self.store.used(uid, self.clock.now_ms())

    def left(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
async def place(tmp_path: Path) -> Place:
    return Place(tmp_path, (await open_memory()).files)


@pytest.fixture
async def media(place: Place) -> AsyncIterator[MediaService]:
    service = await place.process()
    yield service
    await service.close()


class Coming:
    """A body that arrives when the test says so."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue()
        self.asked = asyncio.Event()

    def give(self, piece: bytes | BaseException | None) -> None:
        """The next piece, an error, or None for the end."""
        self._queue.put_nowait(piece)

    async def pieces(self) -> AsyncIterator[bytes]:
        self.asked.set()
        while (piece := await self._queue.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece


async def body(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def code_of(coroutine: object) -> ErrorCode:
    with pytest.raises(RequestError) as refused:
        await coroutine  # type: ignore[misc]
    return refused.value.code


async def test_a_file_that_is_coming_counts_against_the_quota(
    place: Place, media: MediaService
) -> None:
    first, second = Coming(), Coming()
    tasks = [
        asyncio.create_task(media.store_stream(ANN, "a", coming.pieces(), 500))
        for coming in (first, second)
    ]
    await asyncio.gather(first.asked.wait(), second.asked.wait())
    assert await place.used() == 1000
    assert await code_of(media.store_stream(ANN, "c", body(b"x"), 1)) is ErrorCode.TOO_LARGE
    assert await code_of(media.begin(ANN, "c", 1)) is ErrorCode.TOO_LARGE
    assert (await media.store_stream(BOB, "c", body(b"x"), 1)).size == 1
    first.give(bytes(400))
    first.give(None)
    await tasks[0]
    assert await place.used() == 900
    second.give(ConnectionError("cut"))
    with pytest.raises(ConnectionError):
        await tasks[1]
    assert await place.used() == 400
    assert place.left() == []


async def test_many_at_once_never_exceed_the_quota(place: Place, media: MediaService) -> None:
    uploads = [media.store_stream(ANN, "a", body(bytes(300)), 300) for _ in range(10)]
    results = await asyncio.gather(*uploads, return_exceptions=True)
    stored = [result for result in results if not isinstance(result, BaseException)]
    assert len(stored) == 3
    assert await place.used() == 900


async def test_giving_an_upload_up_frees_what_it_reserved(
    place: Place, media: MediaService
) -> None:
    upload = await media.begin(ANN, "a", 600)
    await media.write(ANN, upload.upload_id, 0, body(bytes(100)))
    assert await place.used() == 600
    assert await code_of(media.cancel(BOB, upload.upload_id)) is ErrorCode.NOT_FOUND
    await media.cancel(ANN, upload.upload_id)
    assert await place.used() == 0
    assert place.left() == []
    assert await code_of(media.status(ANN, upload.upload_id)) is ErrorCode.NOT_FOUND


async def test_a_reservation_ends_with_its_time_also_after_a_restart(place: Place) -> None:
    media = await place.process()
    upload = await media.begin(ANN, "a", 600)
    await media.write(ANN, upload.upload_id, 0, body(bytes(100)))
    await media.close()
    media = await place.process()
    assert (await media.status(ANN, upload.upload_id)).offset == 100
    assert await place.used() == 600
    place.clock.advance(HOUR / 1000)
    assert await place.used() == 0
    assert await code_of(media.write(ANN, upload.upload_id, 100, body(b"x"))) is ErrorCode.NOT_FOUND
    assert await media.purge() == 1
    assert place.left() == []
    await media.close()


async def test_what_was_posted_whole_is_released_when_its_process_is_gone(place: Place) -> None:
    dead = await place.process()
    coming = Coming()
    task = asyncio.create_task(dead.store_stream(ANN, "a", coming.pieces(), 500))
    coming.give(bytes(200))
    await coming.asked.wait()
    assert await place.used() == 500
    assert len(place.left()) == 1
    (place.folder / "of-nothing").write_bytes(b"x")
    living = await place.process()
    assert await place.used() == 0
    assert place.left() == []
    await living.close()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await dead.close()


async def test_two_parts_at_the_same_place(media: MediaService) -> None:
    upload = await media.begin(ANN, "a", 200)
    coming = Coming()
    first = asyncio.create_task(media.write(ANN, upload.upload_id, 0, coming.pieces()))
    await coming.asked.wait()
    second = media.write(ANN, upload.upload_id, 0, body(b"b" * 100))
    assert await code_of(second) is ErrorCode.CONFLICT
    assert await code_of(media.cancel(ANN, upload.upload_id)) is ErrorCode.CONFLICT
    coming.give(b"a" * 100)
    coming.give(None)
    assert (await first).offset == 100
    assert await code_of(media.write(ANN, upload.upload_id, 0, body(b"c"))) is ErrorCode.CONFLICT
    done = await media.write(ANN, upload.upload_id, 100, body(b"a" * 100))
    assert done.file is not None
    file = await media.file(done.file.id)
    assert b"".join([p async for p in media.read(file, 0, 200)]) == b"a" * 200


async def test_an_upload_that_is_late_at_its_end_is_no_file(
    place: Place, media: MediaService
) -> None:
    upload = await media.begin(ANN, "a", 100)
    coming = Coming()
    writing = asyncio.create_task(media.write(ANN, upload.upload_id, 0, coming.pieces()))
    await coming.asked.wait()
    place.clock.advance(HOUR / 1000)
    assert await media.purge() == 0
    coming.give(bytes(100))
    coming.give(None)
    assert await code_of(writing) is ErrorCode.NOT_FOUND
    assert await media.purge() == 1
    assert (await media.list(ANN, "", 0)).items == ()
    assert place.left() == []


async def test_a_full_disk(place: Place, media: MediaService) -> None:
    upload = await media.begin(ANN, "a", 100)
    part = place.folder / upload.upload_id
    part.unlink()
    part.symlink_to("/dev/full")
    writing = media.write(ANN, upload.upload_id, 0, body(bytes(100)))
    assert await code_of(writing) is ErrorCode.UNAVAILABLE
    part.unlink()
    part.touch()
    done = await media.write(ANN, upload.upload_id, 0, body(bytes(100)))
    assert done.file is not None


async def test_a_folder_that_is_gone(place: Place, media: MediaService) -> None:
    place.folder.rmdir()
    assert await code_of(media.begin(ANN, "a", 100)) is ErrorCode.UNAVAILABLE
    assert await code_of(media.store_stream(ANN, "a", body(b"x"))) is ErrorCode.UNAVAILABLE
    assert await place.used() == 0


async def test_bytes_that_cannot_be_stored_are_stored_when_they_can(
    place: Place, tmp_path: Path
) -> None:
    folder = tmp_path / "blobs"
    place.blobs = local_blobs(folder)
    media = await place.process()
    upload = await media.begin(ANN, "a", 100)
    folder.rmdir()
    folder.write_bytes(b"in the way")
    writing = media.write(ANN, upload.upload_id, 0, body(bytes(100)))
    assert await code_of(writing) is ErrorCode.UNAVAILABLE
    assert (await media.status(ANN, upload.upload_id)).offset == 100
    assert (await media.list(ANN, "", 0)).items == ()
    folder.unlink()
    folder.mkdir()
    done = await media.write(ANN, upload.upload_id, 100, body(b""))
    assert done.file is not None
    assert [path.name for path in folder.iterdir()] == [done.file.id]
    await media.close()


def png() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (9, 9), "red").save(data, "PNG")
    return data.getvalue()


async def test_bytes_decide_what_is_taken_not_names(place: Place) -> None:
    media = await place.process(types=TypeRules(denied=("image/*",)))
    picture = png()
    assert await code_of(media.store_stream(ANN, "a.txt", body(picture))) is ErrorCode.FORBIDDEN
    upload = await media.begin(ANN, "a.txt", len(picture))
    refused = media.write(ANN, upload.upload_id, 0, body(picture))
    assert await code_of(refused) is ErrorCode.FORBIDDEN
    assert await code_of(media.status(ANN, upload.upload_id)) is ErrorCode.NOT_FOUND
    assert await place.used() == 0
    assert (await media.store_stream(ANN, "a.png", body(b"text"))).size == 4
    assert place.left() == []
    await media.close()


async def test_a_picture_leaves_only_itself_and_its_thumbnail(place: Place) -> None:
    media = await place.process()
    info = await media.store_stream(ANN, "a", body(png()))
    assert (info.width, info.height, bool(info.thumbnail)) == (9, 9, True)
    assert place.left() == []
    await media.delete(ANN, info.id)
    file = await place.store.file(info.id)
    assert file is None
    await media.close()
