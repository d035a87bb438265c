"""The SDK in groups: every message and event once and in order, through a reconnect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from glideim.client import Client
from glideim.config import Config
from glideim.protocol.records import Empty, Group, Message
from glideim.protocol.social import CreateGroup, GroupMember
from glideim.server import Server


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    config = Config(
        data=str(tmp_path), durability="relaxed", limits="off", ws_port=0, tcp_port=0, http_port=0
    )
    server = await Server.start(config)
    yield server.addresses()["ws"]
    await server.stop()


async def take(client: Client, count: int) -> list[Message]:
    taken: list[Message] = []
    async with asyncio.timeout(20):
        async for message in client.messages():
            taken.append(message)
            if len(taken) == count:
                break
    return taken


async def test_messages_and_events_of_a_group(url: str) -> None:
    async with Client(url) as ann, Client(url) as bob, Client(url) as cid:
        for client, name in ((ann, "Ann"), (bob, "Bob"), (cid, "Cid")):
            await client.guest(name)
        group = await ann.call(
            "api.groups.create", CreateGroup(name="Team", uids=(bob.uid, cid.uid)), Group
        )
        for n in range(20):
            sent = await ann.send(group.conv, f"n{n}")
            assert (sent.conv, sent.seq) == (group.conv, n + 2)
        texts = [m.content for m in await take(bob, 20)]
        assert texts == [f"n{n}" for n in range(20)]
        await ann.call("api.groups.remove_member", GroupMember(group.gid, cid.uid), Empty)
        await ann.send(group.conv, "after")
        event, after = await take(bob, 2)
        assert event.type < 0 and event.seq == 22
        assert (after.content, after.seq) == ("after", 23)


async def test_what_is_no_group_is_refused(url: str) -> None:
    async with Client(url) as ann:
        await ann.guest("Ann")
        with pytest.raises(ValueError, match="not a group"):
            await ann.send("c:1:2", "hi")
