"""What other servers do with accounts."""

from __future__ import annotations

import asyncio

import pytest

from glideim.account.admin import AccountAdmin
from glideim.account.ports import EndReason
from glideim.kernel.errors import RequestError
from glideim.kernel.ids import Leaf
from glideim.protocol.codes import ErrorCode
from tests.support.accounts import PASSWORD, House


def admin(house: House) -> AccountAdmin:
    return AccountAdmin(
        store=house.store.accounts,
        uids=Leaf(house.store.segments, "uid", house.clock),
        passwords=house.passwords,
        clock=house.clock,
        accounts=house.accounts,
    )


async def test_an_account_with_a_password_can_sign_in() -> None:
    house = House()
    user = await admin(house).create("alice", PASSWORD, "Alice", "https://x.example/a.png")
    assert (user.account, user.nickname, user.avatar) == (
        "alice",
        "Alice",
        "https://x.example/a.png",
    )
    assert (await house.login()).uid == user.uid
    house.close()


@pytest.mark.parametrize("password", ["", "x" * 6, PASSWORD])
async def test_nobody_signs_in_with_a_password_to_an_account_without_one(password: str) -> None:
    house = House()
    user = await admin(house).create("alice", "", "", "")
    assert user.nickname == "alice"
    with pytest.raises(RequestError) as refused:
        await house.login(password=password)
    assert refused.value.code is ErrorCode.UNAUTHENTICATED
    house.close()


async def test_an_account_is_made_once() -> None:
    house = House()
    one = admin(house)
    made = await asyncio.gather(
        *(one.create("alice", "", "", "", if_missing=True) for _ in range(5))
    )
    assert len({user.uid for user in made}) == 1
    again = await one.create("ALICE", "", "Somebody else", "", if_missing=True)
    assert again == made[0]
    with pytest.raises(RequestError) as refused:
        await one.create("Alice", "", "", "")
    assert refused.value.code is ErrorCode.CONFLICT
    house.close()


@pytest.mark.parametrize(
    ("name", "password", "avatar"),
    [("al", "", ""), ("alice", "short", ""), ("alice", "", "javascript:1")],
)
async def test_accounts_that_cannot_be_made(name: str, password: str, avatar: str) -> None:
    house = House()
    with pytest.raises(RequestError) as refused:
        await admin(house).create(name, password, "", avatar)
    assert refused.value.code is ErrorCode.BAD_REQUEST
    house.close()


async def test_a_token_for_somebody() -> None:
    house = House()
    uid = (await admin(house).create("alice", "", "", "")).uid
    session = await admin(house).sign_in(uid, 2, "browser")
    assert (await house.accounts.authenticate(session.token)).uid == uid
    await admin(house).end_sessions(uid)
    assert await house.refusal(session.token) is ErrorCode.UNAUTHENTICATED
    assert house.ended[-1][1] is EndReason.LOGOUT
    house.close()


async def test_no_token_for_nobody_nor_the_banned_nor_a_strange_device() -> None:
    house = House()
    uid = await house.register()

    async def refusal(who: int, device: int) -> ErrorCode:
        with pytest.raises(RequestError) as refused:
            await admin(house).sign_in(who, device, "")
        return refused.value.code

    assert await refusal(uid + 1, 2) is ErrorCode.NOT_FOUND
    assert await refusal(uid, 0) is ErrorCode.BAD_REQUEST
    await admin(house).ban(uid, banned=True)
    assert await refusal(uid, 2) is ErrorCode.FORBIDDEN
    await admin(house).ban(uid, banned=False)
    assert (await admin(house).sign_in(uid, 2, "")).uid == uid
    with pytest.raises(RequestError, match="no user"):
        await admin(house).end_sessions(uid + 1)
    house.close()
