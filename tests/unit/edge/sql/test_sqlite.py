"""The embedded engine as a whole: what it keeps, and when it refuses to open."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import apsw
import pytest

from glideim.edge.sql import migrations
from glideim.edge.sql.connection import Durability, check_version
from glideim.edge.sql.lock import DirectoryInUseError
from glideim.edge.sql.sqlite import FILE_NAME, SqliteStores, open_sqlite
from glideim.edge.sql.writer import WriterLimits
from glideim.edge.stores import StoreOpenError
from glideim.kernel.clock import ManualClock
from glideim.kernel.errors import StoreUnavailableError
from glideim.messaging.ports import Position
from glideim.protocol.records import MAX_ID
from tests.support.stores import account, message, session

CLOCK = ManualClock()


async def opened(
    directory: Path, durability: str = "relaxed", limits: WriterLimits | None = None
) -> SqliteStores:
    return await open_sqlite(directory, durability=durability, clock=CLOCK, limits=limits)


@pytest.mark.parametrize("durability", list(Durability))
async def test_everything_is_there_after_reopening(tmp_path: Path, durability: Durability) -> None:
    directory = tmp_path / "made" / "if missing"
    stores = await opened(directory, durability)
    messages = [message(n, n, content="ü" * n) for n in range(1, 300)]
    await stores.messages.append(messages, [("c:1:2", 1), ("c:1:2", 2)])
    await stores.messages.save_positions([Position("c:1:2", 2, 7, 5)])
    await stores.accounts.add_account(account(1, "Alice"))
    await stores.accounts.add_session(session(1), b"token")
    await stores.segments.take_segment("mid", 1000)
    await stores.close()
    assert sorted(file.name for file in directory.iterdir()) == [FILE_NAME, "glideim.lock"]

    stores = await opened(directory, durability)
    assert await stores.messages.history("c:1:2", 0, MAX_ID, 1000, latest=False) == messages
    assert (await stores.messages.standings(["c:1:2"])).positions[1] == Position("c:1:2", 2, 7, 5)
    assert await stores.accounts.account_by_name("alice") == account(1, "Alice")
    assert await stores.accounts.session_by_token(b"token", 0) == session(1)
    assert await stores.segments.take_segment("mid", 1) == (1001, 1001)
    await stores.close()


@pytest.mark.parametrize(("level", "pragma"), [("full", 2), ("normal", 1), ("relaxed", 0)])
async def test_durability_decides_what_is_synced(tmp_path: Path, level: str, pragma: int) -> None:
    stores = await opened(tmp_path, level)
    assert (
        await stores.writer.run(lambda connection: int(connection.pragma("synchronous"))) == pragma
    )
    assert (
        await stores.writer.run(lambda connection: str(connection.pragma("journal_mode"))) == "wal"
    )
    await stores.close()


_APPENDER = """
import asyncio, json, sys
from pathlib import Path
from glideim.edge.sql.sqlite import open_sqlite
from glideim.kernel.clock import SystemClock
from tests.support.stores import message

async def main():
    stores = await open_sqlite(Path(sys.argv[1]), clock=SystemClock())
    async def conversation(to):
        for n in range(1, 10**9):
            await stores.messages.append([message(n * 100 + to, n, 1, to)], [])
            print(json.dumps([to, n]), flush=True)
    await asyncio.gather(*(conversation(to) for to in range(2, 10)))

asyncio.run(main())
"""


async def test_killing_the_process_loses_nothing_acknowledged(tmp_path: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _APPENDER, str(tmp_path),
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[4],
    )  # fmt: skip
    assert child.stdout is not None
    acknowledged: dict[int, int] = {}
    try:
        for _ in range(200):
            to, n = json.loads(await child.stdout.readline())
            acknowledged[to] = n
    finally:
        child.kill()
        rest = await child.stdout.read()
        await child.wait()
    for line in rest.splitlines():
        if line.endswith(b"]"):
            to, n = json.loads(line)
            acknowledged[to] = n

    stores = await opened(tmp_path)
    assert acknowledged
    for to, n in acknowledged.items():
        stored = await stores.messages.history(f"c:1:{to}", 0, MAX_ID, 10**6, latest=False)
        assert [m.seq for m in stored] == list(range(1, len(stored) + 1))
        # One more may have been committed, and its acknowledgement died with the process.
        assert len(stored) in {n, n + 1}
    assert (
        await stores.writer.run(lambda connection: str(connection.pragma("integrity_check")))
        == "ok"
    )
    await stores.close()


async def test_a_full_disk_refuses_whole_batches_and_recovers(tmp_path: Path) -> None:
    stores = await opened(tmp_path)
    await stores.messages.append([message(1, 1)], [])
    pages = await stores.writer.run(lambda connection: int(connection.pragma("page_count")))
    await stores.writer.run(lambda connection: int(connection.pragma("max_page_count", pages + 1)))
    large = [message(n, n, content="x" * 10_000) for n in range(2, 100)]
    with pytest.raises(StoreUnavailableError, match="full"):
        await stores.messages.append(large, [])
    assert (await stores.messages.heads(["c:1:2"]))["c:1:2"].seq == 1
    await stores.writer.run(lambda connection: int(connection.pragma("max_page_count", 10**6)))
    await stores.messages.append(large, [])
    assert (await stores.messages.heads(["c:1:2"]))["c:1:2"].seq == 99
    await stores.close()


async def test_reads_go_on_while_the_disk_is_full(tmp_path: Path) -> None:
    stores = await opened(tmp_path)
    await stores.messages.append([message(1, 1)], [])
    await stores.writer.run(lambda connection: connection.pragma("query_only", True))
    with pytest.raises(StoreUnavailableError):
        await stores.segments.take_segment("mid", 1)
    assert len(await stores.messages.history("c:1:2", 0, 9, 9, latest=False)) == 1
    await stores.close()


async def test_too_many_reads_are_refused(tmp_path: Path) -> None:
    stores = await opened(tmp_path)
    stores.readers.limit = 5
    outcomes = await asyncio.gather(
        *(stores.messages.highest_mid() for _ in range(8)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [int] * 5 + [StoreUnavailableError] * 3
    assert await stores.messages.by_mid(1) is None
    await stores.close()


async def test_two_servers_never_share_a_directory(tmp_path: Path) -> None:
    stores = await opened(tmp_path)
    with pytest.raises(DirectoryInUseError, match=r"in use by another server \(process \d+\)"):
        await opened(tmp_path)
    await stores.close()
    await (await opened(tmp_path)).close()


async def test_a_tool_works_beside_a_server(tmp_path: Path) -> None:
    server = await opened(tmp_path)
    tool = await open_sqlite(tmp_path, clock=CLOCK, exclusive=False)
    await tool.accounts.add_account(account(1, "Alice"))
    assert await tool.segments.take_segment("uid", 10) == (10_001, 10_010)
    await tool.close()
    assert await server.accounts.account_by_name("alice") == account(1, "Alice")
    assert await server.segments.take_segment("uid", 1) == (10_011, 10_011)
    await server.close()


async def test_a_newer_database_is_refused_and_the_directory_left_free(tmp_path: Path) -> None:
    await (await opened(tmp_path)).close()
    connection = apsw.Connection(str(tmp_path / FILE_NAME))
    newer = len(migrations.load()) + 1
    connection.execute("INSERT INTO schema_version VALUES (?, 'later', '', 0)", (newer,))
    connection.close()
    for _ in range(2):
        with pytest.raises(StoreOpenError, match="use the newer program"):
            await opened(tmp_path)


async def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"not a database " * 1000)
    with pytest.raises(StoreOpenError, match="cannot open"):
        await opened(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreOpenError, match="cannot open"):
        await opened(tmp_path / "file")


async def test_an_unknown_durability_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="paranoid"):
        await opened(tmp_path, "paranoid")


@pytest.mark.parametrize("version", ["3.40.1", "3.51.2", "3.7.0"])
def test_a_sqlite_that_may_corrupt_its_log_is_refused(version: str) -> None:
    with pytest.raises(StoreOpenError, match="too old"):
        check_version(version)


@pytest.mark.parametrize("version", ["3.51.3", "3.54.1", "4.0.0"])
def test_a_sound_sqlite_is_used(version: str) -> None:
    check_version(version)


async def test_statistics_count(tmp_path: Path) -> None:
    stores = await opened(tmp_path)
    await stores.messages.append([message(1, 1), message(2, 2)], [("c:1:2", 1)])
    await stores.messages.by_mid(1)
    statistics = stores.statistics()
    assert statistics["commits"] == 1
    assert statistics["rows"] == 3
    assert statistics["reads"] == 1
    assert (
        statistics["write_queue_jobs"]
        == statistics["write_queue_rows"]
        == statistics["read_queue"]
        == 0
    )
    assert statistics["wal_bytes"] > 0
    await stores.close()
