"""The HTTP API of a whole server, over real sockets."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from glideim.config import Config
from glideim.kernel.clock import ManualClock
from glideim.protocol.actions import Action
from glideim.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASSWORD = "correct horse"
ORIGIN = "https://chat.example"
PAGE = Path(__file__).parents[2] / "docs" / "api.md"


class Person:
    """Somebody signed in."""

    def __init__(self, client: httpx2.AsyncClient, account: str, uid: int, token: str) -> None:
        self._client = client
        self.account = account
        self.uid = uid
        self.token = token

    async def call(self, method: str, path: str, **arguments: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self._client.request(method, path, headers=headers, **arguments)

    async def get(self, path: str, status: int = 200) -> Any:
        return checked(await self.call("GET", path), status)

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        return checked(await self.call("POST", path, json=body or {}), status)


def checked(answer: httpx2.Response, status: int = 200) -> Any:
    """The body of an answer that has this status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
    assert "server" not in answer.headers
    return answer.json()


def refused(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """The problem that an answer is."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "code", "retryable"}
    assert body["type"] == f"urn:glideim:error:{code}"
    assert (body["status"], body["code"]) == (status, code)
    assert body["title"]
    assert body["detail"]
    return body


async def started(directory: Path, **options: Any) -> Server:
    return await Server.start(
        Config(
            data=str(directory),
            store="memory",
            ws_port=0,
            tcp_port=0,
            http_port=0,
            origins=ORIGIN,
            **options,
        )
    )


def client_of(server: Server) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=server.addresses()["http"] + "/api/v2")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    server = await started(tmp_path_factory.mktemp("http"), limits="off")
    yield server
    await server.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(server: Server) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(server) as client:
        yield client


async def arrive(client: httpx2.AsyncClient, account: str) -> Person:
    """Register and sign in."""
    body = {"account": account, "password": PASSWORD}
    made = checked(await client.post("/auth/register", json=body), 201)
    token = checked(await client.post("/auth/login", json={**body, "device": 2}))["token"]
    return Person(client, account, made["uid"], token)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def alice(client: httpx2.AsyncClient) -> Person:
    return await arrive(client, "Alice")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bob(client: httpx2.AsyncClient) -> Person:
    return await arrive(client, "bob")


# --- accounts ---------------------------------------------------------------------------------------------


async def test_an_account_from_its_beginning_to_its_end(
    client: httpx2.AsyncClient, server: Server
) -> None:
    login = {"account": "CAROL", "password": PASSWORD, "device": 1}
    carol = await arrive(client, "carol")
    answer = checked(await client.post("/auth/login", json=login))
    assert answer["uid"] == carol.uid
    assert answer["gateways"]["ws"] == [server.addresses()["ws"]]
    other = Person(client, "carol", carol.uid, answer["token"])

    renewed = await carol.post("/auth/refresh")
    assert renewed["token"] != carol.token
    carol.token = renewed["token"]

    change = {"oldPassword": PASSWORD, "newPassword": "battery staple"}
    assert await carol.post("/auth/password", change) == {}
    assert (await carol.get("/users/me"))["uid"] == carol.uid
    refused(await other.call("GET", "/users/me"), 401, "unauthenticated")
    refused(await client.post("/auth/login", json=login), 401, "unauthenticated")

    assert await carol.post("/auth/logout") == {}
    refused(await carol.call("GET", "/users/me"), 401, "unauthenticated")


async def test_a_guest(client: httpx2.AsyncClient) -> None:
    made = checked(await client.post("/auth/guest", json={"nickname": "V", "device": 2}), 201)
    guest = Person(client, "", made["uid"], made["token"])
    assert (await guest.get("/users/me"))["nickname"] == "V"


async def test_a_name_is_taken_once(client: httpx2.AsyncClient, alice: Person) -> None:
    body = {"account": alice.account.upper(), "password": PASSWORD}
    refused(await client.post("/auth/register", json=body), 409, "conflict")


async def test_the_wrong_old_password(alice: Person) -> None:
    body = {"oldPassword": "wrong one", "newPassword": "battery staple"}
    refused(await alice.call("POST", "/auth/password", json=body), 403, "forbidden")


# --- people -----------------------------------------------------------------------------------------------


async def test_ones_own_profile(alice: Person) -> None:
    answer = await alice.call("PATCH", "/users/me", json={"nickname": "Alice L."})
    assert checked(answer)["nickname"] == "Alice L."
    profile = await alice.get("/users/me")
    assert (profile["uid"], profile["account"]) == (alice.uid, "Alice")
    assert profile["nickname"] == "Alice L."


@pytest.mark.parametrize("query", ["uids={0},{1},99", "uids={0}&uids={1}", "uids={0},&uids={1},99"])
async def test_profiles_by_uid(alice: Person, bob: Person, query: str) -> None:
    found = await alice.get("/users?" + query.format(alice.uid, bob.uid))
    assert [user["uid"] for user in found["items"]] == [alice.uid, bob.uid]


async def test_finding_people(alice: Person, bob: Person) -> None:
    found = await alice.get("/users/search?q=BO&limit=5")
    assert [user["uid"] for user in found["items"]] == [bob.uid]


# --- messages ---------------------------------------------------------------------------------------------


async def test_sending_and_reading_back(alice: Person, bob: Person) -> None:
    conv = f"c:{min(alice.uid, bob.uid)}:{max(alice.uid, bob.uid)}"
    acks = [
        await alice.post(
            "/messages", {"cliMid": f"m{n}", "to": bob.uid, "type": 1, "content": f"<{n}> ü"}, 201
        )
        for n in range(3)
    ]
    assert [ack["conv"] for ack in acks] == [conv] * 3
    first = acks[0]["seq"]
    assert [ack["seq"] for ack in acks] == [first, first + 1, first + 2]

    again = {"cliMid": "m0", "to": bob.uid, "type": 1, "content": "<0> ü"}
    assert await alice.post("/messages", again, 201) == acks[0]

    history = await bob.get(f"/conversations/{conv}/messages?after={first}&limit=1")
    assert [m["content"] for m in history["items"]] == ["<1> ü"]
    latest = await bob.get(f"/conversations/{conv.replace(':', '%3A')}/messages?limit=2")
    assert [m["seq"] for m in latest["items"]] == [first + 1, first + 2]

    synced = await bob.post("/sync", {"known": {conv: first}})
    assert [m["cliMid"] for m in synced["messages"][conv]] == ["m1", "m2"]
    assert synced["more"] is False
    assert synced["cursor"]


async def test_strangers_read_nothing(client: httpx2.AsyncClient, alice: Person) -> None:
    eve = await arrive(client, "eve")
    conv = f"c:{alice.uid}:{alice.uid + 1}"
    refused(await eve.call("GET", f"/conversations/{conv}/messages"), 404, "not_found")


# --- what is refused --------------------------------------------------------------------------------------


async def test_every_call_that_is_not_public_asks_for_a_token(
    client: httpx2.AsyncClient,
) -> None:
    paths = checked(await client.get("/openapi.json"))["paths"]
    closed = [
        (method, path)
        for path, operations in paths.items()
        for method, operation in operations.items()
        if operation["security"]
    ]
    assert len(closed) >= 10
    for method, path in closed:
        url = path.removeprefix("/api/v2").replace("{conv}", "c:1:2")
        answer = await client.request(method.upper(), url)
        if method == "head":
            # Which has no body.
            assert (answer.status_code, answer.content) == (401, b"")
        else:
            refused(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"{", "application/json", 400, "bad_request"),
        (b'["alice"]', "application/json", 400, "bad_request"),
        (b'{"account":"\xff"}', "application/json", 400, "bad_request"),
        (b'{"account":7}', "application/json", 400, "bad_request"),
        (b"account=a", "application/x-www-form-urlencoded", 415, "bad_request"),
        (b" " * (2**20 + 1), "application/json", 413, "too_large"),
    ],
)
async def test_bodies_that_are_refused(
    client: httpx2.AsyncClient, content: bytes, media_type: str, status: int, code: str
) -> None:
    headers = {"Content-Type": media_type}
    answer = await client.post("/auth/register", content=content, headers=headers)
    refused(answer, status, code)


async def test_a_body_in_chunks_is_cut_where_it_is_too_large(client: httpx2.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(18):
            yield b" " * 2**16

    headers = {"Content-Type": "application/json"}
    answer = await client.post("/auth/register", content=chunks(), headers=headers)
    refused(answer, 413, "too_large")


async def test_a_message_that_is_larger_than_messages_may_be(alice: Person, bob: Person) -> None:
    body = {"cliMid": "large", "to": bob.uid, "type": 1, "content": "x" * 70_000}
    refused(await alice.call("POST", "/messages", json=body), 413, "too_large")


@pytest.mark.parametrize("path", ["/users?uids=x", "/users?uids=1,-1", "/users/search?limit=1.5"])
async def test_query_fields_that_are_refused(alice: Person, path: str) -> None:
    refused(await alice.call("GET", path), 400, "bad_request")


@pytest.mark.parametrize("path", ["/", "/users/", "/nothing", "/../../etc/passwd", "//users/me"])
async def test_unknown_paths(client: httpx2.AsyncClient, path: str) -> None:
    refused(await client.get(path), 404, "not_found")


async def test_methods_that_a_path_does_not_have(client: httpx2.AsyncClient) -> None:
    answer = await client.put("/users/me")
    refused(answer, 405, "unsupported")
    assert answer.headers["allow"] == "GET, HEAD, PATCH"
    assert (await client.get("/auth/login")).headers["allow"] == "POST"


async def test_too_many_calls(tmp_path: Path) -> None:
    clock = ManualClock()
    server = await Server.start(
        Config(data=str(tmp_path), store="memory", ws_port=0, tcp_port=0, http_port=0), clock
    )
    try:
        async with client_of(server) as client:
            body = {"account": "nobody", "password": "wrong one", "device": 2}
            for _ in range(10):
                refused(await client.post("/auth/login", json=body), 401, "unauthenticated")
            answer = await client.post("/auth/login", json=body)
            assert refused(answer, 429, "rate_limited")["retryable"] is True
            assert int(answer.headers["retry-after"]) > 0
    finally:
        await server.stop()


# --- browsers ---------------------------------------------------------------------------------------------


async def test_pages_of_configured_origins_may_call(client: httpx2.AsyncClient) -> None:
    preflight = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = await client.options("/users/me", headers=preflight)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in answer.headers
    call = await client.get("/users/me", headers={"Origin": ORIGIN})
    assert call.status_code == 401
    assert call.headers["access-control-allow-origin"] == ORIGIN


async def test_pages_of_other_origins_may_not(client: httpx2.AsyncClient) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = await client.options("/auth/login", headers=headers)
    assert answer.status_code == 400
    assert "access-control-allow-origin" not in answer.headers
    call = await client.get("/openapi.json", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in call.headers


async def test_the_page_needs_no_other_host(client: httpx2.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert {"docs.js", "docs.css"} <= set(links)
    for link in links:
        found = await client.get(f"/{link}")
        assert found.status_code == 200
        assert "//" not in link
    assert not re.search(r"<script>|<style|\son\w+=|style=", page.text)


# --- the machine ------------------------------------------------------------------------------------------


async def test_health_readiness_and_metrics(server: Server, alice: Person) -> None:
    await alice.get("/users/me")
    async with httpx2.AsyncClient(base_url=server.addresses()["http"]) as client:
        assert checked(await client.get("/healthz")) == {"status": "ok"}
        assert checked(await client.get("/readyz")) == {"status": "ready"}
        metrics = (await client.get("/metrics")).text
    lines = dict(line.rpartition(" ")[::2] for line in metrics.splitlines() if line[0] != "#")
    assert float(lines["glideim_gateway_connections"]) == 0
    assert float(lines['glideim_http_requests_total{action="api.users.me",status="2xx"}']) >= 1
    for part, figures in server.statistics().items():
        for name in figures:
            assert f"glideim_{part}_{name}" in lines


# --- the description --------------------------------------------------------------------------------------


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def document(client: httpx2.AsyncClient) -> dict[str, Any]:
    described: dict[str, Any] = checked(await client.get("/openapi.json"))
    return described


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for child in children:
            yield from nodes(child)


async def test_the_description_is_whole(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    refs = {node["$ref"] for node in nodes(document) if isinstance(node.get("$ref"), str)}
    assert refs
    for ref in refs:
        target: Any = document
        for part in ref.removeprefix("#/").split("/"):
            target = target[part]
        assert target
    ids = [operation["operationId"] for *_, operation in operations(document)]
    assert len(ids) == len(set(ids))
    tags = {tag["name"] for tag in document["tags"]}
    for _, path, operation in operations(document):
        named = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))
        assert set(operation["tags"]) <= tags
        assert operation["summary"]
        done = {status for status in operation["responses"] if status.startswith("2")}
        # A download is answered with all of a file, or with a part of it.
        assert len(done) == 1 or done == {"200", "206"}


BYTES = {"files.upload", "files.resume", "files.progress", "files.download", "files.thumbnail"}
"""What only HTTP serves: a frame is too small for it."""


async def test_every_action_of_the_api_is_described(document: dict[str, Any]) -> None:
    described = {operation["operationId"] for *_, operation in operations(document)}
    actions = {str(action) for action in Action if action.startswith("api.")} - {"api.ok"}
    assert described == actions | BYTES


async def test_what_carries_bytes_is_described_with_its_types(document: dict[str, Any]) -> None:
    by_id = {operation["operationId"]: operation for *_, operation in operations(document)}
    assert set(by_id["files.upload"]["requestBody"]["content"]) == {"multipart/form-data"}
    assert set(by_id["files.resume"]["requestBody"]["content"]) == {"application/octet-stream"}
    headers = [p for p in by_id["files.resume"]["parameters"] if p["in"] == "header"]
    assert [(p["name"], p["required"]) for p in headers] == [("Upload-Offset", True)]
    download = by_id["files.download"]
    assert {"200", "206", "304", "404", "416"} <= set(download["responses"])
    assert {"Range", "If-Range"} <= {p["name"] for p in download["parameters"]}
    assert "Content-Range" in download["responses"]["206"]["headers"]
    assert set(by_id["files.thumbnail"]["responses"]["200"]["content"]) == {"image/webp"}
    for name in BYTES:
        refused = by_id[name]["responses"]["404" if "upload" not in name else "413"]
        assert refused["description"]


async def test_examples_are_what_the_schemas_say(document: dict[str, Any]) -> None:
    """Names only: values are checked by the records, in the tests of the API."""
    checked_examples = 0
    for node in nodes(document):
        if "example" not in node or "$ref" not in node.get("schema", {}):
            continue
        schema = document["components"]["schemas"][node["schema"]["$ref"].rpartition("/")[2]]
        assert set(node["example"]) <= set(schema["properties"])
        assert set(schema.get("required", ())) <= set(node["example"])
        checked_examples += 1
    assert checked_examples > 20


async def test_the_written_page_names_every_endpoint(document: dict[str, Any]) -> None:
    text = PAGE.read_text("utf-8")
    rows = set(re.findall(r"^\| `(\w+) (/\S+)` \| `([\w.]+)` \|", text, re.MULTILINE))
    assert rows == {
        (method, path.removeprefix("/api/v2"), operation["operationId"])
        for method, path, operation in operations(document)
    }
