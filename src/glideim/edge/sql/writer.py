"""The one thread that writes: jobs that wait are committed together (group commit)."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import apsw

from glideim.kernel.errors import StoreUnavailableError

from .connection import PAGE_BYTES, translate

T = TypeVar("T")

Work = Callable[[apsw.Connection], T | "Refusal"]
"""What a job does inside the transaction. If it raises, nothing it did is kept; to refuse without having
changed anything it returns a Refusal, which costs its neighbours nothing."""


class Refusal(NamedTuple):
    """An error that is the result of a job which changed nothing."""

    error: Exception


class Job(NamedTuple):
    """Work, how many rows it weighs, and who waits for it."""

    work: Work[Any]
    rows: int
    future: asyncio.Future[Any]


class Outcome(NamedTuple):
    """What became of a job."""

    job: Job
    result: Any
    error: Exception | None


@dataclass
class WriterLimits:
    """Bounds of the queue and of one transaction."""

    queued_jobs: int = 10_000
    queued_rows: int = 200_000
    transaction_jobs: int = 512
    transaction_rows: int = 8192
    wal_bytes: int = 64 * 1024 * 1024
    """Above this size of the log the writer itself waits for a whole checkpoint and starts the log over: a
    passive one never catches up with constant load."""
    checkpoint_bytes: int = 16 * 1024 * 1024
    """Growth of the log after which the checkpointer is woken before its time."""


class Writer:
    """Queue, thread and connection for everything that changes the database.

    While one transaction is being committed the next jobs gather; all of them (within limits) share the next
    transaction, and one call brings all results back to the loop.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        loop: asyncio.AbstractEventLoop,
        wake_checkpointer: Callable[[], None],
        limits: WriterLimits,
    ) -> None:
        self._connection = connection
        self._loop = loop
        self._wake_checkpointer = wake_checkpointer
        self.limits = limits
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self.queued_jobs = 0
        self.queued_rows = 0
        self.transactions = 0
        self.rows = 0
        self.retried = 0
        self.failures = 0
        self.restarts = 0
        self.wal_pages = 0
        self._woken_at = 0
        self._restart_at = self.limits.wal_bytes // PAGE_BYTES
        connection.set_wal_hook(self._note_wal)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    # --- in the loop --------------------------------------------------------------------------------------

    async def run(self, work: Work[T], rows: int = 1) -> T:
        """Do the work in a transaction; returns once it is committed.

        Raises what the work raised or refused with, or StoreUnavailableError: the queue is full, the disk
        cannot take it, or the store is closed. A caller that is cancelled does not undo the work.
        """
        limits = self.limits
        if self._closing:
            raise StoreUnavailableError("the store is closed")
        if self.queued_jobs >= limits.queued_jobs or self.queued_rows + rows > limits.queued_rows:
            raise StoreUnavailableError("too much waits to be written")
        future: asyncio.Future[T] = self._loop.create_future()
        self.queued_jobs += 1
        self.queued_rows += rows
        self._queue.put(Job(work, rows, future))
        return await future

    async def close(self) -> None:
        """Commit what was queued, then end the thread; the connection is left open."""
        if self._closing:
            return
        self._closing = True
        self._queue.put(None)
        await self._loop.run_in_executor(None, self._thread.join)

    def _deliver(self, outcomes: Sequence[Outcome]) -> None:
        for job, result, error in outcomes:
            self.queued_jobs -= 1
            self.queued_rows -= job.rows
            if job.future.cancelled():
                continue
            if error is not None:
                job.future.set_exception(error)
            else:
                job.future.set_result(result)

    # --- in the thread ------------------------------------------------------------------------------------

    def _run(self) -> None:
        ending = False
        while not ending:
            jobs, ending = self._gather()
            if not jobs:
                continue
            outcomes = self._commit(jobs)
            try:
                self._loop.call_soon_threadsafe(self._deliver, outcomes)
            except RuntimeError:
                return  # the loop was closed over our head: nobody waits any more
            self._look_after_wal()

    def _gather(self) -> tuple[list[Job], bool]:
        """Jobs for the next transaction, at least one unless the writer is to end; and whether it is."""
        limits = self.limits
        jobs: list[Job] = []
        rows = 0
        job = self._queue.get()
        while job is not None:
            jobs.append(job)
            rows += job.rows
            if rows >= limits.transaction_rows or len(jobs) >= limits.transaction_jobs:
                return jobs, False
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return jobs, False
        return jobs, True

    def _commit(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Commit all jobs together. One that fails is set aside, the others start over without it; then it is
        tried on its own, so that what it is told is true of what is stored."""
        outcomes: list[Outcome] = []
        aside: list[Job] = []
        together = list(jobs)
        while together:
            done, failed = self._transact(together)
            if failed is None:
                outcomes += done
                break
            if isinstance(failed.error, StoreUnavailableError):
                # The disk is full, or worse: it would be so for each of them.
                outcomes += [Outcome(job, None, failed.error) for job in together]
                break
            if len(jobs) == 1:
                outcomes.append(failed)
                break
            self.retried += 1
            aside.append(failed.job)
            together.remove(failed.job)
        for job in aside:
            done, failed = self._transact([job])
            outcomes += done if failed is None else [failed]
        return outcomes

    def _transact(self, jobs: Sequence[Job]) -> tuple[list[Outcome], Outcome | None]:
        """Run jobs in one transaction: their outcomes, or nothing done and the one that failed."""
        connection = self._connection
        outcomes: list[Outcome] = []
        job = jobs[0]
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in jobs:
                result = job.work(connection)
                refused = result.error if isinstance(result, Refusal) else None
                outcomes.append(Outcome(job, None if refused else result, refused))
            connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for the job
            self.failures += 1
            translated = self._roll_back(translate(error))
            return [], Outcome(job, None, translated)
        self.transactions += 1
        self.rows += sum(job.rows for job in jobs)
        return outcomes, None

    def _roll_back(self, error: Exception) -> Exception:
        """Undo the transaction, if there still is one; the error to report."""
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except apsw.Error as worse:
                return translate(worse)
        return error

    # --- the log ------------------------------------------------------------------------------------------

    def _note_wal(self, _connection: apsw.Connection, _schema: str, pages: int) -> int:
        self.wal_pages = pages
        return apsw.SQLITE_OK

    def _look_after_wal(self) -> None:
        pages = self.wal_pages
        if pages < self._woken_at:
            self._woken_at = 0  # the log was started over
        if (pages - self._woken_at) * PAGE_BYTES > self.limits.checkpoint_bytes:
            self._woken_at = pages
            self._wake_checkpointer()
        if pages > self._restart_at:
            self._restart_wal()

    def _restart_wal(self) -> None:
        """Copy the whole log and start it over. RESTART, not TRUNCATE: overwriting a log that keeps its size is
        cheaper to sync than one that grows again."""
        limit = self.limits.wal_bytes // PAGE_BYTES
        try:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_RESTART)
        except apsw.Error:
            # A reader or the disk stands in the way: again when it has grown by a quarter.
            self._restart_at = self.wal_pages + limit // 4
            return
        self.restarts += 1
        self._restart_at = limit
