"""Delivering again and again."""

from __future__ import annotations

import pytest

from glideim.push.courier import LONGEST_PAUSE, backoff
from glideim.push.ports import DeadLetter, Delivery, HookError
from tests.support.hooks import HOOK, HookWorld

DELIVERY = Delivery(0, "d-1", "after_send", "{}", 1)


async def test_what_arrives_is_answered() -> None:
    world = HookWorld()
    world.client.default = b"thanks"
    assert await world.courier.deliver(HOOK, DELIVERY) == b"thanks"
    assert world.client.posted == [(HOOK, DELIVERY)]
    assert world.pauses == []


async def test_failures_are_tried_again_with_growing_pauses() -> None:
    world = HookWorld()
    world.client.answers.extend([HookError("status 503")] * 3)
    assert await world.courier.deliver(HOOK, DELIVERY) == b""
    assert world.pauses == [1.0, 2.0, 4.0]
    assert [delivery.ident for _, delivery in world.client.posted] == ["d-1"] * 4


async def test_what_fails_for_good_is_given_up_at_once() -> None:
    world = HookWorld()
    world.client.default = HookError("status 410", permanent=True)
    answer = await world.courier.deliver(HOOK, DELIVERY)
    assert answer == DeadLetter(DELIVERY, 1, "status 410", world.clock.now_ms())
    assert world.pauses == []


async def test_what_fails_again_and_again_is_given_up() -> None:
    world = HookWorld()
    world.client.default = HookError("x" * 900)
    answer = await world.new_courier(attempts=4).deliver(HOOK, DELIVERY)
    assert isinstance(answer, DeadLetter)
    assert (answer.attempts, len(answer.error)) == (4, 500)
    assert world.pauses == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("tries", range(1, 12))
def test_pauses_are_bounded_and_spread(tries: int) -> None:
    longest, shortest = backoff(tries, 0.0), backoff(tries, 1.0)
    assert longest == min(LONGEST_PAUSE, 2.0 ** (tries - 1))
    assert shortest == longest / 2
