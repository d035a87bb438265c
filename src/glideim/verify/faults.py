"""The faults. Each does its harm for a while, undoes it, and returns; `run` then waits until service is back."""

from __future__ import annotations

import asyncio
import contextlib
import random
import resource
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from . import record as r
from .proxy import Weather
from .servers import ServerProcess
from .stuck import ENDS_WITHIN, Flood, how_it_ended, sign_in_and_freeze

HOUR = 3600
MIB = 1024 * 1024
_LOCK = """
import apsw, sys, time
database = apsw.Connection(sys.argv[1])
database.set_busy_timeout(5000)
database.execute("BEGIN IMMEDIATE")
time.sleep(float(sys.argv[2]))
database.execute("ROLLBACK")
"""


@dataclass
class Scene:
    """What a fault may lay hands on. `server` is None when the server belongs to somebody else; `stuck` are people
    (uid, token, device) who exist to get stuck; `disk` is a small disk of its own under the data."""

    record: r.Record
    rng: random.Random
    weather: Weather
    tcp_port: int
    server: ServerProcess | None = None
    disk: Path | None = None
    flood: Flood | None = None
    stuck: tuple[tuple[int, str, int], ...] = ()

    @property
    def own(self) -> ServerProcess:
        """The server, which must be ours."""
        if self.server is None:
            raise RuntimeError("this fault needs a server of its own")
        return self.server


async def kill(scene: Scene) -> None:
    """`kill -9`, and start again on the same data."""
    await scene.own.kill()
    await asyncio.sleep(scene.rng.uniform(0, 0.3))
    await scene.own.start()


async def restart(scene: Scene) -> None:
    """SIGTERM, which drains, and start again."""
    await scene.own.terminate()
    await scene.own.start()


async def stop(scene: Scene) -> None:
    """SIGSTOP for some seconds, at times long enough for people to give up; then SIGCONT."""
    scene.own.signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(scene.rng.uniform(1, 9))
    finally:
        scene.own.signal(signal.SIGCONT)


async def clock(scene: Scene) -> None:
    """The clock of the server steps an hour back, then an hour forward, then is right again."""
    for offset in (-HOUR, HOUR, 0):
        scene.own.step_clock(offset)
        await asyncio.sleep(1.5)


async def readonly(scene: Scene) -> None:
    """No write of the server to any file succeeds: its file-size limit becomes 0 bytes."""
    pid = scene.own.pid
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        await asyncio.sleep(3)
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


async def disk(scene: Scene) -> None:
    """The disk under the data is filled to the last byte, again and again; later there is room."""
    if scene.disk is None:
        raise RuntimeError("this fault needs a disk of its own")
    ballast = scene.disk / "ballast"
    try:
        for _ in range(200):
            _fill(ballast)
            await asyncio.sleep(0.02)
    finally:
        ballast.unlink(missing_ok=True)


def _fill(ballast: Path) -> None:
    with ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            continue


async def slow(scene: Scene) -> None:
    """Another process holds the database's write lock for a second, three times."""
    file = str(next(scene.own.data.glob("*.db")))
    for _ in range(3):
        holder = await asyncio.create_subprocess_exec(sys.executable, "-c", _LOCK, file, "1.0")
        await holder.wait()


async def cut(scene: Scene) -> None:
    """Connections break in the middle of frames, again and again."""
    for _ in range(4):
        scene.weather.cut_mid_frame(scene.rng.randrange(2, 8))
        await asyncio.sleep(0.7)


async def drop(scene: Scene) -> None:
    """Every connection breaks at once."""
    scene.weather.cut_all()
    await asyncio.sleep(0.05)  # until both ends have seen it


async def blackhole(scene: Scene) -> None:
    """Nothing passes in either direction and no connection ends, for longer than people wait."""
    scene.weather.passing.clear()
    try:
        await asyncio.sleep(scene.rng.uniform(3, 9))
    finally:
        scene.weather.passing.set()


async def throttle(scene: Scene) -> None:
    """Every connection gets slow and far away."""
    scene.weather.delay, scene.weather.rate = 0.2, 20_000
    try:
        await asyncio.sleep(4)
    finally:
        scene.weather.delay, scene.weather.rate = 0.0, 0


async def stuck(scene: Scene) -> None:
    """People who never read get megabytes: each is to be cut off, and the server's memory to stay bounded."""
    if scene.flood is None:
        raise RuntimeError("this fault needs people who get stuck")
    record, before = scene.record, scene.server.resident() if scene.server else 0
    if not scene.flood.device.connected:
        await scene.flood.device.arrive()
    frozen = [await sign_in_and_freeze(scene.tcp_port, t, d) for _, t, d in scene.stuck]
    watching = asyncio.create_task(_watch(scene, before + len(frozen) * 4 * MIB + 64 * MIB))
    try:
        await scene.flood.write_to([uid for uid, _, _ in scene.stuck])
        for (uid, _, _), connection in zip(scene.stuck, frozen, strict=True):
            ended, code = await how_it_ended(connection, ENDS_WITHIN)
            record.add(r.Stuck(record.now(), uid, ended, code))
    finally:
        watching.cancel()
        for connection in frozen:
            connection.close()


async def _watch(scene: Scene, bound: int) -> None:
    while scene.server is not None:
        scene.record.add(r.Memory(scene.record.now(), scene.server.resident(), bound))
        await asyncio.sleep(0.5)


FAULTS: dict[str, Callable[[Scene], Awaitable[None]]] = {
    "kill": kill, "restart": restart, "stop": stop, "clock": clock, "readonly": readonly, "disk": disk,
    "slow": slow, "cut": cut, "drop": drop, "blackhole": blackhole, "throttle": throttle, "stuck": stuck,
}  # fmt: skip

OUTSIDE = frozenset({"cut", "drop", "blackhole", "throttle"})
"""Faults that need nothing but the network: also for a server that belongs to somebody else."""
