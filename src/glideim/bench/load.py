"""A process of load: clients that send when they are due, and check what arrives.

Told by `cases` in lines of JSON: a job, then everybody's addresses and when to begin. It says when its own messages
are acknowledged, and, told that everybody's are, what it saw.
"""

from __future__ import annotations

import asyncio
import math
import random
import ssl
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec
import uvloop
from msgspec import Struct

from .adapters.glide import GlidePeer
from .adapters.mqtt import MqttPeer
from .adapters.nats import NatsPeer
from .adapters.peer import Peer
from .adapters.xmpp import XmppPeer
from .histogram import Histogram
from .ledger import Ledger, content, read
from .light import RefusedError, now_us
from .schedule import Plan, due
from .workers import hear, say, told

SIGN_IN_AT_ONCE = 50
GIVE_UP_AFTER = 15.0
"""Seconds without an acknowledgement until those still missing are called unanswered."""
QUIET = 0.5
"""Seconds without an arrival until nothing more is expected."""
QUIET_WITHIN = 30.0
LOOK_EVERY = 0.05
PROBLEMS = 5


class Job(Struct, frozen=True):
    """What one process does. Its clients have the numbers from `first` on, among `everybody`."""

    url: str
    codec: str
    clients: int
    first: int
    everybody: int
    plan: Plan
    seed: int
    window: int = 0
    """If not 0: every client keeps so many messages under way, for `seconds`; of the plan only `messages` counts."""
    seconds: float = 0.0
    ca: str = ""


class Load:
    """The clients of one process; the sink of them all."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._tls = ssl.create_default_context(cafile=job.ca) if job.ca else None
        self._peers: list[Peer] = [self._make(number) for number in range(job.clients)]
        self._ledger = Ledger(job.everybody, job.plan.messages)
        self._due: dict[tuple[int, int], int] = {}
        self._ack, self._delivery, self._late = Histogram(), Histogram(), Histogram()
        self._problems: list[str] = []
        self._refused = self._sent = self._here = 0
        self._gone: set[int] = set()
        self._per_second: list[int] = []
        self._began = 0
        self._until = 0
        self._next: dict[int, int] = {}
        self._chance = random.Random(job.seed + 1)
        self._last = time.monotonic()
        self._names: Sequence[int] = ()
        self.ended_at = 0
        """When the last acknowledgement came (µs)."""
        self.busy = 0.0
        """Share of a core that this process used from the first send to the last."""

    def _make(self, number: int) -> Peer:
        scheme = urlsplit(self._job.url).scheme
        if scheme.startswith("nats"):
            return NatsPeer(number, self, self._job.first + number)
        if scheme == "mqtt":
            return MqttPeer(number, self, self._job.first + number)
        if scheme == "xmpp":
            return XmppPeer(number, self, self._job.first + number)
        return GlidePeer(number, self, self._job.codec, self._tls)

    async def arrive(self) -> list[int]:
        """Everybody signs in; returns their addresses. Raises OSError, TimeoutError."""
        room = asyncio.Semaphore(SIGN_IN_AT_ONCE)

        async def one(peer: Peer) -> int:
            async with room:
                address = await peer.open(self._job.url)
                self._here += 1
                return address

        return list(await asyncio.gather(*(one(peer) for peer in self._peers)))

    async def play(self, names: Sequence[int], began: int) -> None:
        """Send everything when it is due, to somebody drawn by lot; then wait for the acknowledgements."""
        self._names, self._began = names, began
        cpu = time.process_time()
        if self._job.window:
            await self._press(began)
        else:
            await self._keep_to_the_plan(began)
        self.busy = 1e6 * (time.process_time() - cpu) / max(1, now_us() - began)
        self._last = time.monotonic()
        await self._quiet_for(GIVE_UP_AFTER, math.inf, until_answered=True)

    async def _press(self, began: int) -> None:
        """What is acknowledged makes room for the next."""
        self._until = began + round(1e6 * self._job.seconds)
        await asyncio.sleep((began - now_us()) / 1e6)
        for client in range(len(self._peers)):
            for _ in range(self._job.window):
                self._one_more(client)
        await asyncio.sleep((self._until - now_us()) / 1e6)

    def _one_more(self, client: int) -> None:
        number, now = self._next.get(client, 0), now_us()
        if now < self._until and number < self._job.plan.messages:
            self._next[client] = number + 1
            self._send(client, number, now)

    async def _keep_to_the_plan(self, began: int) -> None:
        for at, client, number in due(self._job.plan, len(self._peers), self._job.seed):
            when = began + at
            if (ahead := when - now_us()) > 0:
                await asyncio.sleep(ahead / 1e6)
            elif not self._sent % 64:
                await asyncio.sleep(0)  # late: answers must be read nevertheless
            if len(self._gone) == len(self._peers):
                break  # there is nobody left to send
            self._late.add(now_us() - when)
            self._send(client, number, when)

    def _send(self, client: int, number: int, when: int) -> None:
        mine = self._job.first + client
        other = self._chance.randrange(self._job.everybody - 1)
        self._due[client, number] = when
        self._sent += 1
        to = self._names[other + (other >= mine)]
        self._peers[client].send(to, content(mine, number, when), number)

    def here(self) -> int:
        """How many are signed in."""
        return self._here

    def done(self) -> float:
        """How many messages were sent; of a load for so many seconds, how many of these are over."""
        if not self._job.window:
            return self._sent
        return max(0, min(now_us(), self._until) - self._began) / 1e6

    async def settle(self) -> None:
        """Wait until nothing arrives any more."""
        await self._quiet_for(QUIET, QUIET_WITHIN, until_answered=False)

    async def _quiet_for(self, seconds: float, at_most: float, *, until_answered: bool) -> None:
        until = time.monotonic() + at_most
        while not (until_answered and (not self._due or len(self._gone) == len(self._peers))):
            now = time.monotonic()
            if now >= min(until, self._last + seconds):
                return
            await asyncio.sleep(LOOK_EVERY)

    def report(self) -> dict[str, object]:
        """What was seen."""
        return {
            "sent": self._sent,
            "unanswered": len(self._due),
            "refused": self._refused,
            "problems": self._problems,
            "perSecond": self._per_second,
            "ledger": self._ledger.plain(),
            "ack": self._ack.plain(),
            "delivery": self._delivery.plain(),
            "late": self._late.plain(),
        }

    def close(self) -> None:
        """End all connections."""
        for peer in self._peers:
            peer.close()

    # --- Sink -----------------------------------------------------------------------------------------------

    def acked(self, client: int, number: int) -> None:
        """Of a message; one that nobody waits for is the ledger's to complain of."""
        now = now_us()
        when = self._due.pop((client, number), now)
        self._ack.add(now - when)
        self._ledger.ack(self._job.first + client, number)
        self._last = time.monotonic()
        self.ended_at = now
        if self._job.window:
            self._one_more(client)

    def arrived(self, client: int, content: str | bytes) -> None:
        """Of a message; times are those of a clock that all processes share."""
        now = now_us()
        try:
            sender, number, when = read(content)
        except ValueError as error:
            self.refused(client, str(error))
            return
        self._delivery.add(now - when)
        self._ledger.arrive(self._job.first + client, sender, number)
        second = max(0, now - self._began) // 1_000_000
        self._per_second += [0] * (second + 1 - len(self._per_second))
        self._per_second[second] += 1
        self._last = time.monotonic()

    def ended(self, client: int, why: str) -> None:
        """Of a connection: what it had under way is not answered any more."""
        self._gone.add(client)
        self._complain(client, f"the connection ended: {why}")

    def refused(self, client: int, why: str, number: int | None = None) -> None:
        """Count it, and keep the first few reasons; a message that was refused is answered."""
        if number is not None:
            self._due.pop((client, number), None)
            self._last = time.monotonic()
            if self._job.window:
                self._one_more(client)
        self._refused += 1
        self._complain(client, why)

    def _complain(self, client: int, why: str) -> None:
        if len(self._problems) < PROBLEMS:
            self._problems.append(f"client {self._job.first + client}: {why}")


async def run() -> None:
    """The whole life of the process."""
    job = msgspec.convert(await hear(), Job)
    load = Load(job)
    try:
        async with told(load.here):
            names = await load.arrive()
    except (OSError, TimeoutError, RefusedError) as error:
        say({"error": f"signing in: {error!r}"})
        return
    say({"names": names})
    if not (said := await hear()):
        return  # whoever started this process is gone
    async with told(load.done):
        await load.play(said["names"], said["start"])
    say({"busy": load.busy, "endedAt": load.ended_at})
    await hear()
    await load.settle()
    say(load.report())
    load.close()


if __name__ == "__main__":
    uvloop.run(run())
