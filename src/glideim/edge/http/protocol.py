"""uvicorn's HTTP protocol with the limits it lacks (how large a request's head may be, and how slow), and with
answers in one piece."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_LIMIT = 64 * 1024
"""Bytes of request line and headers that are kept while the head is not complete."""


class LimitedHttp(HttpToolsProtocol):
    """Ends connections whose request head is too large or does not arrive in time.

    The parser has no limit of its own, and uvicorn's timeout runs only between requests: without these a client
    could fill the memory, or hold a socket for ever, with a head that never ends.
    """

    HEAD_WITHIN = 10.0
    """Seconds from connecting, or from the first byte of a later request, to the end of the head."""
    TAKEN_WITHIN = 60.0
    """Seconds in which a client has to take what waits for it, a few ten kilobytes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected."""
        super().connection_made(Joining(transport, self.loop))
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._end()
        self._stop_waiting()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client takes nothing, and what waits for it is enough."""
        super().pause_writing()
        # Aborted, not closed: that would wait for it to take the rest.
        self._taking = self.loop.call_later(self.TAKEN_WITHIN, self.transport.abort)

    def resume_writing(self) -> None:
        """It goes on."""
        self._stop_waiting()
        super().resume_writing()

    def _stop_waiting(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        super().data_received(data)
        # Counted after parsing: what came may have completed the head and be mostly body.
        if self._deadline is not None:
            self._head += len(data)
            if self._head > HEAD_LIMIT and not self.transport.is_closing():
                self.send_400_response("The request's head is too large.")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        if self._deadline is None:
            self._begin()

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._end()
        super().on_headers_complete()

    def _begin(self) -> None:
        self._head = 0
        self._deadline = self.loop.call_later(self.HEAD_WITHIN, self._late)

    def _end(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        self.transport.close()


class Joining(asyncio.Transport):
    """Joins the head of an answer to what is written next: one system call and one packet instead of two.

    What ends like a head waits for the next write, or for the next turn of the loop if there is none.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._held = b""

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if self._held:
            data = b"".join((self._held, data))
            self._held = b""
        elif bytes(data[-4:]) == b"\r\n\r\n":
            self._held = bytes(data)
            self._loop.call_soon(self._flush)
            return
        self._transport.write(data)

    def _flush(self) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        self._held = b""
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()
