"""Hooks put together."""

from __future__ import annotations

import json
from functools import partial

import pytest

from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from glideim.push.ports import Bot, HookError
from glideim.push.service import PushService
from tests.support.hooks import HookWorld, said, until

ALL = ("before_send", "after_send", "login", "offline")


def gave_up(service: PushService, count: int) -> bool:
    return service.statistics()["dead_letters_total"] == count


async def refusal(service: PushService, number: int) -> ErrorCode:
    with pytest.raises(RequestError) as caught:
        await service.retry(number)
    return caught.value.code


async def test_messages_and_sign_ins_are_told_as_they_come() -> None:
    world = HookWorld()
    world.log.messages = [said(1)]
    service = world.service(*ALL)
    await service.start()
    world.log.messages += [said(2), said(3)]
    service.committed()
    service.signed_in(7, 2, "")
    await until(lambda: len(world.client.posted) == 3)
    await service.stop()
    (after,), (offline,), (login,) = map(world.client.bodies, ("after_send", "offline", "login"))
    assert [m["mid"] for m in after["messages"]] == [2, 3]
    assert [p["mid"] for p in offline["pushes"]] == [2, 3]
    assert [event["uid"] for event in login["logins"]] == [7]
    figures = service.statistics()
    assert figures["delivered_total"] == 3
    assert figures["after_send_mid"] == 3


async def test_what_is_sent_while_the_server_is_down_is_told_later() -> None:
    world = HookWorld()
    first = world.service("after_send")
    await first.start()
    await first.stop()
    world.log.messages.append(said(1))
    second = world.service("after_send")
    await second.start()
    await until(lambda: world.client.posted)
    await second.stop()
    assert [m["mid"] for m in world.client.bodies()[0]["messages"]] == [1]


async def test_only_the_events_that_are_wanted() -> None:
    world = HookWorld()
    service = world.service("login")
    assert service.screen is None
    assert world.service("before_send").screen is not None
    await service.start()
    world.log.messages.append(said(1))
    service.committed()
    await service.put_bot(Bot(20, "https://bot.example/", "s", 1))
    world.log.messages.append(said(2))
    service.committed()
    await until(lambda: service.statistics()["bots_mid"] == 2)
    await service.stop()
    assert world.client.posted == []


async def test_a_bot_answers() -> None:
    world = HookWorld()
    world.client.default = json.dumps({"reply": {"content": "hi"}}).encode()
    service = world.service()
    await service.start()
    await service.put_bot(Bot(20, "https://bot.example/", "s", 1))
    world.log.messages.append(said(1, 1, 20))
    service.committed()
    await until(lambda: world.town.sent)
    await service.stop()
    assert world.town.sent[0][0] == 20


async def test_the_log_is_read_for_bots_only_while_one_has_a_webhook() -> None:
    world = HookWorld()
    service = world.service()
    await service.start()
    await service.put_bot(Bot(20, "https://bot.example/", "s", 1))
    assert await service.remove_bot(20) is True
    world.log.messages.append(said(1, 1, 21))
    await service.put_bot(Bot(21, "https://bot.example/", "s", 1))
    world.log.messages.append(said(2, 1, 21))
    service.committed()
    await until(lambda: world.client.posted)
    await service.stop()
    assert [d.ident for _, d in world.client.posted] == ["bot-21-2"]


async def test_dead_letters_are_listed_and_forgotten() -> None:
    world = HookWorld()
    world.client.default = HookError("status 404", permanent=True)
    service = world.service("login")
    await service.start()
    for uid in (1, 2, 3):
        service.signed_in(uid, 2, "")
        await until(partial(gave_up, service, uid))
        await until(lambda: not service.statistics()["logins_waiting"])
    await service.stop()
    page, following = await service.dead(0, 2)
    assert [letter.number for letter in page] == [1, 2]
    assert following == 2
    page, following = await service.dead(following, 2)
    assert ([letter.number for letter in page], following) == ([3], 0)
    await service.forget(3)
    with pytest.raises(RequestError, match="no dead letter 3"):
        await service.forget(3)


async def test_a_dead_letter_is_forgotten_when_it_arrives_after_all() -> None:
    world = HookWorld()
    world.client.default = HookError("status 404", permanent=True)
    service = world.service("login")
    await service.start()
    service.signed_in(7, 2, "")
    await until(lambda: service.statistics()["dead_letters_total"])
    await service.stop()
    assert await refusal(service, 1) is ErrorCode.UNAVAILABLE
    assert await refusal(service, 9) is ErrorCode.NOT_FOUND
    world.client.default = b""
    await service.retry(1)
    assert len({delivery.ident for _, delivery in world.client.posted}) == 1
    assert await service.dead(0, 0) == ([], 0)


async def test_a_dead_letter_for_a_bot_is_answered_when_it_arrives() -> None:
    world = HookWorld()
    world.client.default = HookError("status 404", permanent=True)
    service = world.service()
    await service.start()
    await service.put_bot(Bot(20, "https://bot.example/", "s", 1))
    world.log.messages.append(said(1, 1, 20))
    service.committed()
    await until(lambda: service.statistics()["dead_letters_total"])
    await service.stop()
    world.client.default = json.dumps({"reply": {"content": "hi"}}).encode()
    world.town.refusals.append(RequestError(ErrorCode.BLOCKED, "blocked"))
    assert await refusal(service, 1) is ErrorCode.UNAVAILABLE
    await service.retry(1)
    assert world.town.sent[0][1].content == "hi"
    assert await service.dead(0, 0) == ([], 0)


async def test_a_dead_letter_whose_bot_is_gone_stays() -> None:
    world = HookWorld()
    world.client.default = HookError("status 404", permanent=True)
    service = world.service()
    await service.start()
    await service.put_bot(Bot(20, "https://bot.example/", "s", 1))
    world.log.messages.append(said(1, 1, 20))
    service.committed()
    await until(lambda: service.statistics()["dead_letters_total"])
    await service.remove_bot(20)
    await service.stop()
    assert await refusal(service, 1) is ErrorCode.UNAVAILABLE
    assert len((await service.dead(0, 0))[0]) == 1
