"""One contract for both stores."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from glideim.client import Credentials, FileStore, MemoryStore, Store
from glideim.client.store import Changes
from glideim.protocol.records import Message

Open = Callable[[], Store]


@pytest.fixture(params=["memory", "file"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the same store again, as the next client would."""
    if request.param == "file":
        return lambda: FileStore(tmp_path / "deep" / "er" / "state.db")
    store = MemoryStore()
    return lambda: store


def message(cli_mid: str, content: str = "x") -> Message:
    return Message(cli_mid=cli_mid, to=2, type=1, content=content, mentions=(3,))


def test_keeps_who_is_signed_in(reopen: Open) -> None:
    store = reopen()
    assert store.credentials() is None
    kept = Credentials(1, "token", 10, 20, "alice")
    store.save_credentials(kept)
    store.close()
    store = reopen()
    assert store.credentials() == kept
    store.save_credentials(None)
    store.close()
    store = reopen()
    assert store.credentials() is None
    store.close()


def test_its_instance_is_its_own_for_life(reopen: Open) -> None:
    store = reopen()
    first = store.instance()
    assert len(first) == 6
    store.close()
    store = reopen()
    assert store.instance() == first
    assert MemoryStore().instance() != first
    store.close()


def test_keeps_cursors_outbox_in_order_and_the_sync_cursor(reopen: Open) -> None:
    store = reopen()
    assert store.load(1).sync_cursor is None
    store.write(1, Changes(cursors={"c:1:2": 5}, added={m: message(m) for m in ("b", "a", "c")}))
    store.write(
        1, Changes(cursors={"c:1:2": 7, "c:1:3": 1}, removed=["a", "unknown"], sync_cursor="s")
    )
    store.write(1, Changes(added={"d": message("d", "ä")}))
    store.close()
    store = reopen()
    saved = store.load(1)
    assert dict(saved.cursors) == {"c:1:2": 7, "c:1:3": 1}
    assert list(saved.outbox) == [message("b"), message("c"), message("d", "ä")]
    assert saved.sync_cursor == "s"
    store.close()


def test_accounts_are_kept_apart(reopen: Open) -> None:
    store = reopen()
    store.write(1, Changes(cursors={"c": 1}, added={"a": message("a")}, sync_cursor="s"))
    other = store.load(2)
    assert (dict(other.cursors), list(other.outbox), other.sync_cursor) == ({}, [], None)
    store.write(2, Changes(removed=["a"]))
    assert len(store.load(1).outbox) == 1
    store.close()


def test_a_write_is_all_or_nothing(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "s.db")
    broken = Changes(cursors={"c": 2**70}, added={"a": message("a")})
    with pytest.raises(OverflowError):
        store.write(1, broken)
    assert list(store.load(1).outbox) == []
    store.write(1, Changes(added={"b": message("b")}))
    store.close()


def test_the_file_is_for_its_owner_and_survives_a_client_that_died(tmp_path: Path) -> None:
    file = tmp_path / "s.db"
    store = FileStore(file)
    assert file.stat().st_mode & 0o077 == 0
    store.write(1, Changes(cursors={"c": 3}))
    # No close: another connection sees what was written.
    other = FileStore(file)
    assert dict(other.load(1).cursors) == {"c": 3}
    other.close()
    store.close()


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "s.db"
    file.write_text("this is not a database, but long enough to look at" * 20)
    with pytest.raises(sqlite3.DatabaseError):
        FileStore(file)
