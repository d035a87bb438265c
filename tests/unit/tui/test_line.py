"""Chat without a screen, over a real WebSocket."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from glideim.client import Client, ClientError
from glideim.tui import line
from glideim.tui.messages import MessageFile
from tests.unit.client.test_transports import port_of, ws_server
from tests.unit.client.world import World, eventually


@pytest.fixture
async def server(world: World) -> AsyncIterator[str]:
    running = await ws_server(world)
    yield f"ws://127.0.0.1:{port_of(running)}/ws"
    running.close()
    await running.wait_closed()


async def test_sends_one_message_and_stays_signed_in(
    server: str, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await line._send_once(server, "alice", "secret", tmp_path, "bob", "first")
    await line._send_once(server, "alice", None, tmp_path, "2", "second")
    await line._send_once(server, None, None, tmp_path, "Bob", "third")
    answers = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert [(answer["conv"], answer["seq"]) for answer in answers] == [
        ("c:1:2", n) for n in (1, 2, 3)
    ]
    assert world.stored(1, 2) == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("account", "password", "to", "why"),
    [
        ("alice", "wrong", "bob", "not right"),
        ("alice", None, "bob", "give --password"),
        (None, None, "bob", "which account"),
        ("alice", "secret", "nobody", "nobody is called 'nobody'"),
        ("alice", "secret", "99", "nobody is called '99'"),
    ],
)
async def test_says_what_is_wrong(
    server: str, tmp_path: Path, account: str | None, password: str | None, to: str, why: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(ClientError, match=why):
        await line._send_once(server, account, password, tmp_path, to, "x")


async def test_tail_prints_each_message_once_and_goes_on_where_it_stopped(
    server: str, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.say(2, 1, "waiting for you")

    async def follow(until: str) -> list[str]:
        task = asyncio.ensure_future(line._tail(server, "alice", "secret", tmp_path))
        out = ""

        def printed() -> bool:
            nonlocal out
            out += capsys.readouterr().out
            return until in out

        await eventually(printed)
        # It was printed; asking for the next is what confirms it.
        await eventually(lambda: world.delivered.get(("c:1:2", 1)) == len(world.log["c:1:2"]))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return [json.loads(text)["content"] for text in out.splitlines()]

    assert await follow("waiting for you") == ["waiting for you"]
    world.say(2, 1, "while away")
    world.say(2, 1, "last")
    assert await follow("last") == ["while away", "last"]


async def test_a_conversation_in_lines(
    server: str, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = io.StringIO()
    typed = io.StringIO("to nobody yet\n@bob hello\nhow are you?\n\n@zoe hm\n@carol\nhi carol\n")
    world.say(2, 1, "evil \x1b[2J")
    await line._line_chat(server, "alice", "secret", tmp_path, typed, out)
    assert world.stored(1, 2) == ["evil \x1b[2J", "hello", "how are you?"]
    assert world.stored(1, 3) == ["hi carol"]
    errors = capsys.readouterr().err
    assert "to whom? begin with @name" in errors
    assert "nobody is called 'zoe'" in errors
    assert out.getvalue() in {"", "bob: evil \ufffd[2J\n"}


async def test_what_others_say_is_printed_with_their_name(
    server: str, world: World, tmp_path: Path
) -> None:
    async with Client(server) as client:
        await client.login("alice", "secret")
        out = io.StringIO()
        chat = line.LineChat(client, MessageFile(tmp_path / "m.db"), out)
        chat.start()
        for n in range(3):
            world.say(2, 1, f"m{n}")
        world.say(1, 2, "my own, from elsewhere")
        world.say(9, 1, "a stranger")
        await eventually(lambda: out.getvalue().count("\n") == 4)
        await chat.stop()
        assert out.getvalue() == "bob: m0\nbob: m1\nbob: m2\n#9: a stranger\n"


@pytest.mark.parametrize(("code", "why"), [(4100, "another program"), (4101, "sign in again")])
async def test_tail_ends_when_it_may_not_go_on(
    server: str, world: World, tmp_path: Path, code: int, why: str
) -> None:
    world.say(2, 1, "hello")
    task = asyncio.ensure_future(line._tail(server, "alice", "secret", tmp_path))
    await eventually(lambda: world.delivered.get(("c:1:2", 1)) == 1)
    world.of(1)[0].end(code, "enough")
    async with asyncio.timeout(10):
        with pytest.raises(ClientError, match=why):
            await task
