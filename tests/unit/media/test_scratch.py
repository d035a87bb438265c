"""The folder of uploads under way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from glideim.media.scratch import DiskError, Scratch, TooLongError


@pytest.fixture(params=["kept", "temporary"])
async def scratch(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Scratch]:
    scratch = Scratch(tmp_path / "uploads" if request.param == "kept" else None)
    scratch.open()
    yield scratch
    await scratch.close()


async def coming(*pieces: bytes | Exception) -> AsyncIterator[bytes]:
    for piece in pieces:
        if isinstance(piece, Exception):
            raise piece
        yield piece


async def test_grows_piece_by_piece_and_is_removed(scratch: Scratch) -> None:
    await scratch.create("a")
    assert await scratch.size("a") == 0
    assert await scratch.append("a", 6, coming(b"ab", b"c")) == 3
    assert await scratch.append("a", 6, coming(b"def")) == 6
    assert scratch.path("a").read_bytes() == b"abcdef"
    assert await scratch.names() == ["a"]
    await scratch.remove("a", "not there")
    assert await scratch.names() == []
    assert await scratch.size("a") == 0


async def test_one_that_goes_while_it_is_looked_at_has_no_size(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "exists", lambda _path: True)  # as it was a moment ago
    assert await scratch.size("a") == 0


async def test_what_came_stays_when_the_rest_does_not(scratch: Scratch) -> None:
    with pytest.raises(TooLongError):
        await scratch.append("a", 3, coming(b"ab", b"cd"))
    assert scratch.path("a").read_bytes() == b"ab"
    # Errors of the body are its own, though some are OSErrors.
    for error in (ConnectionResetError("cut"), TimeoutError()):
        with pytest.raises(type(error)):
            await scratch.append("a", 9, coming(b"x", error))
    assert scratch.path("a").read_bytes() == b"abxx"


async def test_a_full_disk(scratch: Scratch) -> None:
    scratch.path("a").symlink_to("/dev/full")
    with pytest.raises(DiskError, match="No space"):
        await scratch.append("a", 9, coming(b"x"))


async def test_a_folder_that_is_gone(scratch: Scratch) -> None:
    scratch.path("a").parent.rmdir()
    for work in (scratch.create("a"), scratch.names(), scratch.append("a", 9, coming(b"x"))):
        with pytest.raises(DiskError):
            await work
    # Made again, so that the end of a temporary one finds what it removes.
    scratch.path("a").parent.mkdir()
