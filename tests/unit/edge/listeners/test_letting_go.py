"""A connection that ended is gone at once: no cycle is left that only the garbage collector would find."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
import uvloop

from glideim.edge.listeners.ports import ListenOptions
from glideim.edge.listeners.registry import load_transports
from glideim.gateway.connection import Connection
from glideim.gateway.ports import Wire
from glideim.protocol.codec import Codec
from glideim.protocol.framing import MAGIC, VERSION
from glideim.protocol.json_codec import JsonCodec

_UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"Sec-WebSocket-Protocol: glide.v2.json\r\n\r\n"
)
_PREAMBLE = MAGIC + bytes([VERSION, JsonCodec.tcp_byte, 0, 0])


class Sink:
    """A gateway that keeps nobody."""

    def __init__(self) -> None:
        self.wires: weakref.WeakSet[Wire] = weakref.WeakSet()
        self.came, self.went = asyncio.Event(), asyncio.Event()

    def opened(self, wire: Wire, codec: Codec, address: str) -> Connection:
        self.wires.add(wire)
        self.came.set()
        return Connection("here", 1, wire, codec, address, 0)

    def closed(self, connection: Connection) -> None:
        self.went.set()

    def received(self, connection: Connection, frame: bytes) -> None:
        raise AssertionError(frame)

    oversized = blocked = unblocked = closed


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    """Whatever goes now goes because nothing knows it any more."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def _come_and_go(transport: str, greeting: bytes) -> int:
    """One connection that is opened and ended by the client; how many wires are left."""
    sink = Sink()
    listener = load_transports()[transport](
        sink, {"json": JsonCodec()}, ListenOptions("127.0.0.1", 0, 1000)
    )
    reader, writer = await asyncio.open_connection(*await listener.start())
    writer.write(greeting)
    await sink.came.wait()
    assert len(sink.wires) == 1
    writer.transport.abort()
    await sink.went.wait()
    # What called `closed` has to return first, and the transport to let go of its protocol.
    for _ in range(5):
        await asyncio.sleep(0)
    await listener.stop()
    del reader
    return len(sink.wires)


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize(("transport", "greeting"), [("ws", _UPGRADE), ("tcp", _PREAMBLE)])
def test_nothing_is_left_of_a_connection(
    run: Callable[[Coroutine[Any, Any, int]], int], transport: str, greeting: bytes
) -> None:
    assert run(_come_and_go(transport, greeting)) == 0
