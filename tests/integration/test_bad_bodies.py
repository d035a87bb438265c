"""Bad requests are refused with the same code whichever way they come: over HTTP or the long connection."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from tests.support.peers import Peer, Pipe
from tests.support.people import House, refusal, sign_in
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

BIG = 2**53
LONG = "x" * 40_000
CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("bad_request", "api.auth.register", {}),
    ("bad_request", "api.auth.register", {"account": "a b", "password": "a good password"}),
    ("bad_request", "api.auth.register", {"account": "fine", "password": "x"}),
    ("bad_request", "api.auth.register", {"account": 5, "password": "a good password"}),
    ("bad_request", "api.auth.login", {"account": "nobody", "password": None, "device": "one"}),
    ("unauthenticated", "api.auth.login", {"account": "nobody", "password": "wrong", "device": 1}),
    ("bad_request", "api.auth.guest", {"device": -1}),
    ("bad_request", "api.auth.password", {"old": "x", "new": ["y"]}),
    ("bad_request", "api.users.update", {"nickname": {"first": "A"}}),
    ("bad_request", "api.users.update", {"nickname": "x" * 1000}),
    ("bad_request", "api.users.list", {"uids": ["one"]}),
    ("bad_request", "api.users.list", {"uids": [-1]}),
    ("bad_request", "api.users.search", {"q": ""}),
    ("bad_request", "api.users.search", {"q": "a", "limit": "many"}),
    ("bad_request", "api.messages.send", {}),
    ("bad_request", "api.messages.send", {"cliMid": "m", "to": "you", "type": 1, "content": "x"}),
    ("bad_request", "api.messages.send", {"cliMid": "m", "to": BIG, "type": 1, "content": "x"}),
    ("bad_request", "api.messages.send", {"cliMid": "m", "to": 1.5, "type": 1, "content": "x"}),
    ("bad_request", "api.messages.send", {"cliMid": "m", "to": True, "type": 1, "content": "x"}),
    ("bad_request", "api.messages.send", {"cliMid": "", "to": 10001, "type": 1, "content": "x"}),
    ("bad_request", "api.messages.send", {"cliMid": "m" * 65, "to": 10001, "content": "x"}),
    ("bad_request", "api.messages.send", {"cliMid": "m", "to": 10001, "type": -1, "content": "x"}),
    ("too_large", "api.messages.send", {"cliMid": "m", "to": 10001, "type": 1, "content": LONG}),
    ("not_found", "api.messages.send", {"cliMid": "m", "to": 999999, "type": 1, "content": "x"}),
    ("bad_request", "api.messages.send", {"cliMid": "m", "to": 10001, "content": "x", "mentions": 7}),
    ("not_found", "api.messages.list", {"conv": "c:1:2"}),
    ("not_found", "api.messages.list", {"conv": "nonsense"}),
    ("not_found", "api.messages.list", {"conv": "g:1"}),
    ("bad_request", "api.messages.list", {"conv": "c:1:2", "after": -1}),
    ("bad_request", "api.messages.list", {"conv": "c:1:2", "limit": "x"}),
    ("bad_request", "api.sync", {"known": []}),
    ("bad_request", "api.sync", {"known": {"c:1:2": "x"}}),
    ("bad_request", "api.sync", {"cursor": "never given out"}),
    ("bad_request", "api.messages.search", {}),
    ("bad_request", "api.messages.search", {"q": "?!"}),
    ("bad_request", "api.messages.search", {"q": "x", "cursor": "never given out"}),
    ("too_large", "api.messages.search", {"q": "x" * 300}),
    ("not_found", "api.messages.search", {"q": "x", "conv": "c:1:2"}),
    ("not_found", "api.contacts.add", {}),
    ("not_found", "api.contacts.add", {"uid": 999999}),
    ("bad_request", "api.contacts.add", {"uid": 10001, "remark": "x" * 10_000}),
    ("not_found", "api.contacts.accept", {"uid": 999999}),
    ("bad_request", "api.contacts.list", {"cursor": "never given out"}),
    ("bad_request", "api.blocks.add", {"uid": "you"}),
    ("too_large", "api.presence.list", {"uids": list(range(1, 600))}),
    ("bad_request", "api.groups.create", {"name": ""}),
    ("bad_request", "api.groups.create", {"name": "x" * 1000}),
    ("bad_request", "api.groups.create", {"name": "g", "uids": "everybody"}),
    ("not_found", "api.groups.info", {"gid": 999999}),
    ("bad_request", "api.groups.info", {"gid": "mine"}),
    ("not_found", "api.groups.join", {"gid": 999999}),
    ("not_found", "api.groups.leave", {"gid": 999999}),
    ("not_found", "api.groups.members", {"gid": 999999}),
    ("bad_request", "api.groups.update_member", {"gid": 999999, "uid": 1, "role": 7}),
    ("not_found", "api.groups.dissolve", {"gid": 999999}),
    ("not_found", "api.messages.recall", {"conv": "c:1:2", "seq": 1}),
    ("not_found", "api.messages.edit", {"conv": "c:1:2", "seq": 1, "content": "x"}),
    ("bad_request", "api.messages.edit", {"conv": "c:1:2", "seq": "x", "content": "x"}),
    ("not_found", "api.messages.react", {"conv": "c:1:2", "seq": 1, "key": "+1"}),
    ("bad_request", "api.messages.react", {"conv": "c:1:2", "seq": 1, "key": ["+1"]}),
    ("not_found", "api.messages.pin", {"conv": "c:1:2", "seq": 1}),
    ("not_found", "api.conversations.update", {"conv": "c:1:2", "pinned": True}),
    ("bad_request", "api.conversations.update", {"conv": "c:1:2", "pinned": "yes"}),
    ("not_found", "api.conversations.pins", {"conv": "c:1:2"}),
    ("not_found", "api.conversations.read", {"conv": "c:1:2", "seq": 1}),
    ("bad_request", "api.conversations.list", {"cursor": "never given out"}),
    ("bad_request", "api.auth.sessions", {"cursor": "never given out"}),
    ("not_found", "api.auth.end_session", {"sessionId": 999999}),
    ("bad_request", "api.files.begin", {}),
    ("bad_request", "api.files.begin", {"name": "a", "size": 0}),
    ("bad_request", "api.files.begin", {"name": "a", "size": -1}),
    ("bad_request", "api.files.begin", {"name": "a", "size": "1"}),
    ("bad_request", "api.files.begin", {"name": "a", "size": BIG}),
    ("bad_request", "api.files.begin", {"name": ["a"], "size": 1}),
    ("too_large", "api.files.begin", {"name": "a", "size": 2**40}),
    ("bad_request", "api.files.append", {"uploadId": "u", "offset": 0, "data": "not base64!"}),
    ("bad_request", "api.files.append", {"uploadId": "u", "offset": 0, "data": "YQ"}),
    ("bad_request", "api.files.append", {"uploadId": "u", "offset": -1, "data": ""}),
    ("bad_request", "api.files.append", {"uploadId": "u", "offset": 0, "data": 7}),
    ("too_large", "api.files.append", {"uploadId": "u", "offset": 0, "data": "A" * 49_156}),
    ("not_found", "api.files.append", {"uploadId": "u", "offset": 0, "data": "YQ=="}),
    ("not_found", "api.files.status", {"uploadId": "u"}),
    ("not_found", "api.files.cancel", {"uploadId": "u"}),
    ("not_found", "api.files.info", {"id": "u"}),
    ("not_found", "api.files.info", {"id": "x" * 5000}),
    ("not_found", "api.files.delete", {"id": "u"}),
    ("bad_request", "api.files.list", {"cursor": "never given out"}),
    ("bad_request", "api.files.list", {"limit": "x"}),
    ("bad_request", "api.files.list", {"limit": -1}),
    ("forbidden", "api.admin.keys", {}),
]  # fmt: skip


class Both:
    """A server, and somebody signed in who may ask it both ways."""

    def __init__(self, server: ServerProcess, client: httpx2.AsyncClient, anne: Peer) -> None:
        self.server = server
        self._client = client
        self._anne = anne
        self._paths: dict[str, tuple[str, str]] = {}

    async def start(self) -> None:
        """Learn the paths from the description."""
        described = (await self._client.get("/api/v2/openapi.json")).json()
        for path, methods in described["paths"].items():
            for method, operation in methods.items():
                self._paths[operation["operationId"]] = (method.upper(), path)

    async def over_http(self, action: str, data: dict[str, Any]) -> str:
        """The code of the answer; its status if that is no error."""
        data = dict(data)
        method, path = self._paths[action]
        path = re.sub(r"\{(\w+)\}", lambda name: str(data.pop(name[1])), path)
        query = {
            name: ",".join(map(str, value)) if isinstance(value, list) else value
            for name, value in data.items()
        }
        body: dict[str, Any] = {"params": query} if method in ("GET", "DELETE") else {"json": data}
        headers = {"Authorization": f"Bearer {self._anne.token}"}
        answer = await self._client.request(method, path, headers=headers, **body)
        return str(answer.json().get("code", answer.status_code))

    async def over_connection(self, action: str, data: dict[str, Any]) -> str:
        """The code of the answer. A connection of its own: too many frames that cannot be read end one."""
        pipes: list[Pipe] = []
        peer = await House(self.server, ("ws", "json"), pipes).arrive()
        peer.token, peer.uid = self._anne.token, self._anne.uid
        await sign_in(peer)
        code = await refusal(peer, action, **data)
        await pipes[0].close()
        return code


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Both]:
    data: Path = tmp_path_factory.mktemp("bad") / "data"
    pipes: list[Pipe] = []
    async with ServerProcess(data) as server, httpx2.AsyncClient(base_url=server.http) as client:
        asker = Both(server, client, await House(server, ("ws", "json"), pipes).person())
        await asker.start()
        yield asker
        await pipes[0].close()


@pytest.mark.parametrize(
    ("code", "action", "data"),
    CASES,
    ids=[f"{n}-{action.removeprefix('api.')}" for n, (_, action, _) in enumerate(CASES)],
)
async def test_both_ways_refuse_alike(
    both: Both, code: str, action: str, data: dict[str, Any]
) -> None:
    refused = (await both.over_http(action, data), await both.over_connection(action, data))
    assert refused == (code, code)


@pytest.mark.parametrize(
    "body", [b"[]", b"7", b'"x"', b"{", b"\xff", b"[" * 100_000, b'{"q":1e999}']
)
async def test_bodies_that_are_no_objects(both: Both, body: bytes) -> None:
    async with httpx2.AsyncClient(base_url=both.server.http) as client:
        answer = await client.post(
            "/api/v2/auth/login", content=body, headers={"Content-Type": "application/json"}
        )
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
