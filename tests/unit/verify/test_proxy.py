"""The proxy passes everything on, and breaks connections as it is told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from glideim.verify.proxy import Proxy, Weather


@pytest.fixture
def weather() -> Weather:
    return Weather(random.Random(1))


@pytest.fixture
async def proxy(weather: Weather) -> AsyncIterator[Proxy]:
    handled: list[asyncio.Task[None]] = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handled.append(asyncio.ensure_future(answer(reader, writer)))

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, Proxy(weather, "127.0.0.1", server.sockets[0].getsockname()[1]) as running:
        yield running
    await asyncio.gather(*handled)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send back what comes."""
    try:
        while data := await reader.read(1024):
            writer.write(data)
    except ConnectionError:
        writer.transport.abort()
    writer.close()
    await asyncio.sleep(0)


async def connected(proxy: Proxy) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    return reader, writer


async def all_of(reader: asyncio.StreamReader) -> bytes:
    """What still comes until the end; a reset ends it as well."""
    try:
        return await reader.read(-1)
    except ConnectionError:
        return b""


async def test_everything_passes_in_both_directions(proxy: Proxy) -> None:
    reader, writer = await connected(proxy)
    sent = random.Random(2).randbytes(300_000)
    writer.write(sent)
    assert await reader.readexactly(len(sent)) == sent
    writer.close()


async def test_all_connections_can_be_cut(proxy: Proxy, weather: Weather) -> None:
    reader, writer = await connected(proxy)
    weather.cut_all()
    assert await all_of(reader) == b""
    writer.close()
    _, another = await connected(proxy)  # new ones are taken
    another.close()


async def test_a_frame_is_cut_in_its_middle(proxy: Proxy, weather: Weather) -> None:
    reader, writer = await connected(proxy)
    weather.cut_mid_frame(1)
    writer.write(b"x" * 1000)
    assert len(await all_of(reader)) < 1000
    writer.close()


async def test_a_black_hole_holds_everything_back_and_loses_nothing(
    proxy: Proxy, weather: Weather
) -> None:
    reader, writer = await connected(proxy)
    weather.passing.clear()
    writer.write(b"later")
    waiting = asyncio.create_task(reader.readexactly(5))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not waiting.done()
    weather.passing.set()
    assert await waiting == b"later"
    writer.close()


def test_only_so_many_connections_are_cut(weather: Weather) -> None:
    weather.cut_mid_frame(2)
    cuts = [weather.cuts(100) for _ in range(4)]
    assert [cut is None for cut in cuts] == [False, False, True, True]
    assert all(0 < cut < 100 for cut in cuts if cut is not None)
