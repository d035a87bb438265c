"""The one writer: jobs that wait are committed together (group commit). Small transactions are made in the loop and only
committed by a thread; large ones are left to the thread as a whole."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeVar

import apsw

from glideim.kernel.errors import StoreUnavailableError

from .connection import BUSY_TIMEOUT_MS, PAGE_BYTES, translate

T = TypeVar("T")

Work = Callable[[apsw.Connection], T | "Refusal"]
"""What a job does inside the transaction. If it raises, nothing it did is kept; to refuse without having
changed anything it returns a Refusal, which costs its neighbours nothing."""


class Refusal(NamedTuple):
    """An error that is the result of a job which changed nothing."""

    error: Exception


class Job(NamedTuple):
    """Work, how many rows it weighs, whether it may weigh more than that, whether it can wait for others to share their
    transaction with, and who waits for it."""

    work: Work[Any]
    rows: int
    large: bool
    patient: bool
    future: asyncio.Future[Any]


class Outcome(NamedTuple):
    """What became of a job."""

    job: Job
    result: Any
    error: Exception | None


Task = Callable[[], Sequence[Outcome]]
"""What the thread is handed, and hands back."""

SLOW, SLOW_ROW = 0.01, 50e-6
"""Seconds, and as many more for each row. A transaction that took the loop longer had to wait for the disk, or for somebody."""
AVOIDED = 1.0
"""Seconds during which the thread then makes them."""
PATIENCE = 0.005
"""Seconds that jobs which can wait do so for others. Without it they would have a transaction of their own whenever one
ends, and the next messages, which come a moment later, would wait for that one first."""


@dataclass
class WriterLimits:
    """Bounds of the queue and of one transaction."""

    queued_jobs: int = 10_000
    queued_rows: int = 200_000
    transaction_jobs: int = 512
    transaction_rows: int = 8192
    near_rows: int = 512
    """Most rows of a transaction that the loop makes itself."""
    wal_bytes: int = 64 * 1024 * 1024
    """Above this size of the log the writer itself waits for a whole checkpoint and starts the log over: a
    passive one never catches up with constant load."""
    checkpoint_bytes: int = 16 * 1024 * 1024
    """Growth of the log after which the checkpointer is woken before its time."""


class Writer:
    """Queue, thread and connection for everything that changes the database.

    While one transaction is being committed the next jobs gather; all of them (within limits) share the next
    transaction, and one call brings all results back to the loop.

    Each statement gives up the interpreter and has to win it back, for which a thread waits milliseconds beside a busy
    loop. So the loop makes small transactions itself: it takes the interpreter from nobody, and the disk is not touched
    until they are committed, which is left to the thread. As soon as one takes long the thread makes them for a while.
    The connection belongs to the thread from when it is handed something until the loop is told of the outcomes, and to
    the loop otherwise.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        loop: asyncio.AbstractEventLoop,
        wake_checkpointer: Callable[[], None],
        limits: WriterLimits,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._connection = connection
        self._loop = loop
        self._wake_checkpointer = wake_checkpointer
        self._clock = clock
        self.limits = limits
        self._waiting: deque[Job] = deque()
        self._urgent = 0
        """Jobs among them that cannot wait for others."""
        self._patience: asyncio.TimerHandle | None = None
        self._busy = False
        """Whether a transaction is under way."""
        self._idle: asyncio.Future[None] | None = None
        self._closing = False
        self._avoided_until = float("-inf")
        self._handed: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self.queued_jobs = 0
        self.queued_rows = 0
        self.transactions = 0
        self.near = 0
        """Transactions that the loop made."""
        self.slow = 0
        """Those of them that took long."""
        self.rows = 0
        self.retried = 0
        self.failures = 0
        self.restarts = 0
        self.wal_pages = 0
        self._woken_at = 0
        self._restart_at = self.limits.wal_bytes // PAGE_BYTES

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    # --- in the loop --------------------------------------------------------------------------------------

    async def run(
        self, work: Work[T], rows: int = 1, *, large: bool = False, patient: bool = False
    ) -> T:
        """Do the work in a transaction; returns once it is committed.

        Raises what the work raised or refused with, or StoreUnavailableError: the queue is full, the disk
        cannot take it, or the store is closed. A caller that is cancelled does not undo the work. `rows` is what it
        weighs; what may change many rows more is `large`, and never made by the loop. What is `patient` shares the
        transaction of what comes within `PATIENCE`, before it.
        """
        limits = self.limits
        if self._closing:
            raise StoreUnavailableError("the store is closed")
        if self.queued_jobs >= limits.queued_jobs or self.queued_rows + rows > limits.queued_rows:
            raise StoreUnavailableError("too much waits to be written")
        future: asyncio.Future[T] = self._loop.create_future()
        self.queued_jobs += 1
        self.queued_rows += rows
        self._waiting.append(Job(work, rows, large, patient, future))
        self._urgent += not patient
        if not self._busy:
            self._go_on()
        try:
            return await future
        finally:
            # Otherwise an error would know this frame, which knows it: garbage that only the collector finds.
            del future

    async def close(self) -> None:
        """Commit what was queued, then end the thread; the connection is left open."""
        if self._closing:
            return
        self._closing = True
        if not self._busy:
            self._go_on()
        if self._busy:
            self._idle = self._loop.create_future()
            await self._idle
        self._handed.put(None)
        await self._loop.run_in_executor(None, self._thread.join)

    def _go_on(self) -> None:
        """Begin with what waits, unless all of it can wait for more."""
        if self._urgent or (self._waiting and self._closing):
            self._begin()
            return
        self._busy = False
        if self._waiting:
            if self._patience is None:
                self._patience = self._loop.call_later(PATIENCE, self._begin)
        elif self._idle is not None:
            self._idle.set_result(None)

    def _begin(self) -> None:
        """Make the next transaction, or have it made."""
        self._busy = True
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        jobs = self._gather()
        made = None
        if self._is_small(jobs) and self._clock() >= self._avoided_until:
            made = self._make(jobs)
        if made is not None:
            self._handed.put(partial(self._commit_made, made))
        else:
            self._handed.put(partial(self._commit, jobs))

    def _gather(self) -> list[Job]:
        """Jobs for the next transaction, at least one."""
        limits, waiting = self.limits, self._waiting
        jobs: list[Job] = []
        rows = 0
        while waiting and len(jobs) < limits.transaction_jobs and rows < limits.transaction_rows:
            job = waiting.popleft()
            jobs.append(job)
            rows += job.rows
            self._urgent -= not job.patient
        return jobs

    def _is_small(self, jobs: Sequence[Job]) -> bool:
        return sum(job.rows for job in jobs) <= self.limits.near_rows and not any(
            job.large for job in jobs
        )

    def _make(self, jobs: Sequence[Job]) -> Sequence[Outcome] | None:
        """A transaction up to its commit, or nothing done: the thread can wait for a lock and sort out whose fault it
        is."""
        began = self._clock()
        # Whoever has to wait for a lock must not do so here.
        self._connection.set_busy_timeout(0)
        outcomes, failed = self._work(jobs)
        self.near += 1
        now = self._clock()
        if now - began > SLOW + SLOW_ROW * sum(job.rows for job in jobs):
            self.slow += 1
            self._avoided_until = now + AVOIDED
        return outcomes if failed is None else None

    def _deliver(self, outcomes: Sequence[Outcome]) -> None:
        """The connection is the loop's again."""
        for job, result, error in outcomes:
            self.queued_jobs -= 1
            self.queued_rows -= job.rows
            self.rows += job.rows if error is None else 0
            if job.future.cancelled():
                continue
            if error is not None:
                job.future.set_exception(error)
            else:
                job.future.set_result(result)
        # After a restart nothing is to be looked at: until the next commit the log claims its old length.
        if outcomes and self._log_is_full():
            self._handed.put(self._restart_wal)
        else:
            self._go_on()

    # --- in the thread ------------------------------------------------------------------------------------

    def _run(self) -> None:
        while (task := self._handed.get()) is not None:
            outcomes = task()
            try:
                self._loop.call_soon_threadsafe(self._deliver, outcomes)
            except RuntimeError:
                return  # the loop was closed over our head: nobody waits any more

    def _commit_made(self, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
        """Commit what the loop made."""
        if (error := self._end()) is None:
            return outcomes
        self.failures += 1
        return [Outcome(outcome.job, None, error) for outcome in outcomes]

    def _commit(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Commit all jobs together. One that fails is set aside, the others start over without it; then it is
        tried on its own, so that what it is told is true of what is stored."""
        self._connection.set_busy_timeout(BUSY_TIMEOUT_MS)
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
        outcomes, failed = self._work(jobs)
        if failed is None and (error := self._end()) is not None:
            failed = Outcome(jobs[-1], None, error)
        if failed is None:
            return outcomes, None
        self.failures += 1
        return [], failed

    # --- in either ----------------------------------------------------------------------------------------

    def _work(self, jobs: Sequence[Job]) -> tuple[list[Outcome], Outcome | None]:
        """Begin a transaction and run jobs in it: their outcomes, or nothing done and the one that failed."""
        connection = self._connection
        outcomes: list[Outcome] = []
        job = jobs[0]
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in jobs:
                result = job.work(connection)
                refused = result.error if isinstance(result, Refusal) else None
                outcomes.append(Outcome(job, None if refused else result, refused))
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for the job
            return [], Outcome(job, None, self._roll_back(translate(error)))
        return outcomes, None

    def _end(self) -> Exception | None:
        """Commit the transaction, or say why it was undone."""
        try:
            self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for the job
            return self._roll_back(translate(error))
        self.transactions += 1
        return None

    def _roll_back(self, error: Exception) -> Exception:
        """Undo the transaction, if there still is one; the error to report."""
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except apsw.Error as worse:
                return translate(worse)
        return error

    # --- the log ------------------------------------------------------------------------------------------

    def _log_is_full(self) -> bool:
        """Whether the log is to be started over. Wakes the checkpointer when it grew."""
        try:
            pages, _ = self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP)
        except apsw.Error:
            return False
        self.wal_pages = pages
        if pages < self._woken_at:
            self._woken_at = 0  # the log was started over
        if (pages - self._woken_at) * PAGE_BYTES > self.limits.checkpoint_bytes:
            self._woken_at = pages
            self._wake_checkpointer()
        return pages > self._restart_at

    def _restart_wal(self) -> Sequence[Outcome]:
        """Copy the whole log and start it over. RESTART, not TRUNCATE: overwriting a log that keeps its size is
        cheaper to sync than one that grows again."""
        limit = self.limits.wal_bytes // PAGE_BYTES
        self._connection.set_busy_timeout(BUSY_TIMEOUT_MS)
        try:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_RESTART)
        except apsw.Error:
            # A reader or the disk stands in the way: again when it has grown by a quarter.
            self._restart_at = self.wal_pages + limit // 4
        else:
            self.restarts += 1
            self._restart_at = limit
        return ()
