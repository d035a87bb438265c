"""Threads that read, each with a connection of its own: history never waits for a commit. And small reads, which the
loop makes itself while that is quicker than to hand them over."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import apsw

from glideim.kernel.errors import StoreUnavailableError

from .connection import translate

T = TypeVar("T")

Query = Callable[[apsw.Connection], T]

_TOGETHER = 64
"""Reads whose results return to the loop in one call."""


SMALL = 256
"""Rows looked up by their key that still count as a small read: 5 to 10 µs each."""
SLOW = 0.01
"""Seconds. A small read that took longer had to wait for the disk, or for somebody."""
AVOIDED = 1.0
"""Seconds during which the loop then leaves reads to the threads."""


class Near:
    """The loop's own connection. To hand a read to a thread and its result back costs several changes of threads in one
    interpreter, which is many times what it takes to look up a few rows that are in memory. As soon as one takes long
    the threads read for a while, so a slow disk holds the loop up no more than once a second."""

    def __init__(
        self, connection: apsw.Connection, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        # Whoever has to wait for a lock must not do so here.
        connection.set_busy_timeout(0)
        self._connection = connection
        self._clock = clock
        self._avoided_until = float("-inf")
        self.reads = 0
        self.slow = 0

    @property
    def avoided(self) -> bool:
        """Whether the last one that took long was a moment ago."""
        return self._clock() < self._avoided_until

    def read(self, query: Query[T]) -> T:
        """The query's result. Raises apsw.Error."""
        began = self._clock()
        self.reads += 1
        try:
            return query(self._connection)
        finally:
            now = self._clock()
            if now - began > SLOW:
                self.slow += 1
                self._avoided_until = now + AVOIDED


class _Read(NamedTuple):
    query: Query[Any]
    future: asyncio.Future[Any]


class Readers:
    """A bounded queue of reads, served by a few threads."""

    def __init__(
        self,
        connections: Sequence[apsw.Connection],
        loop: asyncio.AbstractEventLoop,
        *,
        near: Near | None = None,
        queued: int = 10_000,
    ) -> None:
        self._loop = loop
        self.near = near
        self.limit = queued
        self._queue: queue.SimpleQueue[_Read | None] = queue.SimpleQueue()
        self._closing = False
        self._threads = [
            threading.Thread(target=self._serve, args=(c,), name=f"sqlite-reader-{n}", daemon=True)
            for n, c in enumerate(connections, 1)
        ]
        self.queued = 0
        self.reads = 0

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    async def run(self, query: Query[T]) -> T:
        """The query's result, from a state of the database that is no older than this call.

        Raises StoreUnavailableError: too many reads wait, the disk fails, or the store is closed.
        """
        if self._closing:
            raise StoreUnavailableError("the store is closed")
        if self.queued >= self.limit:
            raise StoreUnavailableError("too many reads wait")
        future: asyncio.Future[T] = self._loop.create_future()
        self.queued += 1
        self._queue.put(_Read(query, future))
        try:
            return await future
        finally:
            # Otherwise an error would know this frame, which knows it: garbage that only the collector finds.
            del future

    async def look_up(self, query: Query[T], rows: int) -> T:
        """The same for a query that finds so many rows by their keys: if they are few, at once and in the loop."""
        near = self.near
        if near is not None and rows <= SMALL and not self._closing and not near.avoided:
            try:
                return near.read(query)
            except Exception as error:  # noqa: BLE001 - handed on, or tried again by a thread
                # A thread can wait for a lock; the loop cannot.
                if not isinstance(error, apsw.BusyError):
                    raise translate(error) from None
        return await self.run(query)

    async def close(self) -> None:
        """Serve what was queued, then end the threads; the connections are left open."""
        if self._closing:
            return
        self._closing = True
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            await self._loop.run_in_executor(None, thread.join)

    def _serve(self, connection: apsw.Connection) -> None:
        ending = False
        while not ending:
            reads, ending = self._gather()
            if not reads:
                continue
            results = [(read.future, *_answer(connection, read.query)) for read in reads]
            try:
                self._loop.call_soon_threadsafe(self._deliver, results)
            except RuntimeError:
                return  # the loop was closed over our head: nobody waits any more

    def _gather(self) -> tuple[list[_Read], bool]:
        """This thread's fair share of the reads that wait, at least one unless it is to end."""
        read = self._queue.get()
        reads: list[_Read] = []
        share = min(_TOGETHER, self._queue.qsize() // len(self._threads) + 1)
        while read is not None:
            reads.append(read)
            if len(reads) >= share:
                return reads, False
            try:
                read = self._queue.get_nowait()
            except queue.Empty:
                return reads, False
        return reads, True

    def _deliver(
        self, results: Sequence[tuple[asyncio.Future[Any], Any, Exception | None]]
    ) -> None:
        for future, result, error in results:
            self.queued -= 1
            self.reads += 1
            if future.cancelled():
                continue
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)


def _answer(connection: apsw.Connection, query: Query[Any]) -> tuple[Any, Exception | None]:
    try:
        return query(connection), None
    except Exception as error:  # noqa: BLE001 - handed to whoever waits for the read
        return None, translate(error)
