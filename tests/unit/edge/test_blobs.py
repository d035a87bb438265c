"""A bucket behind a network that fails."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from glideim.edge.blobs import S3Options, s3_blobs
from glideim.media.ports import BlobError
from tests.support.services import Info, free_ports

CONTENT = hashlib.shake_128(b"seed").digest(4_000_000)


class Cutter:
    """A network: passes requests on to a store, and cuts every answer off after so many bytes."""

    def __init__(self, endpoint: str) -> None:
        self._port = int(endpoint.rpartition(":")[2])
        self.bytes_each = 700_000
        self.connections = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Its address."""
        tasks: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tasks.add(asyncio.create_task(self._pass(reader, writer)))

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        asking = asyncio.create_task(self._copy(reader, back, 2**40))
        try:
            await self._copy(there, writer, self.bytes_each)
        finally:
            asking.cancel()
            for end in (writer, back):
                end.transport.abort()
            await asyncio.gather(asking, return_exceptions=True)

    @staticmethod
    async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter, most: int) -> None:
        try:
            while most > 0 and (data := await source.read(min(most, 65_536))):
                most -= len(data)
                target.write(data)
                await target.drain()
        except ConnectionError:
            return


async def test_a_download_goes_on_where_the_network_cut_it(
    s3_service: Info, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.write_bytes(CONTENT)
    key = secrets.token_urlsafe(18)
    await s3_blobs(S3Options(**s3_service)).put(key, source)
    cutter = Cutter(s3_service["endpoint"])
    async with cutter.listening() as address:
        blobs = s3_blobs(S3Options(**{**s3_service, "endpoint": address}))
        found = b"".join([piece async for piece in blobs.read(key, 1000, len(CONTENT))])
    assert found == CONTENT[1000:]
    assert cutter.connections >= len(CONTENT) // cutter.bytes_each


async def test_a_store_that_is_not_there_is_an_error(s3_service: Info, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x")
    (port,) = free_ports(1)
    blobs = s3_blobs(S3Options(**{**s3_service, "endpoint": f"http://127.0.0.1:{port}"}))
    with pytest.raises(BlobError):
        await blobs.put("key", source)
    with pytest.raises(BlobError):
        await anext(blobs.read("key", 0, 1))
    with pytest.raises(BlobError):
        await blobs.delete(["key"])


async def test_wrong_credentials_are_an_error(s3_service: Info, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x")
    blobs = s3_blobs(S3Options(**{**s3_service, "secret": "a wrong one"}))
    with pytest.raises(BlobError):
        await blobs.put("key", source)
