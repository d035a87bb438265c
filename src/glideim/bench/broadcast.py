"""`fanout`: a message to thousands, in a group of GlideIM, or to the subscribers of one subject of another server.

The others store nothing and promise nothing (MQTT's QoS 0, core NATS); a group's messages are stored, in order, and
acknowledged to the sender when they are on the disk.
"""

from __future__ import annotations

import asyncio

from . import fanout
from .adapters import brokers
from .adapters.programs import NotAvailableError
from .adapters.stream import BroadcastPeer
from .audience import EVERYBODY, subscriber
from .case import Case, Options, Progress
from .light import now_us
from .outcome import Outcome, load_average, refusal
from .quick import cpu_seconds
from .target import Server
from .workers import Workers, shares

CLIENTS, MESSAGES, WINDOW = 5000, 200, 16
"""Members, messages, and how many of these are under way, unless something else is asked for."""


class Publisher:
    """Publishes, and listens itself: what comes back to it makes room for the next message."""

    def __init__(self, url: str, address: int, window: int) -> None:
        self._url = url
        self._room = asyncio.Semaphore(window)
        self._peer: BroadcastPeer = subscriber(url, 0, self, address)
        self.problems: list[str] = []

    async def open(self) -> None:
        """Connect and subscribe. Raises OSError, TimeoutError."""
        await self._peer.open(self._url)

    async def publish(self, messages: int) -> None:
        """Send them all; returns when the last is under way."""
        for number in range(messages):
            await self._room.acquire()
            if self.problems:
                return
            self._peer.publish(EVERYBODY, f"{number} {now_us()}")

    def close(self) -> None:
        """End the connection."""
        self._peer.close()

    # --- Sink -------------------------------------------------------------------------------------------------

    def acked(self, client: int, number: int) -> None:
        """Nothing asks for that."""

    def arrived(self, client: int, content: str | bytes) -> None:
        """It went round."""
        del client, content
        self._room.release()

    def refused(self, client: int, why: str, number: int | None = None) -> None:
        """Something that the server did not like."""
        del client, number
        self.problems.append(why)

    def ended(self, client: int, why: str) -> None:
        """The connection ended: nothing makes room any more."""
        del client
        self.problems.append(f"the publisher's connection ended: {why}")
        self._room.release()


async def measure(options: fanout.Options, server: Server, progress: Progress) -> fanout.Result:
    """One run against a running server. Raises WorkerError, OSError, TimeoutError."""
    workers, members = Workers(), options.members - 1
    publisher = Publisher(server.url, options.members, options.window)
    try:
        jobs, first = [], 1
        for share in shares(members, options.processes):
            await workers.start("glideim.bench.audience")
            jobs.append(
                {"url": server.url, "members": share, "first": first, "messages": options.messages}
            )
            first += share
        workers.say(*jobs)
        with progress.phase(f"{server.name}: subscribe", members) as bar:
            await workers.hear(bar)
        await publisher.open()
        cpu, began = cpu_seconds(server.pid), now_us()
        with progress.phase(f"{server.name}: load", members * options.messages) as bar:
            hearing = asyncio.ensure_future(workers.hear(bar))
            await publisher.publish(options.messages)
            await asyncio.wait((hearing,), timeout=fanout.DELIVER_WITHIN)
            if not hearing.done():
                workers.say({"enough": True})
            reports = await hearing
        cpu = cpu_seconds(server.pid) - cpu
    finally:
        publisher.close()
        await workers.stop()
    if publisher.problems:
        reports[0]["problems"] += publisher.problems
        reports[0]["wrong"] += len(publisher.problems)
    return fanout.summarise(options, reports, range(options.messages), began, cpu, server.pid)


async def _run(options: Options, progress: Progress) -> list[Outcome]:
    given = fanout.Options(
        members=options.clients or CLIENTS,
        messages=options.messages or MESSAGES,
        processes=options.processes,
        window=options.window or WINDOW,
        data=options.data,
    )
    outcomes = [outcome("glideim", await fanout.run(given, progress))]
    for name in options.against:
        try:
            async with brokers.running(name, options.data) as (url, pid):
                result = await measure(given, Server(name, url, pid), progress)
        except NotAvailableError as error:
            progress.tell(f"not available: {error}")
            continue
        outcomes.append(outcome(name, result))
    return outcomes


def outcome(target: str, result: fanout.Result) -> Outcome:
    """The result as `glideim bench` shows it."""
    return Outcome(
        case="fanout",
        target=target,
        figures={
            "members": result.members,
            "deliveries": result.deliveries,
            "complete and in order": result.complete,
            "wrong": result.wrong,
            "deliveries/s": result.deliveries_per_second,
            "server CPU per delivery (µs)": result.server_cpu_us_per_delivery,
            "deliveries/s per core of the server": 1e6
            / max(0.01, result.server_cpu_us_per_delivery),
            "server memory (MiB)": result.server_rss_mib,
        },
        latency_ms={"delivery": {name: float(ms) for name, ms in result.latency_ms.items()}},
        problems=() if result.good else (*result.problems, "not everybody got everything"),
        generator=result.generator,
        refused=refusal(result.generator),
        load_average=load_average(),
    )


CASE = Case(
    "fanout",
    "a message to everybody in one large group",
    _run,
    clients=CLIENTS,
    against=("nats", "mosquitto"),
    own_server=True,
)
