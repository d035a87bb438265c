"""What happens to messages and groups, as the SDK tells it: at once, and after having been away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import pytest
import pytest_asyncio

from glideim.client import (
    Changed,
    Client,
    Edited,
    Event,
    EventStream,
    Gone,
    Growing,
    MemoryStore,
    Options,
    Pinned,
    Presence,
    Reacted,
    Recalled,
    RequestFailed,
    Signal,
    SignedOut,
    Synced,
)
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

E = TypeVar("E", bound=Event)
PASSWORD = "a good password"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    async with ServerProcess(tmp_path_factory.mktemp("changes") / "data") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module", params=["ws", "tcp"])
async def pair(
    server: ServerProcess, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[Client, Client]]:
    """Two guests: JSON over WebSocket, or protobuf over TCP."""
    ws = request.param == "ws"
    url, codec = (server.ws, "json") if ws else (server.tcp, "protobuf")
    options = Options(codec=codec)
    async with (
        Client(url, options=options, api=server.http) as ann,
        Client(url, options=options, api=server.http) as bob,
    ):
        await ann.guest("Ann")
        await bob.guest("Bob")
        yield ann, bob


async def hear(stream: EventStream, kind: type[E]) -> E:
    async with asyncio.timeout(20):
        async for event in stream:
            if isinstance(event, kind):
                return event
    raise AssertionError("the events ended")


async def test_changes_are_heard_by_the_other(pair: tuple[Client, Client]) -> None:
    ann, bob = pair
    heard = bob.events()
    sent = await ann.send(bob.uid, "hello")
    await ann.edit(sent, "hello!")
    assert (await hear(heard, Edited)).message.content == "hello!"
    await ann.react(sent, "👍")
    reacted = await hear(heard, Reacted)
    assert (reacted.key, reacted.count, reacted.uid, reacted.on) == ("👍", 1, ann.uid, True)
    await ann.pin(sent)
    assert (await hear(heard, Pinned)).on
    assert [m.seq for m in await bob.conversations.pins(sent.conv)] == [sent.seq]
    assert ann.signal(sent.conv)
    assert (await hear(heard, Signal)).uid == ann.uid
    await ann.recall(sent)
    assert (await hear(heard, Recalled)).by == ann.uid
    # What waited all the time is given as it is now.
    message = await anext(bob.messages())
    assert (message.content, message.status) == (None, 1)
    with pytest.raises(RequestFailed):
        await ann.edit(sent, "too late")


async def test_a_growing_message_and_presence(pair: tuple[Client, Client]) -> None:
    ann, bob = pair
    heard = bob.events()
    bob.watch([ann.uid])
    assert (await hear(heard, Presence)).online
    async with ann.stream(bob.uid) as growing:
        for piece in ("to ", "be"):
            await growing.write(piece)
    while (step := await hear(heard, Growing)).op != "finish":
        continue
    assert (step.text, step.seq) == ("to be", growing.sent.seq)
    with pytest.raises(KeyError):
        await give_up(ann, bob.uid)
    while (step := await hear(heard, Growing)).op != "cancel":
        continue
    (gone,) = await bob.history(growing.sent.conv, after=step.seq - 1)
    assert (gone.status, gone.content) == (1, None)


async def give_up(client: Client, to: int) -> None:
    async with client.stream(to, "never") as growing:
        await growing.write(" mind")
        raise KeyError


async def test_groups_contacts_files_and_search(
    pair: tuple[Client, Client], tmp_path: Path
) -> None:
    ann, bob = pair
    group = await ann.groups.create("Team", [bob.uid])
    await ann.groups.update(group.gid, name="Crew")
    assert [g.name async for g in bob.groups.list()] == ["Crew"]
    await ann.groups.set_role(group.gid, bob.uid, "admin")
    roles = {m.uid: m.role async for m in bob.groups.members(group.gid)}
    assert roles == {ann.uid: "owner", bob.uid: "admin"}
    await bob.contacts.add(ann.uid, "hi")
    assert [(r.uid, r.outgoing) async for r in ann.contacts.requests()] == [(bob.uid, False)]
    await ann.contacts.accept(bob.uid, "Bobby")
    assert [c.remark async for c in ann.contacts.list()] == ["Bobby"]
    assert (await bob.conversations.mute(group.conv)).muted
    content = bytes(range(256)) * 200
    info = await ann.files.upload(content, name="x.bin")
    await ann.send(group.conv, f"remarkable {info.url}")
    path = await bob.files.download(info, tmp_path / "x.bin")
    assert path.read_bytes() == content
    await ann.groups.remove(group.gid, bob.uid)
    with pytest.raises(RequestFailed):
        await bob.send(group.conv, "no")


async def test_what_changed_meanwhile(server: ServerProcess) -> None:
    store = MemoryStore()
    async with Client(server.ws) as ann:
        await ann.guest("Ann")
        async with Client(server.ws, store=store) as bob:
            uid = await bob.guest("Bob")
            group = await ann.groups.create("Team", [uid])
            sent = await ann.send(uid, "hello")
            stream = bob.messages(confirm="taken")
            async with asyncio.timeout(20):
                while (await anext(stream)).conv != sent.conv:
                    continue
        await ann.edit(sent, "hello!")
        await ann.groups.remove(group.gid, uid)
        async with Client(server.ws, store=store) as bob:
            heard = bob.events()
            found: list[Event] = []
            async with asyncio.timeout(20):
                async for event in heard:
                    found.append(event)
                    if isinstance(event, Synced):
                        break
    changed = [e.message.content for e in found if isinstance(e, Changed)]
    assert changed == ["hello!"]
    assert [e.convs for e in found if isinstance(e, Gone)] == [(group.conv,)]


async def test_a_session_that_ends(server: ServerProcess) -> None:
    options = Options(device=2)
    async with Client(server.ws) as one, Client(server.ws, options=options) as two:
        await one.register(name := "two-devices", PASSWORD)
        await one.login(name, PASSWORD)
        await two.login(name, PASSWORD)
        heard = two.events()
        (other,) = [s async for s in one.sessions.list() if not s.current]
        await one.sessions.end(other.session_id)
        await hear(heard, SignedOut)
        assert two.uid == 0
