"""A run: a server, people, faults in turn, and in the end what the record shows."""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import uvloop
from msgspec import Struct

from . import record as r
from .check import Outcome, check
from .compare import final_state
from .device import Device, Login
from .disks import small_disk
from .faults import FAULTS, OUTSIDE, Scene
from .link import Link, RefusedError
from .options import Options, UsageError
from .people import Addresses, account, groups, people
from .person import Person, World, caught_up
from .proxy import Proxy, Weather
from .servers import ServerProcess, clock_library
from .spans import Recovery, acked_by_fault
from .stuck import Flood

ENDING_WITHIN = 900.0
ENDING_SHARE = 0.5
"""Seconds that everything but the load may take, and how much more for each of load: a long record takes its time to be
checked."""
PREPARED_WITHIN = 300.0
FAULT_WITHIN = 300.0
FETCHED_WITHIN = 120.0
CURRENT_WITHIN = 60.0
"""Seconds after a fault until everyone must be current again."""
STUCK_PEOPLE = 5
STUCK_DEVICE = 5
CALM_MS = 2000.0
Say = Callable[[str], None]


class Run(Struct, frozen=True):
    """What a run showed. `acked` counts messages by the fault that had begun last."""

    options: Options
    outcome: Outcome
    recoveries: tuple[Recovery, ...]
    acked: dict[str, int]


def verify(options: Options, say: Say) -> Run:
    """Run it all. Raises UsageError, NoServerError, OSError."""
    _examine(options)
    return uvloop.run(_verify(options, say))


def _examine(options: Options) -> None:
    unknown = [name for name in options.faults if name not in FAULTS]
    if unknown:
        raise UsageError(f"no such fault: {', '.join(unknown)}; there are {', '.join(FAULTS)}")
    inside = [name for name in options.faults if name not in OUTSIDE]
    if (options.url or options.tcp) and inside:
        named = ", ".join(inside)
        raise UsageError(f"{named}: only with a server of its own; leave --url and --tcp out")
    if "clock" in options.faults and not clock_library():
        raise UsageError("clock: needs libfaketime (Debian, Ubuntu: apt install faketime)")


async def _verify(options: Options, say: Say) -> Run:
    async with contextlib.AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="glideim-verify-")))
        if options.report is not None:
            options.report.mkdir(parents=True, exist_ok=True)
        record = r.Record((options.report or home) / "record.jsonl")
        stack.callback(record.close)
        disk = stack.enter_context(small_disk(home)) if "disk" in options.faults else None
        server = await _server(options, home, disk, stack)
        return await Course(options, say, record, server, disk).take(stack)


async def _server(
    options: Options, home: Path, disk: Path | None, stack: contextlib.AsyncExitStack
) -> ServerProcess | None:
    if options.url or options.tcp:
        return None
    settings = {"GLIDEIM_DRAIN_SECONDS": "2"}
    if "stuck" in options.faults:
        settings |= {"GLIDEIM_BLOCKED_TIMEOUT": "5"}
    server = ServerProcess(
        home, (disk or home) / "data", stepped_clock="clock" in options.faults, **settings
    )
    stack.push_async_callback(server.kill)
    await server.start()
    return server


class Course:
    """The course of one run."""

    def __init__(
        self,
        options: Options,
        say: Say,
        record: r.Record,
        server: ServerProcess | None,
        disk: Path | None,
    ) -> None:
        self._options = options
        self._say = say
        self._record = record
        self._server = server
        self._disk = disk
        self._rng = random.Random(options.seed)
        self._weather = Weather(self._rng)
        self._calm_from = 0.0
        self._recoveries: list[Recovery] = []
        self._people: list[Person] = []
        self._returning: list[Device] = []

    async def take(self, stack: contextlib.AsyncExitStack) -> Run:
        """All of it, from the first person to the last check. Raises TimeoutError, OSError."""
        most = self._options.seconds * (1 + ENDING_SHARE) + ENDING_WITHIN
        async with _at_most(most, "the whole run"):
            return await self._take(stack)

    async def _take(self, stack: contextlib.AsyncExitStack) -> Run:
        options, record = self._options, self._record
        straight = self._addresses()
        through = await self._proxied(straight, stack)
        world = World(record, random.Random(options.seed), think=options.think, churn=options.churn)
        world.calm = lambda: record.now() > self._calm_from
        self._people = await people(world, through, options.people)
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._live(world, straight, through, tasks)
        except ExceptionGroup as group:
            # One is as good as all: whatever else went wrong followed from it.
            raise group.exceptions[0] from group
        # What people know is not needed any more, and the checks need memory.
        self._people, self._returning = [], []
        lines = record.stored()
        acked = acked_by_fault(lines.of(r.Acked), self._recoveries)
        return Run(options, check(lines), tuple(self._recoveries), dict(acked))

    async def _live(
        self, world: World, straight: Addresses, through: Addresses, tasks: asyncio.TaskGroup
    ) -> None:
        """From the first connection to the last. A person whose life ends by an error of this program ends the run."""
        staying = [tasks.create_task(person.stay()) for person in self._people]
        async with _at_most(PREPARED_WITHIN, "the preparation"):
            await self._everyone_current()
            await groups(world, self._people, self._options.groups)
            scene = await self._scene(straight, through)
        self._say(f"{len(self._people)} people, {len(world.groups)} groups")
        acting = [tasks.create_task(person.act()) for person in self._people]
        await self._faults(scene)
        world.stop.set()
        async with _at_most(CURRENT_WITHIN, "what people were doing at the end"):
            await asyncio.gather(*acting)
        await self._finish(scene)
        for task in staying:
            task.cancel()

    # --- the beginning --------------------------------------------------------------------------------------

    def _addresses(self) -> Addresses:
        if self._server is None:
            return Addresses(self._options.url, self._options.tcp)
        return Addresses(
            f"ws://127.0.0.1:{self._server.ws_port}/ws", f"tcp://127.0.0.1:{self._server.tcp_port}"
        )

    async def _proxied(self, addresses: Addresses, stack: contextlib.AsyncExitStack) -> Addresses:
        """The same through proxies; encrypted ones are used straight, for their name is in their certificate."""
        found = []
        for url in (addresses.ws, addresses.tcp):
            parts = urlsplit(url)
            if parts.scheme not in {"ws", "tcp"} or not parts.hostname:
                found.append(url)
                continue
            proxy = Proxy(self._weather, parts.hostname, parts.port or 80)
            await stack.enter_async_context(proxy)
            found.append(urlunsplit(parts._replace(netloc=f"127.0.0.1:{proxy.port}")))
        return Addresses(*found)

    async def _scene(self, straight: Addresses, through: Addresses) -> Scene:
        scene = Scene(
            self._record, self._rng, self._weather,
            tcp_port=urlsplit(straight.tcp).port or 0, server=self._server, disk=self._disk,
        )  # fmt: skip
        if "stuck" in self._options.faults:
            link = Link("json", lambda _: None, lambda _: None)
            await link.connect(straight.ws)
            found = [await account(link, (STUCK_DEVICE,)) for _ in range(STUCK_PEOPLE)]
            uid, (token,) = await account(link, (STUCK_DEVICE,))
            link.close()
            scene.stuck = tuple((who, tokens[0], STUCK_DEVICE) for who, tokens in found)
            scene.flood = Flood(self._record, uid, Login(through.ws, "json", token, STUCK_DEVICE))
            self._returning = [
                Device(self._record, who, Login(straight.tcp, "json", one, STUCK_DEVICE), lambda *_: None)
                for who, one, _ in scene.stuck
            ]  # fmt: skip
        return scene

    # --- the load -------------------------------------------------------------------------------------------

    async def _faults(self, scene: Scene) -> None:
        """Faults in turn until the time is up, each at least once; the last part of the time is calm."""
        seconds, names = self._options.seconds, self._options.faults
        tail = min(8.0, seconds / 4)
        until = self._record.now() + (seconds - tail) * 1000
        turn = 0
        while names and (turn < len(names) or self._record.now() < until):
            await asyncio.sleep(self._rng.uniform(0.5, 2.0))
            await self._one_fault(scene, names[turn % len(names)])
            turn += 1
        await asyncio.sleep(max(tail, (until - self._record.now()) / 1000 + tail))

    async def _one_fault(self, scene: Scene, name: str) -> None:
        record = self._record
        began = record.now()
        self._calm_from = float("inf")
        record.add(r.Fault(began, name, begins=True))
        async with _at_most(FAULT_WITHIN, f"{name} and the return of the server"):
            await FAULTS[name](scene)
        ended = record.now()
        record.add(r.Fault(ended, name, begins=False))
        took = await self._everyone_current()
        self._calm_from = record.now() + CALM_MS
        self._recoveries.append(Recovery(name, began, ended, took))
        self._say(
            f"{name}: {(ended - began) / 1000:.1f} s, everyone current again after {took:.1f} s"
        )

    async def _everyone_current(self) -> float:
        """Wait until everyone, asking the server, found that they miss nothing; the seconds it took."""
        began = self._record.now()
        asking = {asyncio.create_task(caught_up(person)): person for person in self._people}
        done, late = await asyncio.wait(asking, timeout=CURRENT_WITHIN)
        for task in late:
            task.cancel()
            self._note(asking[task].uid, f"not current {CURRENT_WITHIN:.0f} s later")
        await asyncio.gather(*late, return_exceptions=True)
        for task in done:
            task.result()  # raises what went wrong
        return (self._record.now() - began) / 1000

    # --- the end --------------------------------------------------------------------------------------------

    async def _finish(self, scene: Scene) -> None:
        """Let everything be answered, then have everyone fetch everything."""
        deadline = self._record.now() + CURRENT_WITHIN * 1000
        while self._record.now() < deadline:
            await asyncio.sleep(0.05)
            if all(person.idle for person in self._people):
                break
        for person in self._people:
            if not person.idle:
                text = (
                    f"something has no answer, or is missing, {CURRENT_WITHIN:.0f} s after the end"
                )
                self._note(person.uid, text)
        if scene.flood is not None:
            await scene.flood.settle(CURRENT_WITHIN)
            await scene.flood.device.leave()
        await asyncio.sleep(1.0)
        await self._fetch_all([person.device for person in self._people])
        for device in self._returning:
            await device.arrive()
        await self._fetch_all(self._returning)
        for device in self._returning:
            await device.leave()
        for person in self._people:
            await person.leave()

    async def _fetch_all(self, devices: Sequence[Device]) -> None:
        for device in devices:
            try:
                async with _at_most(FETCHED_WITHIN, "fetching everything"):
                    await final_state(self._record, device)
            except (RefusedError, OSError) as error:
                self._note(device.uid, f"cannot be fetched: {error}")

    def _note(self, uid: int, difference: str) -> None:
        self._record.add(r.Compared(self._record.now(), uid, "everything", difference))


@contextlib.asynccontextmanager
async def _at_most(seconds: float, what: str) -> AsyncIterator[None]:
    """Raises TimeoutError: a run that waits for ever for what does not come must say for what."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        raise TimeoutError(f"{what} did not end within {seconds:.0f} s") from None
