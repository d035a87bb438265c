"""Token buckets."""

from __future__ import annotations

import pytest

from glideim.kernel.clock import ManualClock
from glideim.kernel.ratelimit import (
    API,
    LOGIN,
    LOGIN_FAILED,
    REGISTER,
    SEND,
    RateLimiter,
    Rule,
    network_of,
)

RULE = Rule("rule", 3, 0.5)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def taken(limiter: RateLimiter, rule: Rule, key: str, tries: int) -> int:
    return sum(limiter.allow(rule, key) for _ in range(tries))


@pytest.mark.parametrize("rule", [RULE, REGISTER, LOGIN, LOGIN_FAILED, API, SEND])
def test_a_full_bucket_holds_its_burst_and_fills_at_its_rate(
    clock: ManualClock, rule: Rule
) -> None:
    limiter = RateLimiter(clock)
    assert taken(limiter, rule, "a", 1000) == rule.burst
    clock.advance(2 / rule.per_second)
    assert taken(limiter, rule, "a", 1000) == 2
    clock.advance(100 * rule.burst / rule.per_second)
    assert taken(limiter, rule, "a", 1000) == rule.burst


def test_a_refusal_takes_nothing(clock: ManualClock) -> None:
    limiter = RateLimiter(clock)
    taken(limiter, RULE, "a", 3)
    for _ in range(19):
        clock.advance(0.1)
        assert not limiter.allow(RULE, "a")
    clock.advance(0.1)
    assert limiter.allow(RULE, "a")


def test_keys_and_rules_do_not_touch_each_other(clock: ManualClock) -> None:
    limiter, twin = RateLimiter(clock), Rule("rule", 3, 0.5)
    assert taken(limiter, RULE, "a", 9) == 3
    assert taken(limiter, RULE, "b", 9) == 3
    assert taken(limiter, twin, "a", 9) == 3


def test_what_is_given_back_can_be_taken_again(clock: ManualClock) -> None:
    limiter = RateLimiter(clock)
    limiter.give_back(RULE, "a")
    taken(limiter, RULE, "a", 3)
    limiter.give_back(RULE, "a")
    assert taken(limiter, RULE, "a", 9) == 1


def test_giving_back_never_makes_more_than_a_full_bucket(clock: ManualClock) -> None:
    limiter = RateLimiter(clock)
    assert limiter.allow(RULE, "a")
    clock.advance(100)
    for _ in range(5):
        limiter.give_back(RULE, "a")
    assert taken(limiter, RULE, "a", 9) == 3


def test_switched_off_everything_is_allowed_and_nothing_kept(clock: ManualClock) -> None:
    limiter = RateLimiter(clock, enabled=False)
    assert taken(limiter, RULE, "a", 100) == 100
    assert len(limiter) == 0


def test_buckets_are_bounded_and_those_in_use_stay(clock: ManualClock) -> None:
    limiter = RateLimiter(clock, keys=100)
    taken(limiter, RULE, "busy", 3)
    for number in range(1000):
        assert limiter.allow(RULE, f"other {number}")
        assert not limiter.allow(RULE, "busy")
        assert len(limiter) <= 100


def test_a_flood_under_one_rule_forgets_nothing_of_another(clock: ManualClock) -> None:
    limiter, other = RateLimiter(clock, keys=10), Rule("other", 1, 1)
    taken(limiter, RULE, "a", 3)
    for number in range(100):
        limiter.allow(other, number)
    assert not limiter.allow(RULE, "a")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("not:an:address", "not:an:address"),
    ],
)
def test_addresses_are_counted_by_network(address: str, network: str) -> None:
    assert network_of(address) == network
