"""Thumbnails, made in a process of their own: what a stranger drew may need more time and memory than it is worth,
or break what decodes it."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from .images import Picture

log = logging.getLogger("glideim.media")

WITHIN = 15.0
"""Seconds that an image may take."""
AT_ONCE = 2


class Thumbnails:
    """Makes them, a few at a time."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="thumbnails")
        self.failed = 0

    async def make(self, source: Path, target: Path) -> Picture:
        """Size of an image, and its thumbnail. An image that cannot be read, or takes too much, has neither."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._make, source, target)

    async def close(self) -> None:
        """End the threads; those at work may take a moment."""
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)

    def _make(self, source: Path, target: Path) -> Picture:
        command = [sys.executable, "-P", "-m", "glideim.media.images", str(source), str(target)]
        try:
            made = subprocess.run(command, capture_output=True, timeout=WITHIN, check=True)  # noqa: S603 - no shell
            return msgspec.json.decode(made.stdout, type=Picture)
        except (subprocess.SubprocessError, OSError, msgspec.DecodeError) as error:
            self.failed += 1
            log.warning("no thumbnail: %s", error)
            target.unlink(missing_ok=True)
            return Picture()
