"""Random faults against a model: every message is stored once and in order, and seen once and in order."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from glideim.client import Client, Credentials, MemoryStore, SendFailed
from glideim.protocol.conversations import chat_key

from .world import ManualTimers, World, settle

PEOPLE = (1, 2, 3)


class Person:
    """One person with one device that may crash and start again."""

    def __init__(self, world: World, uid: int, rng: Random, **options: object) -> None:
        self.world = world
        self.uid = uid
        self.rng = rng
        self.options = options
        self.store = MemoryStore()
        self.store.save_credentials(Credentials(uid, world.issue(uid)))
        self.client: Client | None = None
        self.reader: asyncio.Task[None] | None = None
        self.sent: dict[int, list[str]] = {}
        self.refused: set[str] = set()
        self.seen: dict[str, list[tuple[int, str]]] = {}

    def start(self) -> None:
        self.client = self.world.client(
            self.uid, store=self.store, seed=self.rng.randrange(2**32), **self.options
        )
        self.client.start()
        self.reader = asyncio.ensure_future(self._read(self.client))

    async def _read(self, client: Client) -> None:
        # "taken": what was recorded as seen is confirmed in the same turn, so a restart must not repeat it.
        async for message in client.messages(confirm="taken"):
            self.seen.setdefault(message.conv, []).append((message.seq, message.content or ""))

    async def stop(self) -> None:
        assert self.client is not None
        assert self.reader is not None
        await self.client.close()
        await self.reader

    def say(self) -> None:
        assert self.client is not None
        to = self.rng.choice([uid for uid in PEOPLE if uid != self.uid])
        text = f"{self.uid}>{to} {sum(map(len, self.sent.values()))}"
        self.client.submit(to, text)
        self.sent.setdefault(to, []).append(text)


async def step(
    world: World, timers: ManualTimers, rng: Random, people: list[Person], *, refusals: bool
) -> None:
    """Somebody talks, or something goes wrong, or time passes."""
    person = rng.choice(people)
    chance = rng.randrange(14)
    if chance == 0:
        await person.stop()
        person.start()
    elif chance == 1:
        world.mute_acks = rng.randrange(4)
    elif chance == 2:
        for connection in world.of(person.uid):
            connection.break_off()
    elif chance == 3 and refusals:
        world.refuse_sends = ["unavailable"] * rng.randrange(3)
    elif chance == 4:
        world.refusing_connections = not world.refusing_connections
    elif chance in {5, 6}:
        await timers.advance(rng.random() * 8)
    else:
        for _ in range(rng.randrange(1, 6)):
            person.say()
        await settle(rng.randrange(6))


async def run(seed: int, steps: int, codec: str, *, refusals: bool) -> None:
    rng = Random(seed)
    timers = ManualTimers()
    world = World(timers, Random(seed + 1))
    small = {
        "inbox_limit": 8,
        "ahead_limit": 4,
        "window": 1 if refusals else 5,
        "in_flight": 7,
        "codec": codec,
    }
    people = [Person(world, uid, rng, **small) for uid in PEOPLE]
    for person in people:
        person.start()
    world.break_rate, world.drop_pushes, world.double_pushes = 0.02, 0.15, 0.15
    for _ in range(steps):
        await step(world, timers, rng, people, refusals=refusals)
    world.break_rate = world.drop_pushes = 0.0
    world.refusing_connections = False
    world.mute_acks = 0
    world.refuse_sends = []
    for _ in range(12):
        await timers.advance(20)
    for person in people:
        # The last push of a conversation may have been dropped on a connection that is up: the next shows the hole.
        for connection in world.of(person.uid):
            connection.break_off()
    await timers.advance(100)
    check(world, people)
    for person in people:
        await person.stop()
    await settle()
    assert timers.armed == 0


def check(world: World, people: list[Person]) -> None:
    for person in people:
        assert person.client is not None
        assert person.client.waiting() == []
        for to, texts in person.sent.items():
            log = world.log[chat_key(person.uid, to)]
            stored = [m.content for m in log if m.from_ == person.uid]
            assert stored == texts, f"{person.uid} to {to}: every message once, in the order sent"
        for conv, log in world.log.items():
            theirs = [(m.seq, m.content or "") for m in log if m.to == person.uid]
            if theirs:
                assert person.seen.get(conv, []) == theirs, (
                    f"{person.uid} in {conv}: every message once, in order"
                )


@pytest.mark.parametrize("codec", ["json", "protobuf"])
@pytest.mark.parametrize("refusals", [False, True])
@pytest.mark.parametrize("seed", range(6))
async def test_everything_once_and_in_order_whatever_happens(
    seed: int, codec: str, refusals: bool
) -> None:
    await run(seed, 120, codec, refusals=refusals)


async def test_the_check_can_fail() -> None:
    """A server that stores a message twice, or a client that shows one twice, is found out."""
    timers = ManualTimers()
    world = World(timers)
    person = Person(world, 1, Random(1))
    person.start()
    await settle()
    person.say()
    await settle()
    check(world, [person])
    conv, log = next(iter(world.log.items()))
    log.append(log[0])
    with pytest.raises(AssertionError, match="in the order sent"):
        check(world, [person])
    log.pop()
    world.say(2 if conv == "c:1:2" else 3, 1, "hello")
    await settle()
    check(world, [person])
    person.seen[conv] *= 2
    with pytest.raises(AssertionError, match="every message once"):
        check(world, [person])
    await person.stop()


async def test_a_refused_message_never_stays_in_the_outbox() -> None:
    timers = ManualTimers()
    world = World(timers)
    async with world.client(1) as client:
        await settle()
        world.refuse_sends = ["blocked", "blocked"]
        for _ in range(2):
            with pytest.raises(SendFailed):
                await client.send(2, "x")
        assert client.waiting() == []
