"""`stuck`: people who chat beside as many connections that never read, and what these cost the others.

Those who never read are members of many small groups that get large messages, one group after the other, so that no
message goes to more than a few of them at once. What is sent to one of them is first held by the kernel, then by the
server, and beyond the server's limit the connection is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence

from msgspec import Struct

from glideim.protocol.actions import Action
from glideim.protocol.codes import CloseCode
from glideim.protocol.records import Guest, LoggedIn, Message

from . import target
from .case import Bar, Case, Options, Progress
from .fanout import make_group
from .frozen import ended, freeze
from .light import DEVICE, LightClient
from .outcome import Outcome
from .playing import play, steady
from .published import conclude
from .soak import read_figures
from .target import Server

CLIENTS = 1000
"""People who chat, and as many who never read."""
PER_PERSON = 0.5
"""Messages a second of each who chats."""
SECONDS = 60.0
MEMBERS = 50
"""Of each group of those who never read."""
CONTENT = 16 * 1024
FLOODED_WITHIN = 0.8
"""Share of the load's time in which the flood is to reach what a connection can hold."""
HELD = 6 * 2**20
"""Bytes that kernel and server hold at most for one connection."""
LOOK_EVERY = 0.25
ENDS_WITHIN = 30.0
TOO_SLOW = "gateway_too_slow_total"


class Ends(Struct, frozen=True):
    """How the connections that never read ended: how many did at all, and the codes that were still to be read."""

    ended: int
    codes: dict[int, int]

    def problems(self, stuck: int, counted: float) -> list[str]:
        """What is not as it should be, of so many of whom the server says that it closed `counted` as too slow."""
        found = []
        if self.ended < stuck:
            found.append(f"{stuck - self.ended} connections that never read were not closed")
        if wrong := sorted(set(self.codes) - {0, CloseCode.TOO_SLOW}):
            found.append(f"connections that never read were closed with {wrong}")
        if counted < stuck:
            found.append(f"the server closed {counted:.0f} of {stuck} as too slow")
        return found


class Stuck:
    """Those who never read."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._owner = LightClient("json")
        self._connections: list[socket.socket] = []
        self._groups: list[int] = []
        self._numbers = itertools.count(1)

    async def arrive(self, count: int, bar: Bar) -> None:
        """So many sign in, are put into groups, and do not read any more. Raises OSError, RefusedError."""
        await self._owner.connect(self._server.url)
        await self._owner.guest()
        port = int(str(self._server.ready["tcp"]).rpartition(":")[2])
        uids = []
        for number in range(1, count + 1):
            made = await self._owner.call(Action.API_AUTH_GUEST, Guest(device=DEVICE), LoggedIn)
            uids.append(made.uid)
            self._connections.append(await freeze(port, made.token))
            bar(number)
        for start in range(0, count, MEMBERS):
            self._groups.append(await make_group(self._owner, uids[start : start + MEMBERS]))

    async def flood(self, seconds: float) -> None:
        """Write to one group after the other until cancelled, each connection's share within so many seconds."""
        pause = seconds / (HELD / CONTENT * len(self._groups))
        loop = asyncio.get_running_loop()
        due = loop.time()
        for gid in itertools.cycle(self._groups):
            number = next(self._numbers)
            message = Message(
                cli_mid=f"{self._owner.uid}-{number}", to=gid, type=1, content="y" * CONTENT
            )
            await self._owner.ask(Action.MESSAGE_GROUP, message)
            due += pause
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def ends(self) -> Ends:
        """Read what is there and see how each connection ended."""
        found = await asyncio.gather(*(ended(one, ENDS_WITHIN) for one in self._connections))
        return Ends(sum(over for over, _ in found), dict(Counter(code for _, code in found)))

    def close(self) -> None:
        """Let go of everything."""
        self._owner.close()
        for connection in self._connections:
            connection.close()


class Watch:
    """Looks at the server's memory, and at how many it has cut off."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.most = 0
        self.cut = 0.0

    async def run(self) -> None:
        """Until cancelled. Raises GoneError, OSError."""
        while True:
            self.most = max(self.most, self._server.usage().resident)
            figures = await asyncio.to_thread(read_figures, str(self._server.ready["http"]))
            self.cut = figures[TOO_SLOW]
            await asyncio.sleep(LOOK_EVERY)


class Begins(Progress):
    """Tells when the load begins, and everything else to somebody else."""

    def __init__(self, other: Progress) -> None:
        self._other = other
        self.load = asyncio.Event()

    def tell(self, text: str) -> None:
        self._other.tell(text)

    @contextlib.contextmanager
    def phase(self, what: str, total: float) -> Iterator[Bar]:
        if what.endswith(": load"):
            self.load.set()
        with self._other.phase(what, total) as bar:
            yield bar


async def _run(options: Options, progress: Progress) -> list[Outcome]:
    clients = options.clients or CLIENTS
    target.allow_files(4 * clients)
    async with target.glideim(options) as server:
        return [await _measure(server, clients, options, progress)]


async def _measure(server: Server, clients: int, options: Options, progress: Progress) -> Outcome:
    seconds = options.seconds or SECONDS
    shape = steady(PER_PERSON * clients, clients, seconds)
    alone = conclude("stuck", server, await play(server, options, shape, progress))
    before = server.usage().resident
    stuck, watch, begins = Stuck(server), Watch(server), Begins(progress)
    try:
        with progress.phase("those who never read", clients) as bar:
            await stuck.arrive(clients, bar)
        async with _beside(_flooded(stuck, begins, seconds), watch.run()):
            beside = conclude("stuck", server, await play(server, options, shape, begins))
            cut = watch.cut
        ends = await stuck.ends()
        counted = (await asyncio.to_thread(read_figures, str(server.ready["http"])))[TOO_SLOW]
    finally:
        stuck.close()
    return _outcome(
        alone, beside, ends, clients, (before, watch.most, server.usage().resident), (cut, counted)
    )


async def _flooded(stuck: Stuck, begins: Begins, seconds: float) -> None:
    await begins.load.wait()
    await stuck.flood(seconds * FLOODED_WITHIN)


@contextlib.asynccontextmanager
async def _beside(*works: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Do these things as long as the block lasts. Raises what one of them raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _outcome(
    alone: Outcome,
    beside: Outcome,
    ends: Ends,
    stuck: int,
    memory: Sequence[int],
    cut: tuple[float, float],
) -> Outcome:
    """Both loads side by side."""
    figures = {}
    for what in ("ack", "delivery"):
        without, with_them = alone.latency_ms[what]["p99"], beside.latency_ms[what]["p99"]
        figures[f"{what} p99 beside them / alone"] = with_them / without
    began, most, after = (resident / 2**20 for resident in memory)
    figures |= {
        "connections that never read": stuck,
        "of these ended": ends.ended,
        "closed as too slow, by the server's count": cut[1],
        "of these while the others chatted": cut[0],
        "close codes that could still be read": sum(n for code, n in ends.codes.items() if code),
        "memory before (MiB)": began,
        "memory at most (MiB)": most,
        "memory after (MiB)": after,
    }
    refused = alone.refused or beside.refused
    return Outcome(
        case="stuck",
        target=beside.target,
        figures=figures | beside.figures,
        latency_ms={
            **{f"{what}, alone": one for what, one in alone.latency_ms.items()},
            **{f"{what}, beside them": one for what, one in beside.latency_ms.items()},
        },
        verdict=beside.verdict,
        generator=beside.generator,
        per_second=beside.per_second,
        problems=(*alone.problems, *beside.problems, *ends.problems(stuck, cut[1])),
        refused=refused,
        load_average=beside.load_average,
    )


CASE = Case(
    "stuck",
    "what people who chat notice of as many connections beside them that never read",
    _run,
    clients=CLIENTS,
    own_server=True,
)
