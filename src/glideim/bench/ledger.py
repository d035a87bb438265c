"""Message by message: what was acknowledged against what arrived.

Every message carries its sender, its number among the sender's and when it was due, in 29 bytes (as many as in
version 1's published cases). A bit per message says that it was acknowledged, another that it arrived.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

LIMIT_SENDERS = 100_000
LIMIT_MESSAGES = 1_000_000
"""What five and six digits can number."""


def content(sender: int, number: int, due_us: int) -> str:
    """What a message says: 29 characters."""
    return f"{sender:05d} {number:06d} {due_us:016d}"


def read(text: str | bytes) -> tuple[int, int, int]:
    """Sender, number and when it was due. Raises ValueError for anything that `content` did not make."""
    if len(text) != 29:
        raise ValueError(f"{len(text)} characters instead of 29")
    return int(text[:5]), int(text[6:12]), int(text[13:])


class Bits:
    """One bit for each message of all senders."""

    def __init__(self, senders: int, messages: int, bits: bytes = b"") -> None:
        self.messages = messages
        self.bits = bytearray(bits or -(-senders * messages // 8))

    def set(self, sender: int, number: int) -> bool:
        """Set one; says whether it was set already."""
        place = sender * self.messages + number
        mask = 1 << (place & 7)
        was = bool(self.bits[place >> 3] & mask)
        self.bits[place >> 3] |= mask
        return was

    def text(self) -> str:
        """As JSON can carry it."""
        return base64.b64encode(self.bits).decode()


class Ledger:
    """What the clients of one process saw."""

    def __init__(self, senders: int, messages: int) -> None:
        self.senders = senders
        self.messages = messages
        self._acked = Bits(senders, messages)
        self._arrived = Bits(senders, messages)
        self._last: dict[int, int] = {}
        self.acked = self.arrived = self.doubled = self.misordered = self.strange = 0
        self.acked_twice = 0

    def ack(self, sender: int, number: int) -> None:
        """The sender was told that its message is stored."""
        if self._acked.set(sender, number):
            self.acked_twice += 1
        else:
            self.acked += 1

    def arrive(self, receiver: int, sender: int, number: int) -> None:
        """A message reached its receiver. Order is that of one sender's messages to one receiver."""
        if not (sender < self.senders and number < self.messages):
            self.strange += 1
            return
        if self._arrived.set(sender, number):
            self.doubled += 1
            return
        self.arrived += 1
        pair = receiver * self.senders + sender
        if self._last.get(pair, -1) > number:
            self.misordered += 1
        else:
            self._last[pair] = number

    def plain(self) -> dict[str, Any]:
        """As JSON can carry it."""
        counts = {name: getattr(self, name) for name in _COUNTS}
        return {**counts, "ackedBits": self._acked.text(), "arrivedBits": self._arrived.text()}


_COUNTS = ("doubled", "misordered", "strange", "acked_twice")


class Verdict(Struct, frozen=True, rename="camel"):
    """The ledgers of all processes together. `lost`: acknowledged, and arrived nowhere."""

    acked: int
    arrived: int
    lost: int
    doubled: int
    misordered: int
    strange: int
    acked_twice: int

    @property
    def good(self) -> bool:
        """Nothing is wrong."""
        return not (
            self.lost or self.doubled or self.misordered or self.strange or self.acked_twice
        )

    @property
    def share(self) -> float:
        """Of the acknowledged messages, those that arrived; 0 if none was acknowledged."""
        return (self.acked - self.lost) / self.acked if self.acked else 0.0


def together(verdicts: Sequence[Verdict]) -> Verdict:
    """Of runs that have nothing to do with each other."""
    fields = Verdict.__struct_fields__
    return Verdict(*(sum(getattr(verdict, name) for verdict in verdicts) for name in fields))


def judge(ledgers: Sequence[dict[str, Any]]) -> Verdict:
    """Put together what `plain` of every process said."""
    acked, arrived, both_acked, both_arrived = 0, 0, 0, 0
    for ledger in ledgers:
        one = int.from_bytes(base64.b64decode(ledger["ackedBits"]), "little")
        both_acked += (acked & one).bit_count()
        acked |= one
        one = int.from_bytes(base64.b64decode(ledger["arrivedBits"]), "little")
        # What two processes saw went to two receivers.
        both_arrived += (arrived & one).bit_count()
        arrived |= one
    sums = {name: sum(ledger[name] for ledger in ledgers) for name in _COUNTS}
    return Verdict(
        acked=acked.bit_count(),
        arrived=arrived.bit_count(),
        lost=(acked & ~arrived).bit_count(),
        doubled=sums["doubled"] + both_arrived,
        misordered=sums["misordered"],
        strange=sums["strange"],
        acked_twice=sums["acked_twice"] + both_acked,
    )
