"""How far one's messages came: delivered to a device, read by the person. No I/O."""

from __future__ import annotations

from collections.abc import Callable

from glideim.protocol.records import AckNotify

Told = Callable[[], None]


class Receipts:
    """Highest delivered and read `seq` per conversation. Everything is cumulative, so one number each is enough."""

    def __init__(self) -> None:
        self._delivered: dict[str, int] = {}
        self._offline: dict[str, int] = {}
        self._read: dict[tuple[str, int], int] = {}
        self._waiting: dict[str, list[tuple[int, Told]]] = {}

    def delivered(self, conv: str) -> int:
        """Everything up to here is on a device of the other person."""
        return self._delivered.get(conv, 0)

    def offline(self, conv: str) -> int:
        """For everything up to here we were told that the other person has no device connected."""
        return self._offline.get(conv, 0)

    def read(self, conv: str, uid: int) -> int:
        """Everything up to here was read by the person."""
        return self._read.get((conv, uid), 0)

    def wait(self, conv: str, seq: int, told: Told) -> None:
        """Call `told` once when `seq` is delivered; at once if it is."""
        if self.delivered(conv) >= seq:
            told()
        else:
            self._waiting.setdefault(conv, []).append((seq, told))

    def stop_waiting(self, conv: str, told: Told) -> None:
        """Forget a wait."""
        waiting = [entry for entry in self._waiting.pop(conv, []) if entry[1] is not told]
        if waiting:
            self._waiting[conv] = waiting

    def notified(self, notice: AckNotify) -> bool:
        """Take in `ack.notify`; False if it says nothing new."""
        if notice.offline:
            fresh = notice.seq > max(self.offline(notice.conv), self.delivered(notice.conv))
            self._offline[notice.conv] = max(self.offline(notice.conv), notice.seq)
            return fresh
        return self._reach(notice.conv, notice.seq)

    def was_read(self, conv: str, uid: int, seq: int) -> bool:
        """Take in a read position; False if it says nothing new."""
        if seq <= self.read(conv, uid):
            return False
        self._read[conv, uid] = seq
        return True

    def _reach(self, conv: str, seq: int) -> bool:
        if seq <= self.delivered(conv):
            return False
        self._delivered[conv] = seq
        waiting = self._waiting.pop(conv, [])
        left = [entry for entry in waiting if entry[0] > seq]
        if left:
            self._waiting[conv] = left
        for wanted, told in waiting:
            if wanted <= seq:
                told()
        return True
