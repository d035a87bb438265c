"""`api.groups.*` in both ways that clients have: paths, fields, results and refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.api import ApiWorld, Refused


class People:
    """Anna, Bob and Carl, who call."""

    def __init__(self, world: ApiWorld, uids: dict[str, int], tokens: dict[str, str]) -> None:
        self._world = world
        self.uids = uids
        self._tokens = tokens

    async def call(self, who: str, action: str, /, **data: Any) -> Any:
        return await self._world.call(f"api.groups.{action}", data, self._tokens[who])

    async def code(self, who: str, action: str, /, **data: Any) -> str:
        with pytest.raises(Refused) as refused:
            await self.call(who, action, **data)
        return refused.value.code


@pytest.fixture(params=["http", "connection"])
async def people(request: pytest.FixtureRequest) -> AsyncIterator[People]:
    async with ApiWorld(request.param) as world:
        found = {name: await world.person(name) for name in ("anna", "bob", "carl")}
        uids = {name: uid for name, (uid, _) in found.items()}
        tokens = {name: token for name, (_, token) in found.items()}
        yield People(world, uids, {**tokens, "": ""})


async def test_a_group_and_its_members(people: People) -> None:
    anna, bob, carl = (people.uids[name] for name in ("anna", "bob", "carl"))
    made = await people.call("anna", "create", name="Team", uids=[bob], announcement="hello")
    gid = made["gid"]
    assert {field: made[field] for field in made if field != "createdAt"} == {
        "gid": gid, "name": "Team", "announcement": "hello", "joinMode": "invite", "history": "join",
        "invite": "members", "owner": anna, "memberCount": 2, "maxMembers": 10_000, "role": "owner",
        "conv": f"g:{gid}",
    }  # fmt: skip
    added = await people.call("bob", "add_members", gid=gid, uids=[carl, 999_999])
    assert [m["uid"] for m in added["items"]] == [carl]
    assert added["refused"] == [999_999]
    page = await people.call("carl", "members", gid=gid, limit=2)
    assert [(m["uid"], m["role"], m["user"]["account"]) for m in page["items"]] == [
        (anna, "owner", "anna"), (bob, "member", "bob"),
    ]  # fmt: skip
    page = await people.call("carl", "members", gid=gid, limit=2, cursor=page["cursor"])
    assert [m["uid"] for m in page["items"]] == [carl]
    assert "cursor" not in page
    member = await people.call("anna", "update_member", gid=gid, uid=bob, role="admin")
    assert (member["uid"], member["role"]) == (bob, "admin")
    assert (await people.call("bob", "update", gid=gid, name="New"))["name"] == "New"
    assert await people.call("bob", "remove_member", gid=gid, uid=carl) == {}
    assert await people.call("bob", "leave", gid=gid) == {}
    assert [g["name"] for g in (await people.call("anna", "list"))["items"]] == ["New"]
    assert await people.call("bob", "list") == {"items": []}
    assert await people.call("anna", "dissolve", gid=gid) == {}
    assert await people.code("anna", "info", gid=gid) == "not_found"


async def test_joining(people: People) -> None:
    bob, carl = people.uids["bob"], people.uids["carl"]
    gid = (await people.call("anna", "create", name="g", joinMode="approval"))["gid"]
    for name in ("bob", "carl"):
        assert await people.call(name, "join", gid=gid, message="me?") == {"pending": True}
    waiting = (await people.call("anna", "requests", gid=gid))["items"]
    assert [(r["uid"], r["message"], r["user"]["account"]) for r in waiting] == [
        (bob, "me?", "bob"), (carl, "me?", "carl"),
    ]  # fmt: skip
    assert (await people.call("anna", "accept", gid=gid, uid=bob))["role"] == "member"
    assert await people.call("anna", "reject", gid=gid, uid=carl) == {}
    assert await people.call("anna", "requests", gid=gid) == {"items": []}
    seen = await people.call("carl", "info", gid=gid)
    assert seen == {"gid": gid, "name": "g", "joinMode": "approval", "memberCount": 2}
    await people.call("anna", "update", gid=gid, joinMode="open")
    joined = await people.call("carl", "join", gid=gid)
    assert (joined["group"]["memberCount"], joined["group"]["role"]) == (3, "member")


async def test_refusals(people: People) -> None:
    gid = (await people.call("anna", "create", name="g", uids=[people.uids["bob"]]))["gid"]
    assert await people.code("", "create", name="g") == "unauthenticated"
    assert await people.code("", "info", gid=gid) == "unauthenticated"
    assert await people.code("anna", "create", name=" ") == "bad_request"
    assert await people.code("anna", "create", name="g", joinMode="x") == "bad_request"
    assert await people.code("bob", "update", gid=gid, name="x") == "forbidden"
    assert await people.code("bob", "dissolve", gid=gid) == "forbidden"
    assert await people.code("anna", "leave", gid=gid) == "conflict"
    for name in ("info", "members", "leave", "join", "dissolve", "requests"):
        answers = [await people.code("carl", name, gid=which) for which in (gid, gid + 1)]
        assert answers == ["not_found", "not_found"]
    unknown = people.uids["carl"]
    assert await people.code("anna", "update_member", gid=gid, uid=unknown) == "not_found"
    assert await people.code("anna", "remove_member", gid=gid, uid=unknown) == "not_found"
