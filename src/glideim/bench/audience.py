"""An audience of another server: one process with many subscribers to one subject, each checking what it gets.

The same as `crowd` is for a group of GlideIM: told and heard by `fanout` in lines of JSON.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import uvloop

from .adapters.mqtt import MqttPeer
from .adapters.nats import NatsPeer
from .adapters.stream import BroadcastPeer
from .crowd import PROBLEMS, Check, Effort
from .light import now_us
from .workers import hear, say, telling, told

EVERYBODY = 0
"""The address that all listen to."""
SIGN_IN_AT_ONCE = 50


def subscriber(url: str, client: int, sink: Any, address: int) -> BroadcastPeer:
    """A client that listens to everybody's address, at most once for each message."""
    make = MqttPeer if urlsplit(url).scheme == "mqtt" else NatsPeer
    return make(client, sink, address, topic=EVERYBODY)


class Audience:
    """The subscribers of one process; the sink of them all."""

    def __init__(self, url: str, count: int, first: int, messages: int) -> None:
        self._url = url
        self._messages = messages
        self._peers = [subscriber(url, number, self, first + number) for number in range(count)]
        self._checks = [Check() for _ in range(count)]
        self._problems: list[str] = []
        self._wrong = self._ended_at = self.here = 0
        self._unfinished = count
        self._effort = Effort()
        self._latency: Counter[int] = Counter()
        self.finished = asyncio.Event()

    async def arrive(self) -> None:
        """Everybody connects and subscribes. Raises OSError, TimeoutError."""
        room = asyncio.Semaphore(SIGN_IN_AT_ONCE)

        async def one(peer: BroadcastPeer) -> None:
            async with room:
                await peer.open(self._url)
            self.here += 1

        await asyncio.gather(*(one(peer) for peer in self._peers))
        self._effort = Effort()

    def delivered(self) -> int:
        """How many messages all together have."""
        return sum(check.got for check in self._checks)

    def report(self) -> dict[str, Any]:
        """What they saw, in the words of `crowd`."""
        short = sum(check.got != self._messages for check in self._checks)
        if short:
            self._complain(f"{short} subscribers did not get every message")
        return {
            "members": len(self._checks),
            "complete": len(self._checks) - short,
            "deliveries": self.delivered(),
            "firsts": sorted({check.first for check in self._checks}),
            "wrong": self._wrong,
            "problems": self._problems,
            "endedAt": self._ended_at,
            "busy": self._effort.busy(),
            "latencyMs": {str(ms): count for ms, count in sorted(self._latency.items())},
        }

    def close(self) -> None:
        """End all connections."""
        for peer in self._peers:
            peer.close()

    def _complain(self, problem: str) -> None:
        self._wrong += 1
        if len(self._problems) < PROBLEMS:
            self._problems.append(problem)

    # --- Sink -------------------------------------------------------------------------------------------------

    def acked(self, client: int, number: int) -> None:
        """Subscribers send nothing that could be acknowledged."""
        self._complain(f"subscriber {client}: acknowledgement {number} of nothing")

    def arrived(self, client: int, content: str | bytes) -> None:
        """The number and the time of sending."""
        number, sent = map(int, content.split())
        now, check = now_us(), self._checks[client]
        if wrong := check.take(number, number):
            self._complain(f"subscriber {client}: {wrong}")
        self._latency[(now - sent) // 1000] += 1
        if check.got == self._messages:
            self._ended_at = now
            self._unfinished -= 1
            if not self._unfinished:
                self.finished.set()

    def refused(self, client: int, why: str, number: int | None = None) -> None:
        """Something that the server did not like."""
        del number
        self._complain(f"subscriber {client}: {why}")

    def ended(self, client: int, why: str) -> None:
        """A connection that ended."""
        self._complain(f"subscriber {client}: the connection ended: {why}")


async def run() -> None:
    """The whole life of the process."""
    job = await hear()
    if not job:
        return
    audience = Audience(job["url"], job["members"], job["first"], job["messages"])
    try:
        async with told(lambda: audience.here):
            await audience.arrive()
    except (OSError, TimeoutError) as error:
        say({"error": f"subscribing: {error!r}"})
        return
    say({"listening": True})
    telling_how_far = asyncio.ensure_future(telling(audience.delivered))
    impatience = asyncio.ensure_future(hear())
    finished = asyncio.ensure_future(audience.finished.wait())
    await asyncio.wait((finished, impatience), return_when=asyncio.FIRST_COMPLETED)
    telling_how_far.cancel()
    say(audience.report())
    await impatience
    audience.close()


if __name__ == "__main__":
    uvloop.run(run())
