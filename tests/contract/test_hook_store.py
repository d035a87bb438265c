"""What every engine promises of webhooks, bots and API keys."""

from __future__ import annotations

import pytest

from glideim.account.ports import ApiKey
from glideim.edge.stores import Stores
from glideim.kernel.errors import StoreUnavailableError
from glideim.push.ports import DEAD_MOST, Bot, DeadLetter, Delivery


def delivery(ident: str, hook: int = 0) -> Delivery:
    return Delivery(hook, ident, "after_send", '{"text":"ü"}', 1_800_000_000_000)


def letter(ident: str, attempts: int = 1) -> DeadLetter:
    return DeadLetter(delivery(ident), attempts, "status 500", 1_800_000_000_001)


async def idents(stores: Stores, hook: int, limit: int = 10) -> list[str]:
    return [d.ident for d in await stores.hooks.waiting(hook, limit)]


async def dead(stores: Stores) -> list[str]:
    return [d.delivery.ident for d in await stores.hooks.dead(0, DEAD_MOST + 1)]


async def test_a_follower_has_no_cursor_before_it_ran(stores: Stores) -> None:
    assert await stores.hooks.cursor("a") is None
    await stores.hooks.advance("a", 7)
    await stores.hooks.advance("b", 3)
    await stores.hooks.advance("a", 8)
    assert (await stores.hooks.cursor("a"), await stores.hooks.cursor("b")) == (8, 3)


async def test_what_waits_comes_in_order_and_by_hook(stores: Stores) -> None:
    await stores.hooks.advance("bots", 1, queue=[delivery("x", 5), delivery("y", 6)])
    await stores.hooks.advance("bots", 2, queue=[delivery("z", 5)])
    assert await stores.hooks.waiting(5, 10) == [delivery("x", 5), delivery("z", 5)]
    assert await idents(stores, 5, limit=1) == ["x"]
    assert dict(await stores.hooks.waiting_counts()) == {5: 2, 6: 1}


async def test_the_same_delivery_waits_once(stores: Stores) -> None:
    await stores.hooks.advance("bots", 1, queue=[delivery("x", 5)])
    await stores.hooks.advance("bots", 1, queue=[delivery("x", 5), delivery("y", 5)])
    assert await idents(stores, 5) == ["x", "y"]


async def test_what_is_settled_waits_no_more(stores: Stores) -> None:
    await stores.hooks.advance("bots", 1, queue=[delivery("x", 5), delivery("y", 5)])
    await stores.hooks.settle("x")
    await stores.hooks.settle("y", letter("y"))
    await stores.hooks.settle("never", None)
    assert await idents(stores, 5) == []
    assert await dead(stores) == ["y"]


async def test_dead_letters_are_numbered_and_paged(stores: Stores) -> None:
    await stores.hooks.advance("a", 9, bury=[letter("x")])
    await stores.hooks.bury([letter("y"), letter("z")])
    first, second = await stores.hooks.dead(0, 2)
    assert (first.delivery, first.attempts, first.error) == (delivery("x"), 1, "status 500")
    assert 0 < first.number < second.number
    assert [d.delivery.ident for d in await stores.hooks.dead(second.number, 2)] == ["z"]
    assert await stores.hooks.dead_letter(second.number) == second


async def test_a_dead_letter_that_dies_again_takes_its_own_place(stores: Stores) -> None:
    await stores.hooks.bury([letter("x"), letter("y")])
    await stores.hooks.bury([letter("x", attempts=9)])
    assert await dead(stores) == ["y", "x"]
    assert [d.attempts for d in await stores.hooks.dead(0, 10)] == [1, 9]


async def test_dead_letters_can_be_forgotten_once(stores: Stores) -> None:
    await stores.hooks.bury([letter("x")])
    number = (await stores.hooks.dead(0, 1))[0].number
    assert await stores.hooks.forget_dead(number) is True
    assert await stores.hooks.forget_dead(number) is False
    assert await stores.hooks.dead_letter(number) is None


async def test_only_the_newest_dead_letters_are_kept(stores: Stores) -> None:
    await stores.hooks.bury([letter(str(n)) for n in range(DEAD_MOST + 3)])
    found = await dead(stores)
    assert len(found) == DEAD_MOST
    assert found[0] == "3"


async def test_bots_are_added_changed_and_removed(stores: Stores) -> None:
    await stores.hooks.put_bot(Bot(8, "https://b.example/", "s", 5))
    await stores.hooks.put_bot(Bot(7, "", "", 4))
    await stores.hooks.put_bot(Bot(8, "https://c.example/", "t", 5))
    bots = [Bot(7, "", "", 4), Bot(8, "https://c.example/", "t", 5)]
    assert list(await stores.hooks.bots()) == bots
    await stores.hooks.advance("bots", 1, queue=[delivery("x", 8), delivery("y", 7)])
    assert await stores.hooks.remove_bot(8) is True
    assert await stores.hooks.remove_bot(8) is False
    assert list(await stores.hooks.bots()) == bots[:1]
    assert dict(await stores.hooks.waiting_counts()) == {7: 1}


async def test_keys_are_found_by_their_hash_until_they_are_removed(stores: Stores) -> None:
    first = await stores.keys.add_key(b"1" * 32, "app", ("act", "users"), 5)
    second = await stores.keys.add_key(b"2" * 32, "ops", ("admin",), 6)
    assert await stores.keys.key_by_hash(b"1" * 32) == ApiKey(first, "app", ("act", "users"), 5)
    await stores.keys.key_used(second, 99)
    assert [(k.key_id, k.used_at) for k in await stores.keys.keys()] == [(first, 0), (second, 99)]
    assert await stores.keys.remove_key(second) is True
    assert await stores.keys.remove_key(second) is False
    assert await stores.keys.key_by_hash(b"2" * 32) is None
    assert await stores.keys.add_key(b"3" * 32, "new", ("admin",), 7) > second


async def test_a_closed_store_refuses(stores: Stores) -> None:
    await stores.close()
    with pytest.raises(StoreUnavailableError):
        await stores.hooks.cursor("a")
    with pytest.raises(StoreUnavailableError):
        await stores.keys.key_by_hash(b"1")
