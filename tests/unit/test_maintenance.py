"""What is done to a data directory from outside, and the commands for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from glideim.cli import app
from glideim.config import Config
from glideim.maintenance import add_key
from glideim.settings import StartError


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.output.strip()


def test_keys_from_the_command_line(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    code, secret = run("key", "add", "app", "-s", "act", "--scope", "users", *data)
    assert (code, secret[:4]) == (0, "glk_")
    code, line = run("key", "list", *data)
    listed = json.loads(line)
    assert (listed["name"], listed["scopes"]) == ("app", ["act", "users"])
    assert secret not in line
    assert run("key", "revoke", str(listed["key_id"]), *data) == (0, "")
    assert run("key", "list", *data) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("key", "revoke", "7"), "there is no key 7"),
        (("key", "add", "app", "-s", "root"), "scopes: one or more of act,"),
        (("user", "add", "al", "--password", "correct horse"), "account: must have"),
    ],
)
def test_what_is_refused_is_said_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], text: str
) -> None:
    code, line = run(*arguments, "--data", str(tmp_path))
    assert code == 1
    assert line.startswith(f"glideim: {text}")


def test_an_account_from_the_command_line(tmp_path: Path) -> None:
    arguments = ("user", "add", "alice", "--password", "correct horse", "--data", str(tmp_path))
    assert run(*arguments) == (0, "10001")


async def test_what_is_in_memory_cannot_be_reached_from_outside() -> None:
    with pytest.raises(StartError, match="sqlite"):
        await add_key(Config(store="memory"), "app", ["act"])
