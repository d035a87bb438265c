"""A crowd: one process with many members of one group, each checking that it gets every message, in order.

Run by `fanout`, which speaks with it in lines of JSON: it says who its members are, is told the group, and says
what its members saw. Members of one process get the same bytes, so a frame is decoded once; every member still
checks every message by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import uvloop
from msgspec import Struct

from glideim.protocol.actions import Action
from glideim.protocol.records import Heartbeat, Rejected

from .light import LightClient, now_us
from .workers import hear, say, telling, told

SIGN_IN_AT_ONCE = 50
DECODED = 4096
"""Frames remembered decoded; then all are forgotten."""
PROBLEMS = 20
"""Problems told; further ones are only counted."""


class Seen(Struct, frozen=True):
    """A frame, read: the group's messages in it as (seq, number, sent at in µs), and whether it asks for life."""

    messages: tuple[tuple[int, int, int], ...]
    heartbeat: bool


class Effort:
    """How much of a core this process uses, from when it is made."""

    def __init__(self) -> None:
        self._cpu, self._began = time.process_time(), now_us()

    def busy(self) -> float:
        """As a share of one core."""
        return 1e6 * (time.process_time() - self._cpu) / max(1, now_us() - self._began)


class Check:
    """What one member expects: the numbers 0, 1, 2 … under successive `seq`."""

    __slots__ = ("first", "got", "last")

    def __init__(self) -> None:
        self.got = 0
        self.first = 0
        self.last = 0

    def take(self, seq: int, number: int) -> str:
        """One message; returns what is wrong with it, or nothing."""
        wrong = ""
        if number != self.got:
            wrong = f"message {number} where {self.got} was expected"
        elif self.got and seq != self.last + 1:
            wrong = f"seq {seq} after {self.last}"
        if not self.got:
            self.first = seq
        self.got += 1
        self.last = seq
        return wrong


class Crowd:
    """All members of this process."""

    def __init__(self, clients: Sequence[LightClient], conv: str, messages: int) -> None:
        self._clients = clients
        self._conv = conv
        self._messages = messages
        self._checks = [Check() for _ in clients]
        self._decoded: dict[bytes, Seen] = {}
        self._unfinished = len(clients)
        self._problems: list[str] = []
        self._wrong = 0
        self._latency: Counter[int] = Counter()
        self._ended_at = 0
        self._effort = Effort()
        self.finished = asyncio.Event()

    def begin(self) -> None:
        """Listen from now on."""
        self._effort = Effort()
        for number, client in enumerate(self._clients):
            client.hand_over(functools.partial(self._received, number))

    def _received(self, member: int, frame: bytes) -> None:
        client = self._clients[member]
        seen = self._decoded.get(frame)
        if seen is None:
            seen = self._read(client, frame)
        if seen.heartbeat:
            client.tell(Action.HEARTBEAT, Heartbeat())
        if not seen.messages:
            return
        check, now = self._checks[member], now_us()
        for seq, number, sent in seen.messages:
            wrong = check.take(seq, number)
            self._latency[(now - sent) // 1000] += 1
            if wrong:
                self._complain(f"member {client.uid}: {wrong}")
            if check.got == self._messages:
                self._finish(now)

    def _read(self, client: LightClient, frame: bytes) -> Seen:
        messages: list[tuple[int, int, int]] = []
        heartbeat = False
        for envelope in client.codec.decode(frame):
            if isinstance(envelope, Rejected) or envelope.action == Action.ERROR:
                self._complain(f"member {client.uid} got {envelope}")
            elif envelope.action == Action.HEARTBEAT:
                heartbeat = True
            elif envelope.action == Action.MESSAGE_GROUP and envelope.data.conv == self._conv:
                number, sent = envelope.data.content.split()
                messages.append((envelope.data.seq, int(number), int(sent)))
        seen = Seen(tuple(messages), heartbeat)
        if len(self._decoded) >= DECODED:
            self._decoded.clear()
        self._decoded[frame] = seen
        return seen

    def _complain(self, problem: str) -> None:
        self._wrong += 1
        if len(self._problems) < PROBLEMS:
            self._problems.append(problem)

    def _finish(self, now: int) -> None:
        self._ended_at = now
        self._unfinished -= 1
        if not self._unfinished:
            self.finished.set()

    def delivered(self) -> int:
        """How many messages all members together have."""
        return sum(check.got for check in self._checks)

    def report(self) -> dict[str, Any]:
        """What the members saw; `wrong` is 0 and `complete` all of them when all is well."""
        for client, check in zip(self._clients, self._checks, strict=True):
            if check.got != self._messages:
                self._complain(
                    f"member {client.uid} has {check.got} of {self._messages}, {client.closed_with}"
                )
        return {
            "members": len(self._clients),
            "complete": sum(check.got == self._messages for check in self._checks),
            "deliveries": sum(check.got for check in self._checks),
            "firsts": sorted({check.first for check in self._checks}),
            "wrong": self._wrong,
            "problems": self._problems,
            "endedAt": self._ended_at,
            "busy": self._effort.busy(),
            "latencyMs": {str(ms): count for ms, count in sorted(self._latency.items())},
        }


async def gather_members(count: int, ways: Sequence[tuple[str, str]]) -> list[LightClient]:
    """This many new people, signed in; `ways` are (URL, codec) in turn."""
    room, here = asyncio.Semaphore(SIGN_IN_AT_ONCE), 0

    async def arrive(number: int) -> LightClient:
        nonlocal here
        url, codec = ways[number % len(ways)]
        client = LightClient(codec)
        async with room:
            await client.connect(url)
            await client.guest()
        here += 1
        return client

    async with told(lambda: here):
        return list(await asyncio.gather(*(arrive(number) for number in range(count))))


async def run(options: argparse.Namespace) -> None:
    """The whole life of the process."""
    ways = [(url, codec) for url, codec in (way.rsplit("=", 1) for way in options.way)]
    clients = await gather_members(options.members, ways)
    say({"uids": [client.uid for client in clients]})
    if not (said := await hear()):
        return  # whoever started this process is gone
    crowd = Crowd(clients, said["conv"], said["messages"])
    crowd.begin()
    say({"listening": True})
    telling_how_far = asyncio.ensure_future(telling(crowd.delivered))
    # The next line says that the sender has given up waiting, or ends the process's input.
    impatience = asyncio.ensure_future(hear())
    await asyncio.wait(
        (asyncio.ensure_future(crowd.finished.wait()), impatience),
        return_when=asyncio.FIRST_COMPLETED,
    )
    telling_how_far.cancel()
    say(crowd.report())
    await impatience
    for client in clients:
        client.close()


def main() -> None:
    """Command line, for `fanout` only."""
    parser = argparse.ArgumentParser(prog="crowd", description=__doc__)
    parser.add_argument("--members", type=int, required=True)
    parser.add_argument("--way", action="append", required=True, help="URL=codec; repeat")
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
