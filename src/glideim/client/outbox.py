"""What is to be sent: durable, in order for each receiver, every message until it is answered. No I/O.

Order. Messages to one receiver form a lane, and only its first `window` are on their way. Whatever is sent again
(after a time-out, after a reconnect) is sent in the lane's order and before anything new, and the server keeps one copy
of each, so a later message is never numbered before an earlier one that was answered. One case is left: the server
refuses a message for the moment and takes a later one that was on its way already. The lane then goes one by one until
it is empty; `window=1` excludes the case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import AckMessage, Message

from .errors import SendFailed
from .options import Options
from .store import Changes

Answer = Callable[[AckMessage | Exception, Message], None]
"""Told once how a message ended: stored, refused (SendFailed), or no longer waited for (another ClientError)."""

_FOREVER: float = float("inf")


class Outgoing:
    """A message until it is answered."""

    __slots__ = ("answer", "due", "flying", "message", "refusals", "refused_at", "request", "tries")

    def __init__(self, message: Message, answer: Answer) -> None:
        self.message = message
        self.answer = answer
        self.tries = 0
        self.request = 0
        """Number of the request that carried it last."""
        self.flying = False
        """Sent on this connection and not answered."""
        self.due = _FOREVER
        self.refusals = 0
        self.refused_at = 0.0

    @property
    def action(self) -> Action:
        """What the latest try is called."""
        if self.message.conv:
            return Action.MESSAGE_GROUP if self.tries < 2 else Action.MESSAGE_GROUP_RETRY
        return Action.MESSAGE_CHAT if self.tries < 2 else Action.MESSAGE_CHAT_RETRY


class _Lane:
    """Messages to one receiver, in order."""

    __slots__ = ("entries", "hold", "narrow")

    def __init__(self) -> None:
        self.entries: dict[str, Outgoing] = {}
        self.hold = 0.0
        """Nothing is sent before this time."""
        self.narrow = False

    def due(self) -> float:
        """When something has to happen by itself."""
        times = [entry.due for entry in self.entries.values() if entry.flying]
        if self.hold:
            times.append(self.hold)
        return min(times, default=_FOREVER)


class Outbox:
    """Messages waiting for their answer, in lanes."""

    def __init__(self, options: Options, rng: Random, changes: Changes) -> None:
        self._options = options
        self._rng = rng
        self._changes = changes
        self._lanes: dict[int, _Lane] = {}
        self._lane_of: dict[str, int] = {}
        self._ready: dict[int, None] = {}
        self._flying = 0
        self._next_due = _FOREVER

    def __len__(self) -> int:
        return len(self._lane_of)

    def __contains__(self, cli_mid: str) -> bool:
        return cli_mid in self._lane_of

    def waiting(self) -> Iterator[Message]:
        """Every message that is not answered yet; in order for each receiver."""
        for lane in self._lanes.values():
            for entry in lane.entries.values():
                yield entry.message

    def restore(self, message: Message, answer: Answer) -> None:
        """Take back a message that an earlier client kept: it may have been sent already."""
        self._put(message, answer).tries = 1

    def add(self, message: Message, answer: Answer) -> None:
        """Take a new message. Raises SendFailed when there is no room or its `cli_mid` is waiting already."""
        if message.cli_mid in self._lane_of:
            raise SendFailed(
                ErrorCode.CONFLICT, "cliMid: is waiting to be sent already", message.cli_mid
            )
        if len(self._lane_of) >= self._options.outbox_limit:
            reason = f"the outbox is full ({self._options.outbox_limit} messages)"
            raise SendFailed(ErrorCode.UNAVAILABLE, reason, message.cli_mid)
        self._put(message, answer)
        self._changes.added[message.cli_mid] = message

    def pump(self, now: float) -> list[Outgoing]:
        """What to send now, in order. The caller notes in each the number of the request that carries it."""
        sends: list[Outgoing] = []
        for to in list(self._ready):
            lane = self._lanes[to]
            if lane.hold > now:
                del self._ready[to]
                continue
            lane.hold = 0.0
            self._pump_lane(lane, now, sends)
            if self._flying >= self._options.in_flight:
                break
            del self._ready[to]
        return sends

    def acked(self, ack: AckMessage) -> bool:
        """The server stored a message; False if it was answered before."""
        entry = self._take(ack.cli_mid)
        if entry is None:
            return False
        entry.answer(ack, entry.message)
        return True

    def refused(
        self, cli_mid: str, code: str, message: str, *, retryable: bool, now: float
    ) -> None:
        """The server refused a message: try again later, or give up."""
        lane, entry = self._find(cli_mid)
        if lane is None or entry is None:
            return
        entry.refused_at = entry.refused_at or now
        if retryable and now < entry.refused_at + self._options.refusal_deadline:
            self._hold(lane, entry, now)
            return
        self._take(cli_mid)
        entry.answer(SendFailed(code, message, cli_mid, retryable=retryable), entry.message)

    def sent_as(self, request: int) -> str | None:
        """The `cli_mid` of the message that a request of this connection carried, if it waits for its answer."""
        for lane in self._lanes.values():
            for entry in lane.entries.values():
                if entry.flying and entry.request == request:
                    return entry.message.cli_mid
        return None

    def deadline(self) -> float:
        """When `tick` should be called; may be early."""
        return self._next_due

    def tick(self, now: float) -> None:
        """Let what was not answered in time be sent again."""
        if now < self._next_due:
            return
        self._next_due = _FOREVER
        for to, lane in self._lanes.items():
            if any(entry.flying and entry.due <= now for entry in lane.entries.values()):
                self._land(lane)
                self._ready[to] = None
            if lane.hold and lane.hold <= now:
                lane.hold = 0.0
                self._ready[to] = None
            self._next_due = min(self._next_due, lane.due())

    def disconnected(self) -> None:
        """Everything on its way has to be sent again."""
        for lane in self._lanes.values():
            self._land(lane)
            lane.hold = 0.0
        self._next_due = _FOREVER
        self._ready = dict.fromkeys(self._lanes)

    def fail_all(self, error: Exception) -> None:
        """Stop waiting for answers; the messages stay in the store."""
        entries = [entry for lane in self._lanes.values() for entry in lane.entries.values()]
        self._lanes.clear()
        self._lane_of.clear()
        self._ready.clear()
        self._flying = 0
        for entry in entries:
            entry.answer(error, entry.message)

    def _put(self, message: Message, answer: Answer) -> Outgoing:
        entry = Outgoing(message, answer)
        lane = self._lanes.setdefault(message.to, _Lane())
        lane.entries[message.cli_mid] = entry
        self._lane_of[message.cli_mid] = message.to
        self._ready[message.to] = None
        return entry

    def _pump_lane(self, lane: _Lane, now: float, sends: list[Outgoing]) -> None:
        room = 1 if lane.narrow else self._options.window
        for entry in lane.entries.values():
            if room == 0 or self._flying >= self._options.in_flight:
                return
            room -= 1
            if entry.flying:
                continue
            entry.due = now + self._patience(entry.tries)
            entry.tries += 1
            entry.flying = True
            self._flying += 1
            self._next_due = min(self._next_due, entry.due)
            sends.append(entry)

    def _patience(self, tries: int) -> float:
        """How long to wait for the answer of the next try; jitter keeps a crowd from retrying in step."""
        base = min(
            self._options.ack_timeout * 2.0 ** min(tries, 10), max(self._options.backoff_cap, 1.0)
        )
        return base if tries == 0 else base * (0.75 + self._rng.random() / 2)

    def _hold(self, lane: _Lane, entry: Outgoing, now: float) -> None:
        if entry.flying:
            entry.flying = False
            self._flying -= 1
        ceiling = min(
            self._options.backoff_base * 2.0 ** min(entry.refusals, 16), self._options.backoff_cap
        )
        entry.refusals += 1
        lane.narrow = True
        # Half fixed, half random: a server that is overloaded is never asked again at once.
        lane.hold = max(lane.hold, now + ceiling * (0.5 + self._rng.random() / 2))
        self._next_due = min(self._next_due, lane.hold)

    def _land(self, lane: _Lane) -> None:
        for entry in lane.entries.values():
            if entry.flying:
                entry.flying = False
                self._flying -= 1

    def _find(self, cli_mid: str) -> tuple[_Lane | None, Outgoing | None]:
        to = self._lane_of.get(cli_mid)
        if to is None:
            return None, None
        lane = self._lanes[to]
        return lane, lane.entries[cli_mid]

    def _take(self, cli_mid: str) -> Outgoing | None:
        lane, entry = self._find(cli_mid)
        if lane is None or entry is None:
            return None
        to = self._lane_of.pop(cli_mid)
        del lane.entries[cli_mid]
        if entry.flying:
            self._flying -= 1
        if lane.entries:
            self._ready[to] = None
        else:
            del self._lanes[to]
            self._ready.pop(to, None)
        self._forget(cli_mid)
        return entry

    def _forget(self, cli_mid: str) -> None:
        # A message that was never written need not be written and removed.
        if self._changes.added.pop(cli_mid, None) is None:
            self._changes.removed.append(cli_mid)
