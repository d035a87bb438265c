"""What was acknowledged survives `kill -9`: a real server is killed twenty times under load.

Four people on both transports and both codecs write to each other through the SDK. After a random number of
acknowledgements the process is killed and started again on its data. In the end what was acknowledged is compared
with what history and the receivers have (P1-P5).
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import defaultdict
from pathlib import Path

import pytest

from glideim.client import Client, Options, Sent
from glideim.protocol.records import Message
from tests.support.processes import ServerProcess

KILLS = 20
PEOPLE = [("ws", "json"), ("ws", "protobuf"), ("tcp", "json"), ("tcp", "protobuf")]
WINDOW = 8
"""Messages each person has under way to each other person."""
SEED = 20221


class Person:
    """A client, what it was told is stored, and what it received."""

    def __init__(self, client: Client, progress: asyncio.Event) -> None:
        self.client = client
        self.progress = progress
        self.acked: list[tuple[Sent, str]] = []
        self.received: list[Message] = []

    async def receive(self) -> None:
        async for message in self.client.messages():
            self.received.append(message)
            self.progress.set()

    async def write_to(
        self, others: list[Person], stop: asyncio.Event, count: itertools.count[int]
    ) -> None:
        """Keep writing to one of the others until told to stop; every message ends in an acknowledgement."""
        while not stop.is_set():
            for other in others:
                content = f"{self.client.uid}-{next(count)}"
                self.acked.append((await self.client.send(other.client.uid, content), content))
                self.progress.set()


class Load:
    """Everybody writing to everybody."""

    def __init__(self, people: list[Person]) -> None:
        self.people = people
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        for person in self.people:
            count = itertools.count()
            others = [other for other in self.people if other is not person]
            for _ in range(WINDOW):
                self._tasks.append(asyncio.create_task(person.write_to(others, self._stop, count)))

    async def until_acked(self, more: int) -> None:
        """Wait for so many more acknowledgements."""
        target = self.acked + more
        while self.acked < target:
            await something(self.people[0].progress)

    @property
    def acked(self) -> int:
        return sum(len(person.acked) for person in self.people)

    async def finish(self) -> None:
        self._stop.set()
        await asyncio.gather(*self._tasks)


async def whole_history(client: Client, conv: str) -> list[Message]:
    messages: list[Message] = []
    while page := await client.history(conv, after=messages[-1].seq if messages else 0, limit=200):
        messages.extend(page)
    return messages


@pytest.mark.timeout(600)
async def test_nothing_acknowledged_is_lost_doubled_or_misnumbered(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    options = [
        Options(codec=codec, backoff_base=0.05, backoff_cap=0.3, ack_timeout=1.0, call_timeout=60.0)
        for _, codec in PEOPLE
    ]
    async with ServerProcess(tmp_path / "data") as server:
        people: list[Person] = []
        progress = asyncio.Event()
        for (transport, _), option in zip(PEOPLE, options, strict=True):
            client = Client(server.ws if transport == "ws" else server.tcp, options=option)
            client.start()
            await client.guest()
            people.append(Person(client, progress))
        receivers = [asyncio.create_task(person.receive()) for person in people]
        load = Load(people)
        load.start()
        for _ in range(KILLS):
            await load.until_acked(chance.randrange(50, 400))
            await server.kill()
            await server.start()
        await load.until_acked(100)
        await load.finish()
        await compare(people)
        for person in people:
            await person.client.close()
        await asyncio.gather(*receivers)


async def compare(people: list[Person]) -> None:
    by_uid = {person.client.uid: person for person in people}
    for one, other in itertools.combinations(people, 2):
        a, b = sorted((one.client.uid, other.client.uid))
        conv = f"c:{a}:{b}"
        stored = await whole_history(one.client, conv)
        assert stored == await whole_history(other.client, conv), "everyone sees the same"
        assert [m.seq for m in stored] == list(range(1, len(stored) + 1)), "no gap, no repeat (P3)"
        by_seq = {m.seq: m for m in stored}
        names = {(m.from_, m.cli_mid) for m in stored}
        assert len(names) == len(stored), "one copy (P2)"
        contents = [m.content for m in stored]
        assert len(set(contents)) == len(contents), "no content twice"
        acked = [(s, text) for person in (one, other) for s, text in person.acked if s.conv == conv]
        assert len(acked) == len(stored), (
            "everything sent was acknowledged in the end, and nothing else is there"
        )
        for sent, text in acked:
            message = by_seq[sent.seq]
            assert (message.mid, message.cli_mid, message.content) == (
                sent.mid,
                sent.cli_mid,
                text,
            ), "P1, P5"
        for uid in (a, b):
            wanted = [m.seq for m in stored if m.from_ != uid]
            await received(by_uid[uid], conv, len(wanted))
            got: dict[str, list[int]] = defaultdict(list)
            for m in by_uid[uid].received:
                if m.from_ != uid:
                    got[m.conv].append(m.seq)
            assert got[conv] == wanted, "the receiver has every message once and in order"


async def something(progress: asyncio.Event) -> None:
    """Wait until anything was acknowledged or received."""
    progress.clear()
    await progress.wait()


async def received(person: Person, conv: str, count: int) -> None:
    """Wait until so many messages of others arrived in a conversation."""
    uid = person.client.uid
    while sum(1 for m in person.received if m.conv == conv and m.from_ != uid) < count:
        await something(person.progress)
