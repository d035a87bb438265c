"""Webhooks over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from glideim.edge.webhooks import HttpHookClient
from glideim.kernel.clock import ManualClock
from glideim.push.ports import ANSWER_MOST, Delivery, HookError, Target
from glideim.push.signing import verify
from tests.support.receiver import Receiver, response

DELIVERY = Delivery(0, "after_send-1-2", "after_send", '{"text":"ü"}', 1)
SECRET = "a secret of some length"


@asynccontextmanager
async def posting() -> AsyncIterator[tuple[HttpHookClient, Receiver, Target]]:
    client = HttpHookClient(ManualClock(), "9")
    async with Receiver() as receiver:
        try:
            yield client, receiver, Target(f"{receiver.url}/hook?x=1", SECRET)
        finally:
            await client.close()


async def failure(client: HttpHookClient, target: Target, timeout: float = 20) -> HookError:
    with pytest.raises(HookError) as caught:
        await client.post(target, DELIVERY, timeout)
    return caught.value


async def test_a_delivery_is_signed_and_says_what_it_is() -> None:
    async with posting() as (client, receiver, target):
        receiver.answers.append(response(201, b"thanks"))
        assert await client.post(target, DELIVERY, 20) == b"thanks"
        (request,) = receiver.received
        headers = request.headers
        assert request.path == "/hook?x=1"
        assert request.body == DELIVERY.body.encode()
        assert headers["glideim-event"] == "after_send"
        assert headers["glideim-delivery"] == "after_send-1-2"
        assert headers["content-type"] == "application/json"
        assert headers["user-agent"] == "GlideIM/9"
        now = ManualClock().now_ms() // 1000
        assert verify(SECRET, request.body, headers["glideim-signature"], now)


async def test_connections_are_used_again() -> None:
    async with posting() as (client, receiver, target):
        for _ in range(5):
            await client.post(target, DELIVERY, 20)
        assert receiver.connections == 1


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, True), (404, True), (410, True), (301, True), (500, False), (503, False),
     (429, False), (408, False)],
)  # fmt: skip
async def test_statuses_that_are_failures(status: int, permanent: bool) -> None:
    async with posting() as (client, receiver, target):
        receiver.answers.append(response(status))
        error = await failure(client, target)
        assert (str(error), error.permanent) == (f"status {status}", permanent)


async def test_redirects_are_not_followed_and_cookies_not_kept() -> None:
    async with posting() as (client, receiver, target):
        receiver.answers.append(response(302, location="/elsewhere", set_cookie="a=b; Path=/"))
        await failure(client, target)
        await client.post(target, DELIVERY, 20)
        assert [r.path for r in receiver.received] == ["/hook?x=1"] * 2
        assert "cookie" not in receiver.received[1].headers


async def test_of_an_answer_no_more_is_read_than_allowed() -> None:
    async with posting() as (client, receiver, target):
        receiver.answers.append(response(200, b"x" * ANSWER_MOST))
        assert len(await client.post(target, DELIVERY, 20)) == ANSWER_MOST
        receiver.answers.append(response(200, b"x" * (ANSWER_MOST + 1)))
        assert (await failure(client, target)).permanent
        receiver.answers.append(response(200, b"x" * 10))
        with pytest.raises(HookError):
            await client.post(target, DELIVERY, 20, answer_most=9)


async def test_a_hook_that_does_not_answer_is_not_waited_for_long() -> None:
    async with posting() as (client, receiver, target):
        receiver.answers.append(b"")
        error = await failure(client, target, timeout=0.05)
        assert (str(error), error.permanent) == ("no answer within 0.05 s", False)


async def test_what_is_no_http_and_nobody_there() -> None:
    async with posting() as (client, receiver, target):
        receiver.answers.append(b"SSH-2.0\r\n\r\n")
        assert not (await failure(client, target)).permanent
        nobody = Target("http://127.0.0.1:1/", SECRET)
        assert not (await failure(client, nobody)).permanent


async def test_urls_that_cannot_be_used() -> None:
    client = HttpHookClient(ManualClock(), "9")
    assert (await failure(client, Target("http://[::1", SECRET))).permanent
    await client.close()


async def test_requests_at_the_same_time() -> None:
    async with posting() as (client, receiver, target):
        await asyncio.gather(*(client.post(target, DELIVERY, 20) for _ in range(10)))
        assert len(receiver.received) == 10
