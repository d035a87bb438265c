"""The cache of verified tokens."""

from __future__ import annotations

from glideim.account.tokens import TokenCache
from tests.support.stores import session

ONE, TWO = session(1, expires_at=1000), session(2, expires_at=1000)


def test_a_token_is_remembered_until_its_time() -> None:
    cache = TokenCache(10)
    cache.put(b"a", ONE, 500)
    assert cache.get(b"a", 499) == ONE
    assert cache.get(b"b", 499) is None
    assert cache.get(b"a", 500) is None
    assert len(cache) == 0


def test_the_least_recently_used_is_forgotten_first() -> None:
    cache = TokenCache(2)
    cache.put(b"a", ONE, 500)
    cache.put(b"b", TWO, 500)
    cache.get(b"a", 0)
    cache.put(b"c", TWO, 500)
    assert [cache.get(key, 0) for key in (b"a", b"b", b"c")] == [ONE, None, TWO]


def test_a_session_goes_with_all_its_tokens() -> None:
    cache = TokenCache(10)
    for key in (b"a", b"b"):
        cache.put(key, ONE, 500)
    cache.put(b"c", TWO, 500)
    cache.drop_session(1)
    cache.drop_session(3)
    assert [cache.get(key, 0) for key in (b"a", b"b", b"c")] == [None, None, TWO]


def test_a_replaced_token_ends_when_it_was_first_replaced_to_end() -> None:
    cache = TokenCache(10)
    cache.put(b"a", ONE, 500)
    cache.replaced(b"a", 700)
    cache.replaced(b"a", 900)
    cache.replaced(b"unknown", 900)
    assert cache.get(b"a", 699) == ONE
    assert cache.get(b"a", 700) is None


def test_no_token_outlives_its_session() -> None:
    cache = TokenCache(10)
    cache.put(b"a", ONE, 500)
    cache.replaced(b"a", 5000)
    assert cache.get(b"a", 1000) is None
