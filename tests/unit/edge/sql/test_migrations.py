"""The schema is brought up to date once, in order, and never behind somebody's back."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from glideim.edge.sql.migrations import Migration, SchemaError, load, migrate
from glideim.kernel.clock import ManualClock

ONE = Migration(1, "one", "CREATE TABLE a (x); INSERT INTO a VALUES (1);")
TWO = Migration(2, "two", "CREATE TABLE b (x); INSERT INTO b SELECT x + 1 FROM a;")
CLOCK = ManualClock()


@pytest.fixture
def connection() -> apsw.Connection:
    return apsw.Connection(":memory:")


def versions(connection: apsw.Connection) -> list[int]:
    return [
        int(row[0]) for row in connection.execute("SELECT version FROM schema_version ORDER BY 1")
    ]


def test_applies_what_is_missing_once(connection: apsw.Connection) -> None:
    assert migrate(connection, [ONE], CLOCK) == 1
    assert migrate(connection, [ONE, TWO], CLOCK) == 1
    assert migrate(connection, [ONE, TWO], CLOCK) == 0
    assert connection.execute("SELECT x FROM b").fetchall() == [(2,)]
    rows = connection.execute(
        "SELECT version, name, checksum, applied_at FROM schema_version"
    ).fetchall()
    assert rows == [(m.version, m.name, m.checksum, CLOCK.now_ms()) for m in (ONE, TWO)]


def test_a_failing_migration_leaves_nothing_behind(connection: apsw.Connection) -> None:
    broken = Migration(2, "broken", "CREATE TABLE b (x); INSERT INTO nowhere VALUES (1);")
    with pytest.raises(apsw.SQLError, match="nowhere"):
        migrate(connection, [ONE, broken], CLOCK)
    assert versions(connection) == [1]
    assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'b'").get == 0
    assert migrate(connection, [ONE, TWO], CLOCK) == 1


def test_a_newer_database_is_refused(connection: apsw.Connection) -> None:
    migrate(connection, [ONE, TWO], CLOCK)
    with pytest.raises(SchemaError, match="schema version 2, this program knows only 1"):
        migrate(connection, [ONE], CLOCK)


def test_an_edited_file_is_refused(connection: apsw.Connection) -> None:
    migrate(connection, [ONE, TWO], CLOCK)
    with pytest.raises(SchemaError, match=r"migration 1 \(one\) differs"):
        migrate(connection, [ONE._replace(sql=ONE.sql + " "), TWO], CLOCK)


def test_line_ends_of_a_checkout_do_not_matter() -> None:
    assert Migration(1, "x", "a\r\nb\r\n").checksum == Migration(1, "x", "a\nb\n").checksum


@pytest.mark.parametrize(
    "names", [["0002_b.sql"], ["0001_a.sql", "0003_c.sql"], ["0001_a.sql", "1_b.sql"]]
)
def test_numbers_have_no_holes_and_no_repeats(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("SELECT 1")
    with pytest.raises(SchemaError, match="numbered"):
        load(tmp_path)


def test_a_file_needs_a_number(tmp_path: Path) -> None:
    (tmp_path / "first.sql").write_text("SELECT 1")
    with pytest.raises(SchemaError, match="begins with its number"):
        load(tmp_path)


def test_files_are_read_in_order(tmp_path: Path) -> None:
    for number in (3, 1, 2):
        (tmp_path / f"000{number}_step{number}.sql").write_text(f"SELECT {number}")
    assert load(tmp_path) == [Migration(n, f"step{n}", f"SELECT {n}") for n in (1, 2, 3)]


def test_the_shipped_migrations_make_a_sound_database(connection: apsw.Connection) -> None:
    assert migrate(connection, load(), CLOCK) == len(load()) > 0
    assert connection.pragma("integrity_check") == "ok"
    assert connection.execute("SELECT next FROM segment WHERE name = 'uid'").get == 10_001


def test_what_hung_on_erased_messages_is_taken_off(connection: apsw.Connection) -> None:
    shipped = load()
    migrate(connection, [m for m in shipped if m.version < 6], CLOCK)
    for mid, status in ((1, 0), (2, 1), (3, 3)):
        connection.execute(
            "INSERT INTO message (mid, low, high, seq, sender, cli_mid, recipient, type, send_at, status, pinned)"
            " VALUES (?1, 1, 2, ?1, 1, ?1, 2, 1, 1, ?2, 7)",
            (mid, status),
        )
        connection.execute("INSERT INTO reaction VALUES (1, 2, ?, 'x', 1)", (mid,))
    migrate(connection, shipped, CLOCK)
    assert connection.execute("SELECT mid FROM message WHERE pinned > 0").fetchall() == [(1,)]
    assert connection.execute("SELECT seq FROM reaction").fetchall() == [(1,)]
