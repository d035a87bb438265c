"""Other servers, started for a comparison on a free port, with their data in a directory of their own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from .programs import PROGRAMS, NotAvailableError, find

START_WITHIN = 30.0
STOP_WITHIN = 30.0
BROKERS = tuple(PROGRAMS)


@contextlib.asynccontextmanager
async def running(name: str, data: str | None = None) -> AsyncIterator[tuple[str, int]]:
    """The URL and pid of a broker, until the end of the block. Raises NotAvailableError."""
    program, found = find(name)
    with tempfile.TemporaryDirectory(dir=data) as home:
        port = _free_port()
        launch = program.prepare(Path(home), port)
        process = await asyncio.create_subprocess_exec(
            found, *launch.arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, **launch.environment}, cwd=home,
            # Ctrl-C in the terminal is for the one that measures, which then stops it in order.
            start_new_session=True,
        )  # fmt: skip
        try:
            try:
                async with asyncio.timeout(START_WITHIN):
                    await _listening(process, port)
            except TimeoutError:
                raise NotAvailableError(f"{name} did not start in {START_WITHIN:.0f} s") from None
            yield f"{program.scheme}://127.0.0.1:{port}", process.pid
        finally:
            await stop(process)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


async def _listening(process: asyncio.subprocess.Process, port: int) -> None:
    while True:
        if process.returncode is not None:
            raise NotAvailableError(f"the server ended at once, code {process.returncode}")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return


async def stop(process: asyncio.subprocess.Process) -> None:
    """End a process, by force if it must be."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_WITHIN):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
