"""Token buckets: how often somebody may do something.

A bucket is kept as one number, the time at which it will be full again (the "generic cell rate algorithm"): taking
one moves that time by what one costs. Half the work of a level and a time stamp, and it is done for every message.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Hashable

from msgspec import Struct

from .clock import Clock


class Rule(Struct, frozen=True, eq=False):
    """A bucket holds `burst` and gains `per_second`; each act takes one. Each object is a rule of its own."""

    name: str
    burst: float
    per_second: float


REGISTER = Rule("register", 100, 1.0)
"""New accounts per address: an office behind one address does not meet it."""
LOGIN = Rule("login", 200, 10.0)
"""Sign-ins by password per address, good or bad: hashing is the server's dearest work."""
LOGIN_FAILED = Rule("login_failed", 10, 1 / 6)
"""Failed passwords per account and address."""
BAD_TOKEN = Rule("bad_token", 100, 2.0)
"""Tokens that are not valid, per address: each costs a look-up."""
API = Rule("api", 200, 50.0)
"""API calls per person; per address before sign-in."""
WATCH = Rule("watch", 30, 2.0)
"""Questions about presence per person, each about hundreds of people."""
KEY = Rule("key", 2000, 500.0)
"""Calls per API key: one of them stands for a whole app."""
TRANSIENT = Rule("transient", 60, 20.0)
"""Transient messages per person; more are dropped."""
GROW = Rule("grow", 500, 200.0)
"""Steps of messages that grow, per person: a model writes a hundred words a second."""
SEND = Rule("send", 300, 60.0)
"""Messages per person."""

RULES = 10
"""Those above."""
KEYS = 100_000
"""Buckets remembered per rule; beyond it the half that was used longest ago is forgotten, which fills them."""

_ROUNDING = 1e-6
"""Share of one token by which sums of floats may miss."""


class _Table:
    """The buckets of one rule, in two generations."""

    __slots__ = ("interval", "old", "slack", "young")

    def __init__(self, rule: Rule) -> None:
        self.interval = 1.0 / rule.per_second
        self.slack = (rule.burst - 1.0 + _ROUNDING) * self.interval
        self.young: dict[Hashable, float] = {}
        self.old: dict[Hashable, float] = {}


class RateLimiter:
    """Buckets by rule and key. O(1) an act, bounded in memory; belongs to one event loop."""

    def __init__(self, clock: Clock, *, enabled: bool = True, keys: int = KEYS) -> None:
        self._now = clock.monotonic
        self._enabled = enabled
        self._half = max(1, keys // 2)
        self._tables: dict[Rule, _Table] = {}
        self.limit = 2 * self._half * RULES
        """Buckets of all rules together."""

    def __len__(self) -> int:
        return sum(len(table.young) + len(table.old) for table in self._tables.values())

    def allow(self, rule: Rule, key: Hashable) -> bool:
        """Take one from the bucket of `key`; False, and nothing taken, when it is empty."""
        if not self._enabled:
            return True
        table = self._tables.get(rule)
        if table is None:
            table = self._tables[rule] = _Table(rule)
        now = self._now()
        young = table.young
        full_at = young.get(key)
        if full_at is None:
            full_at = table.old.pop(key, now)
        if full_at < now:
            full_at = now
        elif full_at - now > table.slack:
            young[key] = full_at
            return False
        young[key] = full_at + table.interval
        if len(young) >= self._half:
            table.old, table.young = young, {}
        return True

    def give_back(self, rule: Rule, key: Hashable) -> None:
        """Undo one `allow` that turned out not to count."""
        table = self._tables.get(rule)
        if table is None:
            return
        for generation in (table.young, table.old):
            if key in generation:
                generation[key] -= table.interval


def network_of(address: str) -> str:
    """What a limit per address counts by: the address, or for IPv6 its /64, since everybody has that many to
    choose from. A text that is no address stands for itself."""
    if ":" not in address:
        return address
    try:
        whole = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    if whole.ipv4_mapped is not None:
        return str(whole.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(whole) >> 64 << 64, 64)))
