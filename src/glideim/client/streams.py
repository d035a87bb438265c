"""The messages of a client, as the application reads them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Literal, Protocol

from glideim.protocol.records import Message

Confirm = Literal["next", "taken", "manual"]
"""When a message counts as done: when the next one is asked for (after a crash the application sees again what it was
working on: at least once), as soon as it is handed out (at most once), or when `Client.confirm` says so."""


class Source(Protocol):
    """Where messages come from."""

    def take(self) -> Message | None:
        """The next message, if one is here."""
        ...

    def confirm(self, message: Message) -> None:
        """A message, and all before it in its conversation, is done."""
        ...

    def is_mine(self, message: Message) -> bool:
        """Whether the person who is signed in wrote it."""
        ...


class MessageStream(AsyncIterator[Message]):
    """Every message once and in order. Several at a time share the messages between them."""

    def __init__(
        self, source: Source, confirm: Confirm, *, own: bool, ended: Callable[[MessageStream], None]
    ) -> None:
        self._source = source
        self._confirm = confirm
        self._own = own
        self._on_end = ended
        self._wake = asyncio.Event()
        self._last: Message | None = None
        self._ended = False
        self._error: Exception | None = None

    def wake(self) -> None:
        """Messages may have come."""
        self._wake.set()

    def end(self, error: Exception | None = None) -> None:
        """End the iteration, with an error if there is one."""
        self._ended = True
        self._error = error
        self._wake.set()

    def close(self) -> None:
        """Stop reading. The message handed out last is not confirmed by this."""
        self._on_end(self)
        self.end()

    def __aiter__(self) -> MessageStream:
        return self

    async def __anext__(self) -> Message:
        if self._last is not None:
            self._source.confirm(self._last)
            self._last = None
        while True:
            if self._ended:
                raise self._error or StopAsyncIteration
            message = self._source.take()
            if message is None:
                self._wake.clear()
                await self._wake.wait()
            elif not self._own and self._source.is_mine(message):
                self._source.confirm(message)
            else:
                return self._handed_out(message)

    def _handed_out(self, message: Message) -> Message:
        if self._confirm == "taken":
            self._source.confirm(message)
        elif self._confirm == "next":
            self._last = message
        return message
