"""Processes that make load, and lines of JSON between them and the one that measures."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any

LINE = 2**28
"""Bytes of the longest line: two bits for each message of a published case, in base64."""
END_WITHIN = 30.0
"""Seconds for a process to end when its input did."""


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
        )  # fmt: skip
        self._processes.append(process)

    def say(self, *lines: dict[str, Any]) -> None:
        """The same line to all of them, or a line to each."""
        each: Sequence[dict[str, Any]] = lines if len(lines) > 1 else lines * self.count
        for process, line in zip(self._processes, each, strict=True):
            if process.stdin is not None and process.returncode is None:
                process.stdin.write(json.dumps(line).encode() + b"\n")

    async def hear(self) -> list[dict[str, Any]]:
        """The next line of each. Raises WorkerError."""
        lines = []
        for process in self._processes:
            line = await process.stdout.readline() if process.stdout is not None else b""
            if not line:
                raise WorkerError("a process of load ended by itself")
            said = json.loads(line)
            if "error" in said:
                raise WorkerError(said["error"])
            lines.append(said)
        return lines

    async def stop(self) -> None:
        """End them all."""
        for process in self._processes:
            if process.stdin is not None:
                process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), END_WITHIN)
            except TimeoutError:
                process.kill()
                await process.wait()


def shares(whole: int, parts: int) -> list[int]:
    """As even as it goes: [4, 3, 3] for 10 in 3."""
    return [whole // parts + (n < whole % parts) for n in range(parts)]


def say(line: dict[str, Any]) -> None:
    """In a worker: one line to whoever measures."""
    print(json.dumps(line), flush=True)


async def hear() -> dict[str, Any]:
    """In a worker: the next line, empty when there will be none."""
    line = await asyncio.to_thread(sys.stdin.readline)
    return json.loads(line) if line else {}
