"""Follows the message log: whatever was committed is seen, in order, whichever process dies."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct

from glideim.kernel.errors import StoreUnavailableError
from glideim.protocol.records import Message

from .ports import DeadLetter, Delivery, HookStore, Log

log = logging.getLogger("glideim.push")

BATCH = 100
"""Messages read at once."""
POLL = 0.5
"""Seconds between looks at a log in which nothing new stands, unless poked."""
AFTER_FAILURE = 2.0
"""Seconds until the next try when the store does not answer."""


class Outcome(Struct, frozen=True):
    """What came of a batch: deliveries that wait now, and those that were given up."""

    queue: Sequence[Delivery] = ()
    bury: Sequence[DeadLetter] = ()


Handle = Callable[[Sequence[Message]], Awaitable[Outcome]]


class Follower:
    """Hands each batch of the log to `handle`, then moves its cursor; after a crash the last batch is handled
    again. One that never ran begins at the end of the log. `stored` is told of each outcome once it is kept."""

    def __init__(
        self,
        name: str,
        messages: Log,
        store: HookStore,
        handle: Handle,
        *,
        stored: Callable[[Outcome], None] | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._name = name
        self._log = messages
        self._store = store
        self._handle = handle
        self._stored = stored
        self._pause = pause
        self._cursor: int | None = None
        self._news = asyncio.Event()

    @property
    def cursor(self) -> int:
        """`mid` up to which everything was handled."""
        return self._cursor or 0

    def poke(self) -> None:
        """Something was committed: look now."""
        self._news.set()

    async def begin(self, *, at_end: bool = False) -> None:
        """Find the place to go on from: with `at_end` it is the end, whatever was handled. Raises
        StoreUnavailableError."""
        cursor = None if at_end else await self._store.cursor(self._name)
        if cursor is None:
            cursor = await self._log.highest_mid()
            await self._store.advance(self._name, cursor)
        self._cursor = cursor

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            try:
                if not await self.step():
                    await self._wait()
            except StoreUnavailableError as error:
                log.warning("%s waits for the store: %s", self._name, error)
                await self._pause(AFTER_FAILURE)
            except Exception:
                # Going on with the next batch would skip what was promised.
                log.exception("%s failed after mid %d; it tries again", self._name, self.cursor)
                await self._pause(AFTER_FAILURE)

    async def step(self) -> bool:
        """Handle the next batch; False when there is none. Raises StoreUnavailableError."""
        self._news.clear()
        if self._cursor is None:
            await self.begin()
        batch = await self._log.log(self.cursor, BATCH)
        if not batch:
            return False
        outcome = await self._handle(batch)
        await self._store.advance(self._name, batch[-1].mid, queue=outcome.queue, bury=outcome.bury)
        self._cursor = batch[-1].mid
        if self._stored is not None:
            self._stored(outcome)
        return True

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._news.wait(), POLL)
        except TimeoutError:
            return
