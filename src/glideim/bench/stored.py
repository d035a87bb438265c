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

from . import target
from .case import Bar, Case, Options, Progress
from .histogram import Histogram
from .light import DEVICE, LightClient, now_us
from .outcome import Outcome, load_average
from .target import Server

PAGE = 50
MESSAGES, PAGES = 100_000, 300
"""Of the large conversation, and read from it, unless something else is asked for."""
CONVERSATIONS, DEPTH, SYNCS = 500, 40, 50
"""The same for a sync."""
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


async def fill(client: LightClient, to: Sequence[int], bar: Bar) -> dict[str, int]:
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
        bar(start + len(part))
    return last


async def reader(url: str) -> LightClient:
    """Somebody signed in."""
    client = LightClient("json")
    await client.connect(url)
    await client.guest()
    return client


async def alternate(
    ways: dict[str, Callable[[], Awaitable[object]]], rounds: int, progress: Progress
) -> dict[str, Histogram]:
    """How long each takes (µs), in turn, so that a machine that drifts is fair to all."""
    took = {name: Histogram() for name in ways}
    with progress.phase("read", rounds) as bar:
        for done in range(rounds):
            for name, way in ways.items():
                began = now_us()
                await way()
                took[name].add(now_us() - began)
            bar(done)
    return took


async def history(
    url: str, messages: int, rounds: int, seed: int, progress: Progress
) -> dict[str, Histogram]:
    """Pages from anywhere in a conversation of so many messages, and in one of 1,000."""
    client, chance = await reader(url), random.Random(seed)
    few, many = await people(url, 2)
    with progress.phase("fill", SMALL + messages) as bar:
        last = await fill(client, [few] * SMALL + [many] * messages, bar)

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
    took = await alternate(ways, rounds, progress)
    client.close()
    return took


async def sync(
    url: str, conversations: int, depth: int, rounds: int, progress: Progress
) -> dict[str, Histogram]:
    """A sync that misses one message in each conversation, when they are short and when they are long."""
    to = await people(url, conversations)
    ways, clients = {}, []
    for name, each in (("sync, 2 messages each", 2), (f"sync, {depth} messages each", depth)):
        client = await reader(url)
        clients.append(client)
        with progress.phase(f"fill, {each} each", len(to) * each) as bar:
            last = await fill(client, to * each, bar)
        known = {conv: seq - 1 for conv, seq in last.items()}
        ways[name] = _sync_of(client, known)
    took = await alternate(ways, rounds, progress)
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


async def _history(options: Options, progress: Progress) -> list[Outcome]:
    messages = max(options.messages or MESSAGES, SMALL + 1)
    async with target.glideim(options) as server:
        took = await history(server.url, messages, PAGES, options.seed, progress)
        return [_outcome("history", server, PAGES, took)]


async def _sync(options: Options, progress: Progress) -> list[Outcome]:
    conversations, depth = options.clients or CONVERSATIONS, options.messages or DEPTH
    async with target.glideim(options) as server:
        took = await sync(server.url, conversations, depth, SYNCS, progress)
        return [_outcome("sync", server, SYNCS, took)]


def _outcome(case: str, server: Server, rounds: int, took: dict[str, Histogram]) -> Outcome:
    few, many = (histogram.quantile(0.99) for histogram in took.values())
    return Outcome(
        case=case,
        target=server.name,
        figures={"rounds": rounds, "p99 of much / p99 of little": many / max(1, few)},
        latency_ms={name: histogram.summary() for name, histogram in took.items()},
        load_average=load_average(),
    )


CASES = (
    Case("sync", "a sync of many conversations, of long ones and short ones in turn", _sync),
    Case("history", "a page of a long conversation and of a short one in turn", _history),
)
