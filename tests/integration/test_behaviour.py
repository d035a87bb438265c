"""Protocol sections 4 and 5, literally, for every transport and codec, with clients that are not ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from tests.support.peers import WAYS, Peer, Pipe, Way, open_pipe
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")


class House(NamedTuple):
    """A server, and the way to connect to it."""

    server: ServerProcess
    way: Way
    pipes: list[Pipe]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    data: Path = tmp_path_factory.mktemp("behaviour") / "data"
    async with ServerProcess(data) as running:
        yield running


@pytest_asyncio.fixture(params=WAYS, ids="-".join, loop_scope="module")
async def house(server: ServerProcess, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    pipes: list[Pipe] = []
    yield House(server, request.param, pipes)
    for pipe in pipes:
        await pipe.close()


async def arrive(house: House) -> Peer:
    pipe = await open_pipe(house.server, house.way)
    house.pipes.append(pipe)
    return Peer(pipe, house.way[1])


_names = iter(range(10_000))


async def person(house: House, device: int = 1, account: str = "") -> Peer:
    """Register (unless the account is given), log in and sign in, all over the connection."""
    peer = await arrive(house)
    assert (await peer.hear())["action"] == "hello"
    name = account or f"person-{next(_names)}"
    if not account:
        fields = {"account": name, "password": "a good password"}
        await peer.say({"seq": 1, "action": "api.auth.register", "data": fields})
        assert (await peer.hear())["data"]["uid"] > 0
    login_fields = {"account": name, "password": "a good password", "device": device}
    await peer.say({"seq": 2, "action": "api.auth.login", "data": login_fields})
    login = await peer.hear()
    assert (login["seq"], login["action"]) == (2, "api.ok")
    peer.uid, peer.token = login["data"]["uid"], login["data"]["token"]
    await peer.say({"seq": 3, "action": "auth", "data": {"token": peer.token, "device": device}})
    answer = await peer.hear()
    assert (answer["seq"], answer["action"]) == (3, "auth.ok")
    return peer


async def test_hello_comes_first_with_all_its_fields(house: House) -> None:
    peer = await arrive(house)
    hello = await peer.hear()
    assert hello["action"] == "hello"
    assert hello["data"]["heartbeat"] == 30
    assert hello["data"]["maxFrame"] == 65536
    assert hello["data"]["serverTime"] > 1_700_000_000_000
    assert hello["data"]["server"].startswith("glideim/")
    assert set(hello["data"]["codecs"]) >= {"json", "protobuf"}
    assert hello["data"]["connId"]


async def test_a_message_with_both_acknowledgements(house: House) -> None:
    alice, bob = await person(house), await person(house)
    conv = f"c:{min(alice.uid, bob.uid)}:{max(alice.uid, bob.uid)}"
    message = {"cliMid": "m-1", "to": bob.uid, "type": 1, "content": "héllo, 世界 🌍"}
    await alice.say({"seq": 7, "action": "message.chat", "data": message})
    ack = await alice.hear()
    assert (ack["action"], ack["seq"]) == ("ack.message", 7)
    assert (ack["data"]["cliMid"], ack["data"]["conv"], ack["data"]["seq"]) == ("m-1", conv, 1)
    assert ack["data"]["mid"] > 0 and ack["data"]["sendAt"] > 0

    push = await bob.hear()
    assert push["action"] == "message.chat" and "seq" not in push
    data = push["data"]
    assert {k: data[k] for k in ("mid", "seq", "conv", "sendAt")} == {
        k: ack["data"][k] for k in ("mid", "seq", "conv", "sendAt")
    }
    assert (data["from"], data["to"], data["type"], data["content"]) == (
        alice.uid, bob.uid, 1, message["content"],
    )  # fmt: skip
    assert data.get("status", 0) == 0

    await bob.say({"action": "ack.request", "data": {"conv": conv, "seq": 1}})
    notify = await alice.hear()
    assert notify["action"] == "ack.notify" and "seq" not in notify
    assert notify["data"] == {
        "conv": conv, "seq": 1, "mid": ack["data"]["mid"], "cliMid": "m-1", "from": bob.uid,
    }  # fmt: skip
    for peer in (alice, bob):
        await peer.nothing()


async def test_confirmation_by_message_id(house: House) -> None:
    alice, bob = await person(house), await person(house)
    await alice.say({"seq": 1, "action": "message.chat", "data": chat(bob.uid, "x")})
    mid = (await alice.hear("ack.message"))["data"]["mid"]
    await bob.hear("message.chat")
    await bob.say({"action": "ack.request", "data": {"mid": mid, "from": alice.uid}})
    assert (await alice.hear("ack.notify"))["data"]["mid"] == mid


async def test_the_receiver_is_away_then_pulls(house: House) -> None:
    alice, bob = await person(house), await person(house)
    await bob.close()
    for n in (1, 2, 3):
        await alice.say({"seq": n, "action": "message.chat", "data": chat(bob.uid, f"m{n}")})
        ack = await alice.hear()
        assert ack["action"] == "ack.message"
        notify = await alice.hear()
        assert notify["action"] == "ack.notify" and notify["data"]["offline"] is True
        assert (notify["data"]["seq"], notify["data"]["from"]) == (n, bob.uid)
    again = await arrive(house)
    await again.hear("hello")
    await again.say({"seq": 1, "action": "auth", "data": {"token": bob.token, "device": 1}})
    await again.hear("auth.ok")
    await again.say({"seq": 2, "action": "api.sync", "data": {"known": {}}})
    synced = (await again.hear("api.ok"))["data"]
    [conversation] = synced["conversations"]
    conv = conversation["conv"]
    assert [m["content"] for m in synced["messages"][conv]] == ["m1", "m2", "m3"]
    assert (conversation["lastSeq"], conversation["unread"]) == (3, 3)
    assert not synced.get("more", False)
    await again.say({"action": "ack.request", "data": {"conv": conv, "seq": 3}})
    notify = await alice.hear("ack.notify")
    assert (notify["data"]["seq"], notify["data"].get("offline", False)) == (3, False)


async def test_history_pages_by_seq(house: House) -> None:
    alice, bob = await person(house), await person(house)
    for n in range(1, 8):
        await alice.say({"seq": n, "action": "message.chat", "data": chat(bob.uid, f"m{n}")})
        conv = (await alice.hear("ack.message"))["data"]["conv"]

    async def page(**query: int) -> list[int]:
        await bob.say({"seq": 50, "action": "api.messages.list", "data": {"conv": conv, **query}})
        return [m["seq"] for m in (await bob.hear("api.ok"))["data"]["items"]]

    assert await page() == [1, 2, 3, 4, 5, 6, 7]
    assert await page(after=2, limit=3) == [3, 4, 5]
    assert await page(before=6, limit=3) == [3, 4, 5]
    assert await page(after=2, before=5) == [3, 4]
    assert await page(after=7) == []


def chat(to: int, name: str, content: str = "") -> dict[str, Any]:
    return {"cliMid": name, "to": to, "type": 1, "content": content or name}


async def test_however_often_it_is_sent_there_is_one_copy(house: House) -> None:
    alice, bob = await person(house), await person(house)
    message = chat(bob.uid, "once")
    answers = []
    for n, action in enumerate(
        ("message.chat", "message.chat", "message.chat.retry", "message.chat.retry")
    ):
        await alice.say({"seq": n + 1, "action": action, "data": message})
        answers.append((await alice.hear("ack.message"))["data"])
    assert all(answer == answers[0] for answer in answers)
    await bob.hear("message.chat")
    await bob.nothing()
    for other in (
        chat(bob.uid, "once", "other"),
        {**message, "type": 2},
        {**message, "to": alice.uid},
    ):
        await alice.say({"seq": 9, "action": "message.chat", "data": other})
        refused = await alice.hear("message.failed.send")
        assert (refused["seq"], refused["data"]["code"], refused["data"]["cliMid"]) == (
            9,
            "conflict",
            "once",
        )
    await bob.say({"seq": 1, "action": "api.messages.list", "data": {"conv": answers[0]["conv"]}})
    assert len((await bob.hear("api.ok"))["data"]["items"]) == 1


async def test_resend_pushes_again_and_stores_nothing(house: House) -> None:
    alice, bob = await person(house), await person(house)
    message = chat(bob.uid, "r")
    await alice.say({"seq": 1, "action": "message.chat", "data": message})
    first = (await alice.hear("ack.message"))["data"]
    push = await bob.hear("message.chat")
    await alice.say({"seq": 2, "action": "message.chat.resend", "data": message})
    assert (await alice.hear("ack.message"))["data"] == first
    assert await bob.hear("message.chat") == push
    await bob.say({"action": "ack.request", "data": {"conv": first["conv"], "seq": 1}})
    assert (await alice.hear("ack.notify"))["data"]["mid"] == first["mid"]
    await alice.say(
        {"seq": 3, "action": "message.chat.resend", "data": chat(bob.uid, "never sent")}
    )
    refused = await alice.hear("message.failed.send")
    assert (refused["seq"], refused["data"]["code"]) == (3, "not_found")


async def test_own_other_devices_get_a_copy(house: House) -> None:
    phone, bob = await person(house, device=1), await person(house)
    desk = await arrive(house)
    await desk.hear("hello")
    await desk.say({"seq": 1, "action": "auth", "data": {"token": phone.token, "device": 4}})
    await desk.hear("auth.ok")
    assert (await phone.hear("notify.login"))["data"]["device"] == 4
    await phone.say({"seq": 2, "action": "message.chat", "data": chat(bob.uid, "copy")})
    ack = (await phone.hear())["data"]
    echo = (await desk.hear("message.chat"))["data"]
    assert (echo["mid"], echo["from"]) == (ack["mid"], phone.uid)
    await phone.nothing()


async def test_a_newer_login_takes_the_place(house: House) -> None:
    old = await person(house, device=2)
    new = await arrive(house)
    await new.hear("hello")
    await new.say({"seq": 1, "action": "auth", "data": {"token": old.token, "device": 2}})
    await new.hear("auth.ok")
    kicked = await old.hear()
    assert kicked["action"] == "notify.kickout" and kicked["data"]["device"] == 2
    assert kicked["data"]["reason"] and kicked["data"]["at"] > 0
    assert await old.closed_with() == 4100
    await new.nothing()


async def test_logout_ends_the_session_and_tells_the_others(house: House) -> None:
    phone = await person(house, device=1)
    account = await account_of(phone)
    desk = await person(house, device=4, account=account)
    await phone.say({"seq": 9, "action": "api.auth.logout"})
    answer = await phone.hear("api.ok")
    assert answer["seq"] == 9
    assert await phone.closed_with() == 4103
    assert (await desk.hear("notify.logout"))["data"]["device"] == 1
    again = await arrive(house)
    await again.hear("hello")
    await again.say({"seq": 1, "action": "auth", "data": {"token": phone.token, "device": 1}})
    assert (await again.hear())["data"]["code"] == "unauthenticated"
    assert await again.closed_with() == 4101
    await desk.nothing()


async def account_of(peer: Peer) -> str:
    await peer.say({"seq": 77, "action": "api.users.me"})
    return str((await peer.hear("api.ok"))["data"]["account"])


async def test_read_positions_reach_the_other_person_and_own_devices(house: House) -> None:
    alice, bob = await person(house), await person(house)
    await alice.say({"seq": 1, "action": "message.chat", "data": chat(bob.uid, "read me")})
    conv = (await alice.hear("ack.message"))["data"]["conv"]
    await bob.hear("message.chat")
    await bob.say({"action": "message.read", "data": {"conv": conv, "seq": 1}})
    assert (await alice.hear("notify.read"))["data"] == {"conv": conv, "uid": bob.uid, "seq": 1}


async def test_notes_to_oneself(house: House) -> None:
    alice = await person(house)
    await alice.say({"seq": 1, "action": "message.chat", "data": chat(alice.uid, "milk")})
    ack = (await alice.hear("ack.message"))["data"]
    assert ack["conv"] == f"c:{alice.uid}:{alice.uid}"
    assert (await alice.hear("message.chat"))["data"]["content"] == "milk"
    await alice.say({"action": "ack.request", "data": {"conv": ack["conv"], "seq": 1}})
    assert (await alice.hear("ack.notify"))["data"]["mid"] == ack["mid"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"cliMid": ""}, "bad_request"),
        ({"cliMid": "x" * 65}, "bad_request"),
        ({"to": 0}, "bad_request"),
        ({"to": -1}, "bad_request"),
        ({"to": 2**53}, "bad_request"),
        ({"to": 2**53 - 1}, "not_found"),
        ({"type": 0}, "bad_request"),
        ({"type": -5}, "bad_request"),
        ({"content": None}, "bad_request"),
        ({"content": "x" * 32769}, "too_large"),
        ({"content": "ü" * 16385}, "too_large"),
    ],
)
async def test_bad_sends_are_refused_with_their_code(
    house: House, change: dict[str, Any], code: str
) -> None:
    alice = await person(house)
    await alice.say(
        {"seq": 5, "action": "message.chat", "data": {**chat(alice.uid, "bad"), **change}}
    )
    refused = await alice.hear()
    assert (refused["action"], refused["seq"], refused["data"]["code"]) == (
        "message.failed.send",
        5,
        code,
    )
    await alice.say({"seq": 6, "action": "message.chat", "data": chat(alice.uid, "good")})
    assert (await alice.hear())["data"]["seq"] == 1, "nothing was stored by the refused one"


@pytest.mark.parametrize("house", [way for way in WAYS if way[1] == "json"], indirect=True)
@pytest.mark.parametrize(
    "change", [{"cliMid": 5}, {"to": "bob"}, {"content": {"a": 1}}, {"type": 1.5}]
)
async def test_wrong_types_that_only_json_can_express(house: House, change: dict[str, Any]) -> None:
    alice = await person(house)
    fields = {**chat(alice.uid, "bad"), **change}
    await alice.say({"seq": 5, "action": "message.chat", "data": fields})
    refused = await alice.hear()
    assert (refused["action"], refused["seq"]) == ("message.failed.send", 5)
    assert refused["data"]["code"] == "bad_request"
    await alice.nothing()


async def test_the_largest_content_is_taken(house: House) -> None:
    alice = await person(house)
    content = "x" * 32768
    await alice.say({"seq": 5, "action": "message.chat", "data": chat(alice.uid, "big", content)})
    assert (await alice.hear("message.chat"))["data"]["content"] == content


async def test_unreadable_frames_are_forgiven_twice(house: House) -> None:
    alice = await person(house)
    for garbage in (b"not json", b"[1, 2"):
        await alice.pipe.send(garbage)
        assert (await alice.hear())["data"]["code"] == "bad_request"
    await alice.nothing()
    await alice.pipe.send(b"{")
    assert await alice.closed_with() == 4010


@pytest.mark.parametrize("size", [65537, 200_000, 3_000_000])
async def test_a_frame_too_large_closes(house: House, size: int) -> None:
    alice = await person(house)
    await alice.pipe.send(b"x" * size)
    assert await alice.closed_with() == 4009


async def test_unknown_actions_never_close(house: House) -> None:
    alice = await person(house)
    for n in range(6):
        await alice.say(
            {"seq": n, "action": f"future.action.{n}", "data": {"x": [1]}, "unknown": True}
        )
        answer = await alice.hear()
        assert (answer["action"], answer["data"]["code"]) == ("error", "unsupported")


async def test_batches_both_ways(house: House) -> None:
    alice = await person(house)
    batch = [
        {"seq": n, "action": "message.chat", "data": chat(alice.uid, f"b{n}")} for n in range(1, 4)
    ]
    await alice.say(*batch)
    seqs = [(await alice.hear("ack.message"))["seq"] for _ in batch]
    assert seqs == [1, 2, 3]
    merging = await arrive(house)
    await merging.hear("hello")
    await merging.say(
        {"seq": 1, "action": "auth", "data": {"token": alice.token, "device": 5, "batch": True}}
    )
    await merging.hear("auth.ok")
    for n in range(4, 30):
        await alice.say({"seq": n, "action": "message.chat", "data": chat(alice.uid, f"b{n}")})
    seen = [(await merging.hear("message.chat"))["data"]["content"] for _ in range(4, 30)]
    assert seen == [f"b{n}" for n in range(4, 30)]


async def test_a_conversation_of_others_does_not_exist(house: House) -> None:
    alice, bob, eve = await person(house), await person(house), await person(house)
    await alice.say({"seq": 1, "action": "message.chat", "data": chat(bob.uid, "secret")})
    conv = (await alice.hear("ack.message"))["data"]["conv"]
    foreign, absent = conv, f"c:1:{2**53 - 1}"
    for key in (foreign, absent, "c:1", "", "g:1", "c:01:2"):
        for action, data in (
            ("api.messages.list", {"conv": key}),
            ("message.read", {"conv": key, "seq": 1}),
            ("ack.request", {"conv": key, "seq": 1}),
        ):
            await eve.say({"seq": 4, "action": action, "data": data})
            answer = await eve.hear()
            assert answer["action"] == "error"
            assert answer["data"]["code"] in ("not_found", "bad_request"), (key, action)
    await eve.say({"seq": 5, "action": "api.messages.list", "data": {"conv": foreign}})
    one = (await eve.hear())["data"]
    await eve.say({"seq": 5, "action": "api.messages.list", "data": {"conv": absent}})
    assert one == (await eve.hear())["data"], "what is not mine looks like what is not there"
