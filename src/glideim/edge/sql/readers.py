"""Threads that read, each with a connection of its own: history never waits for a commit."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import apsw

from glideim.kernel.errors import StoreUnavailableError

from .connection import translate

T = TypeVar("T")

Query = Callable[[apsw.Connection], T]

_TOGETHER = 64
"""Reads whose results return to the loop in one call."""


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
        queued: int = 10_000,
    ) -> None:
        self._loop = loop
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
        return await future

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
