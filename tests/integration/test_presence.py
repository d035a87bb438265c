"""Presence over real connections, for every transport and codec."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.support.peers import WAYS, Peer, Pipe
from tests.support.people import House, call, refusal
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    data: Path = tmp_path_factory.mktemp("presence") / "data"
    async with ServerProcess(data) as running:
        yield running


@pytest_asyncio.fixture(params=WAYS, ids="-".join, loop_scope="module")
async def house(server: ServerProcess, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    pipes: list[Pipe] = []
    yield House(server, request.param, pipes)
    for pipe in pipes:
        await pipe.close()


async def watch(peer: Peer, *uids: int) -> dict[int, dict[str, Any]]:
    """Subscribe; what is told at once, by uid."""
    await peer.say({"seq": 5, "action": "presence.sub", "data": {"uids": list(uids)}})
    told = [await notice(peer) for _ in uids]
    return {data["uid"]: data for data in told}


async def notice(peer: Peer) -> dict[str, Any]:
    envelope = await peer.hear("notify.presence")
    assert "seq" not in envelope
    data: dict[str, Any] = envelope["data"]
    return data


async def test_coming_and_going_is_told(house: House) -> None:
    alice, bob = await house.person(), await house.person()
    name = (await call(bob, "api.users.me"))["account"]
    told = await watch(alice, bob.uid, 999_999)
    assert told[bob.uid]["online"] and told[bob.uid]["devices"] == [1]
    assert told[bob.uid]["at"] > 1_700_000_000_000
    unknown = told[999_999]
    assert not unknown.get("online", False) and "at" not in unknown

    desk = await house.person(name, device=4)
    assert (await notice(alice))["devices"] == [1, 4]
    await desk.close()
    assert (await notice(alice))["devices"] == [1]
    await bob.close()
    gone = await notice(alice)
    assert not gone.get("online", False) and not gone.get("devices")
    assert gone["at"] >= told[bob.uid]["at"]
    (listed,) = (await call(alice, "api.presence.list", uids=[bob.uid]))["items"]
    assert {**listed, "devices": []} == {**gone, "devices": []}


async def test_only_subscribers_are_told(house: House) -> None:
    alice, bob, carol = [await house.person() for _ in range(3)]
    await watch(alice, bob.uid)
    await bob.close()
    assert not (await notice(alice)).get("online", False)
    await carol.nothing()


async def test_people_decide_who_may_see_them(house: House) -> None:
    alice, bob = await house.person(), await house.person()
    assert (await watch(alice, bob.uid))[bob.uid]["online"]
    await call(bob, "api.users.update", presence="contacts")
    hidden = await notice(alice)
    assert not hidden.get("online", False) and "at" not in hidden
    await call(alice, "api.contacts.add", uid=bob.uid)
    await call(bob, "api.contacts.accept", uid=alice.uid)
    assert (await notice(alice))["online"]
    await call(bob, "api.blocks.add", uid=alice.uid)
    assert not (await notice(alice)).get("online", False)
    await call(bob, "api.blocks.remove", uid=alice.uid)
    assert (await notice(alice))["online"]
    await call(bob, "api.users.update", presence="nobody")
    assert not (await notice(alice)).get("online", False)
    assert (await call(bob, "api.users.me"))["presence"] == "nobody"


async def test_what_cannot_be_watched(house: House) -> None:
    alice = await house.person()
    assert await refusal(alice, "presence.sub", uids=list(range(1, 502))) == "too_large"
    assert await refusal(alice, "presence.sub", uids=[0]) == "bad_request"
    stranger = await house.arrive()
    assert await refusal(stranger, "presence.sub", uids=[1]) == "unauthenticated"


async def test_last_seen_survives_a_restart(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data") as running:
        house = House(running, ("ws", "json"), [])
        alice, bob = await house.person(), await house.person()
        await watch(alice, bob.uid)
        await bob.close()
        gone = await notice(alice)
        name = (await call(alice, "api.users.me"))["account"]
        for pipe in house.pipes:
            await pipe.close()
        assert await running.terminate() == 0
        await running.start()
        house = House(running, ("ws", "json"), [])
        alice = await house.person(name)
        assert (await watch(alice, bob.uid))[bob.uid] == gone
        for pipe in house.pipes:
            await pipe.close()
