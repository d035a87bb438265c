"""What was received: every message of every conversation once and in order, whatever the network does. No I/O.

Each conversation has three marks: everything up to `taken` was taken by the application (and is kept by the store),
everything up to `queued` was put in the queue for it, and `top` is the highest `seq` known to exist. Messages that come
before their turn wait in `ahead`, which is bounded; whatever is between `queued` and `top` and does not come by itself is
pulled. The queue is bounded too: what finds no room is dropped and counts as not received.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from glideim.protocol.records import Message

from .options import Options
from .store import Changes

PAGE = 200
"""Most messages of a pull."""

_FOREVER = float("inf")


class Pull(NamedTuple):
    """A page of history to ask for: `after < seq`, at most `limit`."""

    conv: str
    after: int
    limit: int


class _Place:
    """Where one conversation stands."""

    __slots__ = ("ahead", "due", "failures", "pending", "pulling", "queued", "taken", "top")

    def __init__(self, cursor: int) -> None:
        self.taken = cursor
        self.queued = cursor
        self.top = cursor
        self.ahead: dict[int, Message | None] = {}
        """By `seq`; None: one of our own, known from its acknowledgement, that nobody needs to see."""
        self.pending: deque[int] = deque()
        """Queued and not taken: what lies between them is not for the application."""
        self.pulling = False
        self.due = _FOREVER
        """When the hole after `queued` is to be pulled."""
        self.failures = 0


class Inbox:
    """Puts what arrives in order. `hidden` says which messages count but are not for the application."""

    def __init__(
        self, options: Options, changes: Changes, hidden: Callable[[Message], bool]
    ) -> None:
        self._options = options
        self._changes = changes
        self._hidden = hidden
        self._places: dict[str, _Place] = {}
        self._queue: deque[Message] = deque()
        self._ahead = 0
        self._behind: dict[str, None] = {}
        self._pulling = 0
        self.acks: dict[str, int] = {}
        """To be confirmed to the server: everything up to `seq` is here."""

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def ahead(self) -> int:
        """Messages that wait for one before them."""
        return self._ahead

    @property
    def roomy(self) -> bool:
        """At least half of the queue is free: worth asking for more."""
        return len(self._queue) <= self._options.inbox_limit // 2

    def restore(self, cursors: Mapping[str, int]) -> None:
        """Start with what the store knows."""
        for conv, seq in cursors.items():
            self._places[conv] = _Place(seq)

    def known(self, *, claim: bool = False) -> dict[str, int]:
        """Up to where each conversation is here: what a synchronisation need not send. With `claim` up to what is
        known to exist: the rest will be pulled when there is room."""
        marks = (
            (conv, place.top if claim else place.queued) for conv, place in self._places.items()
        )
        return {conv: seq for conv, seq in marks if seq}

    def taken(self, conv: str) -> int:
        """Everything up to here was taken by the application."""
        place = self._places.get(conv)
        return place.taken if place is not None else 0

    def begin(self, conv: str, seq: int) -> None:
        """Let a conversation of which nothing was taken begin after `seq`."""
        place = self._place(conv)
        if place.queued or not seq:
            return
        for early in [number for number in place.ahead if number <= seq]:
            del place.ahead[early]
            self._ahead -= 1
        place.taken = place.queued = seq
        place.top = max(place.top, seq)
        self._changes.cursors[conv] = seq

    def exists(self, conv: str, last: int, now: float) -> None:
        """Learn that a conversation reaches up to `last`."""
        place = self._place(conv)
        place.top = max(place.top, last)
        self._watch(conv, place, now)

    def hasten(self, now: float) -> None:
        """Nothing more comes by itself to fill the holes there are: pull them without waiting."""
        for conv in self._behind:
            place = self._places[conv]
            place.due = min(place.due, now)

    def received(self, messages: Iterable[Message], now: float) -> None:
        """Take messages in, in whatever order and however often they come."""
        for message in messages:
            self._arrived(message.conv, message.seq, message, now)

    def sent(self, conv: str, seq: int, now: float) -> None:
        """One of our own was stored under `seq`: nobody needs to see it here."""
        self._arrived(conv, seq, None, now)

    def take(self, now: float) -> Message | None:
        """The next message for the application; it counts as taken when `confirm` says so."""
        if not self._queue:
            return None
        message = self._queue.popleft()
        if self._behind and len(self._queue) in {self._options.inbox_limit // 2, 0}:
            self._refill(now)
        return message

    def confirm(self, conv: str, seq: int) -> None:
        """The application is done with everything of a conversation up to `seq` that it was given."""
        place = self._places.get(conv)
        if place is None or not place.pending or place.pending[0] > seq:
            return
        while place.pending and place.pending[0] <= seq:
            place.pending.popleft()
        self._settle(conv, place)
        self.acks[conv] = place.taken

    def pulls(self, now: float) -> list[Pull]:
        """What to ask the server for now."""
        room = self._options.inbox_limit - len(self._queue)
        result: list[Pull] = []
        if not self.roomy:
            return result
        for conv in list(self._behind):
            place = self._places[conv]
            if place.pulling or place.due > now:
                continue
            if self._pulling >= self._options.pulls or room <= 0:
                break
            place.pulling = True
            self._pulling += 1
            result.append(Pull(conv, place.queued, min(PAGE, room)))
            room -= PAGE
        return result

    def pulled(self, conv: str, messages: Iterable[Message], now: float) -> None:
        """A page asked for by `pulls` has come."""
        place = self._landed(conv)
        before = place.queued
        self.received(messages, now)
        progress = place.queued > before
        place.failures = 0 if progress else place.failures + 1
        place.due = now if progress else now + self._pause(place)
        self._watch(conv, place, now)

    def pull_failed(self, conv: str, now: float) -> None:
        """A page could not be had for the moment."""
        place = self._landed(conv)
        place.failures += 1
        place.due = now + self._pause(place)

    def knows(self, message: Message) -> bool:
        """Whether its place was filled before: it is told again because it changed."""
        place = self._places.get(message.conv)
        return place is not None and message.seq <= place.queued

    def change(self, conv: str, seq: int, change: Callable[[Message], Message]) -> None:
        """Let a message that waits here be another one; of those that were handed out the application hears."""
        place = self._places.get(conv)
        if place is None:
            return
        ahead = place.ahead.get(seq)
        if ahead is not None:
            place.ahead[seq] = change(ahead)
        elif seq in place.pending:
            for index, message in enumerate(self._queue):
                if message.seq == seq and message.conv == conv:
                    self._queue[index] = change(message)
                    return

    def skip(self, conv: str, now: float) -> tuple[int, int]:
        """The server will not give what is missing: go on after the hole. Returns its first and last `seq`."""
        place = self._landed(conv)
        first = place.queued + 1
        last = max(first, min(place.ahead, default=place.top + 1) - 1)
        place.queued = last
        place.top = max(place.top, last)
        self._settle(conv, place)
        self._drain(conv, place, now)
        return first, last

    def disconnected(self) -> None:
        """Pulls that were under way will not be answered."""
        for place in self._places.values():
            place.pulling = False
        self._pulling = 0

    def deadline(self) -> float:
        """When `pulls` may have something by itself."""
        if not self.roomy or self._pulling >= self._options.pulls:
            return _FOREVER
        places = (self._places[conv] for conv in self._behind)
        return min((p.due for p in places if not p.pulling), default=_FOREVER)

    def _place(self, conv: str) -> _Place:
        place = self._places.get(conv)
        if place is None:
            place = self._places[conv] = _Place(0)
        return place

    def _arrived(self, conv: str, seq: int, message: Message | None, now: float) -> None:
        place = self._place(conv)
        if seq <= place.queued or seq in place.ahead:
            return
        place.top = max(place.top, seq)
        if seq == place.queued + 1 and self._enqueue(conv, place, message):
            self._drain(conv, place, now)
        else:
            if self._ahead < self._options.ahead_limit:
                place.ahead[seq] = message
                self._ahead += 1
            self._watch(conv, place, now)

    def _enqueue(self, conv: str, place: _Place, message: Message | None) -> bool:
        """Put the next message of a conversation in the queue; False when there is no room."""
        if message is not None and not self._hidden(message):
            if len(self._queue) >= self._options.inbox_limit:
                return False
            self._queue.append(message)
            place.pending.append(message.seq)
        place.queued += 1
        self._settle(conv, place)
        return True

    def _drain(self, conv: str, place: _Place, now: float) -> None:
        while (following := place.queued + 1) in place.ahead:
            if not self._enqueue(conv, place, place.ahead[following]):
                break
            del place.ahead[following]
            self._ahead -= 1
        self._watch(conv, place, now)

    def _settle(self, conv: str, place: _Place) -> None:
        """Move `taken` up to the first message that the application still holds or has not seen."""
        taken = place.pending[0] - 1 if place.pending else place.queued
        if taken > place.taken:
            place.taken = taken
            self._changes.cursors[conv] = taken

    def _watch(self, conv: str, place: _Place, now: float) -> None:
        """Remember a conversation that has a hole, forget one that has none."""
        if place.queued >= place.top:
            place.due = _FOREVER
            place.failures = 0
            self._behind.pop(conv, None)
        elif conv not in self._behind:
            self._behind[conv] = None
            if place.due == _FOREVER:
                place.due = now + self._options.gap_grace

    def _refill(self, now: float) -> None:
        """There is room again for what had to wait; what was dropped is pulled now that it is due."""
        for conv in list(self._behind):
            place = self._places[conv]
            self._drain(conv, place, now)

    def _landed(self, conv: str) -> _Place:
        place = self._place(conv)
        if place.pulling:
            place.pulling = False
            self._pulling -= 1
        return place

    def _pause(self, place: _Place) -> float:
        return min(0.25 * 2.0 ** min(place.failures, 16), self._options.backoff_cap)
