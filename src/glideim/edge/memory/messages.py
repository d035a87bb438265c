"""Messages in memory."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence

from glideim.messaging.ports import AppendConflictError, Head, InboxEntry, Position
from glideim.protocol.conversations import parse_key
from glideim.protocol.records import Message

from .engine import Engine


class MemoryMessages:
    """`MessageStore` in memory: a conversation is a list, `seq` is the place in it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._logs: dict[str, list[Message]] = {}
        self._by_mid: dict[int, Message] = {}
        self._mids: list[int] = []
        self._by_cli_mid: dict[tuple[int, str], Message] = {}
        self._positions: dict[tuple[str, int], Position] = {}
        self._inboxes: dict[int, list[str]] = {}

    def __len__(self) -> int:
        return len(self._by_mid)

    async def append(self, messages: Sequence[Message], joins: Sequence[tuple[str, int]]) -> None:
        """See MessageStore."""
        self._engine.check()
        ordered = sorted(messages, key=lambda message: message.seq)
        self._check(ordered)
        for message in ordered:
            self._logs.setdefault(message.conv, []).append(message)
            self._by_mid[message.mid] = message
            insort(self._mids, message.mid)
            self._by_cli_mid[message.from_, message.cli_mid] = message
        for conv, uid in joins:
            if (conv, uid) not in self._positions:
                self._positions[conv, uid] = Position(conv, uid, 0, 0)
                insort(self._inboxes.setdefault(uid, []), conv)

    def _check(self, messages: Sequence[Message]) -> None:
        """Nothing may be stored before all of it is known to fit."""
        heads: dict[str, int] = {}
        taken: set[int | tuple[int, str]] = set()
        for m in messages:
            head = heads.get(m.conv) or len(self._logs.get(m.conv, ()))
            name = (m.from_, m.cli_mid)
            known = (
                m.mid in self._by_mid or name in self._by_cli_mid or m.mid in taken or name in taken
            )
            if known or m.seq != head + 1:
                raise AppendConflictError(m.conv, m.seq)
            heads[m.conv] = m.seq
            taken |= {m.mid, name}

    async def heads(self, convs: Sequence[str]) -> Mapping[str, Head]:
        """See MessageStore."""
        self._engine.check()
        return {conv: self._head(conv) for conv in convs}

    def _head(self, conv: str) -> Head:
        log = self._logs.get(conv)
        return Head(log[-1].seq, log[-1].send_at) if log else Head(0, 0)

    async def find(self, keys: Sequence[tuple[int, str]]) -> Mapping[tuple[int, str], Message]:
        """See MessageStore."""
        self._engine.check()
        return {key: self._by_cli_mid[key] for key in keys if key in self._by_cli_mid}

    async def by_mid(self, mid: int) -> Message | None:
        """See MessageStore."""
        self._engine.check()
        return self._by_mid.get(mid)

    async def highest_mid(self) -> int:
        """See MessageStore."""
        self._engine.check()
        return max(self._by_mid, default=0)

    async def log(self, after_mid: int, limit: int) -> Sequence[Message]:
        """See MessageStore."""
        self._engine.check()
        start = bisect_right(self._mids, after_mid)
        return [self._by_mid[mid] for mid in self._mids[start : start + limit]]

    async def history(
        self, conv: str, after: int, before: int, limit: int, *, latest: bool
    ) -> Sequence[Message]:
        """See MessageStore."""
        self._engine.check()
        window = self._logs.get(conv, [])[max(after, 0) : max(before - 1, 0)]
        return window[max(len(window) - limit, 0) :] if latest else window[:limit]

    async def last_from(self, conv: str, sender: int, after: int, up_to: int) -> Message | None:
        """See MessageStore."""
        self._engine.check()
        window = self._logs.get(conv, [])[max(after, 0) : max(up_to, 0)]
        return next((message for message in reversed(window) if message.from_ == sender), None)

    async def positions(self, convs: Sequence[str]) -> Sequence[Position]:
        """See MessageStore."""
        self._engine.check()
        places = (
            (conv, uid)
            for conv in dict.fromkeys(convs)
            for uid in dict.fromkeys(parse_key(conv) or ())
        )
        return [self._positions[place] for place in places if place in self._positions]

    async def save_positions(self, positions: Sequence[Position]) -> None:
        """See MessageStore."""
        self._engine.check()
        for new in positions:
            old = self._positions.get((new.conv, new.uid))
            if old is not None:
                delivered, read = max(old.delivered, new.delivered), max(old.read, new.read)
                self._positions[new.conv, new.uid] = Position(new.conv, new.uid, delivered, read)

    async def inbox(self, uid: int, after: str, limit: int) -> Sequence[InboxEntry]:
        """See MessageStore."""
        self._engine.check()
        convs = self._inboxes.get(uid, [])
        start = bisect_right(convs, after)
        return [self._entry(conv, uid) for conv in convs[start : start + limit]]

    def _entry(self, conv: str, uid: int) -> InboxEntry:
        log = self._logs.get(conv)
        others = (
            self._positions.get((conv, other)) for other in parse_key(conv) or () if other != uid
        )
        return InboxEntry(
            conv=conv,
            last=log[-1] if log else None,
            mine=self._positions[conv, uid],
            others=tuple(position for position in others if position is not None),
        )
