"""A real server in this process, and sockets that are none: bytes go straight into its listeners.

The store is in memory unless SQLite is asked for, and everything else is what `glideim serve` runs. Whatever the event loop would only report
(an exception in a callback, a task that failed unseen) is kept, for a target to raise. Sockets that are real go over
loopback, in the same process.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import tempfile
import time
from collections.abc import Callable, Coroutine
from typing import Any, Literal

from glideim.config import Config
from glideim.server import Server

Store = Literal["memory", "sqlite"]
TURNS = 12
"""Turns of the loop in which what was asked is mostly answered: the store is in memory."""
PATIENCE = 20.0
"""Seconds until something that did not come is a finding: the machine may be busy."""


class Unwanted(Exception):  # noqa: N818 - a finding
    """Something failed inside the server that nobody was told of."""


class Socket(asyncio.Transport):
    """The client's end of a connection that is no socket."""

    def __init__(self, protocol: Any) -> None:
        super().__init__()
        self._protocol = protocol
        self.written = bytearray()
        self.ended = False
        self._lost = False
        self._buffered = hasattr(protocol, "get_buffer")
        protocol.connection_made(self)

    def feed(self, data: bytes, size: int = 0) -> None:
        """Bytes arrive, `size` at a time (0: all at once), while the server reads them."""
        for start in range(0, len(data), size or len(data) or 1):
            if self.ended:
                return
            piece = data[start : start + (size or len(data))]
            if self._buffered:
                self._into_buffer(piece)
            else:
                self._protocol.data_received(piece)

    def _into_buffer(self, piece: bytes) -> None:
        while piece and not self.ended:
            room = self._protocol.get_buffer(len(piece))
            taken = min(len(room), len(piece))
            room[:taken] = piece[:taken]
            self._protocol.buffer_updated(taken)
            piece = piece[taken:]

    def leave(self) -> None:
        """The client is gone."""
        self.ended = True
        if not self._lost:
            self._lost = True
            self._protocol.connection_lost(None)

    # --- asyncio.Transport ----------------------------------------------------------------------------------

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self.written += data

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.ended = True

    def is_closing(self) -> bool:
        return self.ended

    def close(self) -> None:
        self.ended = True

    def abort(self) -> None:
        self.ended = True

    def pause_reading(self) -> None:
        """The server takes what it is given."""

    def resume_reading(self) -> None:
        """See pause_reading."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing waits here."""

    def get_write_buffer_size(self) -> int:
        return 1  # not 0, with which picows would write to the socket itself

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        if name == "socket":
            return _UNUSED
        return ("127.0.0.1", 1) if name in {"peername", "sockname"} else default


_UNUSED = socket.socket()
"""picows sets options of a socket; nothing goes through it."""


class Loopback(asyncio.Protocol):
    """The client's end of a real one."""

    def __init__(self) -> None:
        self.written = bytearray()
        self.ended = False
        self._transport: Any = None

    def feed(self, data: bytes, size: int = 0) -> None:
        """Send bytes, `size` at a time (0: all at once): the kernel may join them again."""
        for start in range(0, len(data), size or len(data) or 1):
            if self.ended:
                return
            self._transport.write(data[start : start + (size or len(data))])

    def leave(self) -> None:
        """The client is gone."""
        self.ended = True
        self._transport.abort()

    # --- asyncio.Protocol -----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self.written += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True


class Live:
    """The server, its loop, and what went wrong unseen."""

    def __init__(self, store: Store = "memory") -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(self._failed)
        self.wrong: list[str] = []
        self._store: Store = store
        self._data = tempfile.TemporaryDirectory()
        # Errors are findings, below; what is expected of bad input is said in warnings, often.
        logging.getLogger("glideim").addHandler(_Errors(self.wrong))
        logging.getLogger("glideim").propagate = False
        self.server: Server
        self.run(self._begin())

    async def _begin(self) -> None:
        config = Config(
            data=self._data.name,
            store=self._store,
            limits="off",
            ws_port=0,
            tcp_port=0,
            http_port=0,
        )
        self.server = await Server.start(config)
        self.wrong.clear()

    async def fresh(self) -> None:
        """A server that has nothing stored: what one stores, it keeps."""
        await self.server.stop()
        self._data.cleanup()
        self._data = tempfile.TemporaryDirectory()
        await self._begin()

    async def guest(self) -> str:
        """The token of somebody new."""
        return (await self.server._accounts.guest("", 1, "")).token

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Let the loop run until something is done."""
        return self.loop.run_until_complete(work)

    def _failed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.wrong.append(f"{context.get('message')}: {context.get('exception')!r}")

    def tcp(self) -> Socket:
        """A connection to the TCP listener."""
        listener: Any = self.server._listeners["tcp"]
        return Socket(listener._protocol())

    def websocket(self) -> Socket:
        """A connection to the WebSocket listener."""
        listener: Any = self.server._listeners["ws"]
        return Socket(listener._protocol())

    async def loopback(self, name: str) -> Loopback:
        """A real connection to the listener of that name."""
        host, _, port = self.server._bound[name].rpartition(":")
        _, client = await self.loop.create_connection(Loopback, host, int(port))
        return client

    async def settle(self, turns: int = TURNS) -> None:
        """Let the loop come round a few times."""
        for _ in range(turns):
            await asyncio.sleep(0)

    async def until(self, happened: Callable[[], bool]) -> bool:
        """Let the loop and the threads work until it happened; False when it has not for very long."""
        pause, began = 0.0, time.monotonic()
        while not happened():
            if time.monotonic() > began + PATIENCE:
                return False
            await self.settle(2)
            await asyncio.sleep(pause)
            pause = min(0.02, pause * 2 + 0.0002)
        return True

    def check(self) -> None:
        """After an input. Raises Unwanted if something failed."""
        if self.wrong:
            wrong, self.wrong[:] = list(self.wrong), []
            raise Unwanted("; ".join(wrong))


class _Errors(logging.Handler):
    """Keeps errors that the server logged."""

    def __init__(self, into: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._into = into

    def emit(self, record: logging.LogRecord) -> None:
        self._into.append(
            record.getMessage() + (f": {record.exc_info[1]!r}" if record.exc_info else "")
        )


_made: dict[Store, Live] = {}


def live(store: Store = "memory") -> Live:
    """The server of this process with this store."""
    if store not in _made:
        _made[store] = Live(store)
    return _made[store]
