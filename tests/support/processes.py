"""Real server processes on free loopback ports."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

START_WITHIN = 30.0
"""Seconds; a server is ready in about one, but the machine may be busy."""


class ServerProcess:
    """`glideim serve` in a process of its own, killed for good when the test is over."""

    def __init__(self, data: Path, *arguments: str, **environment: str) -> None:
        self._data = data
        self._log_file = data.parent / f"{data.name}.log"
        self._arguments = arguments
        self._environment = {"GLIDEIM_LIMITS": "off", **environment}
        self._process: asyncio.subprocess.Process | None = None
        self._ports: dict[str, str] = {"--ws-port": "0", "--tcp-port": "0", "--http-port": "0"}
        self.ready: dict[str, Any] = {}

    @property
    def ws(self) -> str:
        """URL for WebSocket clients."""
        return str(self.ready["ws"])

    @property
    def tcp(self) -> str:
        """URL for the SDK over TCP."""
        return f"tcp://{self.ready['tcp']}"

    @property
    def http(self) -> str:
        """URL of the HTTP API without a path."""
        return str(self.ready["http"])

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The running process."""
        assert self._process is not None, "not started"
        return self._process

    async def start(self) -> None:
        """Start, wait for the ready line, and keep the ports for the next start."""
        ports = [part for pair in self._ports.items() for part in pair]
        with self._log_file.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "glideim.cli", "serve", "--data", str(self._data), *ports, *self._arguments,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env={**os.environ, **self._environment},
            )  # fmt: skip
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), START_WITHIN)
        assert line, f"the server did not start: {self.log()[-2000:]}"
        self.ready = json.loads(line)
        self._ports = {
            "--ws-port": self.ready["ws"].rpartition(":")[2].partition("/")[0],
            "--tcp-port": self.ready["tcp"].rpartition(":")[2],
            "--http-port": self.ready["http"].rpartition(":")[2].partition("/")[0],
        }

    def log(self) -> str:
        """What the server wrote to standard error."""
        return self._log_file.read_text("utf-8", "replace")

    async def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        self.process.kill()
        await self.process.wait()

    async def terminate(self) -> int:
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), START_WITHIN)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None and self._process.returncode is None:
            await self.kill()
