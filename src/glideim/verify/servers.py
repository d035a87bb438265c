"""The server under test: a process of its own, started, killed, stopped and starved as a fault asks."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

START_WITHIN = 60.0
CLOCK_LIBRARIES = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
)
"""Where packages put the library that lets a process see another time."""


class NoServerError(Exception):
    """The server did not start; the text says why."""


def clock_library() -> str:
    """The library for clock steps, or nothing if it is not installed."""
    return next((path for path in CLOCK_LIBRARIES if Path(path).exists()), "")


class ServerProcess:
    """`glideim serve` on ports that stay the same over restarts."""

    def __init__(
        self, home: Path, data: Path, *, stepped_clock: bool = False, **options: str
    ) -> None:
        self.data = data
        self._log = home / "server.log"
        self._clock = home / "clock"
        self._ports = ["0", "0", "0"]
        self._environment = {"GLIDEIM_LIMITS": "off", **options}
        if stepped_clock and clock_library():
            self._environment |= {
                "LD_PRELOAD": clock_library(),
                "FAKETIME_TIMESTAMP_FILE": str(self._clock),
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
            self.step_clock(0)
        self._process: asyncio.subprocess.Process | None = None
        self.ready: dict[str, Any] = {}
        self.starts = 0

    @property
    def pid(self) -> int:
        """Of the running process."""
        return self._running.pid

    @property
    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise NoServerError("not started")
        return self._process

    async def start(self) -> None:
        """Start and wait until it is ready. Raises NoServerError."""
        names = ("--ws-port", "--tcp-port", "--http-port")
        ports = [part for pair in zip(names, self._ports, strict=True) for part in pair]
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "glideim.cli", "serve", "--data", str(self.data), *ports,
                stdout=asyncio.subprocess.PIPE, stderr=log, env={**os.environ, **self._environment},
            )  # fmt: skip
        line = await _first_line(self._process)
        if not line:
            raise NoServerError(f"the server did not start; the end of its log:\n{self.log_end()}")
        self.ready = json.loads(line)
        self._ports = [
            self.ready["ws"].rpartition(":")[2].partition("/")[0],
            self.ready["tcp"].rpartition(":")[2],
            self.ready["http"].rpartition(":")[2].partition("/")[0],
        ]
        self.starts += 1

    @property
    def ws_port(self) -> int:
        """Where WebSocket is listened on."""
        return int(self._ports[0])

    @property
    def tcp_port(self) -> int:
        """Where TCP is listened on."""
        return int(self._ports[1])

    def log_end(self) -> str:
        """The last of what it wrote to standard error."""
        return self._log.read_text("utf-8", "replace")[-2000:]

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.returncode is None

    async def kill(self) -> None:
        """SIGKILL: nothing can be tidied up."""
        if self.alive:
            self._running.kill()
            await self._running.wait()

    async def terminate(self) -> int:
        """SIGTERM, the orderly way; the exit code."""
        self._running.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._running.wait(), START_WITHIN)

    def signal(self, number: int) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    def resident(self) -> int:
        """Bytes of memory the process holds, 0 if it is gone."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1])
        except (OSError, NoServerError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")

    def step_clock(self, seconds: int) -> None:
        """From now on the process sees a clock that is off by so many seconds."""
        scratch = self._clock.with_suffix(".new")
        scratch.write_text(f"{seconds:+d}\n", "ascii")
        scratch.replace(self._clock)


async def _first_line(process: asyncio.subprocess.Process) -> bytes:
    """What it says first; nothing if it ends or stays silent."""
    if process.stdout is None:
        return b""
    try:
        return await asyncio.wait_for(process.stdout.readline(), START_WITHIN)
    except TimeoutError:
        return b""
