"""Follows the message log: whatever was committed is seen, in order, whichever process dies."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence

from msgspec import Struct

from glideim.kernel.errors import StoreUnavailableError
from glideim.protocol.records import Message

from .ports import DeadLetter, Delivery, HookStore, Log

log = logging.getLogger("glideim.push")

BATCH = 100
"""Messages read at once."""
GROWING = 4
"""`status` of a message whose stream is not finished."""
GROWING_HOOK = -1
"""What waits under this number waits for its stream to end."""
GROWING_MOST = 1000
"""Growing messages looked after at once."""
LOOKS_BETWEEN = 10
"""Batches after which a busy follower looks after growing messages, too."""
POLL = 0.5
"""Seconds between looks at a log in which nothing new stands, unless poked."""
GATHER = 0.02
"""Seconds between hearing of something new and looking at it: what comes meanwhile goes along."""
AFTER_FAILURE = 2.0
"""Seconds until the next try when the store does not answer."""


class Outcome(Struct, frozen=True):
    """What came of a batch: deliveries that wait now, and those that were given up."""

    queue: Sequence[Delivery] = ()
    bury: Sequence[DeadLetter] = ()


Handle = Callable[[Sequence[Message]], Awaitable[Outcome]]


class Follower:
    """Hands each batch of the log to `handle`, then moves its cursor; after a crash the last batch is handled
    again. One that never ran begins at the end of the log. `stored` is told of each outcome once it is kept.

    A message that still grows is set aside, in the database, and handled when it is whole: the log does not wait
    for it.
    """

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
        self._growing: dict[int, str] = {}
        self._since_look = 0

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
        waiting = await self._store.waiting(GROWING_HOOK, GROWING_MOST)
        self._growing = {int(d.body): d.ident for d in waiting if d.event == self._name}
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
        self._since_look += 1
        if self._growing and (not batch or self._since_look >= LOOKS_BETWEEN):
            await self._look_after_growing()
        if not batch:
            return False
        growing = {m.mid: self._set_aside(m) for m in batch if m.status == GROWING}
        outcome = await self._told([m for m in batch if m.status != GROWING])
        await self._keep(batch[-1].mid, outcome, growing.values())
        self._growing.update({mid: aside.ident for mid, aside in growing.items()})
        return True

    async def _told(self, messages: Sequence[Message]) -> Outcome:
        return await self._handle(messages) if messages else Outcome()

    async def _keep(self, mid: int, outcome: Outcome, aside: Iterable[Delivery] = ()) -> None:
        queue = (*outcome.queue, *aside)
        await self._store.advance(self._name, mid, queue=queue, bury=outcome.bury)
        self._cursor = mid
        if self._stored is not None:
            self._stored(outcome)

    def _set_aside(self, message: Message) -> Delivery:
        ident = f"growing-{self._name}-{message.mid}"
        return Delivery(GROWING_HOOK, ident, self._name, str(message.mid), message.send_at)

    async def _look_after_growing(self) -> None:
        """Handle what is whole now; a stream that was given up is no message any more."""
        self._since_look = 0
        asked = list(self._growing)[:GROWING_MOST]
        found = {message.mid: message for message in await self._log.by_mids(asked)}
        over = [mid for mid in asked if mid not in found or found[mid].status != GROWING]
        if over:
            outcome = await self._told([found[mid] for mid in over if mid in found])
            await self._keep(self.cursor, outcome)
        for mid in over:
            await self._store.settle(self._growing[mid])
            del self._growing[mid]

    async def _wait(self) -> None:
        # Not wait_for: in Python 3.11 it swallows a cancellation that comes together with the news.
        try:
            async with asyncio.timeout(POLL):
                await self._news.wait()
        except TimeoutError:
            return
        await self._pause(GATHER)
