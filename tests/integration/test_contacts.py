"""Contacts, blocks and sessions over real connections, for every transport and codec."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio

from glideim.config import Config
from glideim.server import Server
from tests.support.peers import WAYS, Pipe
from tests.support.people import PASSWORD, House, call, refusal, sign_in
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    data: Path = tmp_path_factory.mktemp("contacts") / "data"
    async with ServerProcess(data) as running:
        yield running


@pytest_asyncio.fixture(params=WAYS, ids="-".join, loop_scope="module")
async def house(server: ServerProcess, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    pipes: list[Pipe] = []
    yield House(server, request.param, pipes)
    for pipe in pipes:
        await pipe.close()


# --- contacts -----------------------------------------------------------------------------------------------


async def test_a_friendship_from_beginning_to_end(house: House) -> None:
    alice, bob = await house.person(), await house.person()
    sent = await call(alice, "api.contacts.add", uid=bob.uid, remark="my bob", message="hello 👋")
    assert (sent["uid"], sent["state"], sent["outgoing"]) == (bob.uid, "pending", True)
    notice = (await bob.hear("notify.contact"))["data"]
    assert notice.pop("at") > 1_700_000_000_000
    assert notice == {"uid": alice.uid, "type": "request", "remark": "hello 👋"}
    requests = (await call(bob, "api.contacts.requests"))["items"]
    assert [(r["uid"], r["message"]) for r in requests] == [(alice.uid, "hello 👋")]

    await bob.say({"seq": 5, "action": "api.contacts.accept", "data": {"uid": alice.uid}})
    own = (await bob.hear("notify.contact"))["data"]
    assert (own["uid"], own["type"]) == (alice.uid, "accepted")
    accepted = (await alice.hear("notify.contact"))["data"]
    assert (accepted["uid"], accepted["type"], accepted["remark"]) == (
        bob.uid, "accepted", "my bob",
    )  # fmt: skip
    contacts = (await call(alice, "api.contacts.list"))["items"]
    assert [(c["uid"], c["remark"]) for c in contacts] == [(bob.uid, "my bob")]

    await call(bob, "api.contacts.delete", uid=alice.uid)
    assert (await alice.hear("notify.contact"))["data"]["type"] == "removed"
    assert (await call(alice, "api.contacts.list"))["items"] == []


async def test_every_device_is_told_and_nobody_else(house: House) -> None:
    alice, bob, carol = [await house.person() for _ in range(3)]
    name = (await call(bob, "api.users.me"))["account"]
    desk = await house.person(name, device=4)
    await call(alice, "api.contacts.add", uid=bob.uid)
    for device in (bob, desk):
        assert (await device.hear("notify.contact"))["data"]["type"] == "request"
    await call(desk, "api.contacts.reject", uid=alice.uid)
    for device in (alice, bob):
        assert (await device.hear("notify.contact"))["data"]["type"] == "rejected"
    for device in (carol, alice):
        await device.nothing()


async def test_blocks_over_the_connection(house: House) -> None:
    alice, bob = await house.person(), await house.person()
    await call(bob, "api.blocks.add", uid=alice.uid)
    assert await refusal(alice, "api.contacts.add", uid=bob.uid) == "blocked"
    assert [u["uid"] for u in (await call(bob, "api.blocks.list"))["items"]] == [alice.uid]
    await call(bob, "api.blocks.remove", uid=alice.uid)
    assert (await call(alice, "api.contacts.add", uid=bob.uid))["state"] == "pending"


async def test_what_cannot_be(house: House) -> None:
    alice = await house.person()
    assert await refusal(alice, "api.contacts.add", uid=alice.uid) == "bad_request"
    assert await refusal(alice, "api.contacts.add", uid=999_999) == "not_found"
    assert await refusal(alice, "api.blocks.add", uid=999_999) == "not_found"
    assert await refusal(alice, "api.contacts.accept", uid=999_999) == "not_found"


async def test_contacts_over_http(house: House) -> None:
    alice, bob = await house.person(), await house.person()
    base = f"{house.server.http}/api/v2"
    async with httpx2.AsyncClient() as client:
        mine = {"Authorization": f"Bearer {alice.token}"}
        bobs = {"Authorization": f"Bearer {bob.token}"}
        answer = await client.post(f"{base}/contacts", json={"uid": bob.uid}, headers=mine)
        assert (answer.status_code, answer.json()["uid"]) == (201, bob.uid)
        assert (await bob.hear("notify.contact"))["data"]["type"] == "request"
        path = f"{base}/contacts/{alice.uid}"
        assert (await client.post(f"{path}/accept", json={}, headers=bobs)).status_code == 200
        changed = await client.patch(path, json={"remark": "A"}, headers=bobs)
        assert (changed.status_code, changed.json()["remark"]) == (200, "A")
        assert (await client.put(f"{base}/blocks/{alice.uid}", headers=bobs)).status_code == 200
        assert (await client.delete(f"{base}/blocks/{alice.uid}", headers=bobs)).status_code == 200
        assert (await client.delete(path, headers=bobs)).status_code == 200
        assert (await client.delete(path, headers=bobs)).status_code == 404


# --- sessions -----------------------------------------------------------------------------------------------


async def test_a_session_is_ended_from_another_device(house: House) -> None:
    phone = await house.person()
    name = (await call(phone, "api.users.me"))["account"]
    desk = await house.person(name, device=4)
    stranger = await house.person()
    newest, oldest = (await call(phone, "api.auth.sessions"))["items"]
    assert (newest["device"], newest.get("current", False), newest["online"]) == (4, False, True)
    assert (oldest["device"], oldest["current"], oldest["online"]) == (1, True, True)
    session = newest["sessionId"]
    assert await refusal(stranger, "api.auth.end_session", sessionId=session) == "not_found"
    await call(phone, "api.auth.end_session", sessionId=session)
    assert await desk.closed_with() == 4103
    assert (await phone.hear("notify.logout"))["data"]["device"] == 4
    again = await house.arrive()
    await again.say({"seq": 1, "action": "auth", "data": {"token": desk.token, "device": 4}})
    assert await again.closed_with() == 4101
    assert len((await call(phone, "api.auth.sessions"))["items"]) == 1


@pytest.mark.parametrize("rule", ["one", "unlimited"])
async def test_rules_of_devices(tmp_path: Path, rule: str) -> None:
    async with ServerProcess(tmp_path / "data", GLIDEIM_DEVICES=rule) as running:
        house = House(running, ("ws", "json"), [])
        phone = await house.person()
        name = (await call(phone, "api.users.me"))["account"]
        desk, other = await house.person(name, device=4), await house.person(name, device=4)
        if rule == "one":
            assert (await phone.hear("notify.kickout"))["data"]["device"] == 4
            assert await phone.closed_with() == 4100
            assert await desk.closed_with() == 4100
        else:
            # What one sends, all others get: phone, and both of the same class.
            message = {"cliMid": "1", "to": phone.uid, "type": 1, "content": "note"}
            await phone.say({"seq": 1, "action": "message.chat", "data": message})
            for device in (desk, other):
                assert (await device.hear("message.chat"))["data"]["content"] == "note"
        assert (await call(other, "api.users.me"))["account"] == name
        for pipe in house.pipes:
            await pipe.close()


async def test_a_ban_ends_connections_with_its_own_code(tmp_path: Path) -> None:
    server = await Server.start(
        Config(data=str(tmp_path), store="memory", ws_port=0, tcp_port=0, http_port=0)
    )
    process = ServerProcess(tmp_path)
    process.ready = dict(server.addresses())
    house = House(process, ("ws", "protobuf"), [])
    try:
        alice, bob = await house.person(), await house.person()
        name = (await call(alice, "api.users.me"))["account"]
        await server._accounts.ban(alice.uid, banned=True)
        assert await alice.closed_with() == 4102
        again = await house.arrive()
        wanted = {"account": name, "password": PASSWORD, "device": 1}
        assert await refusal(again, "api.auth.login", **wanted) == "forbidden"
        await server._accounts.ban(alice.uid, banned=False)
        again.token = (await call(again, "api.auth.login", **wanted))["token"]
        again.uid = alice.uid
        await sign_in(again)
        await bob.nothing()
    finally:
        for pipe in house.pipes:
            await pipe.close()
        await server.stop()


async def test_bad_tokens_are_limited_per_address(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data", GLIDEIM_LIMITS="on") as running:
        house = House(running, ("tcp", "json"), [])
        alice = await house.person()
        async with httpx2.AsyncClient(base_url=f"{running.http}/api/v2") as client:
            bad = {"Authorization": "Bearer glt_wrong"}
            codes = [(await client.get("/users/me", headers=bad)).status_code for _ in range(110)]
            assert codes[:100] == [401] * 100
            assert 429 in codes[100:]
            good = {"Authorization": f"Bearer {alice.token}"}
            assert (await client.get("/users/me", headers=good)).status_code == 200
        for pipe in house.pipes:
            await pipe.close()
