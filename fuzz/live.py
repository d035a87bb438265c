"""A real server in this process, and sockets that are none: bytes go straight into its listeners.

The store is in memory and everything else is what `glideim serve` runs. Whatever the event loop would only report
(an exception in a callback, a task that failed unseen) is kept, for a target to raise.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import tempfile
from collections.abc import Coroutine
from typing import Any

from glideim.config import Config
from glideim.server import Server

TURNS = 12
"""Turns of the loop in which what was asked is mostly answered: the store is in memory."""
FRESH_AFTER = 50_000
"""Inputs after which the server is made anew: what it stores, it keeps."""


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


class Live:
    """The server, its loop, and what went wrong unseen."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(self._failed)
        self.wrong: list[str] = []
        self.inputs = 0
        self._data = tempfile.TemporaryDirectory()
        # Errors are findings, below; what is expected of bad input is said in warnings, often.
        logging.getLogger("glideim").addHandler(_Errors(self.wrong))
        logging.getLogger("glideim").propagate = False
        self.server: Server
        self.token = ""
        self.stale = True
        """The token was ended."""
        self.run(self._begin())

    async def _begin(self) -> None:
        config = Config(
            data=self._data.name, store="memory", limits="off", ws_port=0, tcp_port=0, http_port=0
        )
        self.server = await Server.start(config)
        await self.renew()

    async def renew(self) -> None:
        """A token that is valid, and from time to time a server that has nothing stored yet."""
        if self.inputs >= FRESH_AFTER:
            self.inputs = 0
            await self.server.stop()
            self.stale = True
            await self._begin()
        elif self.stale:
            self.token = (await self.server._accounts.guest("", 1, "")).token
            self.stale = False

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

    async def settle(self, turns: int = TURNS) -> None:
        """Let the loop come round a few times."""
        for _ in range(turns):
            await asyncio.sleep(0)

    def check(self) -> None:
        """After an input. Raises Unwanted if something failed."""
        self.inputs += 1
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


_made: list[Live] = []


def live() -> Live:
    """The server of this process."""
    if not _made:
        _made.append(Live())
    return _made[0]
