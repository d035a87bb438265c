"""The server over real sockets, with an API of its own: what the API cannot be made to do."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from msgspec import Struct

from glideim.account.ports import Caller, Principal
from glideim.api.ports import Endpoint
from glideim.edge.http import protocol
from glideim.edge.http import server as server_module
from glideim.edge.http.protocol import LimitedHttp
from glideim.edge.http.server import HttpOptions, HttpServer
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Empty

LIMIT = 1000


class Echo(Struct, frozen=True, rename="camel"):
    """Says who called, and what."""

    some_text: str = ""
    uid: int = 0
    token: str = ""


class OneApi:
    """An API of one action that does what the test wants."""

    def __init__(self) -> None:
        self.act: Callable[[Caller, Echo], Awaitable[Any]] = self.echo

    async def echo(self, caller: Caller, request: Echo) -> Echo:
        uid = caller.principal.uid if caller.principal else 0
        return Echo(request.some_text, uid, caller.token)

    async def handle(self, caller: Caller, action: str, data: Any) -> Any:
        assert action.startswith("api.echo.")
        return await self.act(caller, data)

    def is_public(self, action: str) -> bool:
        return action == "api.echo.public"

    async def authenticate(self, token: str, address: str = "") -> Principal:
        if token != "good":
            raise RequestError(ErrorCode.UNAUTHENTICATED, "the token is not valid")
        return Principal(7, 1)

    def endpoint(self, method: str, name: str, *, public: bool = False) -> Endpoint:
        async def handler(caller: Caller, request: Any) -> Any:
            return await self.act(caller, request)

        return Endpoint(method, f"/{name}", f"api.echo.{name}", Echo, Echo, handler, name, "Echo",
                        public=public)  # fmt: skip


class Running:
    """A server that serves."""

    def __init__(self) -> None:
        self.api = OneApi()
        self.ready = True
        self.address = ("", 0)

    async def is_ready(self) -> bool:
        return self.ready

    def statistics(self) -> Mapping[str, Mapping[str, float]]:
        return {"gateway": {"connections": 3}}

    def server(self, options: HttpOptions) -> HttpServer:
        return HttpServer(
            options=options,
            endpoints=(
                self.api.endpoint("POST", "private"),
                self.api.endpoint("POST", "public", public=True),
                self.api.endpoint("DELETE", "public", public=True),
            ),
            api=self.api,
            authenticator=self.api,
            ready=self.is_ready,
            statistics=self.statistics,
            version="1",
        )


@asynccontextmanager
async def serving(host: str = "127.0.0.1") -> AsyncIterator[tuple[Running, httpx2.AsyncClient]]:
    running = Running()
    server = running.server(HttpOptions(host, 0, body_limit=LIMIT))
    running.address = await server.start()
    try:
        name = f"[{host}]" if ":" in host else host
        base = f"http://{name}:{running.address[1]}"
        async with httpx2.AsyncClient(base_url=base) as client:
            yield running, client
    finally:
        await server.stop()


async def raw(running: Running, *parts: bytes) -> bytes:
    """Everything that the server answers until it closes."""
    reader, writer = await asyncio.open_connection(*running.address)
    for part in parts:
        writer.write(part)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await writer.wait_closed()
    return answer


async def test_the_token_says_who_calls() -> None:
    async with serving() as (_, client):
        headers = {"Authorization": "bearer  good"}
        answer = await client.post("/api/v2/private", json={"someText": "hi"}, headers=headers)
        assert answer.json() == {"someText": "hi", "uid": 7, "token": "good"}


@pytest.mark.parametrize("header", ["", "Bearer", "Basic good", "good", "Bearer bad"])
async def test_without_a_good_token_the_body_does_not_matter(header: str) -> None:
    async with serving() as (_, client):
        answer = await client.post(
            "/api/v2/private", content=b"{", headers={"Authorization": header}
        )
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["code"] == "unauthenticated"


async def test_public_calls_ask_nobody() -> None:
    async with serving() as (_, client):
        headers = {"Authorization": "Bearer bad"}
        answer = await client.post("/api/v2/public", json={}, headers=headers)
        assert answer.status_code == 200
        assert answer.json()["uid"] == 0


async def test_a_failure_says_nothing_but_is_found_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(caller: Caller, request: Echo) -> Any:
        raise ValueError("the secret of the store")

    async with serving() as (running, client):
        running.api.act = fail
        with caplog.at_level(logging.ERROR, "glideim.http"):
            answer = await client.post("/api/v2/public")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert answer.json()["retryable"] is True
    assert "secret" not in answer.text
    (record,) = caplog.records
    assert answer.headers["x-request-id"] in record.getMessage()
    assert record.exc_info is not None


async def test_a_store_that_is_down_is_unavailable() -> None:
    async def fail(caller: Caller, request: Echo) -> Any:
        raise StoreUnavailableError("disk full at /somewhere")

    async with serving() as (running, client):
        running.api.act = fail
        answer = await client.post("/api/v2/public")
        assert answer.status_code == 503
        assert answer.json()["code"] == "unavailable"
        assert "somewhere" not in answer.text
        assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("code", list(ErrorCode))
async def test_refusals_keep_code_and_words(code: ErrorCode) -> None:
    async def refuse(caller: Caller, request: Echo) -> Any:
        raise RequestError(code, "so it is")

    async with serving() as (running, client):
        running.api.act = refuse
        body = (await client.delete("/api/v2/public")).json()
        assert (body["code"], body["detail"]) == (code, "so it is")


async def test_health_and_readiness_are_two_things() -> None:
    async with serving() as (running, client):
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        assert (await client.get("/readyz")).status_code == 200
        running.ready = False
        assert (await client.get("/healthz")).status_code == 200
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_readiness_that_fails_is_a_problem_with_the_common_headers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(_running: Running) -> bool:
        raise ValueError("secret")

    monkeypatch.setattr(Running, "is_ready", fail)
    async with serving() as (_, client):
        answer = await client.get("/readyz")
        assert answer.status_code == 500
        assert answer.json()["code"] == "internal"
        assert "x-request-id" in answer.headers
        assert "secret" not in answer.text


async def test_the_connection_goes_on_after_a_refused_body() -> None:
    async with serving() as (running, _):
        large = b"x" * (LIMIT + 1)
        head = b"POST /api/v2/public HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        answer = await raw(
            running,
            head + b"Content-Length: %d\r\n\r\n" % len(large) + large,
            head + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}",
        )
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"HTTP/1.1 200 OK" in answer


async def test_a_client_that_asks_first_need_not_send_what_is_too_large() -> None:
    async with serving() as (running, _):
        answer = await raw(
            running,
            b"POST /api/v2/public HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
            b"Connection: close\r\nContent-Length: 5000\r\n\r\n",
        )
        assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("line", [b"X: " + b"x" * 1000 + b"\r\n", b"x" * 1000])
async def test_a_head_that_never_ends_is_cut(line: bytes) -> None:
    async with serving() as (running, _):
        reader, writer = await asyncio.open_connection(*running.address)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + (b"" if b":" in line else b"Y: "))
        sent = 0
        try:
            while sent < 4 * 2**20 and not reader.at_eof():
                writer.write(line * 10)
                sent += len(line) * 10
                await writer.drain()
                # The server's turn: draining gives it none as long as the kernel takes more.
                await asyncio.sleep(0)
        except ConnectionError:
            pass
        assert sent < 4 * 2**20
        writer.transport.abort()


async def test_a_large_body_in_one_piece_is_not_a_large_head(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "HEAD_LIMIT", 200)
    async with serving() as (running, _):
        body = b'{"someText":"' + b"x" * 500 + b'"}'
        answer = await raw(
            running,
            b"POST /api/v2/public HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body,
        )
        assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET /heal", b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHo"],
)
async def test_a_head_that_does_not_arrive_in_time_ends_the_connection(
    begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LimitedHttp, "HEAD_WITHIN", 0.2)
    async with serving() as (running, _):
        answer = await raw(running, begun)
        assert answer.count(b'{"status":"ok"}') == begun.count(b"\r\n\r\n")


async def test_what_is_not_http_is_refused() -> None:
    async with serving() as (running, _):
        assert (await raw(running, b"\x16\x03\x01 hello\r\n\r\n")).startswith(b"HTTP/1.1 400 ")


async def test_an_answer_without_a_body() -> None:
    async with serving() as (_, client):
        answer = await client.head("/healthz")
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-length"] == "15"


async def test_who_asks_first_is_told_to_go_on() -> None:
    async with serving() as (running, _):
        reader, writer = await asyncio.open_connection(*running.address)
        writer.write(
            b"POST /api/v2/public HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Connection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        )
        interim = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        assert interim.startswith(b"HTTP/1.1 100 ")
        writer.write(b"{}")
        assert (await asyncio.wait_for(reader.read(), 10)).startswith(b"HTTP/1.1 200 ")
        writer.close()
        await writer.wait_closed()


async def test_a_port_that_is_taken_is_an_oserror() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = Running().server(HttpOptions("127.0.0.1", taken.getsockname()[1]))
        with pytest.raises(OSError, match="in use"):
            await server.start()
        await server.stop()


async def test_tls_files_that_cannot_be_used_are_an_oserror() -> None:
    server = Running().server(HttpOptions("127.0.0.1", 0, tls_cert="/no/such", tls_key="/no/such"))
    with pytest.raises(OSError):
        await server.start()
    await server.stop()


async def test_ipv6() -> None:
    async with serving("::1") as (running, client):
        assert running.address[0] == "::1"
        assert (await client.get("/healthz")).status_code == 200


async def test_what_is_under_way_is_finished_before_it_stops() -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow(caller: Caller, request: Echo) -> Any:
        begun.set()
        await go.wait()
        return Empty()

    running = Running()
    running.api.act = slow
    server = running.server(HttpOptions("127.0.0.1", 0))
    host, port = await server.start()
    async with httpx2.AsyncClient(base_url=f"http://{host}:{port}") as client:
        call = asyncio.create_task(client.post("/api/v2/public"))
        await begun.wait()
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0)
        assert not stopping.done()
        go.set()
        assert (await call).status_code == 200
        await stopping
        with pytest.raises(httpx2.ConnectError):
            await client.get("/healthz")


async def test_what_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = asyncio.Event()

    async def never(caller: Caller, request: Echo) -> Any:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(server_module, "STOP_WITHIN", 0)
    running = Running()
    running.api.act = never
    server = running.server(HttpOptions("127.0.0.1", 0))
    host, port = await server.start()
    async with httpx2.AsyncClient(base_url=f"http://{host}:{port}") as client:
        call = asyncio.create_task(client.post("/api/v2/public"))
        await begun.wait()
        await asyncio.wait_for(server.stop(), 5)
        assert (await call).status_code == 500
