"""The life of a group over real connections, for every transport and codec: who is told, who reads what, who speaks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from tests.support.peers import WAYS, Peer, Pipe
from tests.support.people import House, call, refusal
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")
FUTURE = 4_000_000_000_000
_names = iter(range(100_000))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    data: Path = tmp_path_factory.mktemp("groups") / "data"
    async with ServerProcess(data) as running:
        yield running


@pytest_asyncio.fixture(params=WAYS, ids="-".join, loop_scope="module")
async def house(server: ServerProcess, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    pipes: list[Pipe] = []
    yield House(server, request.param, pipes)
    for pipe in pipes:
        await pipe.close()


async def found(owner: Peer, *others: Peer, **fields: Any) -> int:
    """A group; everybody has heard of it."""
    uids = [other.uid for other in others]
    made = await call(owner, "api.groups.create", name="Team", uids=uids, **fields)
    gid: int = made["gid"]
    for other in others:
        assert (await event(other))["gid"] == gid
    return gid


async def event(peer: Peer) -> dict[str, Any]:
    """The next notice of a group."""
    data: dict[str, Any] = (await peer.hear("notify.group"))["data"]
    return data


async def speak(peer: Peer, gid: int, text: str = "hi") -> int:
    """Send to a group; the `seq` it got."""
    cli_mid = f"m-{next(_names)}"
    data = {"cliMid": cli_mid, "to": gid, "type": 1, "content": text}
    await peer.say({"seq": 5, "action": "message.group", "data": data})
    ack = (await peer.hear("ack.message"))["data"]
    assert (ack["cliMid"], ack["conv"]) == (cli_mid, f"g:{gid}")
    return int(ack["seq"])


async def no_voice(peer: Peer, gid: int) -> str:
    """The code with which sending is refused."""
    cli_mid = f"m-{next(_names)}"
    return await refusal(peer, "message.group", cliMid=cli_mid, to=gid, type=1, content="hi")


async def log(peer: Peer, gid: int) -> list[tuple[int, int, str]]:
    """The stream as somebody may read it: `seq`, type, and the text or what happened."""
    items = (await call(peer, "api.messages.list", conv=f"g:{gid}", after=0, limit=200))["items"]
    return [(m["seq"], m["type"], _said(m)) for m in items]


def _said(message: dict[str, Any]) -> str:
    content: str = message["content"]
    return content if message["type"] > 0 else str(json.loads(content)["type"])


async def test_a_group_from_beginning_to_end(house: House) -> None:
    anna, bob, carl = [await house.person() for _ in range(3)]
    made = await call(anna, "api.groups.create", name="Team", uids=[bob.uid, carl.uid])
    gid = made["gid"]
    assert (made["role"], made["memberCount"], made["conv"]) == ("owner", 3, f"g:{gid}")
    for peer in (bob, carl):
        notice = await event(peer)
        assert notice.pop("at") > 1_700_000_000_000
        assert notice == {
            "gid": gid, "seq": 1, "type": "created", "by": anna.uid, "value": "Team",
            "uids": [anna.uid, bob.uid, carl.uid],
        }  # fmt: skip

    assert await speak(bob, gid, "hello 👋") == 2
    for peer in (anna, carl):
        pushed = (await peer.hear("message.group"))["data"]
        assert (pushed["seq"], pushed["from"], pushed["to"]) == (2, bob.uid, gid)
        assert (pushed["conv"], pushed["content"]) == (f"g:{gid}", "hello 👋")

    await call(anna, "api.groups.update", gid=gid, name="The team")
    notice = await event(carl)
    assert (notice["seq"], notice["type"], notice["value"]) == (3, "renamed", "The team")
    await call(anna, "api.groups.update_member", gid=gid, uid=bob.uid, role="admin")
    assert (await event(carl))["type"] == "role"
    await call(bob, "api.groups.remove_member", gid=gid, uid=carl.uid)
    gone = await event(carl)
    assert (gone["seq"], gone["type"], gone["uids"]) == (5, "removed", [carl.uid])
    assert await speak(anna, gid, "without carl") == 6

    assert await log(bob, gid) == [
        (1, -1, "created"), (2, 1, "hello 👋"), (3, -6, "renamed"), (4, -10, "role"),
        (5, -5, "removed"), (6, 1, "without carl"),
    ]  # fmt: skip
    await call(anna, "api.groups.dissolve", gid=gid)
    while (last := await event(bob))["type"] != "dissolved":
        pass
    assert last["seq"] == 7
    for peer in (anna, bob, carl):
        assert await no_voice(peer, gid) == "not_member"
        for action in ("api.groups.info", "api.groups.members", "api.groups.leave"):
            assert await refusal(peer, action, gid=gid) == "not_found"
        assert await refusal(peer, "api.messages.list", conv=f"g:{gid}") == "not_found"


async def test_whoever_is_out_hears_and_reads_nothing_more(house: House) -> None:
    anna, bob, carl = [await house.person() for _ in range(3)]
    gid = await found(anna, bob, carl)
    await call(anna, "api.groups.remove_member", gid=gid, uid=bob.uid)
    assert (await event(bob))["type"] == "removed"
    assert (await event(carl))["type"] == "removed"
    await carl.say({"seq": 6, "action": "api.groups.leave", "data": {"gid": gid}})
    heard = [await carl.hear(), await carl.hear()]  # the answer, and what every device is told
    assert {envelope["action"] for envelope in heard} == {"api.ok", "notify.group"}
    await speak(anna, gid)
    for peer in (bob, carl):
        await peer.nothing()
        assert await no_voice(peer, gid) == "not_member"
        assert await refusal(peer, "api.messages.list", conv=f"g:{gid}") == "not_found"
        assert await refusal(peer, "api.groups.info", gid=gid) == "not_found"
        synced = await call(peer, "api.sync", known={f"g:{gid}": 1})
        assert f"g:{gid}" not in synced["messages"]
        assert f"g:{gid}" not in [c["conv"] for c in synced["conversations"]]


async def test_from_where_new_members_read(house: House) -> None:
    anna, bob, carl = [await house.person() for _ in range(3)]
    gids = {h: await found(anna, history=h) for h in ("join", "all")}
    for gid in gids.values():
        await speak(anna, gid, "before")
        await call(anna, "api.groups.add_members", gid=gid, uids=[bob.uid])
        assert (await event(bob))["type"] == "invited"
        await speak(anna, gid, "after")
    assert [seq for seq, _, _ in await log(bob, gids["join"])] == [3, 4]
    assert [seq for seq, _, _ in await log(bob, gids["all"])] == [1, 2, 3, 4]
    synced = await call(bob, "api.sync", known={})
    assert [m["seq"] for m in synced["messages"][f"g:{gids['join']}"]] == [3, 4]
    # What was there before the joining counts as read.
    reads = {c["conv"]: c["readSeq"] for c in synced["conversations"]}
    assert reads == {f"g:{gid}": 3 for gid in gids.values()}
    # Out and in again: what was said meanwhile is not theirs.
    gid = gids["join"]
    await call(bob, "api.groups.leave", gid=gid)
    await speak(anna, gid, "meanwhile")
    await call(anna, "api.groups.add_members", gid=gid, uids=[bob.uid])
    assert [seq for seq, _, _ in await log(bob, gid)] == [7]
    assert await refusal(carl, "api.messages.list", conv=f"g:{gid}") == "not_found"


async def test_silence(house: House) -> None:
    anna, bob, carl = [await house.person() for _ in range(3)]
    gid = await found(anna, bob, carl)
    await call(anna, "api.groups.update_member", gid=gid, uid=carl.uid, mutedUntil=FUTURE)
    notice = await event(carl)
    assert (notice["type"], notice["uids"], notice["value"]) == ("muted", [carl.uid], str(FUTURE))
    assert await no_voice(carl, gid) == "muted"
    await speak(bob, gid)
    await call(anna, "api.groups.update_member", gid=gid, uid=carl.uid, mutedUntil=0)
    await call(anna, "api.groups.update", gid=gid, mutedUntil=FUTURE)
    for peer in (bob, carl):
        assert await no_voice(peer, gid) == "muted"
    await speak(anna, gid)
    await call(anna, "api.groups.update", gid=gid, mutedUntil=0)
    await speak(bob, gid)


async def test_joining_on_request(house: House) -> None:
    anna, bob, carl, dora = [await house.person() for _ in range(4)]
    gid = await found(anna, bob, carl, joinMode="approval")
    await call(anna, "api.groups.update_member", gid=gid, uid=bob.uid, role="admin")
    for peer in (bob, carl):
        assert (await event(peer))["type"] == "role"
    seen = await call(dora, "api.groups.info", gid=gid)
    assert {k: v for k, v in seen.items() if v} == {
        "gid": gid, "name": "Team", "memberCount": 3, "joinMode": "approval",
    }  # fmt: skip
    assert (await call(dora, "api.groups.join", gid=gid, message="may I?"))["pending"] is True
    notice = await event(bob)
    assert notice.pop("at") > 0
    assert {field: value for field, value in notice.items() if value} == {
        "gid": gid, "type": "request", "by": dora.uid, "value": "may I?",
    }  # fmt: skip
    for peer in (carl, dora):
        await peer.nothing()
    assert await no_voice(dora, gid) == "not_member"
    waiting = (await call(bob, "api.groups.requests", gid=gid))["items"]
    assert [(r["uid"], r["message"]) for r in waiting] == [(dora.uid, "may I?")]
    assert (await call(bob, "api.groups.accept", gid=gid, uid=dora.uid))["uid"] == dora.uid
    joined = await event(dora)
    assert (joined["type"], joined["by"], joined["uids"]) == ("joined", bob.uid, [dora.uid])
    await speak(dora, gid)
    assert (await carl.hear("message.group"))["data"]["from"] == dora.uid


async def test_an_open_group(house: House) -> None:
    anna, bob = await house.person(), await house.person()
    gid = await found(anna, joinMode="open")
    joined = await call(bob, "api.groups.join", gid=gid)
    assert joined["group"]["role"] == "member"
    notice = await event(anna)
    assert (notice["type"], notice["by"], notice["uids"]) == ("joined", bob.uid, [bob.uid])
    mine = (await call(bob, "api.groups.list"))["items"]
    assert [(g["gid"], g["memberCount"]) for g in mine] == [(gid, 2)]


async def test_handing_over(house: House) -> None:
    anna, bob = await house.person(), await house.person()
    gid = await found(anna, bob)
    assert await refusal(anna, "api.groups.leave", gid=gid) == "conflict"
    await call(anna, "api.groups.update_member", gid=gid, uid=bob.uid, role="owner")
    notice = await event(bob)
    assert (notice["type"], notice["uids"]) == ("owner", [bob.uid])
    assert await refusal(anna, "api.groups.dissolve", gid=gid) == "forbidden"
    await call(anna, "api.groups.leave", gid=gid)
    members = (await call(bob, "api.groups.members", gid=gid))["items"]
    assert [(m["uid"], m["role"]) for m in members] == [(bob.uid, "owner")]


async def test_whoever_blocked_somebody_is_not_added_by_them(house: House) -> None:
    anna, bob = await house.person(), await house.person()
    await call(bob, "api.blocks.add", uid=anna.uid)
    gid = await found(anna)
    added = await call(anna, "api.groups.add_members", gid=gid, uids=[bob.uid, 2**52])
    assert (added["items"], added["refused"]) == ([], [bob.uid, 2**52])
    await bob.nothing()


async def test_a_race_for_the_last_place_has_one_order(house: House) -> None:
    """Many change a group at once: every event has a `seq` of its own, and all see the same order."""
    anna, *others = [await house.person() for _ in range(7)]
    gid = await found(anna, joinMode="open")
    await asyncio.gather(*(call(other, "api.groups.join", gid=gid) for other in others))
    stream = await log(anna, gid)
    assert [seq for seq, _, _ in stream] == list(range(1, 8))
    assert [said for _, _, said in stream] == ["created", *["joined"] * 6]
    members = (await call(anna, "api.groups.members", gid=gid))["items"]
    assert {m["uid"] for m in members} == {anna.uid, *(other.uid for other in others)}


# --- over HTTP ----------------------------------------------------------------------------------------------


async def test_the_same_over_http(server: ServerProcess) -> None:
    pipes: list[Pipe] = []
    house = House(server, WAYS[0], pipes)
    anna, bob = await house.person(), await house.person()
    async with httpx2.AsyncClient(base_url=f"{server.http}/api/v2") as client:

        async def ask(who: Peer, method: str, path: str, body: Any = None) -> httpx2.Response:
            headers = {"Authorization": f"Bearer {who.token}"}
            return await client.request(method, path, headers=headers, json=body)

        made = await ask(anna, "POST", "/groups", {"name": "Team"})
        gid = made.json()["gid"]
        assert (made.status_code, made.json()["memberCount"]) == (201, 1)
        at = f"/groups/{gid}"
        added = await ask(anna, "POST", f"{at}/members", {"uids": [bob.uid]})
        assert [m["uid"] for m in added.json()["items"]] == [bob.uid]
        page = (await ask(bob, "GET", f"{at}/members?limit=1")).json()
        rest = (await ask(bob, "GET", f"{at}/members?limit=1&cursor={page['cursor']}")).json()
        assert [m["uid"] for m in page["items"] + rest["items"]] == [anna.uid, bob.uid]
        changed = await ask(anna, "PATCH", f"{at}/members/{bob.uid}", {"role": "admin"})
        assert changed.json()["role"] == "admin"
        assert (await ask(bob, "PATCH", at, {"announcement": "hello"})).status_code == 200
        assert (await ask(bob, "GET", at)).json()["announcement"] == "hello"
        assert (await ask(bob, "DELETE", at)).json()["code"] == "forbidden"
        assert (await ask(anna, "DELETE", f"{at}/members/{bob.uid}")).status_code == 200
        assert (await ask(bob, "GET", at)).status_code == 404
        assert (await ask(anna, "POST", f"{at}/leave")).status_code == 409
        assert (await ask(anna, "DELETE", at)).status_code == 200
        assert (await ask(anna, "GET", "/groups")).json() == {"items": []}
    for pipe in pipes:
        await pipe.close()
