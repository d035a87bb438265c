"""Processes that make load, and lines of JSON between them and the one that measures."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from .case import Bar

LINE = 2**28
"""Bytes of the longest line: two bits for each message of a published case, in base64."""
END_WITHIN = 3.0
"""Seconds for a process to end when its input did: one that is in the middle of something is ended by force."""
PROGRESS = "progress"
"""A line with this says how far a process is, and answers nothing."""
TELL_EVERY = 0.2
"""Seconds between two such lines."""


class WorkerError(Exception):
    """A process of load ended, or could not do what it was told; the text says what."""


class Workers:
    """Processes that run one module each, and answer every line with a line."""

    def __init__(self) -> None:
        self._processes: list[asyncio.subprocess.Process] = []

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._processes)

    async def start(self, module: str, *arguments: str) -> None:
        """One more process."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *arguments,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LINE,
            # Ctrl-C in the terminal is for the one that measures, which then stops these.
            start_new_session=True,
        )  # fmt: skip
        self._processes.append(process)

    def say(self, *lines: dict[str, Any]) -> None:
        """The same line to all of them, or a line to each."""
        each: Sequence[dict[str, Any]] = lines if len(lines) > 1 else lines * self.count
        for process, line in zip(self._processes, each, strict=True):
            if process.stdin is not None and process.returncode is None:
                process.stdin.write(json.dumps(line).encode() + b"\n")

    async def hear(self, bar: Bar | None = None) -> list[dict[str, Any]]:
        """The next line of each; until then the bar is told how far all are together. Raises WorkerError."""
        done = [0.0] * self.count

        async def one(number: int, process: asyncio.subprocess.Process) -> dict[str, Any]:
            while True:
                line = await process.stdout.readline() if process.stdout is not None else b""
                if not line:
                    raise WorkerError("a process of load ended by itself; what it said is above")
                said: dict[str, Any] = json.loads(line)
                if "error" in said:
                    raise WorkerError(said["error"])
                if PROGRESS not in said:
                    return said
                done[number] = said[PROGRESS]
                if bar is not None:
                    bar(sum(done))

        hearing = [asyncio.ensure_future(one(*each)) for each in enumerate(self._processes)]
        try:
            return list(await asyncio.gather(*hearing))
        finally:
            for each in hearing:
                each.cancel()

    async def stop(self) -> None:
        """End them all: those that work end when their input does, others by force."""
        for process in self._processes:
            if process.stdin is not None:
                process.stdin.close()
        try:
            async with asyncio.timeout(END_WITHIN):
                for process in self._processes:
                    await process.wait()
        except TimeoutError:
            for process in self._processes:
                if process.returncode is None:
                    process.kill()
                    await process.wait()


def shares(whole: int, parts: int) -> list[int]:
    """As even as it goes: [4, 3, 3] for 10 in 3."""
    return [whole // parts + (n < whole % parts) for n in range(parts)]


def say(line: dict[str, Any]) -> None:
    """In a worker: one line to whoever measures."""
    print(json.dumps(line), flush=True)


async def telling(done: Callable[[], float]) -> None:
    """In a worker: say every now and then how far it is, until cancelled."""
    while True:
        await asyncio.sleep(TELL_EVERY)
        say({PROGRESS: done()})


@contextlib.asynccontextmanager
async def told(done: Callable[[], float]) -> AsyncIterator[None]:
    """In a worker: say how far it is for as long as the block."""
    task = asyncio.ensure_future(telling(done))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def hear() -> dict[str, Any]:
    """In a worker: the next line, empty when there will be none."""
    line = await asyncio.to_thread(sys.stdin.readline)
    return json.loads(line) if line else {}
