"""When people were last seen: known at once in memory, stored a little later, many at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping

from glideim.kernel.errors import StoreUnavailableError

from .ports import CallLater, PresenceStore, Timer

log = logging.getLogger(__name__)

SAVE_EVERY = 5.0
"""Seconds between writes: what a crash may forget."""


class LastSeen:
    """Times by person, bounded: beyond `most` those noted longest ago are known only to the store."""

    def __init__(
        self, store: PresenceStore, call_later: CallLater, *, most: int, at_once: int
    ) -> None:
        self._store = store
        self._call_later = call_later
        self._most = most
        self._at_once = at_once
        self._times: dict[int, int] = {}
        self._unsaved: dict[int, int] = {}
        self._timer: Timer | None = None
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._times)

    @property
    def unsaved(self) -> int:
        """How many wait to be stored."""
        return len(self._unsaved)

    def get(self, uid: int) -> int | None:
        """Unix milliseconds, or None if only the store may know."""
        return self._times.get(uid)

    def note(self, uid: int, at: int) -> None:
        """Somebody is, or was a moment ago, here."""
        for table in (self._times, self._unsaved):
            table.pop(uid, None)
            table[uid] = at
            if len(table) > self._most:
                del table[next(iter(table))]
        self._schedule()

    async def close(self) -> None:
        """Store what was not stored yet."""
        self._stop_timer()
        if self._task is not None:
            await self._task
        await self._save()
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _schedule(self) -> None:
        if self._timer is None and (self._task is None or self._task.done()):
            self._timer = self._call_later(SAVE_EVERY, self._due)

    def _due(self) -> None:
        self._timer = None
        self._task = asyncio.get_running_loop().create_task(self._save(), name="last seen")
        self._task.add_done_callback(self._saved)

    def _saved(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and self._unsaved:
            self._schedule()

    async def _save(self) -> None:
        waiting, self._unsaved = self._unsaved, {}
        for part in _parts(waiting, self._at_once):
            try:
                await self._store.save_seen(part)
            except StoreUnavailableError as error:
                log.warning("when people were last seen could not be stored: %s", error)
                # Whoever was seen again meanwhile has a newer time in there already.
                self._unsaved = {**waiting, **self._unsaved}
                return
            for uid in part:
                del waiting[uid]


def _parts(table: Mapping[int, int], size: int) -> Iterator[dict[int, int]]:
    rows = list(table.items())
    for start in range(0, len(rows), size):
        yield dict(rows[start : start + size])
