"""API keys."""

from __future__ import annotations

import pytest

from glideim.account.keys import KEY_PREFIX, KEYS_MOST, USED_EVERY_MS, KeyService
from glideim.account.service import hash_token
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from tests.support.accounts import House


def service(house: House) -> KeyService:
    return KeyService(house.store.keys, house.store.accounts, house.clock)


async def test_a_key_is_good_until_it_is_revoked() -> None:
    house = House()
    keys = service(house)
    key, secret = await keys.add(" app ", ["users", "act"])
    assert secret.startswith(KEY_PREFIX)
    assert len(secret) > 40
    assert (key.name, key.scopes) == ("app", ("act", "users"))
    assert (await keys.authenticate(secret)).key_id == key.key_id
    # By another process: there is nothing remembered that could still be good.
    await service(house).revoke(key.key_id)
    with pytest.raises(RequestError) as refused:
        await keys.authenticate(secret)
    assert refused.value.code is ErrorCode.UNAUTHENTICATED
    with pytest.raises(RequestError, match="no key"):
        await keys.revoke(key.key_id)
    house.close()


async def test_only_a_hash_is_kept() -> None:
    house = House()
    _, secret = await service(house).add("app", ["act"])
    assert await house.store.keys.key_by_hash(hash_token(secret)) is not None
    assert secret not in repr(await house.store.keys.keys())
    house.close()


@pytest.mark.parametrize("token", ["", "glk_", "glk_x", "glt_x", "ü"])
async def test_other_texts_are_no_keys(token: str) -> None:
    house = House()
    await service(house).add("app", ["act"])
    with pytest.raises(RequestError) as refused:
        await service(house).authenticate(token)
    assert refused.value.code is ErrorCode.UNAUTHENTICATED
    house.close()


@pytest.mark.parametrize(
    ("name", "scopes"),
    [
        ("", ["act"]),
        ("x" * 65, ["act"]),
        ("a\nb", ["act"]),
        ("app", []),
        ("app", ["everything"]),
        ("app", ["act", "everything"]),
    ],
)
async def test_keys_that_cannot_be_made(name: str, scopes: list[str]) -> None:
    house = House()
    with pytest.raises(RequestError) as refused:
        await service(house).add(name, scopes)
    assert refused.value.code is ErrorCode.BAD_REQUEST
    house.close()


async def test_the_number_of_keys_is_bounded() -> None:
    house = House()
    for number in range(KEYS_MOST):
        await house.store.keys.add_key(str(number).encode(), "k", ("act",), 1)
    with pytest.raises(RequestError) as refused:
        await service(house).add("one more", ["act"])
    assert refused.value.code is ErrorCode.CONFLICT
    house.close()


async def test_when_a_key_was_used_is_known_to_the_hour() -> None:
    house = House()
    keys = service(house)
    _, secret = await keys.add("app", ["act"])
    first = house.clock.now_ms()
    await keys.authenticate(secret)
    house.clock.advance(USED_EVERY_MS / 1000 - 1)
    await keys.authenticate(secret)
    assert [key.used_at for key in await keys.list()] == [first]
    house.clock.advance(1)
    await keys.authenticate(secret)
    assert [key.used_at for key in await keys.list()] == [house.clock.now_ms()]
    house.close()


async def test_acting_as_a_user_needs_the_scope_and_a_user_who_may() -> None:
    house = House()
    keys = service(house)
    uid = await house.register()
    app, _ = await keys.add("app", ["act"])
    weak, _ = await keys.add("weak", ["users", "admin"])
    assert await keys.acting_as(app, uid) == (uid, 0)

    async def refusal(key: object, who: int) -> ErrorCode:
        with pytest.raises(RequestError) as refused:
            await keys.acting_as(app if key is app else weak, who)
        return refused.value.code

    assert await refusal(weak, uid) is ErrorCode.FORBIDDEN
    assert await refusal(app, uid + 1) is ErrorCode.NOT_FOUND
    await house.accounts.ban(uid, banned=True)
    assert await refusal(app, uid) is ErrorCode.FORBIDDEN
    house.close()
