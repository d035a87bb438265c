"""Which messages bots are told of."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from glideim.push import bots as module
from glideim.push.bots import BotRegistry, BotRouter
from glideim.push.ports import Bot, Delivery
from tests.support.hooks import HookWorld, said

ECHO, QUIET, SDK = 20, 21, 22


async def router(world: HookWorld) -> BotRouter:
    bots = BotRegistry(world.store)
    await bots.put(Bot(ECHO, "https://echo.example/", "s", 1))
    await bots.put(Bot(QUIET, "https://quiet.example/", "s", 1))
    await bots.put(Bot(SDK, "", "", 1))
    return BotRouter(bots, world.store, world.town, world.clock)


def told(queue: Sequence[Delivery]) -> list[str]:
    return [delivery.ident for delivery in queue]


async def test_a_bot_is_told_what_is_said_to_it() -> None:
    world = HookWorld()
    outcome = await (await router(world)).handle([said(1, 1, 2), said(2, 1, ECHO)])
    (one,) = outcome.queue
    assert (one.hook, one.ident, one.event) == (ECHO, f"bot-{ECHO}-2", "bot_message")
    body = msgspec.json.decode(one.body)
    assert (body["bot"], body["delivery"]) == (ECHO, one.ident)
    assert body["message"]["content"] == "text 2"


async def test_every_bot_of_a_group_is_told() -> None:
    world = HookWorld()
    world.town.groups = {5: [1, QUIET, ECHO, SDK], 6: [1, 2]}
    batch = [said(1, 1, gid=5), said(2, 1, gid=6), said(3, 1, gid=7), said(4, 1, gid=5)]
    outcome = await (await router(world)).handle(batch)
    assert told(outcome.queue) == ["bot-20-1", "bot-21-1", "bot-20-4", "bot-21-4"]


async def test_no_bot_is_told_what_a_bot_says_nor_what_is_the_systems() -> None:
    world = HookWorld()
    world.town.groups = {5: [ECHO, QUIET, SDK]}
    batch = [
        said(1, QUIET, ECHO),
        said(2, SDK, ECHO),
        said(3, ECHO, ECHO),
        said(4, SDK, gid=5),
        said(5, 1, gid=5, type=-1),
        said(6, 1, ECHO, content=None),
        said(7, 1, SDK),
    ]
    outcome = await (await router(world)).handle(batch)
    assert (outcome.queue, outcome.bury) == ((), ())


async def test_what_waits_for_a_bot_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING_MOST", 2)
    world = HookWorld()
    one = await router(world)
    outcome = await one.handle([said(1, 1, ECHO)])
    await world.store.advance("bots", 1, queue=outcome.queue)
    outcome = await one.handle([said(2, 1, ECHO), said(3, 1, ECHO), said(4, 1, QUIET)])
    assert told(outcome.queue) == ["bot-20-2", "bot-21-4"]
    assert [letter.delivery.ident for letter in outcome.bury] == ["bot-20-3"]


async def test_bots_are_known_again_after_a_restart() -> None:
    world = HookWorld()
    await router(world)
    again = BotRegistry(world.store)
    await again.load()
    assert (len(again), again.with_hook) == (3, frozenset({ECHO, QUIET}))
    assert again.is_bot(SDK)
    assert await again.remove(ECHO) is True
    assert again.get(ECHO) is None
    assert again.with_hook == {QUIET}
