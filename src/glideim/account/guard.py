"""Limits on tokens that are not valid: each costs a look-up in the store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from glideim.kernel.errors import RequestError
from glideim.kernel.ratelimit import BAD_TOKEN, RateLimiter, network_of
from glideim.protocol.codes import ErrorCode


class BadTokens:
    """Counts them per address. Only failures count: a crowd behind one address comes back after a restart with
    good tokens, all at once."""

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter = limiter

    @contextmanager
    def guard(self, address: str) -> Iterator[None]:
        """Around the look-up of a token. Raises RequestError `rate_limited` before it when too many were bad; what
        the look-up refuses counts. The empty address is nobody's, and not limited."""
        network = network_of(address)
        if not network:
            yield
            return
        if not self._limiter.allow(BAD_TOKEN, network):
            raise RequestError(ErrorCode.RATE_LIMITED, "too many bad tokens from this address")
        self._limiter.give_back(BAD_TOKEN, network)
        try:
            yield
        except RequestError:
            self._limiter.allow(BAD_TOKEN, network)
            raise
