"""The writer: jobs that wait share a transaction, and one that fails harms nobody."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import apsw
import pytest

from glideim.edge.sql.connection import Durability, open_writer
from glideim.edge.sql.writer import AVOIDED, SLOW, Refusal, Writer, WriterLimits
from glideim.kernel.errors import StoreUnavailableError

Insert = Callable[[apsw.Connection], None]


class Writing(Protocol):
    """Opens a writer with such limits in a directory."""

    def __call__(self, directory: Path, **limits: int) -> AbstractAsyncContextManager[Fixture]: ...


class Fixture:
    """A writer on a table `t (x UNIQUE)`, and a gate that can hold its thread up."""

    def __init__(
        self, file: Path, limits: WriterLimits, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.connection = open_writer(file, Durability.RELAXED)
        self.connection.execute("CREATE TABLE t (x UNIQUE)")
        self.woken = 0
        loop = asyncio.get_running_loop()
        self.writer = Writer(self.connection, loop, self._wake, limits, clock)
        self.writer.start()
        self.gate = threading.Event()

    def _wake(self) -> None:
        self.woken += 1

    async def hold(self) -> asyncio.Future[None]:
        """Keep the thread busy until the gate is opened, so that what is queued meanwhile gathers."""
        loop = asyncio.get_running_loop()
        entered = loop.create_future()

        def wait(_connection: apsw.Connection) -> None:
            loop.call_soon_threadsafe(entered.set_result, None)
            self.gate.wait(10)

        holding = asyncio.ensure_future(self.writer.run(wait, large=True))
        await entered
        return holding

    def values(self) -> list[int]:
        return [int(row[0]) for row in self.connection.execute("SELECT x FROM t ORDER BY x")]


@pytest.fixture(params=[0, 512], ids=["thread", "loop"])
def writing(request: pytest.FixtureRequest) -> Writing:
    """Opens writers whose small transactions are made by the thread, then by the loop."""
    near_rows: int = request.param

    @asynccontextmanager
    async def opened(directory: Path, **limits: int) -> AsyncIterator[Fixture]:
        fixture = Fixture(directory / "test.db", WriterLimits(near_rows=near_rows, **limits))
        try:
            yield fixture
        finally:
            fixture.gate.set()
            await fixture.writer.close()
            fixture.connection.close()

    return opened


def insert(*values: int) -> Insert:
    def work(connection: apsw.Connection) -> None:
        for value in values:
            connection.execute("INSERT INTO t VALUES (?)", (value,))

    return work


async def queued(fixture: Fixture, *jobs: Insert) -> list[object]:
    """What becomes of jobs that wait together."""
    holding = await fixture.hold()
    tasks = [asyncio.ensure_future(fixture.writer.run(job)) for job in jobs]
    await asyncio.sleep(0)
    fixture.gate.set()
    await holding
    return list(await asyncio.gather(*tasks, return_exceptions=True))


async def test_jobs_that_wait_share_a_transaction(tmp_path: Path, writing: Writing) -> None:
    async with writing(tmp_path) as fixture:
        assert await queued(fixture, *(insert(n) for n in range(50))) == [None] * 50
        assert fixture.writer.transactions <= 2
        assert fixture.values() == list(range(50))


async def test_a_job_that_fails_harms_nobody(tmp_path: Path, writing: Writing) -> None:
    async with writing(tmp_path) as fixture:
        outcomes = await queued(fixture, insert(1), insert(2, 1), insert(3), insert(3), insert(4))
        assert [type(outcome) for outcome in outcomes] == [
            type(None),
            apsw.ConstraintError,
            type(None),
            apsw.ConstraintError,
            type(None),
        ]
        assert fixture.values() == [1, 3, 4]


async def test_a_job_that_fails_is_judged_by_what_is_stored(
    tmp_path: Path, writing: Writing
) -> None:
    """The second is in the way of the first only until that fails itself: nothing of it is stored then."""
    attempts = 0

    def first(connection: apsw.Connection) -> None:
        nonlocal attempts
        attempts += 1
        if attempts > 1:
            raise LookupError("no longer")
        insert(1)(connection)

    async with writing(tmp_path) as fixture:
        outcomes = await queued(fixture, first, insert(1), insert(3))
        assert [type(outcome) for outcome in outcomes] == [LookupError, type(None), type(None)]
        assert fixture.values() == [1, 3]


async def test_a_refusal_disturbs_no_transaction(tmp_path: Path, writing: Writing) -> None:
    def refuse(_connection: apsw.Connection) -> Refusal | None:
        return Refusal(LookupError("no"))

    async with writing(tmp_path) as fixture:
        holding = await fixture.hold()
        good = asyncio.ensure_future(fixture.writer.run(insert(1)))
        bad = asyncio.ensure_future(fixture.writer.run(refuse))
        await asyncio.sleep(0)
        fixture.gate.set()
        await holding
        await good
        with pytest.raises(LookupError):
            await bad
        assert fixture.writer.failures == 0
        assert fixture.values() == [1]


async def test_the_queue_is_bounded_by_jobs(tmp_path: Path, writing: Writing) -> None:
    async with writing(tmp_path, queued_jobs=3) as fixture:
        outcomes = await queued(fixture, insert(1), insert(2), insert(3), insert(4))
        assert [type(outcome) for outcome in outcomes] == [type(None)] * 2 + [
            StoreUnavailableError
        ] * 2
        assert fixture.values() == [1, 2]
        assert fixture.writer.queued_jobs == 0
        await fixture.writer.run(insert(5))


async def test_the_queue_is_bounded_by_rows(tmp_path: Path, writing: Writing) -> None:
    async with writing(tmp_path, queued_rows=10) as fixture:
        with pytest.raises(StoreUnavailableError):
            await fixture.writer.run(insert(1), rows=11)
        await fixture.writer.run(insert(2), rows=10)
        assert fixture.values() == [2]
        assert fixture.writer.queued_rows == 0


@pytest.mark.parametrize("limits", [{"transaction_jobs": 10}, {"transaction_rows": 10}])
async def test_a_transaction_is_bounded(
    tmp_path: Path, writing: Writing, limits: dict[str, int]
) -> None:
    async with writing(tmp_path, **limits) as fixture:
        await queued(fixture, *(insert(n) for n in range(50)))
        assert fixture.writer.transactions >= 5
        assert fixture.values() == list(range(50))


async def test_a_full_disk_is_told_and_forgotten(tmp_path: Path, writing: Writing) -> None:
    async with writing(tmp_path) as fixture:
        await fixture.writer.run(insert(1))
        pages = fixture.connection.pragma("page_count")
        fixture.connection.pragma("max_page_count", pages + 2)
        large = insert(*range(100, 5000))
        outcomes = await queued(fixture, insert(2), large)
        assert [type(outcome) for outcome in outcomes] == [StoreUnavailableError] * 2
        fixture.connection.pragma("max_page_count", 1_000_000)
        await fixture.writer.run(insert(3))
        assert fixture.values() == [1, 3]


async def test_a_read_only_database_is_told_and_forgotten(tmp_path: Path, writing: Writing) -> None:
    async with writing(tmp_path) as fixture:
        fixture.connection.pragma("query_only", True)
        with pytest.raises(StoreUnavailableError, match="readonly"):
            await fixture.writer.run(insert(1))
        fixture.connection.pragma("query_only", False)
        await fixture.writer.run(insert(2))
        assert fixture.values() == [2]


async def test_a_caller_that_gives_up_harms_nobody(tmp_path: Path, writing: Writing) -> None:
    async with writing(tmp_path) as fixture:
        holding = await fixture.hold()
        gone, stays = (asyncio.ensure_future(fixture.writer.run(insert(n))) for n in (1, 2))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        fixture.gate.set()
        await holding
        await stays
        assert gone.cancelled()
        assert fixture.values() == [1, 2]


async def test_closing_commits_what_was_queued(tmp_path: Path, writing: Writing) -> None:
    async with writing(tmp_path) as fixture:
        holding = await fixture.hold()
        tasks = [asyncio.ensure_future(fixture.writer.run(insert(n))) for n in range(20)]
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(fixture.writer.close())
        await asyncio.sleep(0)
        fixture.gate.set()
        await closing
        await holding
        await asyncio.gather(*tasks)
        assert fixture.values() == list(range(20))
        with pytest.raises(StoreUnavailableError):
            await fixture.writer.run(insert(99))


async def test_the_log_is_started_over_before_it_grows_without_end(
    tmp_path: Path, writing: Writing
) -> None:
    async with writing(tmp_path, wal_bytes=256 * 1024, checkpoint_bytes=64 * 1024) as fixture:
        for n in range(100):
            await fixture.writer.run(insert(*range(n * 100, n * 100 + 100)))
        # The last jobs may still be looking after the log.
        await fixture.writer.close()
        assert fixture.writer.restarts > 0
        assert fixture.woken > 0
        assert (tmp_path / "test.db-wal").stat().st_size < 1024 * 1024


# --- transactions that the loop makes -----------------------------------------------------------------------


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = 0.0
        self.work = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def timed(directory: Path) -> AsyncIterator[tuple[Fixture, Clock, Insert]]:
    """A writer, the clock that it measures itself with, and a job that takes `clock.work` seconds."""
    clock = Clock()
    fixture = Fixture(directory / "test.db", WriterLimits(), clock)

    def job(connection: apsw.Connection) -> None:
        connection.execute("INSERT INTO t VALUES (NULL)")
        clock.now += clock.work

    try:
        yield fixture, clock, job
    finally:
        await fixture.writer.close()
        fixture.connection.close()


async def test_the_loop_makes_small_transactions(tmp_path: Path) -> None:
    threads: list[int] = []

    def note(_connection: apsw.Connection) -> None:
        threads.append(threading.get_ident())

    async with timed(tmp_path) as (fixture, _, _):
        await fixture.writer.run(note)
        await fixture.writer.run(note, large=True)
        assert threads[0] == threading.get_ident() != threads[1]
        assert (fixture.writer.transactions, fixture.writer.near) == (2, 1)


async def test_after_a_slow_one_the_thread_makes_them_for_a_while(tmp_path: Path) -> None:
    async with timed(tmp_path) as (fixture, clock, job):
        clock.work = 2 * SLOW
        await fixture.writer.run(job)
        clock.work = 0.0
        await fixture.writer.run(job)
        assert (fixture.writer.near, fixture.writer.slow) == (1, 1)
        clock.now += AVOIDED
        await fixture.writer.run(job)
        assert (fixture.writer.near, fixture.writer.slow) == (2, 1)
        assert fixture.writer.transactions == 3


async def test_the_loop_waits_for_no_lock(tmp_path: Path) -> None:
    """Somebody else writes: the thread waits for that, the loop goes on."""
    async with timed(tmp_path) as (fixture, _, job):
        other = open_writer(tmp_path / "test.db", Durability.RELAXED)
        other.execute("BEGIN IMMEDIATE")
        running = asyncio.ensure_future(fixture.writer.run(job))
        for _ in range(3):
            await asyncio.sleep(0)
        assert not running.done()
        other.execute("COMMIT")
        await running
        other.close()
        assert (fixture.writer.transactions, fixture.writer.near) == (1, 1)
        assert len(fixture.connection.execute("SELECT x FROM t").fetchall()) == 1


async def test_a_commit_that_fails_is_told_to_everybody(tmp_path: Path, writing: Writing) -> None:
    """Nothing of it is stored, and the next transaction is none the worse."""
    async with writing(tmp_path) as fixture:
        fixture.connection.pragma("foreign_keys", True)
        fixture.connection.execute(
            "CREATE TABLE child (x REFERENCES t (x) DEFERRABLE INITIALLY DEFERRED)"
        )

        def orphan(connection: apsw.Connection) -> None:
            connection.execute("INSERT INTO child VALUES (7)")

        with pytest.raises(apsw.ConstraintError):
            await fixture.writer.run(orphan)
        await fixture.writer.run(insert(7))
        assert fixture.values() == [7]
        assert fixture.writer.failures == 1


@pytest.fixture
def endless_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glideim.edge.sql.writer.PATIENCE", 3600.0)


@pytest.mark.usefixtures("endless_patience")
async def test_what_is_patient_goes_with_the_next_that_is_not(
    tmp_path: Path, writing: Writing
) -> None:
    async with writing(tmp_path) as fixture:
        holding = await fixture.hold()
        patient = asyncio.ensure_future(fixture.writer.run(insert(1), patient=True))
        await asyncio.sleep(0)
        fixture.gate.set()
        await holding
        assert not patient.done()
        await fixture.writer.run(insert(2))
        assert patient.done()
        assert (fixture.writer.transactions, fixture.values()) == (2, [1, 2])


async def test_what_is_patient_does_not_wait_for_ever(tmp_path: Path, writing: Writing) -> None:
    async with writing(tmp_path) as fixture:
        await asyncio.gather(*(fixture.writer.run(insert(n), patient=True) for n in range(3)))
        assert fixture.values() == [0, 1, 2]
        await fixture.writer.run(insert(3), patient=True)
        assert fixture.values() == [0, 1, 2, 3]


@pytest.mark.usefixtures("endless_patience")
async def test_closing_commits_what_is_patient(tmp_path: Path, writing: Writing) -> None:
    async with writing(tmp_path) as fixture:
        patient = asyncio.ensure_future(fixture.writer.run(insert(1), patient=True))
        await asyncio.sleep(0)
        await fixture.writer.close()
        assert patient.done()
        assert fixture.values() == [1]


@pytest.mark.usefixtures("endless_patience")
async def test_what_is_patient_keeps_its_place_and_is_not_harmed(
    tmp_path: Path, writing: Writing
) -> None:
    async with writing(tmp_path) as fixture:
        waiting = [
            asyncio.ensure_future(fixture.writer.run(insert(1), patient=True)),
            asyncio.ensure_future(fixture.writer.run(insert(2, 1))),
        ]
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [type(None), apsw.ConstraintError]
        assert fixture.values() == [1]
