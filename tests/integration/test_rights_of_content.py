"""The rows of the table of rights about writing, messages that grow and files, on a real server."""

from __future__ import annotations

import base64
import itertools
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

import glideim
from tests.support.asking import OK, WAYS, Asker, Person
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

TABLE: dict[str, Any] = tomllib.loads(
    (Path(glideim.__file__).parent / "api" / "rights.toml").read_text("utf-8")
)
WRITING: dict[str, dict[str, str]] = TABLE["writing"]
GROWING: dict[str, dict[str, str]] = TABLE["growing"]
FILES: dict[str, dict[str, str]] = TABLE["files"]

_names = itertools.count()


class House:
    """A server, and people on it."""

    def __init__(self, asker: Asker, client: httpx2.AsyncClient, people: dict[str, Person]) -> None:
        self.asker = asker
        self.client = client
        self.people = people


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["off", "on"])
async def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    environment = {"GLIDEIM_FRIENDS_ONLY": request.param, "GLIDEIM_AUTH_TIMEOUT": "600"}
    async with (
        ServerProcess(tmp_path_factory.mktemp("rights"), **environment) as server,
        httpx2.AsyncClient(base_url=server.http) as client,
    ):
        asker = Asker(server, client)
        await asker.start()
        people = {who: await asker.guest() for who in ("anna", "one", "blocked", "stranger")}
        people["anonymous"] = await asker.nobody()
        for who in ("one", "blocked"):
            await asker.must(people[who], "api.contacts.add", {"uid": people["anna"].uid})
            await asker.must(people["anna"], "api.contacts.accept", {"uid": people[who].uid})
        await asker.must(people["anna"], "api.blocks.add", {"uid": people["blocked"].uid})
        if request.param == "on":
            people["friends_only"] = people.pop("stranger")
        yield House(asker, client, people)
        for person in people.values():
            await person.peer.close()


@pytest.mark.parametrize("row", WRITING)
@pytest.mark.parametrize("way", WAYS)
async def test_writing(house: House, row: str, way: str) -> None:
    anna = house.people["anna"]
    played = 0
    for who, expected in WRITING[row].items():
        if who not in house.people:
            continue
        name = f"w-{next(_names)}"
        if row == "send":
            data = {"cliMid": name, "to": anna.uid, "type": 1, "content": "hi"}
            answer = await house.asker.ask(way, house.people[who], "api.messages.send", data)
        else:
            data = {"streamId": name, "to": anna.uid, "op": "open"}
            answer = await house.asker.ask(way, house.people[who], "message.stream", data)
        assert answer.code == expected, who
        played += 1
    assert played == len(WRITING[row]) - 1


@pytest.mark.parametrize("op", GROWING)
async def test_messages_that_grow(house: House, op: str) -> None:
    writer, one = house.people["anna"], house.people["one"]
    stranger = house.people.get("stranger") or house.people["friends_only"]
    name = f"s-{next(_names)}"
    begun = {"streamId": name, "to": one.uid, "op": "open"}
    assert (await house.asker.ask("connection", writer, "message.stream", begun)).code == OK
    step = {"streamId": name, "op": op, "content": "" if op == "cancel" else "text"}
    for who, person in (("one", one), ("stranger", stranger)):
        answer = await house.asker.ask("connection", person, "message.stream", step)
        assert answer.code == GROWING[op][who]
        nowhere = step | {"streamId": "x" * len(name)}
        absent = await house.asker.ask("connection", person, "message.stream", nowhere)
        assert answer.raw.replace(name.encode(), b"") == absent.raw.replace(b"x" * len(name), b"")
    if op != "delta":
        answer = await house.asker.ask("connection", writer, "message.stream", step)
        assert answer.code == GROWING[op]["writer"]
        return
    # A delta is not answered: that it arrived is seen at the end.
    await writer.peer.say({"action": "message.stream", "data": step})
    end = await house.asker.ask(
        "connection", writer, "message.stream", step | {"op": "finish", "content": ""}
    )
    assert end.code == GROWING[op]["writer"]
    history = await house.asker.must(one, "api.messages.list", {"conv": end.data["conv"]})
    assert history["items"][-1]["content"] == "text"


@pytest.mark.parametrize("way", WAYS)
async def test_files(house: House, way: str) -> None:
    stranger = house.people.get("stranger") or house.people["friends_only"]
    people = {
        "stranger": stranger, "anonymous": house.people["anonymous"], "owner": house.people["anna"],
    }  # fmt: skip
    upload = await house.asker.must(
        people["owner"], "api.files.begin", {"name": "a.txt", "size": 2}
    )
    part = {"uploadId": upload["uploadId"], "offset": 0, "data": base64.b64encode(b"hi").decode()}
    file = (await house.asker.must(people["owner"], "api.files.append", part))["file"]
    for who, person in people.items():
        told = await house.asker.ask(way, person, "api.files.info", {"id": file["id"]})
        assert told.code == FILES["info"][who], who
        headers = {"Authorization": f"Bearer {person.token}"} if person.token else {}
        got = await house.client.get(file["url"], headers=headers)
        assert (got.status_code, FILES["download"][who]) == (200, OK), who
        gone = await house.asker.ask(way, person, "api.files.delete", {"id": file["id"]})
        assert gone.code == FILES["delete"][who], who
        absent = await house.asker.ask(
            way, person, "api.files.delete", {"id": "0" * len(file["id"])}
        )
        if gone.code != OK:
            real, other = file["id"].encode(), b"0" * len(file["id"])
            assert gone.raw.replace(real, b"<id>") == absent.raw.replace(other, b"<id>")
    assert (await house.client.get(file["url"])).status_code == 404
