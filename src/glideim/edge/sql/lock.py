"""One server per data directory."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from glideim.edge.stores import StoreOpenError

FILE_NAME = "glideim.lock"


class DirectoryInUseError(StoreOpenError):
    """Another server holds the data directory."""


class DirectoryLock:
    """An advisory lock on a file in the directory; the kernel lifts it when the process dies."""

    def __init__(self, directory: Path) -> None:
        """Take the lock. Raises DirectoryInUseError; OSError when the file cannot be made."""
        file = directory / FILE_NAME
        # O_CLOEXEC by default (PEP 446): a child must not keep the lock of a parent that died.
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._descriptor, 32).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise DirectoryInUseError(
                f"the data directory {directory} is in use by another server (process {holder or 'unknown'}): "
                "stop it, or choose another directory"
            ) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let go of the directory. The file stays: removing it would race with the next holder."""
        os.close(self._descriptor)
