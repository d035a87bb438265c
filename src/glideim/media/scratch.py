"""The folder of uploads under way: each is a file that grows."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

T = TypeVar("T")
WHOLE = ".whole"
"""Ending of what is posted whole: nobody can go on with it when its request is over."""
SMALL = ".webp"
"""Ending of a thumbnail on its way."""
_THREADS = 2


class TooLongError(Exception):
    """More bytes came than were announced."""


class DiskError(Exception):
    """The folder cannot be used now; the text says why. Not an OSError: what breaks off a body is one, too."""


class Scratch:
    """Reads and writes in threads of its own. Every method but `open` and `close` may raise DiskError."""

    def __init__(self, folder: Path | None) -> None:
        """None: a folder that goes with the process, where nothing is kept."""
        self._temporary: TemporaryDirectory[str] | None = None
        self._keeps_nothing = folder is None
        self._folder = folder or Path()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="uploads")

    def open(self) -> None:
        """Make the folder. Raises OSError."""
        if self._keeps_nothing:
            self._temporary = TemporaryDirectory(prefix="glideim-")
            self._folder = Path(self._temporary.name)
        self._folder.mkdir(parents=True, exist_ok=True)

    async def close(self) -> None:
        """End the threads."""
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)
        if self._temporary is not None:
            self._temporary.cleanup()

    def path(self, name: str) -> Path:
        """Where an upload grows."""
        return self._folder / name

    async def run(self, work: Callable[[], T]) -> T:
        """Do something that waits for the disk."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except OSError as error:
            raise DiskError(str(error)) from error

    async def names(self) -> list[str]:
        """Everything there is."""
        return await self.run(lambda: sorted(path.name for path in self._folder.iterdir()))

    async def create(self, name: str) -> None:
        """Begin an upload."""
        await self.run(self.path(name).touch)

    async def size(self, name: str) -> int:
        """How much of an upload is there."""
        return await self.run(lambda: _size_of(self.path(name)))

    async def append(self, name: str, most: int, pieces: AsyncIterator[bytes]) -> int:
        """Write pieces as they come; the size afterwards, at most `most`. What was written stays if it ends early.

        Raises TooLongError, and whatever `pieces` does.
        """
        path = self.path(name)
        # Unbuffered: closing has nothing left to write, so nothing to fail at.
        file = await self.run(lambda: path.open("ab", buffering=0))
        try:
            have = file.tell()
            async for piece in pieces:
                if have + len(piece) > most:
                    raise TooLongError
                await self.run(lambda data=piece: _write_all(file.fileno(), data))  # type: ignore[misc]
                have += len(piece)
        finally:
            await self.run(file.close)
        return have

    async def remove(self, *names: str) -> None:
        """Remove; what is not there is no error."""
        for name in names:
            path = self.path(name)
            await self.run(lambda gone=path: gone.unlink(missing_ok=True))  # type: ignore[misc]


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        # Asking first whether it is there would not do: it may go right after that.
        return 0


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
