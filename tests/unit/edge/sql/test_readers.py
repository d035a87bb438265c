"""Who reads: the loop what is small and quick, threads everything else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import pytest

from glideim.edge.sql.readers import AVOIDED, SLOW, SMALL, Near, Readers
from glideim.kernel.errors import StoreUnavailableError


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Setting:
    """Readers with one thread, and the loop's own connection."""

    def __init__(self, file: Path) -> None:
        self.clock = Clock()
        self.connections = [apsw.Connection(str(file)) for _ in range(2)]
        self.near = Near(self.connections[0], self.clock)
        loop = asyncio.get_running_loop()
        self.readers = Readers(self.connections[1:], loop, near=self.near)
        self.readers.start()

    async def thread_of(self, rows: int, took: float = 0.0) -> int:
        """Which thread looks up so many rows, taking so long."""

        def query(_: apsw.Connection) -> int:
            self.clock.now += took
            return threading.get_ident()

        return await self.readers.look_up(query, rows)


@pytest.fixture
async def setting(tmp_path: Path) -> AsyncIterator[Setting]:
    made = Setting(tmp_path / "some.db")
    yield made
    await made.readers.close()
    for connection in made.connections:
        connection.close()


async def test_the_loop_looks_up_what_is_small_itself(setting: Setting) -> None:
    here = threading.get_ident()
    assert await setting.thread_of(SMALL) == here
    assert await setting.thread_of(SMALL + 1) != here
    assert (setting.near.reads, setting.readers.reads) == (1, 1)


async def test_after_one_that_took_long_threads_read_for_a_while(setting: Setting) -> None:
    here = threading.get_ident()
    assert await setting.thread_of(1, took=SLOW) == here
    assert await setting.thread_of(1, took=SLOW * 2) == here
    assert setting.near.slow == 1
    assert await setting.thread_of(1) != here
    setting.clock.now += AVOIDED
    assert await setting.thread_of(1) == here


async def test_what_is_locked_waits_in_a_thread(setting: Setting) -> None:
    def query(connection: apsw.Connection) -> int:
        if connection is setting.connections[0]:
            raise apsw.BusyError("database is locked")
        return 5

    assert await setting.readers.look_up(query, 1) == 5


async def test_a_disk_that_fails_is_said_to_be_unavailable(setting: Setting) -> None:
    def query(connection: apsw.Connection) -> int:
        raise apsw.IOError("disk I/O error")

    with pytest.raises(StoreUnavailableError, match="disk I/O error"):
        await setting.readers.look_up(query, 1)


async def test_closed_readers_look_nothing_up(setting: Setting) -> None:
    await setting.readers.close()
    with pytest.raises(StoreUnavailableError, match="closed"):
        await setting.thread_of(1)
