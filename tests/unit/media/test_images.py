"""What a file is, by its bytes; thumbnails."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from glideim.media.images import HEAD_BYTES, Picture, picture, sniff


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg"),
        (b"%PDF-1.7", "application/pdf"),
        (b"<html><script>alert(1)</script>", "text/plain; charset=utf-8"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "text/plain; charset=utf-8"),
        ("你好".encode(), "text/plain; charset=utf-8"),
        (b"a" * (HEAD_BYTES - 1) + "好".encode()[:1], "text/plain; charset=utf-8"),
        (b"\x00\x01\x02", "application/octet-stream"),
        (b"\xff\xfe\xfa", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_types_come_from_bytes_and_never_run(head: bytes, media_type: str) -> None:
    assert sniff(head) == media_type


def test_a_thumbnail_is_small_upright_and_says_nothing_of_the_camera(tmp_path: Path) -> None:
    source, target = tmp_path / "photo", tmp_path / "small"
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010F] = "Camera"
    Image.new("RGB", (1000, 500), "red").save(source, "JPEG", exif=exif)
    assert picture(source, target) == Picture(1000, 500, True)
    with Image.open(target) as small:
        assert small.format == "WEBP"
        assert small.size == (160, 320)
        assert not small.getexif()


def test_what_is_no_image_has_no_thumbnail(tmp_path: Path) -> None:
    source, target = tmp_path / "photo", tmp_path / "small"
    source.write_bytes(b"\x89PNG\r\n\x1a\n" + b"nonsense")
    assert picture(source, target) == Picture()
    assert not target.exists()


def test_an_enormous_image_is_measured_and_left_alone(tmp_path: Path) -> None:
    source, target = tmp_path / "photo", tmp_path / "small"
    Image.new("1", (10_000, 6_000)).save(source, "PNG")
    assert picture(source, target) == Picture(10_000, 6_000)
    assert not target.exists()
