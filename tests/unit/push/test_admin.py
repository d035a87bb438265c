"""Webhooks and bots for administrators."""

from __future__ import annotations

from collections.abc import Awaitable

import pytest

from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from glideim.push import admin as module
from glideim.push.admin import HookAdmin
from glideim.push.ports import DeadLetter, Delivery
from tests.support.hooks import HOOK, HookWorld

SECRET = "a secret of some length"
URL = "https://bot.example/"


def office(world: HookWorld) -> HookAdmin:
    return HookAdmin(world.service("after_send"), world.clock)


async def code_of(work: Awaitable[object]) -> ErrorCode:
    with pytest.raises(RequestError) as refused:
        await work
    return refused.value.code


async def test_dead_letters_say_where_they_were_for() -> None:
    world = HookWorld()
    one = office(world)
    await one.add_bot(20, URL, SECRET)
    for hook in (0, 20, 21):
        delivery = Delivery(hook, f"d-{hook}", "after_send", "{}", 1)
        await world.store.bury([DeadLetter(delivery, 8, "status 500", 9)])
    page = await one.dead("", 2)
    assert [(d.letter_id, d.url, d.attempts, d.at) for d in page.items] == [
        (1, HOOK.url, 8, 9),
        (2, URL, 8, 9),
    ]
    rest = await one.dead(page.cursor, 2)
    assert ([d.url for d in rest.items], rest.cursor) == ([""], "")
    await one.retry(1)
    assert await code_of(one.retry(3)) is ErrorCode.UNAVAILABLE
    await one.forget(3)
    assert await code_of(one.forget(3)) is ErrorCode.NOT_FOUND
    assert [d.letter_id for d in (await one.dead("", 0)).items] == [2]


@pytest.mark.parametrize(("cursor", "limit"), [("x", 1), ("-1", 1), ("1" * 17, 1), ("", -1)])
async def test_pages_that_there_are_not(cursor: str, limit: int) -> None:
    assert await code_of(office(HookWorld()).dead(cursor, limit)) is ErrorCode.BAD_REQUEST


async def test_a_bots_webhook_is_changed_and_ended() -> None:
    world = HookWorld()
    one = office(world)
    await one.add_bot(20, "", "")
    assert one.bot_url(20) == ""
    assert await code_of(one.change_bot(20, URL, None)) is ErrorCode.BAD_REQUEST
    await one.change_bot(20, URL, SECRET)
    await one.change_bot(20, None, SECRET + "!")
    (bot,) = await world.store.bots()
    assert (bot.url, bot.secret) == (URL, SECRET + "!")
    await one.change_bot(20, "", None)
    assert one.bot_url(20) == ""
    await one.remove_bot(20)
    assert await code_of(one.remove_bot(20)) is ErrorCode.NOT_FOUND
    assert await code_of(one.change_bot(20, None, None)) is ErrorCode.NOT_FOUND


@pytest.mark.parametrize(
    ("url", "secret"),
    [(URL, ""), (URL, "short"), (URL, "x" * 257), ("", "short"), ("ftp://x/", SECRET)],
)
def test_webhooks_that_bots_cannot_have(url: str, secret: str) -> None:
    with pytest.raises(RequestError) as refused:
        office(HookWorld()).check_new(url, secret)
    assert refused.value.code is ErrorCode.BAD_REQUEST


async def test_the_number_of_bots_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BOTS_MOST", 1)
    one = office(HookWorld())
    one.check_new("", "")
    await one.add_bot(20, "", "")
    with pytest.raises(RequestError) as refused:
        one.check_new("", "")
    assert refused.value.code is ErrorCode.CONFLICT
