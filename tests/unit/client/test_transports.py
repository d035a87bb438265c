"""WebSocket and TCP over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
from picows import (
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)

from glideim.client import Client, Disconnected, Options
from glideim.client.dial import connector
from glideim.client.transport import Transport
from glideim.protocol.codec import load_codec
from glideim.protocol.framing import FrameReader, build_preamble, frame_header
from glideim.protocol.ports import Codec

from .world import Connection, ManualTimers, World, next_of

CODECS = ("json", "protobuf")


class ToSocket:
    """Takes what the world's server says to a client and writes it to a socket."""

    def __init__(self, write: Callable[[bytes], None], close: Callable[[int], None]) -> None:
        self._write = write
        self._close = close

    def opened(self, transport: Transport) -> None:
        raise AssertionError("the world does not open connections here")

    def received(self, frame: bytes) -> None:
        self._write(frame)

    def writable(self, *, yes: bool) -> None:
        raise AssertionError("the world does not write here")

    def closed(self, code: int, reason: str) -> None:
        self._close(code)


def greet(world: World, receiver: ToSocket, codec: Codec) -> Connection:
    from glideim.protocol.actions import Action
    from glideim.protocol.records import Hello

    connection = Connection(world, receiver, codec)
    world.connections.append(connection)
    connection.tell(Action.HELLO, Hello(server_time=1, heartbeat=30, max_frame=65536))
    return connection


class WsPeer(WSListener):
    """Server's side of a WebSocket; sends every frame in three pieces."""

    def __init__(self, world: World, codec: Codec) -> None:
        self._world = world
        self._codec = codec

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        self._connection = greet(self._world, ToSocket(self._send, self._close), self._codec)

    def _send(self, frame: bytes) -> None:
        kind = WSMsgType.BINARY if self._codec.binary else WSMsgType.TEXT
        third = max(1, len(frame) // 3)
        self._transport.send(kind, frame[:third], fin=False)
        self._transport.send_ping(b"between")
        self._transport.send(WSMsgType.CONTINUATION, frame[third : 2 * third], fin=False)
        self._transport.send(WSMsgType.CONTINUATION, frame[2 * third :], fin=True)

    def _close(self, code: int) -> None:
        self._transport.send_close(code or WSCloseCode.OK)  # type: ignore[arg-type]
        self._transport.disconnect()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type in {WSMsgType.TEXT, WSMsgType.BINARY}:
            assert (frame.msg_type == WSMsgType.BINARY) == self._codec.binary
            self._connection.write([frame.get_payload_as_bytes()])
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._connection.gone()


async def ws_server(world: World, *, subprotocol: bool = True) -> asyncio.Server:
    def accept(request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        asked = request.headers["Sec-WebSocket-Protocol"]
        codec = next(c for c in map(load_codec, ("json", "protobuf")) if c.subprotocol == asked)
        headers = {"Sec-WebSocket-Protocol": asked} if subprotocol else {}
        return WSUpgradeResponseWithListener(
            WSUpgradeResponse.create_101_response(headers), WsPeer(world, codec)
        )

    return await ws_create_server(accept, "127.0.0.1", 0)


class TcpPeer(asyncio.Protocol):
    """Server's side of a TCP connection; writes byte by byte."""

    def __init__(self, world: World, answer: bytes | None) -> None:
        self._world = world
        self._answer = answer
        self._head = b""
        self._connection: Connection | None = None
        self._reader = FrameReader(65536)

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._connection is None:
            self._head += data
            if len(self._head) < 8:
                return
            self._transport.write(self._answer or self._head[:8])
            codec = next(
                c for c in map(load_codec, ("json", "protobuf")) if c.tcp_byte == self._head[5]
            )
            self._connection = greet(self._world, ToSocket(self._send, self._close), codec)
            data = self._head[8:]
        for frame in self._reader.feed(data):
            self._connection.write([frame])

    def _send(self, frame: bytes) -> None:
        for byte in frame_header(len(frame)) + frame:
            self._transport.write(bytes((byte,)))

    def _close(self, code: int) -> None:
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._connection.gone()


async def tcp_server(world: World, answer: bytes | None = None) -> asyncio.Server:
    return await asyncio.get_running_loop().create_server(
        lambda: TcpPeer(world, answer), "127.0.0.1", 0
    )


def port_of(server: asyncio.Server) -> int:
    sockets: Sequence[Any] = server.sockets
    return int(sockets[0].getsockname()[1])


@pytest.fixture(params=["ws-json", "ws-protobuf", "tcp-json", "tcp-protobuf"])
async def address(request: pytest.FixtureRequest, world: World) -> AsyncIterator[tuple[str, str]]:
    kind, codec = request.param.split("-")
    server = await (ws_server(world) if kind == "ws" else tcp_server(world))
    path = "/ws" if kind == "ws" else ""
    yield f"{kind}://127.0.0.1:{port_of(server)}{path}", codec
    server.close()
    await server.wait_closed()


async def test_two_people_talk(address: tuple[str, str], world: World) -> None:
    url, codec = address
    async with (
        Client(url, options=Options(codec=codec)) as alice,
        Client(url, options=Options(codec=codec)) as bob,
    ):
        await alice.login("alice", "secret")
        await bob.login("bob", "secret")
        sent = await asyncio.gather(*(alice.send(2, f"m{n} " + "ü" * n * 40) for n in range(50)))
        assert [s.seq for s in sent] == list(range(1, 51))
        stream = bob.messages(confirm="taken")
        assert [(await anext(stream)).seq for _ in range(50)] == list(range(1, 51))
        async with asyncio.timeout(10):
            await sent[-1].delivered()


async def test_a_close_code_is_heard(address: tuple[str, str], world: World) -> None:
    url, codec = address
    async with Client(url, options=Options(codec=codec)) as client:
        await client.login("alice", "secret")
        events = client.events()
        world.of(1)[0].end(4100, "enough")
        async with asyncio.timeout(10):
            gone = await next_of(events, Disconnected)
        assert (gone.code, gone.reason, gone.will_retry) == (4100, "enough", False)


async def test_a_close_frame_alone_is_enough(world: World) -> None:
    server = await ws_server(world)
    async with Client(f"ws://127.0.0.1:{port_of(server)}/ws") as client:
        await client.login("alice", "secret")
        events = client.events()
        world.of(1)[0].break_off(4102, "")
        async with asyncio.timeout(10):
            assert (await next_of(events, Disconnected)).code == 4102
    server.close()
    await server.wait_closed()


async def test_a_server_that_speaks_something_else_is_not_spoken_to(world: World) -> None:
    server = await ws_server(world, subprotocol=False)
    async with Client(f"ws://127.0.0.1:{port_of(server)}/ws") as client:
        events = client.events()
        task = asyncio.ensure_future(client.login("alice", "secret"))
        async with asyncio.timeout(10):
            assert "does not speak glide.v2.json" in (await next_of(events, Disconnected)).reason
        task.cancel()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("answer", [build_preamble(9), b"HTTP/1.1 400 Bad Request\r\n"])
async def test_a_tcp_server_that_speaks_something_else_is_not_spoken_to(
    world: World, answer: bytes
) -> None:
    server = await tcp_server(world, answer)
    async with Client(f"tcp://127.0.0.1:{port_of(server)}") as client:
        events = client.events()
        task = asyncio.ensure_future(client.login("alice", "secret"))
        async with asyncio.timeout(10):
            assert "does not speak" in (await next_of(events, Disconnected)).reason
        task.cancel()
    server.close()
    await server.wait_closed()


async def test_nobody_listening_is_an_ordinary_failure(timers: ManualTimers) -> None:
    server = await tcp_server(World(timers))
    port = port_of(server)
    server.close()
    await server.wait_closed()
    for url in (f"tcp://127.0.0.1:{port}", f"ws://127.0.0.1:{port}/ws"):
        with pytest.raises(OSError):
            await connector(url, None)(ToSocket(print, print), load_codec("json"))
