"""A web server of few lines that keeps what it is sent and answers what it is told."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, Self


class Received(NamedTuple):
    """A request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def response(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """An HTTP response."""
    lines = [f"HTTP/1.1 {status} x", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def answer(value: Any) -> bytes:
    """A JSON response."""
    return response(200, json.dumps(value).encode())


class Receiver:
    """Use as an async context manager. `answers` are given in turn, then what `decide` makes of a request. An empty
    answer is none: the connection stays open and silent."""

    def __init__(self, decide: Callable[[Received], bytes] | None = None) -> None:
        self.received: list[Received] = []
        self.answers: deque[bytes] = deque()
        self.decide = decide or (lambda _request: response())
        self.connections = 0
        self._news = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None
        self._server.close()
        tasks = list(self._open.values())
        for writer in self._open:
            writer.close()
        await asyncio.gather(*tasks)
        await self._server.wait_closed()

    async def until(self, done: Callable[[], object]) -> None:
        """Wait until what came makes it so."""
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(done)

    def of(self, event: str) -> list[Received]:
        """Requests of one event, in order."""
        return [r for r in self.received if r.headers.get("glideim-event") == event]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[writer] = task
        self.connections += 1
        try:
            while await self._one(reader, writer):
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return  # the client, or the end of the test, closed it
        finally:
            writer.close()
            self._open.pop(writer, None)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Received(head[0].split(" ")[1], headers, body)
        reply = self.answers.popleft() if self.answers else self.decide(request)
        async with self._news:
            self.received.append(request)
            self._news.notify_all()
        writer.write(reply)
        return bool(reply) or bool(await reader.read(1))
