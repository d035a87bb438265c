"""The table of rights beyond groups, played as everybody, over HTTP and the connection of a real server."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

import glideim
from glideim.protocol.actions import RESULTS, Action
from tests.support.asking import WAYS, Asker, Person
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

TABLE: dict[str, Any] = tomllib.loads(
    (Path(glideim.__file__).parent / "api" / "rights.toml").read_text("utf-8")
)
ACTIONS: dict[str, list[str]] = TABLE["actions"]
CHAT: dict[str, dict[str, str]] = TABLE["chat"]
ABSENT = 2**52


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asker]:
    async with (
        ServerProcess(tmp_path_factory.mktemp("rights"), GLIDEIM_AUTH_TIMEOUT="600") as server,
        httpx2.AsyncClient(base_url=server.http) as client,
    ):
        asker = Asker(server, client)
        await asker.start()
        yield asker


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def people(asker: Asker) -> AsyncIterator[dict[str, Person]]:
    people = {who: await asker.guest() for who in ("anna", "one", "blocked", "stranger")}
    people["anonymous"] = await asker.nobody()
    yield people
    for person in people.values():
        await person.peer.close()


async def test_every_action_is_in_the_table_once() -> None:
    listed = [action for actions in ACTIONS.values() for action in actions]
    assert sorted(listed) == sorted(str(action) for action in RESULTS)
    framed = [action for actions in TABLE["connection"].values() for action in actions]
    assert sorted(framed) == sorted(set(map(str, Action)) - set(listed))


async def test_who_is_not_signed_in_on_a_connection(asker: Asker) -> None:
    nobody = await asker.nobody()
    for action in TABLE["connection"]["person"]:
        answer = await asker.ask("connection", nobody, action, {"to": 1, "seq": 1})
        assert answer.code == "unauthenticated", action
    await nobody.peer.close()


@pytest.mark.parametrize("way", WAYS)
async def test_who_is_not_signed_in(asker: Asker, people: dict[str, Person], way: str) -> None:
    # A valid body for each would be needed to go further; this is refused before anything is read of it.
    for kind, actions in ACTIONS.items():
        for action in actions if kind != "public" else ():
            data = dict.fromkeys(("gid", "uid", "seq", "sessionId", "keyId", "letterId"), 1)
            named = data | dict.fromkeys(("conv", "id", "uploadId"), "x")
            answer = await asker.ask(way, people["anonymous"], action, named)
            assert answer.code == "unauthenticated", action


@pytest.mark.parametrize("way", WAYS)
async def test_people_may_not_what_servers_may(
    asker: Asker, people: dict[str, Person], way: str
) -> None:
    for action in ACTIONS["keys"]:
        data = {"uid": people["one"].uid, "keyId": 1, "letterId": 1}
        assert (await asker.ask(way, people["one"], action, data)).code == "forbidden", action


def request(row: str, conv: str, own: int, others: int) -> tuple[str, dict[str, Any]]:
    """What a row asks for."""
    at = {"conv": conv, "seq": others if row.endswith("others") else own}
    if row.startswith("edit"):
        return "api.messages.edit", at | {"content": "new"}
    if row.startswith("recall"):
        return "api.messages.recall", at
    rest: dict[str, tuple[str, dict[str, Any]]] = {
        "history": ("api.messages.list", {"conv": conv}),
        "react": ("api.messages.react", at | {"key": "+", "on": True}),
        "pin": ("api.messages.pin", at | {"on": True}),
        "read": ("api.conversations.read", at),
        "pins": ("api.conversations.pins", {"conv": conv}),
        "settings": ("api.conversations.update", {"conv": conv, "pinned": True}),
        "hide": ("api.conversations.hide", {"conv": conv}),
        "expire": ("api.conversations.update", {"conv": conv, "expireAfter": 86_400}),
        "search": ("api.messages.search", {"conv": conv, "q": "hi"}),
    }
    return rest[row]


_names = iter(range(1_000_000))


async def talk(asker: Asker, anna: Person, other: Person) -> tuple[str, int, int]:
    """Both say something: the conversation, and the `seq` of the other and of Anna."""
    said = []
    for who, to in ((other, anna), (anna, other)):
        message = {"cliMid": f"m-{next(_names)}", "to": to.uid, "type": 1, "content": "hi"}
        said.append(await asker.must(who, "api.messages.send", message))
    return said[0]["conv"], said[0]["seq"], said[1]["seq"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("row", CHAT)
async def test_rights_in_conversations_of_two(
    asker: Asker, people: dict[str, Person], row: str, way: str
) -> None:
    anna, stranger = people["anna"], people["stranger"]
    for who in ("one", "blocked"):
        place = await talk(asker, anna, people[who])
        if who == "blocked":
            await asker.must(anna, "api.blocks.add", {"uid": people[who].uid})
        absent = await asker.ask(
            way, stranger, *request(row, f"c:{ABSENT}:{ABSENT + 1}", *place[1:])
        )
        there = await asker.ask(way, stranger, *request(row, *place))
        assert there.code == CHAT[row]["stranger"]
        nowhere = f"c:{ABSENT}:{ABSENT + 1}".encode()
        assert there.raw.replace(place[0].encode(), b"") == absent.raw.replace(nowhere, b"")
        assert (await asker.ask(way, people[who], *request(row, *place))).code == CHAT[row][who]
    await asker.must(anna, "api.blocks.remove", {"uid": people["blocked"].uid})


@pytest.mark.parametrize("way", WAYS)
async def test_what_others_have_is_like_what_is_not_there(
    asker: Asker, people: dict[str, Person], way: str
) -> None:
    anna, stranger = people["anna"], people["stranger"]
    upload = await asker.must(anna, "api.files.begin", {"name": "a.txt", "size": 9})
    sessions = await asker.must(anna, "api.auth.sessions", {})
    names: list[tuple[str, str, Any, Any]] = [
        ("api.auth.end_session", "sessionId", sessions["items"][0]["sessionId"], ABSENT),
        *((f"api.files.{verb}", "uploadId", upload["uploadId"], "0" * len(upload["uploadId"]))
          for verb in ("status", "append", "cancel")),
        *((f"api.contacts.{verb}", "uid", anna.uid, ABSENT)
          for verb in ("accept", "reject", "update", "delete")),
    ]  # fmt: skip
    for action, field, real, absent in names:
        answers = [
            await asker.ask(
                way,
                stranger,
                action,
                {field: value, "offset": 0, "data": "aGk="}
                if action == "api.files.append"
                else {field: value},
            )
            for value in (real, absent)
        ]
        there, nowhere = [
            answer.raw.replace(str(value).encode(), b"<id>")
            for answer, value in zip(answers, (real, absent), strict=True)
        ]
        assert there == nowhere, action
        assert answers[0].code == "not_found", action
    await asker.must(anna, "api.files.status", {"uploadId": upload["uploadId"]})
    await asker.must(anna, "api.files.cancel", {"uploadId": upload["uploadId"]})
