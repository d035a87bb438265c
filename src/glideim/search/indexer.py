"""Follows the log of messages into the index, without getting in anybody's way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from glideim.kernel.errors import StoreUnavailableError
from glideim.protocol.records import Message

from .ports import Cursors, Document, Log, SearchIndex
from .text import searchable

log = logging.getLogger("glideim.search")

GONE = frozenset((1, 3))
"""`status` of messages that have no content any more: recalled, expired."""
BATCH = 200
"""Messages indexed in one transaction."""
POLL = 1.0
"""Seconds between looks at a log in which nothing new stood."""
BUSY_PAUSE = 0.25
"""Seconds to wait while the server is busy; one batch goes through between any two of them, so that the index is
never left behind without bound by a server that is never idle."""
AFTER_FAILURE = 5.0
"""Seconds until the next try when a store does not answer."""

Pause = Callable[[float], Awaitable[None]]


class Indexer:
    """Keeps the index close behind the log. `busy` says whether others need the machine more."""

    def __init__(
        self,
        index: SearchIndex,
        messages: Log,
        busy: Callable[[], bool],
        *,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._index = index
        self._log = messages
        self._busy = busy
        self._pause = pause
        self._lock = asyncio.Lock()
        self._cursors: Cursors | None = None
        self.indexed = 0
        self.rebuilt = 0

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            try:
                more = await self.step()
            except StoreUnavailableError as error:
                log.warning("messages could not be indexed for search: %s", error)
                await self._pause(AFTER_FAILURE)
                continue
            if not more:
                await self._pause(POLL)
            elif self._busy():
                await self._pause(BUSY_PAUSE)
            else:
                await self._pause(0)

    async def step(self) -> bool:
        """Index one batch; whether there may be more. Raises StoreUnavailableError."""
        async with self._lock:
            try:
                return await self._step()
            except StoreUnavailableError:
                # The index may have been made anew: ask it where it stands.
                self._cursors = None
                raise

    async def _step(self) -> bool:
        at = self._cursors or await self._begin()
        changes = await self._log.changes(at.change, BATCH)
        messages = await self._log.log(at.mid, BATCH)
        if messages or changes:
            latest = {m.mid: m for m in messages}
            # Changes after the log: of a message in both, either is as it is now or will be changed again.
            latest.update((m.mid, m) for _, m in changes)
            at = Cursors(
                messages[-1].mid if messages else at.mid, changes[-1][0] if changes else at.change
            )
            found = {mid: document(m) for mid, m in latest.items()}
            kept = [d for d in found.values() if d is not None]
            await self._index.put(kept, [mid for mid, d in found.items() if d is None], at)
            self.indexed += len(kept)
        self._cursors = at
        return len(messages) == BATCH or len(changes) == BATCH

    async def _begin(self) -> Cursors:
        """Where the index stands. One that knows more than the store belongs to another, or to one that was put
        back to an earlier day: it is made anew."""
        at = await self._index.cursors()
        if at.mid > await self._log.highest_mid() or at.change > await self._log.last_change():
            log.warning("the search index does not fit the messages and is made anew")
            self.rebuilt += 1
            await self._index.clear()
            return Cursors()
        return at


def document(message: Message) -> Document | None:
    """What is indexed of a message; None: nothing (system messages, erased ones)."""
    if message.type < 0 or message.status in GONE or message.content is None:
        return None
    return Document(
        message.mid,
        message.conv,
        message.seq,
        message.from_,
        message.type,
        message.send_at,
        searchable(message.type, message.content),
    )
