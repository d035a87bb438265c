"""What a file is, by its bytes; sizes and thumbnails of images.

A program, too, which makes one thumbnail within limits: `python -m glideim.media.images SOURCE TARGET`.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
import warnings
from pathlib import Path
from typing import NamedTuple

import filetype  # type: ignore[import-untyped]
from PIL import Image, ImageOps

HEAD_BYTES = 8192
"""What is looked at to tell what a file is."""
PIXELS_MOST = 50_000_000
"""Larger images get no thumbnail: a small file can claim to be an enormous picture."""
THUMBNAIL = (320, 320)
CPU_SECONDS = 10
MEMORY = 1024 * 1024 * 1024
"""Bytes that the program may have; an image of PIXELS_MOST takes half of it."""
_PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
_TEXT = "text/plain; charset=utf-8"
_UNKNOWN = "application/octet-stream"


class Picture(NamedTuple):
    """An image: its size in pixels, and whether a thumbnail was made."""

    width: int = 0
    height: int = 0
    thumbnail: bool = False


def sniff(head: bytes) -> str:
    """The media type by the first bytes. Never by a name or what a client says, and never one that a browser runs:
    text of any kind is plain text."""
    kind = filetype.guess(head)
    if kind is not None:
        return str(kind.mime)
    # The last character may be cut in two.
    text = head[:-3] if len(head) == HEAD_BYTES else head
    try:
        text.decode()
    except UnicodeDecodeError:
        return _UNKNOWN
    return _TEXT if head and b"\x00" not in head else _UNKNOWN


def is_picture(media_type: str) -> bool:
    """Whether a thumbnail is tried."""
    return media_type in _PICTURES


def picture(source: Path, target: Path) -> Picture:
    """Size of an image, and its thumbnail in WebP, without what a camera writes besides. An image that cannot be
    read has neither. Takes its time: for a thread."""
    try:
        with warnings.catch_warnings():
            # Pillow only warns of images up to twice its own limit.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(source) as image:
                width, height = image.size
                if width * height > PIXELS_MOST:
                    return Picture(width, height)
                image.draft("RGB", THUMBNAIL)
                upright = ImageOps.exif_transpose(image)
                upright.thumbnail(THUMBNAIL)
                mode = (
                    "RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB"
                )
                upright.convert(mode).save(target, "WEBP", quality=80)
        return Picture(width, height, True)
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
        target.unlink(missing_ok=True)
        return Picture()


def main(source: str, target: str) -> None:
    """The program: writes a Picture as JSON. Ends by a signal or an error when it takes more than it may."""
    for kind, most in ((resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_AS, MEMORY)):
        # What the system does not limit (memory on macOS), it does not.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))
    sys.stdout.write(json.dumps(picture(Path(source), Path(target))))


if __name__ == "__main__":
    main(*sys.argv[1:])
