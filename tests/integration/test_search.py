"""Search on a real server: what was said is found at once, by those who may see it, over every transport."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from tests.support.peers import WAYS, Peer, Pipe
from tests.support.people import PASSWORD, House, call, refusal
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    data: Path = tmp_path_factory.mktemp("search") / "data"
    async with ServerProcess(data) as running:
        yield running


@pytest_asyncio.fixture(params=WAYS, ids="-".join, loop_scope="module")
async def house(server: ServerProcess, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    pipes: list[Pipe] = []
    yield House(server, request.param, pipes)
    for pipe in pipes:
        await pipe.close()


_sent = iter(range(1_000_000))


async def say(peer: Peer, text: str, **fields: Any) -> dict[str, Any]:
    """Send as somebody; the acknowledgement."""
    message = {"cliMid": f"m{next(_sent)}", "type": 1, "content": text, **fields}
    return await call(peer, "api.messages.send", **message)


async def found(peer: Peer, q: str = "", **fields: Any) -> list[str]:
    """Contents of what somebody finds."""
    items = (await call(peer, "api.messages.search", q=q, **fields)).get("items", [])
    return [item["content"] for item in items]


async def test_what_two_said_to_each_other(house: House) -> None:
    anne, ben, carl = [await house.person() for _ in range(3)]
    first = await say(anne, "Shall we meet on Monday?", to=ben.uid)
    await say(ben, "我在北京 星期一回来", to=anne.uid)
    await say(ben, "monday is fine", to=anne.uid)
    await say(carl, "monday monday", to=ben.uid)
    conv = first["conv"]

    assert await found(anne, "monday") == ["monday is fine", "Shall we meet on Monday?"]
    assert await found(ben, "monday", conv=conv) == ["monday is fine", "Shall we meet on Monday?"]
    assert await found(anne, "monday", **{"from": ben.uid}) == ["monday is fine"]
    assert await found(anne, "北京") == ["我在北京 星期一回来"]
    assert await found(anne, "京北") == []
    assert await found(carl, "monday") == ["monday monday"]
    assert await found(carl, "shall") == []
    assert await found(anne, "monday", after=first["sendAt"] - 1, before=first["sendAt"] + 1) in (
        ["Shall we meet on Monday?"],
        # All within one millisecond.
        ["monday is fine", "Shall we meet on Monday?"],
    )
    assert await refusal(carl, "api.messages.search", q="monday", conv=conv) == "not_found"
    assert await refusal(anne, "api.messages.search") == "bad_request"


async def test_what_was_changed_or_taken_back(house: House) -> None:
    anne, ben = await house.person(), await house.person()
    kept, changed, recalled = [await say(anne, f"secret number {n}", to=ben.uid) for n in range(3)]
    assert len(await found(ben, "secret")) == 3
    await call(
        anne, "api.messages.edit", conv=changed["conv"], seq=changed["seq"], content="nothing"
    )
    await call(anne, "api.messages.recall", conv=recalled["conv"], seq=recalled["seq"])
    assert await found(ben, "secret") == ["secret number 0"]
    assert await found(ben, "nothing") == ["nothing"]
    assert kept["seq"] == 1


async def test_groups_show_what_members_may_see(house: House) -> None:
    anne, ben, carl = [await house.person() for _ in range(3)]
    group = await call(anne, "api.groups.create", name="Tea", uids=[ben.uid])
    gid, conv = group["gid"], f"g:{group['gid']}"
    await say(anne, "tea before", conv=conv)
    await call(anne, "api.groups.add_members", gid=gid, uids=[carl.uid])
    await say(anne, "tea after", conv=conv)

    assert await found(ben, "tea") == ["tea after", "tea before"]
    assert await found(carl, "tea") == ["tea after"]
    assert await found(carl, conv=conv) == ["tea after"]
    await call(anne, "api.groups.remove_member", gid=gid, uid=carl.uid)
    assert await found(carl, "tea") == []
    assert await refusal(carl, "api.messages.search", q="tea", conv=conv) == "not_found"
    assert await refusal(carl, "api.messages.search", q="tea", conv="g:999999") == "not_found"


async def test_over_http_in_pages(server: ServerProcess) -> None:
    pipes: list[Pipe] = []
    anne = await House(server, WAYS[0], pipes).person()
    for n in range(5):
        await say(anne, f"note {n}", to=anne.uid)
    headers = {"Authorization": f"Bearer {anne.token}"}
    pages, cursor = [], ""
    async with httpx2.AsyncClient(base_url=server.http, headers=headers) as client:
        while True:
            query: dict[str, str | int] = {
                "q": "note",
                "from": anne.uid,
                "limit": 2,
                "cursor": cursor,
            }
            answer = await client.get("/api/v2/messages/search", params=query)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            pages.append([item["content"] for item in page["items"]])
            if not (cursor := page.get("cursor", "")):
                break
    assert pages == [["note 4", "note 3"], ["note 2", "note 1"], ["note 0"]]
    for pipe in pipes:
        await pipe.close()


async def test_a_lost_index_comes_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pipes: list[Pipe] = []
    async with ServerProcess(data) as server:
        house = House(server, WAYS[0], pipes)
        await call(await house.arrive(), "api.auth.register", account="anne", password=PASSWORD)
        anne = await house.person("anne")
        await say(anne, "remember this", to=anne.uid)
        assert await found(anne, "remember") == ["remember this"]
        await server.kill()
        for path in data.glob("search.db*"):
            path.unlink()
        await server.start()
        assert await found(await house.person("anne"), "remember") == ["remember this"]
        for pipe in pipes:
            await pipe.close()
