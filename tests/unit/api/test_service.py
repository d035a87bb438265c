"""Every call, over HTTP and over the connection: the same results, the same codes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from glideim.dispatch.ports import Origin
from glideim.protocol.actions import RECORDS, RESULTS, Action
from glideim.protocol.codes import ErrorCode
from tests.support.accounts import PASSWORD
from tests.support.api import ApiWorld, Refused

WAYS = ["http", "connection"]


@pytest.fixture(params=WAYS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with ApiWorld(request.param) as world:
        yield world


def refused(code: ErrorCode) -> pytest.RaisesExc[Refused]:
    return pytest.raises(Refused, check=lambda error: error.code == code)


# --- the table --------------------------------------------------------------------------------------------


async def test_the_table_has_every_action_once() -> None:
    async with ApiWorld("connection") as world:
        endpoints = world.api.endpoints
        actions = [str(endpoint.action) for endpoint in endpoints]
        assert sorted(actions) == sorted(RESULTS)
        assert len({(e.method, e.path) for e in endpoints}) == len(endpoints)
        for endpoint in endpoints:
            assert endpoint.request is RECORDS[endpoint.action]
            assert endpoint.result is RESULTS[endpoint.action]
            assert world.api.is_public(endpoint.action) == endpoint.public
        public = {action for action in actions if world.api.is_public(action)}
        assert public == {"api.auth.register", "api.auth.login", "api.auth.guest"}
        assert not world.api.is_public("api.no.such")


async def test_the_examples_are_valid() -> None:
    async with ApiWorld("connection") as world:
        for endpoint in world.api.endpoints:
            example = msgspec.json.encode(endpoint.example)
            again = msgspec.json.encode(msgspec.json.decode(example, type=endpoint.request))
            assert msgspec.json.decode(again) == msgspec.json.decode(example)
            msgspec.convert(endpoint.example_result, endpoint.result)


# --- accounts ---------------------------------------------------------------------------------------------


async def test_an_account_from_its_beginning_to_its_end(world: ApiWorld) -> None:
    fields = {"account": "Alice", "password": PASSWORD, "nickname": "Älice 🌍"}
    uid = (await world.call("api.auth.register", fields))["uid"]
    login = {"account": "ALICE", "password": PASSWORD, "device": 2, "unknown": [1]}
    one, two = [await world.call("api.auth.login", login) for _ in range(2)]
    assert one["uid"] == uid
    assert one["gateways"] == {"ws": ["ws://here/ws"], "tcp": ["here:8082"]}
    me = {"uid": uid, "account": "Alice", "nickname": "Älice 🌍", "presence": "everyone"}
    assert await world.call("api.users.me", token=one["token"]) == me

    renewed = await world.call("api.auth.refresh", token=one["token"])
    assert renewed["token"] not in {one["token"], two["token"]}
    change = {"oldPassword": PASSWORD, "newPassword": "battery staple"}
    assert await world.call("api.auth.password", change, renewed["token"]) == {}
    with refused(ErrorCode.UNAUTHENTICATED):
        await world.call("api.users.me", token=two["token"])
    assert await world.call("api.auth.logout", token=renewed["token"]) == {}
    with refused(ErrorCode.UNAUTHENTICATED):
        await world.call("api.users.me", token=renewed["token"])


async def test_a_guest(world: ApiWorld) -> None:
    guest = await world.call("api.auth.guest", {"device": 2})
    me = await world.call("api.users.me", token=guest["token"])
    assert me["account"] == me["nickname"] == f"guest-{guest['uid']}"


async def test_a_banned_account(world: ApiWorld) -> None:
    uid, token = await world.person("alice")
    await world.house.accounts.ban(uid, banned=True)
    with refused(ErrorCode.UNAUTHENTICATED):
        await world.call("api.users.me", token=token)
    with refused(ErrorCode.FORBIDDEN):
        await world.call("api.auth.login", {"account": "alice", "password": PASSWORD, "device": 2})


async def test_an_expired_token(world: ApiWorld) -> None:
    _, token = await world.person("alice")
    world.clock.advance(30 * 86_400)
    with refused(ErrorCode.UNAUTHENTICATED):
        await world.call("api.users.me", token=token)


# --- people -----------------------------------------------------------------------------------------------


async def test_profiles(world: ApiWorld) -> None:
    (alice, token), (bob, _) = await world.person("alice"), await world.person("bob")
    updated = await world.call("api.users.update", {"nickname": "A", "avatar": None}, token)
    mine = {"uid": alice, "account": "alice", "nickname": "A"}
    assert updated == {**mine, "presence": "everyone"}
    listed = await world.call("api.users.list", {"uids": [bob, 7, alice]}, token)
    bobs = {"uid": bob, "account": "bob", "nickname": "bob"}
    assert listed == {"items": [bobs, mine]}
    found = await world.call("api.users.search", {"q": "BO", "limit": 1}, token)
    assert found == {"items": [bobs]}


async def test_who_may_see_one_online(world: ApiWorld) -> None:
    (alice, token), (_, bobs) = await world.person("alice"), await world.person("bob")
    with refused(ErrorCode.BAD_REQUEST):
        await world.call("api.users.update", {"nickname": "no", "presence": "me"}, token)
    with refused(ErrorCode.BAD_REQUEST):
        await world.call("api.users.update", {"nickname": "x" * 65, "presence": "nobody"}, token)
    me = await world.call("api.users.me", token=token)
    assert (me["nickname"], me["presence"]) == ("alice", "everyone")
    world.presence.came(alice, 2, 1, Origin("here", 1))
    asked = {"uids": [alice, 7]}
    online = {"uid": alice, "online": True, "devices": [2], "at": world.clock.now_ms()}
    seen = await world.call("api.presence.list", asked, bobs)
    assert seen == {"items": [online, {"uid": 7}]}
    updated = await world.call("api.users.update", {"presence": "contacts"}, token)
    assert updated["presence"] == "contacts"
    seen = await world.call("api.presence.list", asked, bobs)
    assert seen["items"][0] == {"uid": alice}
    with refused(ErrorCode.TOO_LARGE):
        await world.call("api.presence.list", {"uids": list(range(1, 502))}, bobs)


# --- sessions ---------------------------------------------------------------------------------------------


async def test_sessions_and_their_end(world: ApiWorld) -> None:
    alice, token = await world.person("alice")
    login = {"account": "alice", "password": PASSWORD, "device": 4, "deviceId": "desk"}
    desk = (await world.call("api.auth.login", login))["token"]
    _, bobs = await world.person("bob")
    session_id = (await world.house.accounts.authenticate(desk)).session_id
    world.presence.came(alice, 4, session_id, Origin("here", 1))
    newest, oldest = (await world.call("api.auth.sessions", token=token))["items"]
    assert newest == {
        "sessionId": session_id,
        "device": 4,
        "deviceId": "desk",
        "createdAt": world.clock.now_ms(),
        "expiresAt": world.clock.now_ms() + 30 * 86_400_000,
        "online": True,
    }
    assert (oldest["device"], oldest["current"]) == (2, True)
    page = await world.call("api.auth.sessions", {"limit": 1}, token)
    assert page["items"] == [newest]
    rest = await world.call("api.auth.sessions", {"cursor": page["cursor"]}, token)
    assert rest == {"items": [oldest]}
    with refused(ErrorCode.NOT_FOUND):
        await world.call("api.auth.end_session", {"sessionId": session_id}, bobs)
    assert await world.call("api.auth.end_session", {"sessionId": session_id}, token) == {}
    with refused(ErrorCode.UNAUTHENTICATED):
        await world.call("api.users.me", token=desk)
    with refused(ErrorCode.NOT_FOUND):
        await world.call("api.auth.end_session", {"sessionId": session_id}, token)


# --- contacts ---------------------------------------------------------------------------------------------


async def test_contacts_from_request_to_removal(world: ApiWorld) -> None:
    (alice, token), (bob, bobs) = await world.person("alice"), await world.person("bob")
    now = world.clock.now_ms()
    bob_user = {"uid": bob, "account": "bob", "nickname": "bob"}
    ask = {"uid": bob, "remark": "my bob", "message": "hello"}
    sent = await world.call("api.contacts.add", ask, token)
    assert sent == {**ask, "at": now, "outgoing": True, "state": "pending", "user": bob_user}
    [received] = (await world.call("api.contacts.requests", token=bobs))["items"]
    assert (received["uid"], received["message"]) == (alice, "hello")
    assert "remark" not in received and "outgoing" not in received
    contact = await world.call("api.contacts.accept", {"uid": alice}, bobs)
    assert contact["user"]["account"] == "alice"
    mine = {"uid": bob, "remark": "my bob", "since": now, "user": bob_user}
    assert await world.call("api.contacts.list", token=token) == {"items": [mine]}
    changed = await world.call("api.contacts.update", {"uid": bob, "remark": "B"}, token)
    assert changed == {**mine, "remark": "B"}
    assert await world.call("api.contacts.delete", {"uid": bob}, token) == {}
    assert await world.call("api.contacts.list", token=bobs) == {"items": []}
    with refused(ErrorCode.NOT_FOUND):
        await world.call("api.contacts.reject", {"uid": alice}, bobs)


async def test_blocks(world: ApiWorld) -> None:
    (alice, token), (bob, bobs) = await world.person("alice"), await world.person("bob")
    for _ in range(2):
        assert await world.call("api.blocks.add", {"uid": alice}, bobs) == {}
    with refused(ErrorCode.BLOCKED):
        await world.call("api.contacts.add", {"uid": bob}, token)
    blocked = {"items": [{"uid": alice, "account": "alice", "nickname": "alice"}]}
    assert await world.call("api.blocks.list", token=bobs) == blocked
    for _ in range(2):
        assert await world.call("api.blocks.remove", {"uid": alice}, bobs) == {}
    assert await world.call("api.blocks.list", token=bobs) == {"items": []}


# --- messages ---------------------------------------------------------------------------------------------


async def test_messages(world: ApiWorld) -> None:
    (alice, token), (bob, bobs) = await world.person("alice"), await world.person("bob")
    conv = f"c:{alice}:{bob}"
    chat = {"cliMid": "m1", "to": bob, "type": 1, "content": "héllo 世界"}
    ack = await world.call("api.messages.send", chat, token)
    assert (ack["cliMid"], ack["conv"], ack["seq"]) == ("m1", conv, 1)
    assert await world.call("api.messages.send", chat, token) == ack
    with refused(ErrorCode.CONFLICT):
        await world.call("api.messages.send", {**chat, "content": "other"}, token)
    await world.call("api.messages.send", {**chat, "cliMid": "m2"}, token)

    page = await world.call("api.messages.list", {"conv": conv, "after": 0, "limit": 1}, bobs)
    message = {**chat, "mid": ack["mid"], "conv": conv, "seq": 1, "from": alice}
    assert page["items"] == [{**message, "sendAt": ack["sendAt"]}]
    before = await world.call("api.messages.list", {"conv": conv, "before": 2}, bobs)
    assert before["items"] == page["items"]
    synced = await world.call("api.sync", {"known": {conv: 1}}, bobs)
    assert [m["cliMid"] for m in synced["messages"][conv]] == ["m2"]
    assert [c["conv"] for c in synced["conversations"]] == [conv]
    assert synced["more"] is False


async def test_strangers_read_nothing(world: ApiWorld) -> None:
    (alice, _), (bob, _) = await world.person("alice"), await world.person("bob")
    _, eves = await world.person("eve")
    with refused(ErrorCode.NOT_FOUND):
        await world.call("api.messages.list", {"conv": f"c:{alice}:{bob}"}, eves)


# --- what is refused --------------------------------------------------------------------------------------


async def test_what_is_not_public_asks_for_a_token(world: ApiWorld) -> None:
    for endpoint in world.api.endpoints:
        if not endpoint.public:
            for token in ("", "glt_nobody"):
                with refused(ErrorCode.UNAUTHENTICATED):
                    await world.call(endpoint.action, endpoint.example, token)


LONG = "x" * 70_000


@pytest.mark.parametrize(
    ("action", "data", "code"),
    [
        ("api.auth.register", {}, ErrorCode.BAD_REQUEST),
        ("api.auth.register", {"account": None, "password": PASSWORD}, ErrorCode.BAD_REQUEST),
        ("api.auth.register", {"account": 1, "password": PASSWORD}, ErrorCode.BAD_REQUEST),
        ("api.auth.register", {"account": LONG, "password": PASSWORD}, ErrorCode.BAD_REQUEST),
        ("api.auth.register", {"account": "carol", "password": "x"}, ErrorCode.BAD_REQUEST),
        ("api.auth.register", {"account": "ALICE", "password": PASSWORD}, ErrorCode.CONFLICT),
        ("api.auth.login", {"account": "alice", "password": PASSWORD}, ErrorCode.BAD_REQUEST),
        ("api.auth.login", {"account": "alice", "device": 2}, ErrorCode.UNAUTHENTICATED),
        ("api.auth.login", {"account": "alice", "device": "2"}, ErrorCode.BAD_REQUEST),
        ("api.auth.guest", {"device": 2, "deviceId": "x" * 129}, ErrorCode.BAD_REQUEST),
        ("api.auth.password", {"oldPassword": "wrong", "newPassword": PASSWORD}, ErrorCode.FORBIDDEN),
        ("api.auth.password", {"oldPassword": PASSWORD}, ErrorCode.BAD_REQUEST),
        ("api.users.update", {"nickname": LONG}, ErrorCode.BAD_REQUEST),
        ("api.users.update", {"nickname": ["a"]}, ErrorCode.BAD_REQUEST),
        ("api.users.list", {"uids": list(range(1, 102))}, ErrorCode.TOO_LARGE),
        ("api.users.list", {"uids": [-1]}, ErrorCode.BAD_REQUEST),
        ("api.users.list", {"uids": [2**53]}, ErrorCode.BAD_REQUEST),
        ("api.users.search", {}, ErrorCode.BAD_REQUEST),
        ("api.users.search", {"q": "a", "cursor": "?"}, ErrorCode.BAD_REQUEST),
        ("api.messages.list", {"conv": "c:2:1"}, ErrorCode.NOT_FOUND),
        ("api.messages.list", {"conv": "nonsense"}, ErrorCode.NOT_FOUND),
        ("api.messages.list", {"conv": "c:1:2"}, ErrorCode.NOT_FOUND),
        ("api.messages.list", {"conv": "c:1:2", "after": -1}, ErrorCode.BAD_REQUEST),
        ("api.messages.send", {}, ErrorCode.BAD_REQUEST),
        ("api.messages.send", {"cliMid": "m", "to": 7, "type": 1, "content": "x"}, ErrorCode.NOT_FOUND),
        ("api.messages.send", {"cliMid": "m", "to": 7, "type": 1, "content": LONG}, ErrorCode.TOO_LARGE),
        ("api.messages.send", {"cliMid": "x" * 65, "to": 7, "type": 1, "content": "x"}, ErrorCode.BAD_REQUEST),
        ("api.messages.send", {"cliMid": "m", "to": 7, "type": 2**31, "content": "x"}, ErrorCode.BAD_REQUEST),
        ("api.sync", {"known": {"c:1:2": "1"}}, ErrorCode.BAD_REQUEST),
        ("api.sync", {"cursor": "?"}, ErrorCode.BAD_REQUEST),
    ],
)  # fmt: skip
async def test_requests_that_are_refused(
    world: ApiWorld, action: str, data: dict[str, Any], code: ErrorCode
) -> None:
    _, token = await world.person("alice")
    with refused(code) as caught:
        await world.call(action, data, "" if world.api.is_public(action) else token)
    assert caught.value.message


async def test_null_is_a_way_to_leave_a_field_out(world: ApiWorld) -> None:
    fields = {"account": "alice", "password": PASSWORD, "nickname": None}
    assert (await world.call("api.auth.register", fields))["uid"]


async def test_an_unknown_call() -> None:
    async with ApiWorld("connection") as world:
        with refused(ErrorCode.UNSUPPORTED):
            await world.call("api.no.such")
    async with ApiWorld("http") as world:
        with refused(ErrorCode.NOT_FOUND):
            await world.call("api.no.such")


# --- limits -----------------------------------------------------------------------------------------------


async def test_calls_are_limited_by_person(world: ApiWorld) -> None:
    (_, token), (_, other) = await world.person("alice"), await world.person("bob")
    for _ in range(200):
        await world.call("api.users.me", token=token)
    with refused(ErrorCode.RATE_LIMITED):
        await world.call("api.users.me", token=token)
    await world.call("api.users.me", token=other)
    world.clock.advance(0.02)
    await world.call("api.users.me", token=token)


async def test_new_accounts_are_limited_by_address(world: ApiWorld) -> None:
    for number in range(100):
        address = f"2001:db8::{number:x}"
        await world.call("api.auth.guest", {"device": 2}, address=address)
    account = {"account": "alice", "password": PASSWORD}
    with refused(ErrorCode.RATE_LIMITED):
        await world.call("api.auth.register", account, address="2001:db8::ffff")
    await world.call("api.auth.register", account, address="2001:db8:0:1::1")


@pytest.mark.parametrize("way", WAYS)
async def test_with_limits_off_nothing_is_limited(way: str) -> None:
    async with ApiWorld(way, limits=False) as world:
        for _ in range(110):
            await world.call("api.auth.guest", {"device": 2})
        for _ in range(20):
            with refused(ErrorCode.UNAUTHENTICATED):
                await world.call(
                    "api.auth.login", {"account": "alice", "password": "wrong", "device": 2}
                )


async def test_every_api_action_is_served() -> None:
    async with ApiWorld("connection") as world:
        named = {str(a) for a in Action if a.startswith("api.") and a != Action.API_OK}
        assert {str(e.action) for e in world.api.endpoints} == named
