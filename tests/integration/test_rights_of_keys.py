"""The rows of the table of rights about API keys: every call with a key that lacks its scope, on a real server."""

from __future__ import annotations

import re
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

import glideim
from glideim.account.keys import SCOPES
from glideim.config import Config
from glideim.maintenance import add_key
from glideim.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="module")

RIGHTS: dict[str, Any] = tomllib.loads(
    (Path(glideim.__file__).parent / "api" / "rights.toml").read_text("utf-8")
)
TABLE: dict[str, Any] = RIGHTS["scopes"]
PUBLIC: list[str] = RIGHTS["actions"]["public"]
HEADINGS: dict[str, str] = TABLE["headings"]
ADMINISTRATION = {
    action: scope for scope, actions in TABLE["administration"].items() for action in actions
}
FIELDS = {
    **dict.fromkeys(("gid", "uid", "seq", "sessionId", "keyId", "letterId"), 2**52),
    **dict.fromkeys(("conv", "id", "uploadId"), "x"),
}


class House:
    """A server, somebody on it, and a key for each scope: all but it."""

    def __init__(self, client: httpx2.AsyncClient, uid: int, lacking: dict[str, str]) -> None:
        self.client = client
        self.uid = uid
        self.lacking = lacking

    async def call(
        self, key: str, method: str, path: str, operation: dict[str, Any]
    ) -> httpx2.Response:
        """One request, as the person if the key may."""
        headers = {"Authorization": f"Bearer {key}"}
        if key != self.lacking["act"]:
            headers["GlideIM-Act-As"] = str(self.uid)
        content = operation.get("requestBody", {}).get("content", {})
        example = content.get("application/json", {}).get("example", {})
        rest = {k: v for k, v in FIELDS.items() if f"{{{k}}}" not in path} | example
        path = re.sub(r"\{(\w+)\}", lambda name: str(FIELDS[name[1]]), path)
        body = {"params": rest} if method in ("GET", "DELETE") else {"json": rest}
        return await self.client.request(method, path, headers=headers, **body)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    data = str(tmp_path_factory.mktemp("keys"))
    config = Config(
        data=data, durability="relaxed", limits="off", ws_port=0, tcp_port=0, http_port=0
    )
    server = await Server.start(config)
    lacking = {
        scope: await add_key(config, f"no-{scope}", [s for s in SCOPES if s != scope])
        for scope in SCOPES
    }
    async with httpx2.AsyncClient(base_url=server.addresses()["http"]) as client:
        made = await client.post("/api/v2/auth/guest", json={"device": 2})
        yield House(client, made.json()["uid"], lacking)
    await server.stop()


async def test_a_key_that_lacks_the_scope_of_a_call(house: House) -> None:
    described = (await house.client.get("/api/v2/openapi.json")).json()
    played = set()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if not isinstance(operation, dict) or "operationId" not in operation:
                continue
            action, heading = operation["operationId"], operation["tags"][0]
            # Anybody may, with or without a key; so may who has a file's address.
            if action in (*PUBLIC, "files.download", "files.thumbnail"):
                continue
            scope = ADMINISTRATION.get(action) or HEADINGS[heading]
            answer = await house.call(house.lacking[scope], method.upper(), path, operation)
            assert answer.status_code == 403, (action, answer.text)
            if method != "head":
                told = answer.json()
                assert told["code"] == "forbidden", action
                assert told["detail"] == f"this API key lacks the scope {scope}", action
            played |= {action, heading}
    assert played >= set(ADMINISTRATION) | set(HEADINGS)


async def test_what_is_not_there_is_not_told_from_what_was(house: House) -> None:
    key = house.lacking["act"]
    made = await house.client.post(
        "/api/v2/admin/keys",
        json={"name": "old", "scopes": ["users"]},
        headers={"Authorization": f"Bearer {key}"},
    )
    gone = made.json()["keyId"]
    answers = []
    for number in (gone, gone, 2**52):
        answer = await house.client.delete(
            f"/api/v2/admin/keys/{number}", headers={"Authorization": f"Bearer {key}"}
        )
        answers.append((answer.status_code, answer.content.replace(str(number).encode(), b"")))
    assert answers[0][0] < 300
    assert answers[1] == answers[2]
    assert answers[1][0] == 404
