from __future__ import annotations

from pathlib import Path

from glideim.client import Credentials
from glideim.tui.home import Home


def test_remembers_who_signed_in_last_for_each_server(tmp_path: Path) -> None:
    home, other = Home(tmp_path, "ws://a/ws"), Home(tmp_path, "ws://b/ws")
    assert home.last_account() is None
    home.save_credentials("alice", Credentials(1, "t"))
    assert home.last_account() == "alice"
    assert home.credentials("Alice") == Credentials(1, "t"), (
        "names are compared without regard to case"
    )
    assert other.last_account() is None
    assert other.credentials("alice") is None


def test_no_two_accounts_share_a_file_and_none_leaves_the_folder(tmp_path: Path) -> None:
    home = Home(tmp_path, "tcp://x:1")
    names = ["a b", "a_b", "a/b", "../../etc/passwd", "..", ".hidden", "a"]
    files = {home.messages(name) for name in names}
    assert len(files) == len(names)
    assert {file.parent for file in files} == {tmp_path / "tcp_x_1"}
    for name in names:
        home.save_credentials(name, Credentials(1, name))
    assert [home.credentials(name) for name in names] == [Credentials(1, name) for name in names]


def test_what_is_kept_is_for_its_owner_only(tmp_path: Path) -> None:
    home = Home(tmp_path, "ws://a/ws")
    home.save_credentials("alice", Credentials(1, "secret"))
    file = next(tmp_path.glob("*/alice.db"))
    assert file.stat().st_mode & 0o077 == 0
