"""Token buckets: how often somebody may do something."""

from __future__ import annotations

from msgspec import Struct

from .clock import Clock


class Rule(Struct, frozen=True):
    """A bucket holds `burst` and gains `per_second`; each act takes one."""

    name: str
    burst: float
    per_second: float


REGISTER = Rule("register", 100, 1.0)
"""New accounts per address: an office behind one address does not meet it."""
LOGIN = Rule("login", 200, 10.0)
"""Sign-ins by password per address, good or bad: hashing is the server's dearest work."""
LOGIN_FAILED = Rule("login_failed", 10, 1 / 6)
"""Failed passwords per account and address."""
API = Rule("api", 200, 50.0)
"""API calls per person; per address before sign-in."""
SEND = Rule("send", 300, 60.0)
"""Messages per person."""

KEYS = 100_000
"""Buckets remembered; beyond it the half that was used longest ago is forgotten, which fills them."""


class RateLimiter:
    """Buckets by rule and key. O(1) an act, bounded in memory; belongs to one event loop."""

    def __init__(self, clock: Clock, *, enabled: bool = True, keys: int = KEYS) -> None:
        self._now = clock.monotonic
        self._enabled = enabled
        self._half = max(1, keys // 2)
        self._young: dict[tuple[str, object], tuple[float, float]] = {}
        self._old: dict[tuple[str, object], tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def allow(self, rule: Rule, key: object) -> bool:
        """Take one from the bucket of `key`; False, and nothing taken, when it is empty."""
        if not self._enabled:
            return True
        left, now = self._level(rule, key)
        if left < 1.0:
            return False
        self._keep(rule, key, left - 1.0, now)
        return True

    def exhausted(self, rule: Rule, key: object) -> bool:
        """Whether the bucket is empty; takes nothing."""
        return self._enabled and self._level(rule, key)[0] < 1.0

    def _level(self, rule: Rule, key: object) -> tuple[float, float]:
        now = self._now()
        slot = (rule.name, key)
        known = self._young.get(slot) or self._old.get(slot)
        if known is None:
            return rule.burst, now
        level, at = known
        return min(rule.burst, level + (now - at) * rule.per_second), now

    def _keep(self, rule: Rule, key: object, level: float, now: float) -> None:
        self._young[rule.name, key] = (level, now)
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
