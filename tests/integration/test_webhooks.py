"""Webhooks and bots of a whole server, over real sockets."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from glideim.config import Config
from glideim.maintenance import add_key
from glideim.push.signing import verify
from glideim.server import Server
from glideim.settings import StartError
from tests.support.processes import ServerProcess
from tests.support.receiver import Received, Receiver, answer, response

SECRET = "a secret of some length"
BOT_SECRET = "another secret, the bot's"


class World:
    """A server, an app with a key, and where hooks arrive."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    @property
    def url(self) -> str:
        return str(self._client.base_url)

    async def call(self, method: str, path: str, body: Any = None, acting_as: int = 0) -> Any:
        headers = {"GlideIM-Act-As": str(acting_as)} if acting_as else {}
        got = await self._client.request(method, path, json=body, headers=headers)
        assert got.status_code < 300, got.text
        return got.json()

    async def user(self, account: str) -> int:
        made = await self.call("POST", "/admin/users", {"account": account, "ifMissing": True})
        return int(made["uid"])

    async def send(self, uid: int, to: int, name: str, content: str = "hello") -> Any:
        body = {"cliMid": name, "to": to, "type": 1, "content": content}
        return await self.call("POST", "/messages", body, acting_as=uid)

    async def history(self, uid: int, other: int) -> list[Any]:
        conv = f"c:{min(uid, other)}:{max(uid, other)}"
        page = await self.call("GET", f"/conversations/{conv}/messages", acting_as=uid)
        return list(page["items"])


def config(data: Path, url: str, events: str, policy: str) -> Config:
    return Config(
        data=str(data), durability="relaxed", limits="off", ws_port=0, tcp_port=0, http_port=0,
        webhook_url=url, webhook_secret=SECRET, webhook_events=events,
        webhook_on_failure="refuse" if policy == "refuse" else "allow",
    )  # fmt: skip


@asynccontextmanager
async def serving(
    data: Path, receiver: Receiver, events: str = "", policy: str = "allow"
) -> AsyncIterator[World]:
    options = config(data, f"{receiver.url}/hook", events, policy)
    server = await Server.start(options)
    try:
        key = await add_key(options, "app", ["act", "users", "messages", "groups", "webhooks"])
        async with httpx2.AsyncClient(
            base_url=server.addresses()["http"] + "/api/v2",
            headers={"Authorization": f"Bearer {key}"},
        ) as client:
            yield World(client)
    finally:
        await server.stop()


def messages(receiver: Receiver) -> list[Any]:
    return [m for request in receiver.of("after_send") for m in request.json["messages"]]


async def test_what_is_sent_is_told_signed_and_in_order(tmp_path: Path) -> None:
    async with Receiver() as receiver, serving(tmp_path, receiver, "after_send") as world:
        ann, bea = await world.user("ann"), await world.user("bea")
        acks = [await world.send(ann, bea, f"m{n}", f"<{n}> ü") for n in range(5)]
        await receiver.until(lambda: len(messages(receiver)) == 5)
        assert [m["mid"] for m in messages(receiver)] == [ack["mid"] for ack in acks]
        assert [m["content"] for m in messages(receiver)] == [f"<{n}> ü" for n in range(5)]
        for request in receiver.received:
            signature = request.headers["glideim-signature"]
            assert verify(SECRET, request.body, signature, int(time.time()))
            assert request.headers["glideim-delivery"] == request.json["delivery"]


async def test_sign_ins_and_receivers_who_are_away(tmp_path: Path) -> None:
    async with Receiver() as receiver, serving(tmp_path, receiver, "login, offline") as world:
        ann, bea = await world.user("ann"), await world.user("bea")
        await world.call("POST", f"/admin/users/{ann}/token", {"device": 2, "deviceId": "x"})
        await receiver.until(lambda: receiver.of("login"))
        (login,) = receiver.of("login")[0].json["logins"]
        assert (login["uid"], login["device"], login["deviceId"]) == (ann, 2, "x")
        ack = await world.send(ann, bea, "m1", "are you there?")
        await receiver.until(lambda: receiver.of("offline"))
        (push,) = receiver.of("offline")[0].json["pushes"]
        assert (push["uids"], push["from"], push["preview"]) == ([bea], ann, "are you there?")
        assert (push["conv"], push["seq"]) == (ack["conv"], ack["seq"])
        assert receiver.of("after_send") == []


async def test_what_is_sent_while_the_hook_is_down_is_told_after_the_next_start(
    tmp_path: Path,
) -> None:
    async with (
        Receiver(lambda _: response(503)) as down,
        serving(tmp_path, down, "after_send") as world,
    ):
        ann, bea = await world.user("ann"), await world.user("bea")
        ack = await world.send(ann, bea, "m1")
        await down.until(lambda: down.received)
    async with Receiver() as up, serving(tmp_path, up, "after_send"):
        await up.until(lambda: messages(up))
        assert [m["mid"] for m in messages(up)] == [ack["mid"]]


async def test_what_is_refused_is_a_dead_letter_until_it_is_delivered(tmp_path: Path) -> None:
    async with Receiver() as receiver, serving(tmp_path, receiver, "after_send") as world:
        ann, bea = await world.user("ann"), await world.user("bea")
        receiver.answers.append(response(410))
        await world.send(ann, bea, "m1")
        await receiver.until(lambda: receiver.received)
        # The next one arrives once the first is in its place.
        await world.send(ann, bea, "m2")
        await receiver.until(lambda: len(receiver.received) == 2)
        (letter,) = (await world.call("GET", "/admin/webhooks/dead"))["items"]
        assert (letter["event"], letter["error"]) == ("after_send", "status 410")
        assert letter["body"] == receiver.received[0].body.decode()
        await world.call("POST", f"/admin/webhooks/dead/{letter['letterId']}/retry")
        assert receiver.received[2].body == receiver.received[0].body
        assert await world.call("GET", "/admin/webhooks/dead") == {"items": []}


def echo(request: Received) -> bytes:
    return answer({"reply": {"content": "you said " + request.json["message"]["content"]}})


async def bot(world: World, account: str, **fields: Any) -> Any:
    return await world.call("POST", "/admin/bots", {"account": account, **fields})


async def test_a_bot_answers_through_its_webhook_once(tmp_path: Path) -> None:
    async with Receiver(echo) as receiver, serving(tmp_path, receiver) as world:
        made = await bot(world, "echo", url=f"{receiver.url}/bot", secret=BOT_SECRET)
        ann, uid = await world.user("ann"), made["uid"]
        # Its answer to the first try is lost: it answers twice, and is heard once.
        receiver.answers.append(response(500))
        await world.send(ann, uid, "m1", "hi")
        await receiver.until(lambda: len(receiver.received) == 2)
        while len(said := await world.history(ann, uid)) < 2:
            assert len(said) == 1
        assert [(m["from"], m["content"]) for m in said] == [(ann, "hi"), (uid, "you said hi")]
        first, second = receiver.received
        assert first.path == "/bot"
        assert first.headers["glideim-delivery"] == second.headers["glideim-delivery"]
        assert verify(BOT_SECRET, first.body, first.headers["glideim-signature"], int(time.time()))


async def test_bots_do_not_talk_with_each_other_for_ever(tmp_path: Path) -> None:
    async with Receiver(echo) as receiver, serving(tmp_path, receiver) as world:
        one = await bot(world, "one", url=f"{receiver.url}/1", secret=BOT_SECRET)
        two = await bot(world, "two", url=f"{receiver.url}/2", secret=BOT_SECRET)
        ann = await world.user("ann")
        await world.send(one["uid"], two["uid"], "m1")
        await world.send(ann, two["uid"], "m2")
        await receiver.until(lambda: receiver.received)
        assert [r.json["message"]["cliMid"] for r in receiver.received] == ["m2"]


async def test_a_bot_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    async with Receiver(echo) as receiver, serving(tmp_path, receiver) as world:
        made = await bot(world, "helper", nickname="Helper")
        uid, ann = made["uid"], await world.user("ann")
        assert made["token"].startswith("glt_")
        changed = await world.call(
            "PATCH", f"/admin/bots/{uid}", {"url": receiver.url, "secret": BOT_SECRET}
        )
        assert (changed["url"], changed["nickname"]) == (receiver.url, "Helper")
        assert "secret" not in changed
        users = await world.call("GET", f"/users?uids={uid},{ann}", acting_as=ann)
        assert [user.get("bot", False) for user in users["items"]] == [True, False]
        await world.send(ann, uid, "m1")
        await receiver.until(lambda: receiver.received)
        await world.call("DELETE", f"/admin/bots/{uid}")
        async with httpx2.AsyncClient(base_url=world.url) as client:
            headers = {"Authorization": f"Bearer {made['token']}"}
            refused = await client.get("/users/me", headers=headers)
            assert refused.json()["code"] in {"unauthenticated", "forbidden"}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"url": "http://x.example/"}, 400),
        ({"url": "http://x.example/", "secret": "short"}, 400),
        ({"url": "file:///etc/passwd", "secret": BOT_SECRET}, 400),
        ({"account": "ann"}, 409),
    ],
)
async def test_bots_that_cannot_be_made(
    tmp_path: Path, fields: dict[str, str], status: int
) -> None:
    async with Receiver() as receiver, serving(tmp_path, receiver) as world:
        await world.user("ann")
        with pytest.raises(AssertionError, match=f'"status":{status}'):
            await bot(world, **({"account": "helper"} | fields))
        with pytest.raises(AssertionError, match="not_found"):
            await world.call("PATCH", f"/admin/bots/{await world.user('ann')}", {})


@pytest.mark.parametrize(
    ("url", "secret", "text"),
    [("ftp://x.example/", SECRET, "webhook_url"), ("http://x.example/", "short", "webhook_secret")],
)
async def test_a_hook_that_cannot_be_stops_the_start(
    tmp_path: Path, url: str, secret: str, text: str
) -> None:
    with pytest.raises(StartError, match=text):
        await Server.start(Config(data=str(tmp_path), webhook_url=url, webhook_secret=secret))


async def test_nothing_acknowledged_goes_untold_when_the_server_is_killed(tmp_path: Path) -> None:
    async with Receiver() as receiver:
        settings = {
            "GLIDEIM_WEBHOOK_URL": receiver.url,
            "GLIDEIM_WEBHOOK_SECRET": SECRET,
            "GLIDEIM_WEBHOOK_EVENTS": "after_send",
        }
        data = tmp_path / "data"
        acked: list[int] = []
        async with ServerProcess(data, **settings) as process:
            scopes = ["act", "users", "messages"]
            key = await add_key(Config(data=str(data)), "app", scopes)
            ann = bea = 0
            for crash in range(3):
                async with httpx2.AsyncClient(
                    base_url=process.http + "/api/v2", headers={"Authorization": f"Bearer {key}"}
                ) as client:
                    world = World(client)
                    ann, bea = await world.user("ann"), await world.user("bea")
                    for number in range(40):
                        ack = await world.send(ann, bea, f"{crash}-{number}")
                        acked.append(ack["mid"])
                await process.kill()
                await process.start()
            await receiver.until(lambda: set(acked) <= {m["mid"] for m in messages(receiver)})
            told = list(dict.fromkeys(m["mid"] for m in messages(receiver)))
            assert told == sorted(told)


def moderate(request: Received) -> bytes:
    """Refuse what is called bad, shout what is said loudly, pass the rest."""
    results: list[Any] = []
    for index, message in enumerate(request.json.get("messages", [])):
        if message["content"] == "bad":
            results.append({"index": index, "action": "refuse", "message": "not here"})
        elif message["content"].endswith("!"):
            content = message["content"].upper()
            results.append({"index": index, "action": "change", "content": content})
    return answer({"results": results})


async def test_messages_are_refused_and_changed_before_they_are_sent(tmp_path: Path) -> None:
    async with (
        Receiver(moderate) as receiver,
        serving(tmp_path, receiver, "before_send") as world,
    ):
        ann, bea = await world.user("ann"), await world.user("bea")
        await world.send(ann, bea, "m1", "hi")
        ack = await world.send(ann, bea, "m2", "hey!")
        with pytest.raises(AssertionError, match="not here"):
            await world.send(ann, bea, "m3", "bad")
        assert await world.send(ann, bea, "m2", "hey!") == ack
        assert [m["content"] for m in await world.history(bea, ann)] == ["hi", "HEY!"]
        asked = [m for r in receiver.of("before_send") for m in r.json["messages"]]
        assert [(m["cliMid"], m["from"], m["to"]) for m in asked] == [
            (name, ann, bea) for name in ("m1", "m2", "m3")
        ]


@pytest.mark.parametrize(("policy", "sent"), [("allow", True), ("refuse", False)])
async def test_when_the_hook_fails_the_configuration_decides(
    tmp_path: Path, policy: str, sent: bool
) -> None:
    async with (
        Receiver(lambda _: response(500)) as receiver,
        serving(tmp_path, receiver, "before_send", policy) as world,
    ):
        ann, bea = await world.user("ann"), await world.user("bea")
        if sent:
            await world.send(ann, bea, "m1")
        else:
            with pytest.raises(AssertionError, match="unavailable"):
                await world.send(ann, bea, "m1")
        synced = await world.call("POST", "/sync", {}, acting_as=bea)
        assert bool(synced["conversations"]) is sent


async def test_a_bot_in_a_group_and_members_who_are_away(tmp_path: Path) -> None:
    async with Receiver(moderate) as receiver, serving(tmp_path, receiver, "offline") as world:
        made = await bot(world, "helper", url=f"{receiver.url}/bot", secret=BOT_SECRET)
        ann, bea = await world.user("ann"), await world.user("bea")
        wish = {"name": "g", "uids": [bea, made["uid"]]}
        group = await world.call("POST", "/groups", wish, acting_as=ann)
        body = {
            "cliMid": "g1", "conv": group["conv"], "to": group["gid"], "type": 1, "content": "all!",
            "mentions": [bea],
        }  # fmt: skip
        ack = await world.call("POST", "/messages", body, acting_as=ann)
        await receiver.until(lambda: receiver.of("bot_message") and receiver.of("offline"))
        (told,) = receiver.of("bot_message")
        assert told.json["message"]["mid"] == ack["mid"]
        pushes = [p for r in receiver.of("offline") for p in r.json["pushes"]]
        (push,) = [p for p in pushes if p["mid"] == ack["mid"]]
        assert (push["uids"], push["mentioned"]) == ([bea], [bea])
