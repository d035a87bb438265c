"""A message on its way, and one that is stored."""

from __future__ import annotations

import asyncio

from .receipts import Receipts


class Sent:
    """A message that the server stored (P1): its place in the conversation, and a way to learn that it arrived."""

    __slots__ = ("_receipts", "cli_mid", "conv", "mid", "send_at", "seq")

    def __init__(
        self, receipts: Receipts, cli_mid: str, mid: int, conv: str, seq: int, send_at: int
    ) -> None:
        self._receipts = receipts
        self.cli_mid = cli_mid
        self.mid = mid
        self.conv = conv
        self.seq = seq
        self.send_at = send_at

    def __repr__(self) -> str:
        return f"Sent(conv={self.conv!r}, seq={self.seq}, mid={self.mid})"

    @property
    def is_delivered(self) -> bool:
        """A device of the receiver has it."""
        return self._receipts.delivered(self.conv) >= self.seq

    async def delivered(self) -> None:
        """Wait until a device of the receiver confirmed it; without end if none ever comes (use
        `asyncio.timeout`). May be cancelled."""
        arrived = asyncio.Event()
        self._receipts.wait(self.conv, self.seq, arrived.set)
        try:
            await arrived.wait()
        finally:
            if not arrived.is_set():
                self._receipts.stop_waiting(self.conv, arrived.set)


class Submitted:
    """A message in the outbox. It is sent whether or not anybody waits for it."""

    __slots__ = ("_future", "cli_mid")

    def __init__(self, cli_mid: str, future: asyncio.Future[Sent]) -> None:
        self.cli_mid = cli_mid
        self._future = future
        # Nobody need wait: a refusal is an event too.
        future.add_done_callback(_look)

    def done(self) -> bool:
        """Stored, refused, or no longer waited for."""
        return self._future.done()

    async def stored(self) -> Sent:
        """Wait until the server stored it. Cancelling stops the wait, not the message. Raises SendFailed,
        SignedOutError, ClientClosedError."""
        return await asyncio.shield(self._future)


def _look(future: asyncio.Future[Sent]) -> None:
    if not future.cancelled():
        future.exception()
