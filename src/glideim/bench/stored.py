"""Reading what is stored: a page of history and a sync, of much and of little, in turn."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence

from glideim.protocol.actions import Action
from glideim.protocol.records import (
    Guest,
    HistoryQuery,
    LoggedIn,
    Message,
    MessageList,
    Sync,
    Synced,
)

from .histogram import Histogram
from .light import DEVICE, LightClient, now_us

PAGE = 50
SMALL = 1000
"""Messages of the conversation that the large one is compared with."""
UNDER_WAY = 500
"""Messages sent and not yet acknowledged while filling."""


async def people(url: str, count: int) -> list[int]:
    """New people who are not connected; returns their uids."""
    client = LightClient("json")
    await client.connect(url)
    guest = Guest(device=DEVICE)
    made = [await client.call(Action.API_AUTH_GUEST, guest, LoggedIn) for _ in range(count)]
    client.close()
    return [person.uid for person in made]


async def fill(client: LightClient, to: Sequence[int]) -> dict[str, int]:
    """A message to each of these in turn; returns the last `seq` of each conversation."""
    room, run, last = asyncio.Semaphore(UNDER_WAY), f"{time.time_ns():x}", dict[str, int]()

    async def one(number: int, uid: int) -> None:
        message = Message(cli_mid=f"{run}-{number}", to=uid, type=1, content="x" * 29)
        async with room:
            ack = (await client.ask(Action.MESSAGE_CHAT, message)).data
        last[ack.conv] = max(last.get(ack.conv, 0), ack.seq)

    for start in range(0, len(to), 10 * UNDER_WAY):
        part = to[start : start + 10 * UNDER_WAY]
        await asyncio.gather(*(one(start + n, uid) for n, uid in enumerate(part)))
    return last


async def reader(url: str) -> LightClient:
    """Somebody signed in."""
    client = LightClient("json")
    await client.connect(url)
    await client.guest()
    return client


async def alternate(
    ways: dict[str, Callable[[], Awaitable[object]]], rounds: int
) -> dict[str, Histogram]:
    """How long each takes (µs), in turn, so that a machine that drifts is fair to all."""
    took = {name: Histogram() for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began = now_us()
            await way()
            took[name].add(now_us() - began)
    return took


async def history(url: str, messages: int, rounds: int, seed: int) -> dict[str, Histogram]:
    """Pages from anywhere in a conversation of so many messages, and in one of 1,000."""
    client, chance = await reader(url), random.Random(seed)
    few, many = await people(url, 2)
    last = await fill(client, [few] * SMALL + [many] * messages)

    def page(conv: str, highest: int) -> Callable[[], Awaitable[object]]:
        async def read() -> None:
            before = chance.randint(PAGE + 1, highest + 1)
            query = HistoryQuery(conv=conv, before=before, limit=PAGE)
            got = await client.call(Action.API_MESSAGES_LIST, query, MessageList)
            if [item.seq for item in got.items] != list(range(before - PAGE, before)):
                raise ValueError(f"a page before {before} is not the {PAGE} messages before it")

        return read

    names = (f"page of {SMALL} messages", f"page of {messages} messages")
    convs = sorted(last.items(), key=lambda item: item[1])
    ways = {name: page(*conv) for name, conv in zip(names, convs, strict=True)}
    took = await alternate(ways, rounds)
    client.close()
    return took


async def sync(url: str, conversations: int, depth: int, rounds: int) -> dict[str, Histogram]:
    """A sync that misses one message in each conversation, when they are short and when they are long."""
    to = await people(url, conversations)
    ways, clients = {}, []
    for name, each in (("sync, 2 messages each", 2), (f"sync, {depth} messages each", depth)):
        client = await reader(url)
        clients.append(client)
        last = await fill(client, to * each)
        known = {conv: seq - 1 for conv, seq in last.items()}
        ways[name] = _sync_of(client, known)
    took = await alternate(ways, rounds)
    for client in clients:
        client.close()
    return took


def _sync_of(client: LightClient, known: dict[str, int]) -> Callable[[], Awaitable[object]]:
    async def read() -> None:
        got, cursor, more = 0, "", True
        while more:
            page = await client.call(Action.API_SYNC, Sync(known=known, cursor=cursor), Synced)
            got += sum(len(missed) for missed in page.messages.values())
            cursor, more = page.cursor, page.more
        if got != len(known):
            raise ValueError(f"{got} messages synced, {len(known)} were missing")

    return read
