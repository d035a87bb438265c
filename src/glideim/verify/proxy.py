"""A TCP proxy between people and server that does to connections what networks do."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import Self

CHUNK = 16 * 1024
QUEUE_BYTES = 256 * 1024
"""Bytes read but not passed on while a fault holds them back; then the sender has to wait."""


class Weather:
    """What the network is like now; shared by proxies and changed while they run."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.delay = 0.0
        """Seconds that every chunk waits."""
        self.rate = 0
        """Bytes a second that pass, 0: all."""
        self.passing = asyncio.Event()
        """Unset, nothing passes and nothing ends."""
        self.passing.set()
        self.refuse = False
        """New connections are closed at once."""
        self._links: set[asyncio.Task[None]] = set()
        self._cut_next = 0

    def cut_all(self) -> None:
        """Break every connection at once."""
        for link in list(self._links):
            link.cancel()

    async def end_all(self) -> None:
        """Break every connection and wait until nothing of them is left."""
        links = list(self._links)
        self.cut_all()
        await asyncio.gather(*links, return_exceptions=True)
        await asyncio.sleep(0)  # transports that were aborted are closed in the next turn

    def cut_mid_frame(self, count: int) -> None:
        """Break this many connections in the middle of their next chunk."""
        self._cut_next += count

    def cuts(self, size: int) -> int | None:
        """How much of a chunk passes before its connection breaks; None: all, and it lives."""
        if not self._cut_next or size < 2:
            return None
        self._cut_next -= 1
        return self.rng.randrange(1, size)

    def follow(self, link: asyncio.Task[None]) -> None:
        """A connection that may be cut."""
        self._links.add(link)
        link.add_done_callback(self._links.discard)


class Proxy:
    """Listens on a free loopback port and passes everything on to `host:port`, as the weather allows."""

    def __init__(self, weather: Weather, host: str, port: int) -> None:
        self._weather = weather
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=QUEUE_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        await self._weather.end_all()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.ensure_future(self._serve(reader, writer))
        self._weather.follow(link)
        with contextlib.suppress(asyncio.CancelledError):
            await link

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        other: asyncio.StreamWriter | None = None
        tasks: list[asyncio.Task[None]] = []
        try:
            if self._weather.refuse:
                return
            there, other = await asyncio.open_connection(*self._target, limit=QUEUE_BYTES)
            tasks = [
                asyncio.ensure_future(self._pass(reader, other)),
                asyncio.ensure_future(self._pass(there, writer)),
            ]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except OSError:
            return  # the server is away
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for end in (writer, other):
                if end is not None:
                    end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        weather = self._weather
        while chunk := await reader.read(CHUNK):
            await weather.passing.wait()
            pause = weather.delay + (len(chunk) / weather.rate if weather.rate else 0.0)
            if pause:
                await asyncio.sleep(pause)
            cut = weather.cuts(len(chunk))
            writer.write(chunk if cut is None else chunk[:cut])
            await writer.drain()
            if cut is not None:
                return
