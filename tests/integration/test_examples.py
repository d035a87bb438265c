"""Every example that is a program of its own, as a process against a server process."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio

from glideim.client import Client, EventStream, Growing, Options
from glideim.config import Config
from glideim.maintenance import add_key
from glideim.protocol.records import Message
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLES = Path(__file__).parents[2] / "examples"
WITHIN = 30.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("examples") / "data"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(data: Path) -> AsyncIterator[ServerProcess]:
    async with ServerProcess(data) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def key(data: Path, server: ServerProcess) -> str:
    """Of an application that may make users and bots, and tokens for them."""
    return await add_key(Config(data=str(data)), "examples", ["users", "act"])


@asynccontextmanager
async def running(name: str, **environment: str) -> AsyncIterator[asyncio.StreamReader]:
    """An example, and what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(EXAMPLES / f"{name}.py"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **environment},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def word_of(output: asyncio.StreamReader, start: str) -> str:
    """What stands behind `start` in the line that has it."""
    async with asyncio.timeout(WITHIN):
        while line := (await output.readline()).decode():
            if start in line:
                return line.partition(start)[2].split()[0]
    raise AssertionError(f"the example ended without {start!r}")


async def heard(client: Client) -> Message:
    async with asyncio.timeout(WITHIN):
        stream = client.messages(confirm="taken", own=False)
        try:
            while (message := await anext(stream)).type < 0:
                continue
        finally:
            stream.close()
    return message


async def grown(events: EventStream) -> list[Growing]:
    """The steps of one answer, to its end."""
    steps: list[Growing] = []
    async with asyncio.timeout(WITHIN):
        async for event in events:
            if isinstance(event, Growing):
                steps.append(event)
                if event.op in {"finish", "cancel"}:
                    break
    return steps


async def test_the_echo_bot_of_an_account_answers(server: ServerProcess, key: str) -> None:
    async with httpx2.AsyncClient(base_url=server.http) as http:
        made = await http.post(
            "/api/v2/admin/bots",
            headers={"Authorization": f"Bearer {key}"},
            json={"account": "echo", "nickname": "Echo"},
        )
    bot = made.raise_for_status().json()
    with_token = {"GLIDEIM_SERVER": server.ws, "GLIDEIM_TOKEN": bot["token"]}
    async with running("echo_bot", **with_token) as output, Client(server.tcp) as ann:
        assert int(await word_of(output, "echo is ")) == bot["uid"]
        await ann.guest("Ann")
        await ann.send(bot["uid"], "hello")
        answer = await heard(ann)
        assert (answer.from_, answer.content) == (bot["uid"], "hello")
        group = await ann.groups.create("Team", [bot["uid"]])
        await ann.send(group.conv, "nobody is meant")
        await ann.send(group.conv, "you are", mentions=[bot["uid"]])
        answer = await heard(ann)
        assert (answer.conv, answer.content) == (group.conv, "you are")


@pytest.mark.parametrize("codec", ["json", "protobuf"])
async def test_the_answers_of_the_assistant_grow(server: ServerProcess, codec: str) -> None:
    options = Options(codec=codec)
    pause = "0.01"
    async with running(
        "streaming_assistant", GLIDEIM_SERVER=server.ws, ASSISTANT_PAUSE=pause
    ) as output, Client(
        server.tcp, options=options
    ) as ann:  # fmt: skip
        assistant = int(await word_of(output, "assistant is "))
        await ann.guest("Ann")
        events = ann.events()
        await ann.send(assistant, "what is the remarkable word?")
        steps = await grown(events)
        assert [step.op for step in steps] == ["open", *["delta"] * (len(steps) - 2), "finish"]
        assert len(steps) > 5
        assert steps[-1].text == "You said 5 words, and the longest of them is “remarkable”. "
        assert all(two.text.startswith(one.text) for one, two in pairwise(steps))
        group = await ann.groups.create("Team", [assistant])
        await ann.send(group.conv, "not you")
        await ann.send(group.conv, "but you", mentions=[assistant])
        last = (await grown(events))[-1]
        assert last.conv == group.conv
        (said,) = await ann.history(group.conv, after=last.seq - 1)
        assert (said.content, said.status, said.from_) == (last.text, 0, assistant)
        assert said.content is not None and "said 2 words" in said.content


async def test_users_of_an_application_get_tokens(server: ServerProcess, key: str) -> None:
    there = {"GLIDEIM_API": server.http, "GLIDEIM_WS": server.ws, "GLIDEIM_KEY": key, "PORT": "0"}
    async with running("fastapi_login", **there) as output:
        address = await word_of(output, "running on ")
        async with httpx2.AsyncClient(base_url=address) as http:
            wrong = {"name": "alice", "password": "looking glass"}
            assert (await http.post("/login", json=wrong)).status_code == 401
            unknown = {"name": "mallory", "password": ""}
            assert (await http.post("/login", json=unknown)).status_code == 401
            right = {"name": "alice", "password": "wonderland"}
            answers = [(await http.post("/login", json=right)).raise_for_status().json()]
            answers.append((await http.post("/login", json=right)).raise_for_status().json())
    assert answers[0]["uid"] == answers[1]["uid"]
    async with Client(answers[1]["ws"], options=Options(device=2)) as alice:
        assert await alice.login_with(answers[1]["token"]) == answers[1]["uid"]
        assert (await alice.me()).nickname == "Alice"
