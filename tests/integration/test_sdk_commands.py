"""`glideim send`, `tail` and `chat --line` as processes, against a server process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from glideim.client import Client
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASSWORD = "a good password"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    async with ServerProcess(tmp_path_factory.mktemp("commands") / "data") as running:
        async with Client(running.ws) as client:
            for name in ("alice", "bob"):
                await client.register(name, PASSWORD)
        yield running


async def start(server: ServerProcess, home: Path, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "glideim.cli", *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "GLIDEIM_SERVER": server.ws, "GLIDEIM_HOME": str(home)},
    )  # fmt: skip


async def run(
    server: ServerProcess, home: Path, *arguments: str, typed: str = ""
) -> tuple[int | None, str, str]:
    process = await start(server, home, *arguments)
    out, err = await asyncio.wait_for(process.communicate(typed.encode()), 30)
    return process.returncode, out.decode(), err.decode()


async def line_of(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), 30)).decode()


async def test_send_and_tail(server: ServerProcess, tmp_path: Path) -> None:
    code, out, _ = await run(
        server, tmp_path, "send", "bob", "first", "-u", "alice", "--password", PASSWORD
    )
    assert code == 0
    assert json.loads(out)["seq"] == 1
    tail = await start(server, tmp_path, "tail", "-u", "bob", "--password", PASSWORD)
    assert json.loads(await line_of(tail))["content"] == "first"
    code, out, _ = await run(server, tmp_path, "send", "bob", "-", "-u", "alice", typed="second")
    assert (code, json.loads(out)["seq"]) == (0, 2)
    message = json.loads(await line_of(tail))
    assert (message["content"], message["seq"]) == ("second", 2)
    tail.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(tail.wait(), 30) == 0
    await run(server, tmp_path, "send", "bob", "third", "-u", "alice")
    tail = await start(server, tmp_path, "tail", "-u", "bob")
    assert json.loads(await line_of(tail))["content"] == "third"
    tail.terminate()
    assert await asyncio.wait_for(tail.wait(), 30) == 0


async def test_chat_in_lines(server: ServerProcess, tmp_path: Path) -> None:
    bob = await start(server, tmp_path, "chat", "--line", "-u", "bob", "--password", PASSWORD)
    assert bob.stdin is not None
    code, _, err = await run(
        server,
        tmp_path,
        "chat",
        "--line",
        "-u",
        "alice",
        "--password",
        PASSWORD,
        typed="@bob hello\nagain\n",
    )
    assert (code, err) == (0, "")
    heard = [await line_of(bob)]
    while not heard[-1].endswith("again\n"):
        heard.append(await line_of(bob))
    assert heard[-2:] == ["alice: hello\n", "alice: again\n"]
    bob.stdin.close()
    assert await asyncio.wait_for(bob.wait(), 30) == 0


async def test_a_group_in_lines(server: ServerProcess, tmp_path: Path) -> None:
    bob = await start(server, tmp_path, "chat", "--line", "-u", "bob", "--password", PASSWORD)
    assert bob.stdin is not None
    # His answer says that he is there: what came before it he would get as it is in the end.
    bob.stdin.write(b"/blocked\n")
    assert await line_of(bob)
    typed = "/group new Team @bob\nhelo @bob\n/list 1\n/edit hello @bob\n/recall\n"
    code, out, err = await run(
        server, tmp_path, "chat", "--line", "-u", "alice", "--password", PASSWORD, typed=typed
    )
    assert (code, err) == (0, "")
    assert "me: helo @bob" in out
    heard = [await line_of(bob)]
    while "took back" not in heard[-1]:
        heard.append(await line_of(bob))
    assert "* alice brought you into Team.\n" in heard
    assert "[Team] * alice edited #2: hello @bob\n" in heard
    assert heard[-1] == "[Team] * alice took back #2\n"
    bob.stdin.close()
    assert await asyncio.wait_for(bob.wait(), 30) == 0


async def test_what_goes_wrong_is_said_in_a_line(server: ServerProcess, tmp_path: Path) -> None:
    code, out, err = await run(
        server, tmp_path, "send", "bob", "x", "-u", "alice", "--password", "wrong"
    )
    assert code == 1
    assert out == ""
    assert "password" in err
    assert "Traceback" not in err
    code, _, err = await run(server, tmp_path, "tail")
    assert code == 1
    assert "--account" in err
