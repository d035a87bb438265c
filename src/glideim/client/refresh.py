"""Keeps a token fresh, long before it expires."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from .errors import ClientError
from .store import Credentials
from .timers import Timer, Timers

SOONEST = 60.0
"""Seconds between two tries."""
LATEST = 24 * 3600.0
"""Seconds: no timer is set for longer; it looks again then."""


class Refresher:
    """Refreshes at half of a token's life, and again and again if that fails."""

    def __init__(self, timers: Timers, refresh: Callable[[], Awaitable[Credentials]]) -> None:
        self._timers = timers
        self._refresh = refresh
        self._timer: Timer | None = None
        self._task: asyncio.Task[None] | None = None

    def watch(self, credentials: Credentials) -> None:
        """Look after these credentials from now on."""
        self._cancel_timer()
        if credentials.expires_at:
            middle = (credentials.obtained_at + credentials.expires_at) / 2
            self._again_in((middle - self._timers.now_ms()) / 1000, credentials)

    def stop(self) -> None:
        """Stop looking after any."""
        self._cancel_timer()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    def _again_in(self, seconds: float, credentials: Credentials) -> None:
        wait = min(max(seconds, 0.0), LATEST)

        def due() -> None:
            if seconds > LATEST:
                self.watch(credentials)
            elif self._task is None or self._task.done():
                self._task = asyncio.get_running_loop().create_task(self._run(credentials))

        self._timer = self._timers.call_at(self._timers.monotonic() + wait, due)

    async def _run(self, credentials: Credentials) -> None:
        try:
            fresh = await self._refresh()
        except ClientError:
            self._cancel_timer()
            self._task = None
            self._again_in(SOONEST, credentials)
        else:
            self.watch(fresh)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
