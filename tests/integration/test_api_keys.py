"""API keys and administration, over real sockets."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from glideim.account.keys import SCOPES
from glideim.account.service import hash_token
from glideim.config import Config
from glideim.maintenance import add_key, list_keys, revoke_key
from glideim.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="module")


class App:
    """Another server with a key."""

    def __init__(self, client: httpx2.AsyncClient, key: str) -> None:
        self._client = client
        self.key = key

    async def call(
        self, method: str, path: str, body: Any = None, *, acting_as: object = None
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.key}"}
        if acting_as is not None:
            headers["GlideIM-Act-As"] = str(acting_as)
        return await self._client.request(method, path, json=body, headers=headers)

    async def result(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = await self.call(method, path, body, **more)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def refusal(self, method: str, path: str, body: Any = None, **more: Any) -> str:
        answer = await self.call(method, path, body, **more)
        assert answer.status_code >= 400, answer.text
        return str(answer.json()["code"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    data = str(tmp_path_factory.mktemp("keys"))
    return Config(data=data, durability="relaxed", limits="off", ws_port=0, tcp_port=0, http_port=0)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(config: Config) -> AsyncIterator[Server]:
    server = await Server.start(config)
    yield server
    await server.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(server: Server) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=server.addresses()["http"] + "/api/v2") as client:
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(config: Config, client: httpx2.AsyncClient) -> App:
    return App(client, await add_key(config, "app", SCOPES))


async def with_scopes(app: App, client: httpx2.AsyncClient, *scopes: str) -> App:
    made = await app.result("POST", "/admin/keys", {"name": "k", "scopes": scopes})
    return App(client, made["key"])


async def user(app: App, account: str) -> int:
    made = await app.result("POST", "/admin/users", {"account": account, "ifMissing": True})
    return int(made["uid"])


async def test_an_app_logs_its_users_in(app: App, client: httpx2.AsyncClient) -> None:
    uid = await user(app, "ann@example.com")
    assert await user(app, "ANN@example.com") == uid
    session = await app.result("POST", f"/admin/users/{uid}/token", {"device": 2})
    assert session["uid"] == uid
    assert session["gateways"]["ws"]
    ann = App(client, session["token"])
    assert (await ann.result("GET", "/users/me"))["account"] == "ann@example.com"
    await app.result("DELETE", f"/admin/users/{uid}/sessions")
    assert await ann.refusal("GET", "/users/me") == "unauthenticated"


async def test_a_key_acts_as_a_user(app: App) -> None:
    bea, cyd = await user(app, "bea"), await user(app, "cyd")
    assert (await app.result("GET", "/users/me", acting_as=bea))["uid"] == bea
    message = {"cliMid": "k-1", "to": cyd, "type": 1, "content": "hello"}
    ack = await app.result("POST", "/messages", message, acting_as=bea)
    path = f"/conversations/{ack['conv']}/messages"
    (found,) = (await app.result("GET", path, acting_as=cyd))["items"]
    assert (found["from"], found["to"], found["content"]) == (bea, cyd, "hello")


async def test_a_call_as_a_user_says_who(app: App) -> None:
    assert await app.refusal("GET", "/users/me") == "bad_request"
    assert await app.refusal("GET", "/users/me", acting_as="bea") == "bad_request"
    assert await app.refusal("GET", "/users/me", acting_as="-1") == "bad_request"
    assert await app.refusal("GET", "/users/me", acting_as=10**17) == "bad_request"
    assert await app.refusal("GET", "/users/me", acting_as=99_999_999) == "not_found"
    uid = await user(app, "banned")
    await app.result("POST", f"/admin/users/{uid}/ban")
    assert await app.refusal("GET", "/users/me", acting_as=uid) == "forbidden"
    await app.result("DELETE", f"/admin/users/{uid}/ban")
    assert (await app.result("GET", "/users/me", acting_as=uid))["uid"] == uid


async def test_a_key_that_acts_cannot_end_or_renew_what_it_has_not(app: App) -> None:
    uid = await user(app, "dee")
    await app.result("POST", "/auth/logout", acting_as=uid)
    assert await app.refusal("POST", "/auth/refresh", acting_as=uid) == "unauthenticated"


async def operations(client: httpx2.AsyncClient) -> list[tuple[str, str, str, bool]]:
    """(method, path, scope, keys only) of every operation that is not public."""
    paths = (await client.get("/openapi.json")).json()["paths"]
    found = []
    for path, methods in paths.items():
        for method, operation in methods.items():
            security = operation["security"]
            if security:
                (scope,) = next(s["key"] for s in security if "key" in s)
                url = path.removeprefix("/api/v2").replace("{conv}", "c:1:2")
                url = re.sub(r"{\w+}", "1", url)
                only = all("token" not in s for s in security)
                found.append((method.upper(), url, scope, only))
    return found


async def test_every_call_asks_for_its_scope(app: App, client: httpx2.AsyncClient) -> None:
    uid = await user(app, "eve")
    keys = {scope: await with_scopes(app, client, *(set(SCOPES) - {scope})) for scope in SCOPES}
    asked = await operations(client)
    assert {scope for *_, scope, _ in asked} >= {"users", "messages", "webhooks", "admin", "act"}
    for method, path, scope, _ in asked:
        # Without `act` nobody could act as anybody: the scope of the call itself is what counts here.
        acting_as = None if scope == "act" else uid
        answer = await keys[scope].call(method, path, {}, acting_as=acting_as)
        assert answer.status_code == 403, (method, path)
        if method.upper() == "HEAD":
            # Which has no body.
            continue
        assert answer.json()["code"] == "forbidden", (method, path)
        assert scope in answer.json()["detail"]


async def test_what_is_for_keys_is_refused_to_users(app: App, client: httpx2.AsyncClient) -> None:
    uid = await user(app, "fay")
    token = (await app.result("POST", f"/admin/users/{uid}/token", {"device": 2}))["token"]
    fay = App(client, token)
    for_keys = [(method, path) for method, path, _, only in await operations(client) if only]
    assert len(for_keys) == 15
    for method, path in for_keys:
        assert await fay.refusal(method, path, {}, acting_as=uid) == "forbidden", (method, path)


async def test_keys_are_made_listed_and_revoked(
    app: App, client: httpx2.AsyncClient, config: Config
) -> None:
    made = await app.result("POST", "/admin/keys", {"name": "ops", "scopes": ["admin"]})
    ops = App(client, made["key"])
    listed = (await ops.result("GET", "/admin/keys"))["items"]
    mine = next(key for key in listed if key["keyId"] == made["keyId"])
    assert (mine["name"], mine["scopes"], "key" in mine) == ("ops", ["admin"], False)
    assert all(made["key"] not in json.dumps(key) for key in listed)
    await app.result("DELETE", f"/admin/keys/{made['keyId']}")
    assert await ops.refusal("GET", "/admin/keys") == "unauthenticated"
    assert await app.refusal("DELETE", f"/admin/keys/{made['keyId']}") == "not_found"
    assert await app.refusal("POST", "/admin/keys", {"name": "x", "scopes": ["root"]}) == (
        "bad_request"
    )


async def test_a_key_revoked_from_outside_is_dead_at_once(
    config: Config, client: httpx2.AsyncClient
) -> None:
    other = App(client, await add_key(config, "outside", ["admin"]))
    await other.result("GET", "/admin/statistics")
    key_id = next(key.key_id for key in await list_keys(config) if key.name == "outside")
    await revoke_key(config, key_id)
    assert await other.refusal("GET", "/admin/statistics") == "unauthenticated"


async def test_statistics(app: App) -> None:
    values = (await app.result("GET", "/admin/statistics"))["values"]
    assert values["gateway.connections"] == 0
    assert "webhooks.delivered_total" in values


async def test_nothing_of_keys_is_in_the_database_but_their_hashes(
    app: App, config: Config
) -> None:
    kept = contents(Path(config.data))
    assert hash_token(app.key) in kept
    assert app.key.encode() not in kept


def contents(directory: Path) -> bytes:
    return b"".join(file.read_bytes() for file in directory.iterdir() if file.is_file())
