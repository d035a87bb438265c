"""Limits on guessing passwords."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from glideim.protocol.codes import ErrorCode
from tests.support.accounts import PASSWORD
from tests.support.api import HOME, ApiWorld, Refused

ELSEWHERE = "198.51.100.1"
WIDE = "\uff21lice"
"""`Alice` with a full-width letter: the same account."""


@pytest.fixture
async def world() -> AsyncIterator[ApiWorld]:
    async with ApiWorld("connection") as world:
        await world.person("alice")
        yield world


async def guess(
    world: ApiWorld, name: str = "alice", password: str = "wrong one", address: str = HOME
) -> str:
    """Try to sign in: `in`, or the code of the refusal."""
    fields = {"account": name, "password": password, "device": 2}
    try:
        await world.call("api.auth.login", fields, address=address)
    except Refused as error:
        return error.code
    return "in"


async def test_failed_passwords_are_limited(world: ApiWorld) -> None:
    assert [await guess(world) for _ in range(10)] == [ErrorCode.UNAUTHENTICATED] * 10
    assert await guess(world) == ErrorCode.RATE_LIMITED
    assert await guess(world, password=PASSWORD) == ErrorCode.RATE_LIMITED
    assert await guess(world, password=PASSWORD, address=ELSEWHERE) == "in"
    assert await guess(world, "bob") == ErrorCode.UNAUTHENTICATED
    world.clock.advance(6)
    assert await guess(world, password=PASSWORD) == "in"


@pytest.mark.parametrize("name", ["ALICE", WIDE, WIDE.lower()])
async def test_another_way_to_write_the_name_gives_no_more_guesses(
    world: ApiWorld, name: str
) -> None:
    for _ in range(10):
        await guess(world)
    assert await guess(world, name) == ErrorCode.RATE_LIMITED


async def test_guesses_made_at_once_count_as_well(world: ApiWorld) -> None:
    outcomes = await asyncio.gather(*(guess(world) for _ in range(30)))
    assert outcomes.count(ErrorCode.UNAUTHENTICATED) == 10
    assert outcomes.count(ErrorCode.RATE_LIMITED) == 20


async def test_right_passwords_are_not_counted(world: ApiWorld) -> None:
    assert {await guess(world, password=PASSWORD) for _ in range(40)} == {"in"}


async def test_refusals_for_other_reasons_are_not_counted(world: ApiWorld) -> None:
    fields = {"account": "alice", "password": PASSWORD, "device": 0}
    for _ in range(40):
        with pytest.raises(Refused, match="device"):
            await world.call("api.auth.login", fields)
    assert await guess(world, password=PASSWORD) == "in"


async def test_the_old_password_cannot_be_guessed_with_a_stolen_token(world: ApiWorld) -> None:
    _, token = await world.person("bob")
    wrong = {"oldPassword": "wrong one", "newPassword": "battery staple"}
    codes = []
    for _ in range(11):
        with pytest.raises(Refused) as caught:
            await world.call("api.auth.password", wrong, token)
        codes.append(caught.value.code)
    assert codes == [ErrorCode.FORBIDDEN] * 10 + [ErrorCode.RATE_LIMITED]
