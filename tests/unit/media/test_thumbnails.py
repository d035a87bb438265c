"""Images that take too much get no thumbnail, and nothing else happens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from glideim.media import thumbnails
from glideim.media.images import MEMORY, PIXELS_MOST, Picture
from glideim.media.thumbnails import Thumbnails


@pytest.fixture
async def maker() -> AsyncIterator[Thumbnails]:
    maker = Thumbnails()
    yield maker
    await maker.close()


async def test_made_by_another_process(maker: Thumbnails, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    Image.new("RGB", (640, 480), "blue").save(source, "PNG")
    assert await maker.make(source, target) == Picture(640, 480, True)
    with Image.open(target) as image:
        assert image.size == (320, 240)
    assert maker.failed == 0


async def test_the_largest_image_fits_the_memory(maker: Thumbnails, tmp_path: Path) -> None:
    assert 4 * PIXELS_MOST < MEMORY
    source, target = tmp_path / "source", tmp_path / "target"
    Image.new("RGBA", (10_000, PIXELS_MOST // 10_000), "blue").save(source, "PNG", compress_level=1)
    assert await maker.make(source, target) == Picture(10_000, PIXELS_MOST // 10_000, True)


async def test_an_image_that_takes_too_long(
    maker: Thumbnails, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnails, "WITHIN", 0.001)
    source, target = tmp_path / "source", tmp_path / "target"
    Image.new("RGB", (64, 48), "blue").save(source, "PNG")
    assert await maker.make(source, target) == Picture()
    assert not target.exists()
    assert maker.failed == 1


async def test_what_is_no_image(maker: Thumbnails, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"GIF89a" + b"\xff" * 100)
    assert not (await maker.make(source, tmp_path / "target")).thumbnail
    assert not (await maker.make(tmp_path / "nothing", tmp_path / "target")).thumbnail
