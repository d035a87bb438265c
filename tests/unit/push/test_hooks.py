"""What the server's hook is told."""

from __future__ import annotations

import pytest

from glideim.kernel.errors import StoreUnavailableError
from glideim.push import hooks as module
from glideim.push.bots import BotRegistry
from glideim.push.hooks import AfterSend, Logins, OfflinePush, ServerHook
from glideim.push.ports import Bot, HookError
from tests.support.hooks import HOOK, HookWorld, said

BOT = 20


def hook(world: HookWorld) -> ServerHook:
    return ServerHook(world.courier, HOOK, world.clock)


async def offline(world: HookWorld) -> OfflinePush:
    bots = BotRegistry(world.store)
    await bots.put(Bot(BOT, "https://bot.example/", "s", 1))
    return OfflinePush(hook(world), world.town, world.town, bots)


async def test_after_send_tells_every_message_of_a_batch_at_once() -> None:
    world = HookWorld()
    outcome = await AfterSend(hook(world)).handle([said(1), said(2, 2, 1), said(3, gid=5)])
    assert (outcome.queue, list(outcome.bury)) == ((), [])
    (body,) = world.client.bodies("after_send")
    assert [m["mid"] for m in body["messages"]] == [1, 2, 3]
    assert world.client.posted[0][0] == HOOK


async def test_what_is_given_up_becomes_a_dead_letter() -> None:
    world = HookWorld()
    world.client.default = HookError("status 404", permanent=True)
    outcome = await AfterSend(hook(world)).handle([said(1)])
    assert [letter.delivery.ident for letter in outcome.bury] == ["after_send-1-1"]


async def test_offline_names_receivers_without_a_device() -> None:
    world = HookWorld()
    world.town.present = {3}
    await (await offline(world)).handle([said(1, 1, 2), said(2, 1, 3), said(3, 4, 4)])
    (body,) = world.client.bodies("offline")
    assert [(p["mid"], p["uids"]) for p in body["pushes"]] == [(1, [2])]


async def test_offline_asks_once_for_a_batch_and_spares_sender_bots_and_system() -> None:
    world = HookWorld()
    world.town.present = {2}
    world.town.groups = {5: [1, 2, 3, 4, BOT]}
    batch = [
        said(1, 1, gid=5, mentions=(3,)),
        said(2, 4, gid=5),
        said(3, 1, gid=5, type=-2),
        said(4, 1, gid=6),
        said(5, 1, 3, content=None),
    ]
    await (await offline(world)).handle(batch)
    (body,) = world.client.bodies()
    assert [(p["mid"], p["uids"], p.get("mentioned")) for p in body["pushes"]] == [
        (1, [3, 4], [3]),
        (2, [1, 3], None),
    ]
    assert world.town.asked == [[1, 2, 3, 4]]


async def test_nobody_offline_nothing_posted() -> None:
    world = HookWorld()
    world.town.present = {1, 2}
    one = await offline(world)
    await one.handle([said(1, 1, 2)])
    await one.handle([said(2, 1, 1)])
    assert world.client.posted == []


async def test_sign_ins_are_told_together() -> None:
    world = HookWorld()
    logins = Logins(hook(world), world.store, world.clock)
    logins.put(7, 2, "browser")
    logins.put(8, 5, "")
    await logins.step()
    (body,) = world.client.bodies("login")
    now = world.clock.now_ms()
    assert body["logins"] == [
        {"uid": 7, "device": 2, "deviceId": "browser", "at": now},
        {"uid": 8, "device": 5, "deviceId": "", "at": now},
    ]
    assert len(logins) == 0


async def test_sign_ins_that_cannot_be_told_are_dead_letters() -> None:
    world = HookWorld()
    world.client.default = HookError("status 400", permanent=True)
    logins = Logins(hook(world), world.store, world.clock)
    logins.put(7, 2, "")
    await logins.step()
    (letter,) = await world.store.dead(0, 9)
    assert letter.delivery.event == "login"


async def test_sign_ins_that_wait_at_the_end_are_dead_letters() -> None:
    world = HookWorld()
    logins = Logins(hook(world), world.store, world.clock)
    logins.put(7, 2, "")
    await logins.finish()
    (letter,) = await world.store.dead(0, 9)
    assert letter.error == "the server stopped"
    assert world.client.posted == []


async def test_sign_ins_that_wait_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOGINS_MOST", 2)
    world = HookWorld()
    logins = Logins(hook(world), world.store, world.clock)
    for uid in range(1, 5):
        logins.put(uid, 2, "")
    assert (len(logins), logins.dropped) == (2, 2)


async def test_a_store_that_cannot_keep_dead_letters_stops_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = HookWorld()

    async def failing(letters: object) -> None:
        raise StoreUnavailableError("disk full")

    monkeypatch.setattr(world.store, "bury", failing)
    logins = Logins(hook(world), world.store, world.clock)
    logins.put(7, 2, "")
    await logins.finish()
    assert len(logins) == 0
