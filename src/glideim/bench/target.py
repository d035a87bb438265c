"""What is measured: a server of its own, one that runs already, other servers for comparison."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from msgspec import Struct

from .adapters import brokers
from .adapters.programs import NotAvailableError
from .case import Options, Progress
from .outcome import Outcome
from .usage import Usage, usage

FILES_SPARE = 500
"""Open files beside one per client."""


class GoneError(Exception):
    """A server ended while it was measured; the text says which."""


class Server(Struct, frozen=True):
    """Something to measure. `pid` 0: it runs elsewhere, and what it uses is not known."""

    name: str
    url: str
    pid: int
    ready: dict[str, Any] = {}
    glideim: bool = False
    ca: str = ""
    """File with the certificate to trust, for one that speaks TLS."""

    def usage(self) -> Usage:
        """So far. Raises GoneError."""
        try:
            return usage(self.pid) if self.pid else Usage()
        except OSError:
            raise GoneError(f"{self.name} (process {self.pid}) is not there any more") from None


def allow_files(clients: int) -> None:
    """Raise the limit of open files of this process and those it starts. Raises OSError if it cannot be."""
    wanted = clients + FILES_SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise OSError(f"{clients} clients need {wanted} open files; the hard limit is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextlib.asynccontextmanager
async def started(
    data: str | None = None, *more: str, **environment: str
) -> AsyncIterator[tuple[dict[str, Any], int]]:
    """A server of its own, its data in a new directory below `data`: its ready line and pid. Raises OSError."""
    with tempfile.TemporaryDirectory(dir=data) as directory:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "glideim.cli", "serve", "--data", directory,
            "--ws-port", "0", "--tcp-port", "0", "--http-port", "0", "--log-level", "warning", *more,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "GLIDEIM_LIMITS": "off", **environment},
            # Ctrl-C in the terminal is for the one that measures, which then stops it in order.
            start_new_session=True,
        )  # fmt: skip
        try:
            line = await process.stdout.readline() if process.stdout is not None else b""
            if not line:
                raise OSError("the server did not start; what it said is above")
            yield json.loads(line), process.pid
        finally:
            await brokers.stop(process)


def url_of(ready: dict[str, Any], transport: str) -> str:
    """Where a server whose ready line this is listens for `ws` or `tcp`."""
    return str(ready["ws"]) if transport == "ws" else f"tcp://{ready['tcp']}"


@contextlib.asynccontextmanager
async def glideim(options: Options) -> AsyncIterator[Server]:
    """The server that was asked for, or one of its own."""
    if options.url:
        name = f"glideim at {options.url}"
        yield Server(name, options.url, options.pid, {}, glideim=True)
        return
    async with started(options.data) as (ready, pid):
        yield Server("glideim", url_of(ready, options.transport), pid, ready, glideim=True)


async def each(
    options: Options,
    progress: Progress,
    measure: Callable[[Server], Awaitable[Outcome]],
) -> list[Outcome]:
    """One after the other: GlideIM, then those to compare with, as far as they can be had."""
    async with glideim(options) as server:
        outcomes = [await measure(server)]
    for name in options.against:
        try:
            async with brokers.running(name, options.data) as (url, pid):
                outcomes.append(await measure(Server(name, url, pid)))
        except NotAvailableError as error:
            progress.tell(f"not available: {error}")
    return outcomes
