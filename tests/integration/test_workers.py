"""Workers: what one process does, several do, and the death of one is survived."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from glideim.client import Client, Kicked, Options, RequestFailed, SignedOut
from glideim.client.events import Event, EventStream, Presence
from glideim.protocol.records import Message
from tests.support.processes import ServerProcess

PEOPLE = 12
WITHIN = 20.0


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    async with ServerProcess(tmp_path / "data", "--workers", "2") as server:
        yield server


def client(server: ServerProcess, number: int = 0, device: int = 4) -> Client:
    """Over each transport and codec in turn."""
    codec = ("json", "protobuf")[number % 2]
    url = server.ws if number % 4 < 2 else server.tcp
    return Client(url, options=Options(codec=codec, device=device, backoff_cap=0.5))


async def taken(client: Client, count: int) -> list[Message]:
    found: list[Message] = []
    async with asyncio.timeout(WITHIN):
        async for message in client.messages():
            found.append(message)
            if len(found) == count:
                break
    return found


async def until(events: EventStream, kind: type[Event]) -> Event:
    async with asyncio.timeout(WITHIN):
        async for event in events:
            if isinstance(event, kind):
                return event
    raise AssertionError(f"no {kind}")


async def test_a_group_over_all_workers_and_ways(server: ServerProcess) -> None:
    people = [client(server, number) for number in range(PEOPLE)]
    try:
        for person in people:
            person.start()
            await person.guest()
        group = await people[0].groups.create("team", [p.uid for p in people[1:]])
        await asyncio.gather(*(p.send(group.conv, f"from {p.uid}") for p in people))
        for number in range(30):
            people[number % PEOPLE].submit(group.conv, f"n{number}")
        await asyncio.gather(*(p.drained() for p in people))
        last = 1 + PEOPLE + 30
        for person in people[1:]:
            history = await person.history(group.conv, after=0, limit=200)
            assert [m.seq for m in history if m.type > 0] == list(range(2, last + 1))
            theirs = [m.mid for m in history if m.from_ != person.uid and m.type > 0]
            assert [m.mid for m in await taken(person, len(theirs))] == theirs
    finally:
        await asyncio.gather(*(person.close() for person in people))


async def test_a_newer_login_takes_the_place_on_whatever_worker(server: ServerProcess) -> None:
    async with client(server) as first:
        await first.register("ann", "a password of hers")
        await first.login("ann", "a password of hers")
        for number in range(6):  # the kernel chooses the worker: some of these are on the other one
            events = first.events()
            second = client(server, number)
            second.start()
            await second.login("ann", "a password of hers")
            await until(events, Kicked)
            again = second.events()
            await first.connect()
            await until(again, Kicked)
            await second.close()


async def test_presence_and_ended_sessions_cross_workers(server: ServerProcess) -> None:
    async with client(server) as ann, client(server, 1) as bob, client(server, 2, device=2) as tab:
        await ann.guest("Ann")
        await bob.register("bob", "a password of his")
        events = ann.events()
        await bob.login("bob", "a password of his")
        ann.watch([bob.uid])
        seen = await until(events, Presence)
        assert isinstance(seen, Presence) and seen.online and seen.devices == (4,)
        await tab.login("bob", "a password of his")
        gone = tab.events()
        sessions = [s async for s in bob.sessions.list()]
        assert sorted(s.device for s in sessions if s.online) == [2, 4]
        await bob.sessions.end(next(s.session_id for s in sessions if s.device == 2))
        assert isinstance(await until(gone, SignedOut), SignedOut)
        with pytest.raises(RequestFailed) as refused:
            await ann.groups.info(999)
        assert refused.value.code == "not_found"


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = {int(n): Path(f"/proc/{n}/cmdline").read_bytes() for n in found}
    return [n for n, line in lines.items() if b"workers.worker" in line]


async def another(server: ServerProcess) -> None:
    """Until there are two again."""
    while len(children(server.process.pid)) < 2:  # noqa: ASYNC110 - another process is waited for
        await asyncio.sleep(0.05)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes in /proc")
async def test_the_death_of_a_worker_loses_nothing(server: ServerProcess) -> None:
    people = [client(server, number) for number in range(4)]
    try:
        for person in people:
            person.start()
            await person.guest()
        group = await people[0].groups.create("team", [p.uid for p in people[1:]])
        for round_ in range(3):
            for number in range(20):
                people[number % 4].submit(group.conv, f"{round_}-{number}")
            os.kill(children(server.process.pid)[round_ % 2], signal.SIGKILL)
            async with asyncio.timeout(WITHIN):
                await asyncio.gather(*(p.drained() for p in people))
                await another(server)
        history = [m for m in await people[0].history(group.conv, after=0, limit=200) if m.type > 0]
        assert len({m.cli_mid for m in history}) == len(history) == 60
        assert [m.seq for m in history] == list(range(2, 62))
        for number, person in enumerate(people[1:], 1):
            mine = sum(n % 4 == number for n in range(20)) * 3
            theirs = [m.mid for m in history if m.from_ != person.uid]
            assert [m.mid for m in await taken(person, 60 - mine)] == theirs
    finally:
        await asyncio.gather(*(person.close() for person in people))
