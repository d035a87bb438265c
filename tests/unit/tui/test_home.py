from __future__ import annotations

from pathlib import Path

import pytest

from glideim.client import Credentials
from glideim.tui.home import Home, api_of


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


@pytest.mark.parametrize(
    ("server", "api"),
    [
        ("ws://127.0.0.1:8080/ws", "http://127.0.0.1:8081"),
        ("tcp://[::1]:8082", "http://[::1]:8081"),
        ("ws://chat.example/ws", "http://chat.example"),
        ("wss://chat.example/ws", "https://chat.example"),
        ("wss://chat.example:8443/ws", "https://chat.example:8443"),
    ],
)
def test_where_http_is_answered(server: str, api: str) -> None:
    assert api_of(server) == api
