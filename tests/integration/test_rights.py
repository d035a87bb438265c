"""Every row of the tables of rights, as everybody, over HTTP and the connection of a real server."""

from __future__ import annotations

import re
import tomllib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

import glideim
from tests.support.asking import OK, WAYS, Answer, Asker, Person
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

PACKAGE = Path(glideim.__file__).parent
GROUPS: dict[str, dict[str, str]] = tomllib.loads(
    (PACKAGE / "group" / "rights.toml").read_text("utf-8")
)
FUTURE = 4_000_000_000_000
ABSENT = 2**52

SENDS = {"send", "send_when_all_muted", "send_when_muted"}
SEATED = ("admin", "member", "blocked", "muted", "removed", "other_member", "other_admin")
PEOPLE = ("owner", *SEATED, "stranger", "newcomer", "anonymous")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asker]:
    data: Path = tmp_path_factory.mktemp("rights") / "data"
    async with (
        ServerProcess(data, GLIDEIM_AUTH_TIMEOUT="600") as server,
        httpx2.AsyncClient(base_url=server.http) as client,
    ):
        asker = Asker(server, client)
        await asker.start()
        yield asker


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def people(asker: Asker) -> AsyncIterator[dict[str, Person]]:
    people = {who: await asker.guest() for who in PEOPLE if who != "anonymous"}
    people["anonymous"] = await asker.nobody()
    await asker.must(people["owner"], "api.blocks.add", {"uid": people["blocked"].uid})
    yield people
    for person in people.values():
        await person.peer.close()


# --- groups -----------------------------------------------------------------------------------------------


async def grouped(asker: Asker, people: dict[str, Person], row: str, *, public: bool) -> int:
    """A group in which everybody is what their name says, ready for a row; its gid."""
    owner = people["owner"]
    made = await asker.must(owner, "api.groups.create", {
        "name": "g", "joinMode": "open" if public else "invite",
        "invite": "admins" if row == "invite_by_admins" else "members",
        "uids": [people[who].uid for who in SEATED],
    })  # fmt: skip
    gid: int = made["gid"]
    for who in ("admin", "other_admin"):
        change = {"gid": gid, "uid": people[who].uid, "role": "admin"}
        await asker.must(owner, "api.groups.update_member", change)
    await say(asker, people["other_member"], gid)
    muted = {"gid": gid, "uid": people["muted"].uid, "mutedUntil": FUTURE}
    await asker.must(owner, "api.groups.update_member", muted)
    if row == "send_when_all_muted":
        await asker.must(owner, "api.groups.update", {"gid": gid, "mutedUntil": FUTURE})
    gone = {"gid": gid, "uid": people["removed"].uid}
    await asker.must(owner, "api.groups.remove_member", gone)
    return gid


_names = iter(range(1_000_000))
SPOKEN = len(("created", "admin", "other_admin")) + 1
"""`seq` of what the other member said."""


async def say(asker: Asker, person: Person, gid: int) -> None:
    await asker.must(person, "message.group", message(gid))


def message(to: int) -> dict[str, Any]:
    return {"cliMid": f"m-{next(_names)}", "to": to, "type": 1, "content": "hi"}


Request = tuple[str, dict[str, Any]]

REQUESTS: dict[str, Callable[[int, dict[str, Person]], Request]] = {
    "info": lambda gid, _: ("api.groups.info", {"gid": gid}),
    "members": lambda gid, _: ("api.groups.members", {"gid": gid}),
    "update": lambda gid, _: ("api.groups.update", {"gid": gid, "name": "new"}),
    "mute_all": lambda gid, _: ("api.groups.update", {"gid": gid, "mutedUntil": FUTURE}),
    "expire": lambda gid, _: (
        "api.conversations.update", {"conv": f"g:{gid}", "expireAfter": 86400},
    ),
    "dissolve": lambda gid, _: ("api.groups.dissolve", {"gid": gid}),
    "invite": lambda gid, people: (
        "api.groups.add_members", {"gid": gid, "uids": [people["newcomer"].uid]},
    ),
    "invite_by_admins": lambda gid, people: (
        "api.groups.add_members", {"gid": gid, "uids": [people["newcomer"].uid]},
    ),
    "remove_member": lambda gid, people: (
        "api.groups.remove_member", {"gid": gid, "uid": people["other_member"].uid},
    ),
    "remove_admin": lambda gid, people: (
        "api.groups.remove_member", {"gid": gid, "uid": people["other_admin"].uid},
    ),
    "mute_member": lambda gid, people: (
        "api.groups.update_member",
        {"gid": gid, "uid": people["other_member"].uid, "mutedUntil": FUTURE},
    ),
    "mute_admin": lambda gid, people: (
        "api.groups.update_member",
        {"gid": gid, "uid": people["other_admin"].uid, "mutedUntil": FUTURE},
    ),
    "role": lambda gid, people: (
        "api.groups.update_member",
        {"gid": gid, "uid": people["other_member"].uid, "role": "admin"},
    ),
    "nickname": lambda gid, people: (
        "api.groups.update_member",
        {"gid": gid, "uid": people["other_member"].uid, "nickname": "Nick"},
    ),
    "requests": lambda gid, _: ("api.groups.requests", {"gid": gid}),
    "leave": lambda gid, _: ("api.groups.leave", {"gid": gid}),
    "join": lambda gid, _: ("api.groups.join", {"gid": gid}),
    "send": lambda gid, _: ("message.group", message(gid)),
    "send_when_all_muted": lambda gid, _: ("message.group", message(gid)),
    "send_when_muted": lambda gid, _: ("message.group", message(gid)),
    "history": lambda gid, _: ("api.messages.list", {"conv": f"g:{gid}"}),
    "recall_others": lambda gid, _: ("api.messages.recall", {"conv": f"g:{gid}", "seq": SPOKEN}),
    "pin": lambda gid, _: ("api.messages.pin", {"conv": f"g:{gid}", "seq": SPOKEN, "on": True}),
}  # fmt: skip

WHO = ("owner", "admin", "member", "blocked", "muted", "removed", "stranger", "anonymous")


def group_code(row: str, who: str, *, public: bool) -> str:
    """What the table says: those removed are strangers; those whom the owner blocked are members like others."""
    if who == "anonymous":
        return "unauthenticated"
    if who == "muted" and row in SENDS:
        return GROUPS["send_when_muted"]["member"]
    if row == "send_when_muted":
        row = "send"  # for those who are not
    column = {"blocked": "member", "muted": "member", "removed": "stranger"}.get(who, who)
    return GROUPS[row]["stranger_public" if column == "stranger" and public else column]


async def test_every_row_of_groups_is_played() -> None:
    assert set(REQUESTS) == set(GROUPS)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("public", [True, False], ids=["public", "closed"])
@pytest.mark.parametrize("row", GROUPS)
async def test_rights_in_groups(
    asker: Asker, people: dict[str, Person], row: str, public: bool, way: str
) -> None:
    played: dict[str, str] = {}
    for who in WHO:
        gid = await grouped(asker, people, row, public=public)
        action, data = REQUESTS[row](gid, people)
        played[who] = (await asker.ask(way, people[who], action, data)).code
    assert played == {who: group_code(row, who, public=public) for who in WHO}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("row", GROUPS)
async def test_a_group_one_may_not_know_is_like_none(
    asker: Asker, people: dict[str, Person], row: str, way: str
) -> None:
    gid = await grouped(asker, people, row, public=False)
    asked = {}
    for who in ("stranger", "removed"):
        there, absent = [
            await asker.ask(way, people[who], *REQUESTS[row](which, people))
            for which in (gid, ABSENT)
        ]
        asked[who] = (there, absent)
    for there, absent in asked.values():
        assert there.code == absent.code != OK
        assert told(there, gid) == told(absent, ABSENT)


def told(answer: Answer, asked_for: int) -> bytes:
    """The answer, without the id that was asked for and the number of the message that was refused."""
    raw = answer.raw.replace(str(asked_for).encode(), b"<id>")
    return re.sub(rb"m-\d+", b"m", raw)
