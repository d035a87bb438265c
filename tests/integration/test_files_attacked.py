"""Files in the hands of those who mean harm, or of a network that does."""

from __future__ import annotations

import asyncio
import io
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from glideim.config import Config
from glideim.edge.http import bodies
from glideim.edge.http.protocol import LimitedHttp
from glideim.server import Server
from tests.support.processes import ServerProcess

BOUNDARY = "multipart/form-data; boundary=b"
HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
TAIL = b"\r\n--b--\r\n"
PROMPTLY = 10


class World:
    """A server, and a guest who speaks HTTP to it, properly or byte by byte."""

    def __init__(self, server: Server, client: httpx2.AsyncClient, data: Path, token: str) -> None:
        self.server = server
        self.client = client
        self.data = data
        self.headers = {"Authorization": f"Bearer {token}"}
        host, _, port = server.addresses()["http"].rpartition("//")[2].rpartition(":")
        self.address = (host, int(port))

    async def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        headers = self.headers | more.pop("headers", {})
        return await self.client.request(method, path, headers=headers, **more)

    async def upload(self, name: str, content: bytes) -> dict[str, Any]:
        answer = await self.ask("POST", "/files", files={"file": (name, content)})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def begin(self, size: int) -> str:
        begun = await self.ask("POST", "/files/uploads", json={"name": "a", "size": size})
        assert begun.status_code == 201, begun.text
        return f"/files/uploads/{begun.json()['uploadId']}"

    async def open(
        self, method: str, path: str, headers: dict[str, str]
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Begin a request by hand."""
        reader, writer = await asyncio.open_connection(*self.address)
        lines = [f"{method} /api/v2{path} HTTP/1.1", "Host: a"]
        lines += [f"{name}: {value}" for name, value in (self.headers | headers).items()]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        return reader, writer

    async def used(self) -> int:
        return int((await self.ask("GET", "/files")).json().get("used", 0))

    async def nothing_is_left(self) -> None:
        """Soon."""

        async def clean() -> bool:
            return not any((self.data / "uploads").iterdir()) and await self.used() == 0

        await until(clean)


async def until(holds: Callable[[], Awaitable[object]]) -> None:
    """Wait for what another connection brings about."""
    async with asyncio.timeout(PROMPTLY):
        while not await holds():  # noqa: ASYNC110 - the server does not tell
            await asyncio.sleep(0.01)


async def answer_to(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(PROMPTLY):
        return await reader.read()


@pytest.fixture
async def world(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    data = tmp_path / "data"
    options: dict[str, Any] = {"limits": "off", **getattr(request, "param", {})}
    config = Config(
        data=str(data), durability="relaxed", ws_port=0, tcp_port=0, http_port=0, file_bytes=30_000_000,
        file_quota=60_000_000, drain_seconds=1, **options,
    )  # fmt: skip
    server = await Server.start(config)
    base = server.addresses()["http"] + "/api/v2"
    async with httpx2.AsyncClient(base_url=base) as client:
        token = (await client.post("/auth/guest", json={"device": 2})).json()["token"]
        yield World(server, client, data, token)
    await server.stop()


async def test_a_body_that_is_shorter_than_it_says(world: World) -> None:
    headers = {"Content-Type": BOUNDARY, "Content-Length": "5000"}
    _, writer = await world.open("POST", "/files", headers)
    writer.write(HEAD + bytes(100))
    await writer.drain()
    await until(world.used)
    writer.close()
    await writer.wait_closed()
    await world.nothing_is_left()


async def test_a_body_that_is_longer_than_it_says(world: World) -> None:
    body = HEAD + b"content" + TAIL
    headers = {
        "Content-Type": BOUNDARY,
        "Content-Length": str(len(HEAD) + 3),
        "Connection": "close",
    }
    reader, writer = await world.open("POST", "/files", headers)
    writer.write(body)
    answer = await answer_to(reader)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b" 201 " not in answer
    writer.close()
    await world.nothing_is_left()


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "5, 6", "9" * 30])
async def test_lengths_that_are_none(world: World, length: str) -> None:
    headers = {"Content-Type": BOUNDARY, "Content-Length": length}
    reader, writer = await world.open("POST", "/files", headers)
    writer.write(HEAD + b"x" + TAIL)
    writer.write_eof()
    answer = await answer_to(reader)
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 ")), answer
    writer.close()
    await world.nothing_is_left()


async def test_a_body_that_stalls_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "READ_WITHIN", 0.1)
    headers = {"Content-Type": BOUNDARY, "Content-Length": "5000"}
    reader, writer = await world.open("POST", "/files", headers)
    writer.write(HEAD + bytes(100))
    async with asyncio.timeout(PROMPTLY):
        assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
    await world.nothing_is_left()
    writer.close()


async def test_what_stalls_on_the_way_can_be_resumed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "READ_WITHIN", 0.1)
    path = await world.begin(300)
    reader, writer = await world.open(
        "PATCH", path, {"Upload-Offset": "0", "Content-Length": "300"}
    )
    writer.write(b"a" * 100)
    async with asyncio.timeout(PROMPTLY):
        assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
    writer.close()
    told = await world.ask("HEAD", path)
    assert (told.status_code, told.content) == (200, b"")
    assert (told.headers["upload-offset"], told.headers["upload-length"]) == ("100", "300")
    done = await world.ask("PATCH", path, content=b"b" * 200, headers={"Upload-Offset": "100"})
    assert done.headers["upload-offset"] == "300"
    got = await world.client.get(done.json()["file"]["url"].removeprefix("/api/v2"))
    assert got.content == b"a" * 100 + b"b" * 200


async def test_a_body_that_trickles_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "PATIENCE", 0.1)
    monkeypatch.setattr(bodies, "SLOWEST", 10_000)
    headers = {"Content-Type": BOUNDARY, "Content-Length": "5000000"}
    reader, writer = await world.open("POST", "/files", headers)
    writer.write(HEAD)
    answer = asyncio.create_task(reader.readline())
    async with asyncio.timeout(PROMPTLY):
        while not answer.done():
            writer.write(b"x")
            await asyncio.sleep(0.01)
    assert (await answer).startswith(b"HTTP/1.1 408 ")
    writer.close()
    await world.nothing_is_left()


async def test_a_reader_that_takes_nothing_is_cut_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LimitedHttp, "TAKEN_WITHIN", 0.2)
    info = await world.upload("a", bytes(28_000_000))
    reader, writer = await world.open("GET", info["url"].removeprefix("/api/v2"), {})
    writer.transport.pause_reading()  # type: ignore[attr-defined]

    port = writer.get_extra_info("sockname")[1]

    async def is_cut_off() -> bool:
        served = world.server._http._server.server_state.connections
        return port not in {connection.client[1] for connection in served}  # type: ignore[index, union-attr]

    async def is_served() -> bool:
        return not await is_cut_off()

    await until(is_served)
    await until(is_cut_off)
    assert not reader.at_eof()
    writer.transport.abort()


async def test_parts_at_the_same_place_at_once(world: World) -> None:
    path = await world.begin(100_000)
    parts = [bytes([n]) * 50_000 for n in range(8)]
    answers = await asyncio.gather(
        *(world.ask("PATCH", path, content=p, headers={"Upload-Offset": "0"}) for p in parts)
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [409] * 7
    (first,) = [n for n, answer in enumerate(answers) if answer.status_code == 200]
    done = await world.ask("PATCH", path, content=bytes(50_000), headers={"Upload-Offset": "50000"})
    got = await world.client.get(done.json()["file"]["url"].removeprefix("/api/v2"))
    assert got.content == parts[first] + bytes(50_000)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "a\r\nSet-Cookie: x=1", 'a"; filename="b.html', "..",
        "\u202egnp.exe", "a" * 5000, "C:\\a", "\x00",
    ],
)  # fmt: skip
async def test_names_are_only_names(world: World, name: str) -> None:
    begun = await world.ask("POST", "/files/uploads", json={"name": name, "size": 1})
    path = f"/files/uploads/{begun.json()['uploadId']}"
    done = await world.ask("PATCH", path, content=b"x", headers={"Upload-Offset": "0"})
    info = done.json()["file"]
    assert info["name"]
    assert not set(info["name"]) & set("/\\\r\n\x00\u202e")
    assert len(info["name"]) <= 255
    got = await world.client.get(info["url"].removeprefix("/api/v2"))
    assert got.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert "set-cookie" not in got.headers
    assert [p.name for p in (world.data / "files").iterdir()] == [info["id"]]


@pytest.mark.parametrize(
    "path",
    [
        "/files/..%2f..%2fglideim.db", "/files/%2e%2e", "/files/%2e%2e%2fglideim.db/thumbnail",
        "/files/..%5cglideim.db", "/files/%00", "/files/a%0d%0ab", "/files/glideim.db",
    ],
)  # fmt: skip
async def test_ids_lead_nowhere_else(world: World, path: str) -> None:
    for method in ("GET", "HEAD", "DELETE"):
        reader, writer = await world.open(method, path, {"Connection": "close"})
        answer = await answer_to(reader)
        assert answer.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 405 ")), answer
        writer.close()


def bomb(width: int, height: int) -> bytes:
    """A PNG of so many pixels, all of them black, in a few kilobytes a megapixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    rows = zlib.compressobj(9)
    packed = io.BytesIO()
    for _ in range(min(height, 2000)):
        packed.write(rows.compress(bytes(1 + 4 * width)))
    packed.write(rows.flush())
    data = chunk(b"IDAT", packed.getvalue())
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + data + chunk(b"IEND", b"")


async def test_an_image_that_would_fill_the_memory_is_just_a_file(world: World) -> None:
    content = bomb(30_000, 30_000)
    assert len(content) < 1_000_000
    info = await world.upload("a.png", content)
    assert info["type"] == "image/png"
    assert "thumbnail" not in info
    got = await world.client.get(info["url"].removeprefix("/api/v2"))
    assert got.content == content


async def test_heads_of_downloads_say_the_same_without_the_bytes(world: World) -> None:
    info = await world.upload("a", b"x" * 1000)
    path = info["url"].removeprefix("/api/v2")
    whole = await world.client.head(path)
    assert (whole.status_code, whole.headers["content-length"]) == (200, "1000")
    part = await world.client.head(path, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.headers["content-range"]) == (206, "bytes 0-9/1000")
    assert (await world.client.head("/files/unknown")).status_code == 404


async def test_what_is_removed_is_gone_for_everybody_at_once(world: World) -> None:
    info = await world.upload("a", b"x")
    path = info["url"].removeprefix("/api/v2")
    assert (await world.client.get(path)).status_code == 200
    assert (await world.ask("DELETE", path)).status_code == 200
    assert (await world.client.get(path)).status_code == 404
    assert list((world.data / "files").iterdir()) == []


async def test_bytes_that_somebody_took_away_are_missing_not_an_error(world: World) -> None:
    info = await world.upload("a", b"x")
    (world.data / "files" / info["id"]).unlink()
    got = await world.client.get(info["url"].removeprefix("/api/v2"))
    assert (got.status_code, got.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("world", [{"file_types_denied": "image/*"}], indirect=True)
async def test_denied_types_are_refused_whatever_they_are_called(world: World) -> None:
    answer = await world.ask("POST", "/files", files={"file": ("a.txt", bomb(1, 1), "text/plain")})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    await world.nothing_is_left()
    await world.upload("a.png", b"text")


@pytest.mark.parametrize("world", [{"limits": "on"}], indirect=True)
async def test_bytes_count_against_the_limits_of_calls(world: World) -> None:
    async with asyncio.timeout(30):
        while True:
            answer = await world.ask("POST", "/files", content=b"")
            if answer.status_code == 429:
                break
            assert answer.status_code == 400
    assert answer.json()["code"] == "rate_limited"


@pytest.mark.parametrize("world", [{"origins": "https://app.example"}], indirect=True)
async def test_pages_of_the_app_may_upload_in_parts(world: World) -> None:
    asked = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization,upload-offset",
    }
    answer = await world.client.request("OPTIONS", "/files/uploads/u", headers=asked)
    assert answer.status_code == 200
    assert "Upload-Offset" in answer.headers["access-control-allow-headers"]


async def test_a_server_that_is_killed_during_uploads_releases_what_they_reserved(
    tmp_path: Path,
) -> None:
    async with ServerProcess(tmp_path / "data") as server:
        async with httpx2.AsyncClient(base_url=server.http + "/api/v2") as client:
            made = await client.post("/auth/guest", json={"device": 2})
            headers = {"Authorization": f"Bearer {made.json()['token']}"}
            begun = await client.post(
                "/files/uploads", json={"name": "a", "size": 300}, headers=headers
            )
            path = f"/files/uploads/{begun.json()['uploadId']}"
            first = headers | {"Upload-Offset": "0"}
            await client.patch(path, content=b"a" * 100, headers=first)

            async def endless() -> AsyncIterator[bytes]:
                yield HEAD + bytes(100)
                await asyncio.Event().wait()

            typed = headers | {"Content-Type": BOUNDARY, "Content-Length": "5000"}
            posting = asyncio.create_task(client.post("/files", content=endless(), headers=typed))

            async def used() -> int:
                return int((await client.get("/files", headers=headers)).json()["used"])

            async def both_count() -> bool:
                return await used() == 5300

            await until(both_count)
            await server.kill()
            posting.cancel()
            await asyncio.gather(posting, return_exceptions=True)
        await server.start()
        async with httpx2.AsyncClient(base_url=server.http + "/api/v2") as client:
            assert await used() == 300
            assert [p.name for p in (tmp_path / "data" / "uploads").iterdir()] == [
                path.rpartition("/")[2]
            ]
            rest = headers | {"Upload-Offset": "100"}
            done = await client.patch(path, content=b"a" * 200, headers=rest)
            got = await client.get(done.json()["file"]["url"].removeprefix("/api/v2"))
            assert got.content == b"a" * 300
