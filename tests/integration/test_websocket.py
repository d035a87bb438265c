"""What only WebSocket has: subprotocols, fragments, close frames of the client, paths and origins."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.support.processes import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

JSON = Subprotocol("glide.v2.json")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    data: Path = tmp_path_factory.mktemp("websocket") / "data"
    async with ServerProcess(data, GLIDEIM_ORIGINS="https://chat.example") as running:
        yield running


@pytest.mark.parametrize(
    ("path", "subprotocols", "origin", "status"),
    [
        ("/ws", ["glide.v3.json"], None, 400),
        ("/ws", ["chat"], None, 400),
        ("/ws", None, None, 400),
        ("/other", [JSON], None, 404),
        ("/ws", [JSON], "https://evil.example", 403),
    ],
)
async def test_what_is_refused_before_the_upgrade(
    server: ServerProcess,
    path: str,
    subprotocols: list[str] | None,
    origin: str | None,
    status: int,
) -> None:
    url = server.ws.removesuffix("/ws") + path
    offered = [Subprotocol(name) for name in subprotocols] if subprotocols else None
    with pytest.raises(InvalidStatus) as refused:
        await connect(url, subprotocols=offered, origin=Origin(origin) if origin else None)
    assert refused.value.response.status_code == status


async def test_an_origin_that_is_allowed_and_the_first_subprotocol_that_is_known(
    server: ServerProcess,
) -> None:
    offered = [Subprotocol("unknown"), Subprotocol("glide.v2.protobuf"), JSON]
    async with connect(
        server.ws, subprotocols=offered, origin=Origin("https://chat.example")
    ) as socket:
        assert socket.subprotocol == "glide.v2.protobuf"
        assert isinstance(await socket.recv(), bytes)


async def until_closed(socket: ClientConnection, fragments: list[str]) -> None:
    """Send and read until the server closes."""
    await socket.send(iter(fragments))
    while True:
        await socket.recv()


async def test_fragments_are_one_message_and_count_together(server: ServerProcess) -> None:
    async with connect(server.ws, subprotocols=[JSON]) as socket:
        assert json.loads(await socket.recv())["action"] == "hello"
        text = json.dumps({"seq": 5, "action": "no.such.action"})
        await socket.send(iter([text[:10], text[10:11], text[11:]]))
        assert json.loads(await socket.recv())["seq"] == 5
        await socket.send(iter(["x" * 1000] * 65))
        assert json.loads(await socket.recv())["data"]["code"] == "bad_request"
        with pytest.raises(ConnectionClosed) as closed:
            await until_closed(socket, ["x" * 1000] * 100)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4009


async def test_a_client_that_closes_is_answered(server: ServerProcess) -> None:
    socket = await connect(server.ws, subprotocols=[JSON])
    await socket.recv()
    await socket.close(code=3000, reason="enough")
    assert socket.close_code == 3000


async def test_a_client_that_closes_without_a_code_is_told_none_that_may_not_be_sent(
    server: ServerProcess,
) -> None:
    socket = await connect(server.ws, subprotocols=[JSON])
    await socket.recv()
    assert socket.transport is not None
    # A close frame of no bytes, which the library would not send.
    socket.transport.write(b"\x88\x80" + bytes(4))
    with pytest.raises(ConnectionClosed) as closed:
        await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1000
