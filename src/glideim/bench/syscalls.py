"""System calls of a process and its children, counted by a tracer from outside.

Only in a span of its own: tracing slows the server (strace stops it at every call), so nothing else is measured then.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from msgspec import Struct

from .usage import children

ATTACH = 0.5
"""Seconds for a tracer to attach before the load begins."""
END_WITHIN = 10.0
INSTALL = "not counted: needs `perf` or `strace` (apt-get install strace) and the right to trace the server"


class Counted(Struct):
    """What a tracer saw; `calls` is 0 and `why_not` says why until one did."""

    calls: int = 0
    why_not: str = INSTALL


def perf_calls(text: str) -> int:
    """The count in what `perf stat -x,` wrote; 0 if it could not count."""
    found = re.search(r"^(\d+),[^,]*,raw_syscalls:sys_enter", text, re.MULTILINE)
    return int(found[1]) if found else 0


def strace_calls(text: str) -> int:
    """The number of calls in the summary of `strace -c`; 0 if there is none."""
    found = re.search(
        r"^\s*100\.00\s+\S+\s+(?:\S+\s+)?(\d+)(?:\s+\d+)?\s+total$", text, re.MULTILINE
    )
    return int(found[1]) if found else 0


class _Tracer(Struct, frozen=True):
    program: str
    arguments: Callable[[Sequence[int], Path], list[str]]
    calls: Callable[[str], int]


def _perf(pids: Sequence[int], file: Path) -> list[str]:
    who = ",".join(map(str, pids))
    return ["stat", "-x,", "-e", "raw_syscalls:sys_enter", "-o", str(file), "-p", who]


def _strace(pids: Sequence[int], file: Path) -> list[str]:
    return ["-c", "-f", "-o", str(file), *(part for pid in pids for part in ("-p", str(pid)))]


_TRACERS = (_Tracer("perf", _perf, perf_calls), _Tracer("strace", _strace, strace_calls))
"""perf first: it counts without stopping the process."""


@contextlib.asynccontextmanager
async def counting(pid: int) -> AsyncIterator[Counted]:
    """Count until the end of the block; afterwards the value says what there was, or why nothing was counted.
    Nothing is, for the process 0."""
    counted = Counted()
    if not pid:
        yield counted
        return
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "counts"
        tracer, process = await _attached(pid, file)
        try:
            yield counted
        finally:
            if process is not None:
                await _end(process)
        if tracer is not None and file.exists() and (calls := tracer.calls(file.read_text())):
            counted.calls, counted.why_not = calls, ""


async def _attached(
    pid: int, file: Path
) -> tuple[_Tracer | None, asyncio.subprocess.Process | None]:
    """The first tracer that is there and may trace this process."""
    pids = [pid, *children(pid)]
    for tracer in _TRACERS:
        if (path := shutil.which(tracer.program)) is None:
            continue
        process = await asyncio.create_subprocess_exec(
            path, *tracer.arguments(pids, file),
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        await asyncio.wait((asyncio.ensure_future(process.wait()),), timeout=ATTACH)
        if process.returncode is None:
            return tracer, process
    return None, None


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    try:
        async with asyncio.timeout(END_WITHIN):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
