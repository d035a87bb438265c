"""A small disk of its own, so that it can be full."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from .options import UsageError

MEGABYTES = 256


@contextlib.contextmanager
def small_disk(home: Path) -> Iterator[Path]:
    """A file system in memory, mounted under `home`. Raises UsageError: only root may mount."""
    point = home / "disk"
    point.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "glideim-verify", str(point)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise UsageError(f"disk: mounting a small disk needs root ({error})") from None
    try:
        yield point
    finally:
        subprocess.run(["umount", "--lazy", str(point)], check=False)
