"""Asking before sending."""

from __future__ import annotations

import json
from typing import Any

import pytest

from glideim.messaging.ports import Refused
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Message
from glideim.push.ports import HookError
from glideim.push.screen import BYTES_MOST, MESSAGES_MOST, HookScreen
from tests.support.hooks import HOOK, HookWorld, said

THREE = [said(0, 1, 2), said(0, 3, 4), said(0, 5, 6)]


def screen(world: HookWorld, *, refuse: bool = False) -> HookScreen:
    return HookScreen(world.courier, HOOK, world.clock, refuse=refuse)


def answer(*results: Any) -> bytes:
    return json.dumps({"results": results}).encode()


async def test_one_request_asks_about_a_whole_batch() -> None:
    world = HookWorld()
    assert await screen(world).screen(THREE) == THREE
    (body,) = world.client.bodies("before_send")
    assert [m["from"] for m in body["messages"]] == [1, 3, 5]
    assert body["messages"][0]["content"] == "text 0"


async def test_messages_are_changed_and_refused_by_their_index() -> None:
    world = HookWorld()
    world.client.default = answer(
        {"index": 2, "action": "refuse", "message": "no advertising"},
        {"index": 0, "action": "change", "content": "***", "type": 11},
        {"index": 1, "action": "pass"},
    )
    first, second, third = await screen(world).screen(THREE)
    assert isinstance(first, Message)
    assert (first.content, first.type, first.cli_mid) == ("***", 11, "m0")
    assert second == THREE[1]
    assert third == Refused(ErrorCode.FORBIDDEN, "no advertising")


@pytest.mark.parametrize("body", [b"", b"  ", b"{}", b'{"results":[]}'])
async def test_an_answer_without_results_lets_all_pass(body: bytes) -> None:
    world = HookWorld()
    world.client.default = body
    assert await screen(world, refuse=True).screen(THREE) == THREE


@pytest.mark.parametrize(
    "failing",
    [
        HookError("no answer within 5 s"),
        b"<html>",
        b"\xff",
        b"[]",
        answer({"index": 3, "action": "pass"}),
        answer({"index": -1, "action": "pass"}),
        answer({"index": 0, "action": "explode"}),
        answer({"index": 0, "action": "change", "content": "x" * 40_000}),
        answer({"index": 0, "action": "change", "type": -1}),
        answer({"index": 0, "action": "change", "type": 2**31}),
        b'{"more":' + b"[" * 9000 + b"]" * 9000 + b"}",
    ],
)
async def test_when_the_hook_fails_the_configuration_decides(failing: bytes | HookError) -> None:
    world = HookWorld()
    world.client.default = failing
    assert await screen(world).screen(THREE) == THREE
    refused = await screen(world, refuse=True).screen(THREE)
    assert [r.code for r in refused if isinstance(r, Refused)] == [ErrorCode.UNAVAILABLE] * 3


async def test_large_batches_are_asked_about_in_parts_and_stay_in_order() -> None:
    world = HookWorld()
    many = [said(0, n + 1, 2) for n in range(MESSAGES_MOST + 2)]
    large = [said(0, 1, 2, content="x" * 30_000) for _ in range(BYTES_MOST // 30_000 + 1)]
    asked = [*many, *large]
    assert await screen(world).screen(asked) == asked
    sizes = [len(body["messages"]) for body in world.client.bodies()]
    assert sum(sizes) == len(asked)
    assert len(sizes) == 3
    assert len({delivery.ident for _, delivery in world.client.posted}) == 3


async def test_an_answer_may_be_long_enough_to_change_every_message() -> None:
    world = HookWorld()
    await screen(world).screen([said(0, content="x" * 30_000)])
    assert world.client.answer_most > 120_000
