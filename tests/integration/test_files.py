"""Files over real sockets: whole, in parts, by ranges, and everything that is refused."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

from glideim.config import Config
from glideim.server import Server
from tests.support.services import Info

CONTENT = bytes(range(256)) * 1000


class Person:
    """A guest who speaks HTTP."""

    def __init__(self, client: httpx2.AsyncClient, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        headers = self.headers | more.pop("headers", {})
        return await self.client.request(method, path, headers=headers, **more)

    async def upload(self, name: str, content: bytes) -> dict[str, Any]:
        answer = await self.ask("POST", "/files", files={"file": (name, content)})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())


@pytest.fixture(params=["local", "memory", "s3"])
def where(request: pytest.FixtureRequest) -> dict[str, str]:
    """Where the bytes of files are."""
    if request.param != "s3":
        return {"store": "memory"} if request.param == "memory" else {}
    service: Info = request.getfixturevalue("s3_service")
    return {"files": "s3", **{f"s3_{name}": value for name, value in service.items()}}


@pytest.fixture
async def server(tmp_path: Path, where: dict[str, Any]) -> AsyncIterator[Server]:
    server = await Server.start(
        Config(
            data=str(tmp_path / "data"), durability="relaxed", limits="off", ws_port=0, tcp_port=0, http_port=0,
            file_bytes=500_000, file_quota=1_000_000, **where,
        )
    )  # fmt: skip
    yield server
    await server.stop()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=server.addresses()["http"] + "/api/v2") as client:
        yield client


async def person(client: httpx2.AsyncClient) -> Person:
    answer = await client.post("/auth/guest", json={"device": 2})
    return Person(client, answer.json()["token"])


def path_of(url: str) -> str:
    return url.removeprefix("/api/v2")


async def test_what_was_uploaded_comes_back_without_a_token(client: httpx2.AsyncClient) -> None:
    ann = await person(client)
    info = await ann.upload("../../etc/pass wd\u200b", CONTENT)
    assert info["name"] == "pass wd"
    assert info["size"] == len(CONTENT)
    assert info["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    answer = await client.get(path_of(info["url"]))
    assert answer.content == CONTENT
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    again = await client.get(
        path_of(info["url"]), headers={"If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-99", 206, 0, 100),
        ("bytes=255900-", 206, 255_900, 256_000),
        ("bytes=-10", 206, 255_990, 256_000),
        ("bytes=0-9999999", 200, 0, 256_000),
        ("bytes=256000-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
        ("bytes=5-1", 200, 0, 256_000),
        ("bytes=0-1,5-6", 200, 0, 256_000),
        ("lines=1-2", 200, 0, 256_000),
    ],
)
async def test_ranges(
    client: httpx2.AsyncClient, asked: str, status: int, start: int, end: int
) -> None:
    info = await (await person(client)).upload("a.bin", CONTENT)
    answer = await client.get(path_of(info["url"]), headers={"Range": asked})
    assert answer.status_code == status
    if status == 416:
        assert answer.headers["content-range"] == "bytes */256000"
        return
    assert answer.content == CONTENT[start:end]
    if status == 206:
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/256000"
        other = {"Range": asked, "If-Range": '"another"'}
        whole = await client.get(path_of(info["url"]), headers=other)
        assert (whole.status_code, len(whole.content)) == (200, 256_000)


async def test_images_have_a_size_and_a_thumbnail(client: httpx2.AsyncClient) -> None:
    ann = await person(client)
    data = io.BytesIO()
    Image.new("RGB", (640, 480), "blue").save(data, "PNG")
    info = await ann.upload("blue.exe", data.getvalue())
    assert (info["type"], info["width"], info["height"]) == ("image/png", 640, 480)
    small = await client.get(path_of(info["thumbnail"]))
    assert small.headers["content-type"] == "image/webp"
    with Image.open(io.BytesIO(small.content)) as image:
        assert image.size == (320, 240)
    shown = await client.get(path_of(info["url"]))
    assert shown.headers["content-disposition"].startswith("inline")


async def test_an_upload_goes_on_where_it_broke_off(client: httpx2.AsyncClient) -> None:
    ann, bob = await person(client), await person(client)
    begun = await ann.ask("POST", "/files/uploads", json={"name": "a", "size": len(CONTENT)})
    assert begun.status_code == 201
    path = f"/files/uploads/{begun.json()['uploadId']}"

    async def broken() -> AsyncIterator[bytes]:
        yield CONTENT[:100_000]
        raise ConnectionError("cut")

    with pytest.raises(ConnectionError):
        await ann.ask("PATCH", path, content=broken(), headers={"Upload-Offset": "0"})
    have = 0
    for _ in range(200):
        have = (await ann.ask("GET", path)).json().get("offset", 0)
        wrong = await ann.ask("PATCH", path, content=b"x", headers={"Upload-Offset": "7"})
        assert wrong.status_code == 409
        if have and "being written" not in wrong.text:
            break
    assert 0 < have <= 100_000
    assert (await bob.ask("GET", path)).status_code == 404
    rest = {"Upload-Offset": str(have)}
    done = await ann.ask("PATCH", path, content=CONTENT[have:], headers=rest)
    assert done.status_code == 200, done.text
    answer = await client.get(path_of(done.json()["file"]["url"]))
    assert answer.content == CONTENT
    assert (await ann.ask("GET", path)).status_code == 404


async def test_parts_in_base64(client: httpx2.AsyncClient) -> None:
    ann = await person(client)
    begun = (await ann.ask("POST", "/files/uploads", json={"name": "a", "size": 6})).json()
    path = f"/files/uploads/{begun['uploadId']}/parts"

    async def part(offset: int, data: bytes) -> httpx2.Response:
        body = {"offset": offset, "data": base64.b64encode(data).decode()}
        return await ann.ask("POST", path, json=body)

    assert (await part(0, b"abc")).json()["offset"] == 3
    assert (await part(0, b"abc")).status_code == 409
    assert (await part(3, b"defg")).status_code == 413
    done = (await part(3, b"def")).json()
    assert (await client.get(path_of(done["file"]["url"]))).content == b"abcdef"
    bad = await ann.ask("POST", path, json={"offset": 0, "data": "***"})
    assert bad.status_code == 400


async def test_list_quota_and_removal(client: httpx2.AsyncClient) -> None:
    ann, bob = await person(client), await person(client)
    first = await ann.upload("one", CONTENT)
    await ann.upload("two", CONTENT)
    await ann.upload("three", CONTENT)
    page = (await ann.ask("GET", "/files", params={"limit": 2})).json()
    assert [f["name"] for f in page["items"]] == ["three", "two"]
    assert (page["used"], page["quota"]) == (768_000, 1_000_000)
    rest = await ann.ask("GET", "/files", params={"cursor": page["cursor"]})
    assert [f["name"] for f in rest.json()["items"]] == ["one"]
    full = await ann.ask("POST", "/files", files={"file": ("four", CONTENT)})
    assert full.status_code == 413
    assert (await bob.ask("DELETE", f"/files/{first['id']}")).status_code == 404
    assert (await ann.ask("DELETE", f"/files/{first['id']}")).status_code == 200
    assert (await client.get(path_of(first["url"]))).status_code == 404
    assert (await ann.ask("POST", "/files", files={"file": ("four", CONTENT)})).status_code == 201


async def test_what_is_refused(client: httpx2.AsyncClient, tmp_path: Path) -> None:
    ann = await person(client)
    assert (await client.post("/files", files={"file": ("a", b"x")})).status_code == 401
    assert (await ann.ask("POST", "/files", files={"other": ("a", b"x")})).status_code == 400
    assert (await ann.ask("POST", "/files", files={"file": ("a", b"")})).status_code == 400
    assert (await ann.ask("POST", "/files", json={"file": "a"})).status_code == 400
    large = await ann.ask("POST", "/files", files={"file": ("a", bytes(600_000))})
    assert large.status_code == 413
    assert large.json()["code"] == "too_large"
    boundary = {"Content-Type": "multipart/form-data; boundary=b"}
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    cut = await ann.ask("POST", "/files", content=head + b"half", headers=boundary)
    assert cut.status_code == 400
    assert (await client.get("/files/unknown")).status_code == 404
    assert (await client.get("/files/unknown/thumbnail")).status_code == 404
    plain = await ann.upload("a.txt", b"text")
    assert plain["type"] == "text/plain; charset=utf-8"
    assert (await client.get(path_of(plain["url"]) + "/thumbnail")).status_code == 404
    for size, status in ((0, 400), (600_000, 413)):
        begun = await ann.ask("POST", "/files/uploads", json={"name": "a", "size": size})
        assert begun.status_code == status
    left = [path for path in (tmp_path / "data" / "uploads").glob("*") if path.stat().st_size]
    assert left == []
