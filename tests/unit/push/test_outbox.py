"""Delivering to bots, and their answers."""

from __future__ import annotations

import json

import pytest

from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Message
from glideim.push.bots import BotRegistry, BotRouter
from glideim.push.outbox import BotOutbox
from glideim.push.ports import Bot, HookError, Target
from tests.support.hooks import HookWorld, said, until

ECHO, OTHER = 20, 21
HI = json.dumps({"reply": {"content": "hi"}}).encode()


class BotWorld(HookWorld):
    """Two bots, and something waiting for the first."""

    def __init__(self) -> None:
        super().__init__()
        self.bots = BotRegistry(self.store)
        self.outbox = BotOutbox(self.bots, self.store, self.courier, self.town)

    async def queue(self, *messages: Message) -> None:
        for uid in (ECHO, OTHER):
            await self.bots.put(Bot(uid, f"https://{uid}.example/", f"secret of {uid}", 1))
        outcome = await BotRouter(self.bots, self.store, self.town, self.clock).handle(messages)
        await self.store.advance("bots", messages[-1].mid, queue=outcome.queue)

    async def deliver(self) -> None:
        await self.outbox.begin()
        await until(lambda: not len(self.outbox))

    async def dead(self) -> list[tuple[str, int, str]]:
        return [(d.delivery.ident, d.attempts, d.error) for d in await self.store.dead(0, 9)]


async def test_what_waits_is_delivered_in_order_with_the_bots_secret() -> None:
    world = BotWorld()
    await world.queue(said(1, 1, ECHO), said(2, 3, ECHO))
    await world.deliver()
    target = Target("https://20.example/", "secret of 20")
    assert [(t, d.ident) for t, d in world.client.posted] == [
        (target, "bot-20-1"),
        (target, "bot-20-2"),
    ]
    assert dict(await world.store.waiting_counts()) == {}
    assert world.town.sent == []


async def test_an_answer_is_sent_as_the_bot() -> None:
    world = BotWorld()
    world.client.default = json.dumps(
        {"reply": {"type": 11, "content": "*hi*", "mentions": [1]}}
    ).encode()
    await world.queue(said(1, 1, ECHO))
    await world.deliver()
    ((uid, message),) = world.town.sent
    assert uid == ECHO
    assert (message.to, message.type, message.content) == (1, 11, "*hi*")
    assert message.cli_mid == "reply-bot-20-1"
    assert message.mentions == (1,)


async def test_an_answer_to_a_group_goes_to_the_group() -> None:
    world = BotWorld()
    world.town.groups = {5: [1, ECHO]}
    world.client.default = HI
    await world.queue(said(1, 1, gid=5))
    await world.deliver()
    ((_, message),) = world.town.sent
    assert (message.conv, message.to) == ("g:5", 5)


async def test_the_longest_ids_make_a_valid_name() -> None:
    world = BotWorld()
    uid, mid = 2**53 - 1, 2**53 - 2
    await world.bots.put(Bot(uid, "https://x.example/", "s", 1))
    world.client.default = HI
    await world.queue(said(mid, 1, uid))
    await world.deliver()
    assert len(world.town.sent[0][1].cli_mid) <= 64


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b"\xff", b'{"reply":{"type":1}}', b"[1]"])
async def test_without_an_answer_that_can_be_read_nothing_is_said(body: bytes) -> None:
    world = BotWorld()
    world.client.default = body
    await world.queue(said(1, 1, ECHO))
    await world.deliver()
    assert (world.town.sent, await world.dead()) == ([], [])
    assert dict(await world.store.waiting_counts()) == {}


async def test_a_bot_that_fails_holds_up_no_other() -> None:
    world = BotWorld()
    world.client.by_url = {"https://20.example/": HookError("status 500")}
    await world.queue(said(1, 1, ECHO), said(2, 1, ECHO), said(3, 1, OTHER))
    await world.outbox.begin()
    await until(lambda: any(d.hook == OTHER for _, d in world.client.posted))
    assert [d.ident for _, d in world.client.posted if d.hook == ECHO].count("bot-20-2") == 0
    await until(lambda: not len(world.outbox))
    assert await world.dead() == [("bot-20-1", 8, "status 500"), ("bot-20-2", 8, "status 500")]


async def test_an_answer_that_cannot_be_stored_now_is_sent_again() -> None:
    world = BotWorld()
    world.client.default = HI
    world.town.refusals.append(RequestError(ErrorCode.UNAVAILABLE, "disk full"))
    await world.queue(said(1, 1, ECHO))
    await world.deliver()
    assert len(world.town.sent) == 1
    assert len(world.client.posted) == 1


async def test_an_answer_that_is_refused_is_a_dead_letter() -> None:
    world = BotWorld()
    world.client.default = HI
    world.town.refusals.append(RequestError(ErrorCode.BLOCKED, "they blocked you"))
    await world.queue(said(1, 1, ECHO))
    await world.deliver()
    text = "the reply was not sent: blocked: they blocked you"
    assert await world.dead() == [("bot-20-1", 1, text)]
    assert world.outbox.replies_refused == 1


async def test_a_bot_without_a_webhook_any_more() -> None:
    world = BotWorld()
    await world.queue(said(1, 1, ECHO))
    await world.bots.put(Bot(ECHO, "", "", 1))
    await world.deliver()
    assert await world.dead() == [("bot-20-1", 0, "the bot has no webhook any more")]


async def test_a_stopped_outbox_delivers_again_after_the_next_start() -> None:
    world = BotWorld()
    world.client.default = HookError("status 500")
    await world.queue(said(1, 1, ECHO))
    await world.outbox.begin()
    await until(lambda: world.client.posted)
    await world.outbox.stop()
    world.client.default = b""
    await world.deliver()
    assert len(world.outbox) == 0
    assert dict(await world.store.waiting_counts()) == {}
    assert await world.dead() == []


async def test_a_failing_store_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    world = BotWorld()
    await world.queue(said(1, 1, ECHO))
    waiting, failures = world.store.waiting, [StoreUnavailableError("disk full")]

    async def failing(hook: int, limit: int) -> object:
        if failures:
            raise failures.pop()
        return await waiting(hook, limit)

    monkeypatch.setattr(world.store, "waiting", failing)
    await world.deliver()
    assert [d.ident for _, d in world.client.posted] == ["bot-20-1"]
