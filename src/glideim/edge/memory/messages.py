"""Messages in memory."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence

from glideim.group.ports import GroupChange
from glideim.messaging.ports import (
    AppendConflictError,
    Head,
    InboxEntry,
    Position,
    Settings,
    Standings,
)
from glideim.protocol.conversations import group_key, parse_group, parse_key
from glideim.protocol.records import Message

from .changes import MemoryChanges
from .engine import Engine
from .groups import MemoryGroups


class MemoryMessages(MemoryChanges):
    """`MessageStore` in memory: a conversation is a list, `seq` is the place in it."""

    def __init__(self, engine: Engine, groups: MemoryGroups) -> None:
        super().__init__(engine, groups)
        self._mids: list[int] = []
        self._inboxes: dict[int, list[str]] = {}

    def __len__(self) -> int:
        return len(self._by_mid)

    async def append(
        self,
        messages: Sequence[Message],
        joins: Sequence[tuple[str, int]],
        change: GroupChange | None = None,
    ) -> None:
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
        if change is not None:
            self._apply(change, messages[0].seq)

    def _apply(self, change: GroupChange, seq: int) -> None:
        """A change of a group, whose event has `seq`."""
        self._groups.apply(change)
        conv, number = group_key(change.gid), self._number()
        for uid in change.joining:
            self._positions[conv, uid] = Position(conv, uid, seq, seq)
            self._entries_changed[conv, uid] = number
            if conv not in self._inboxes.setdefault(uid, []):
                insort(self._inboxes[uid], conv)
        for uid in change.leaving:
            self._positions.pop((conv, uid), None)
            self._settings.pop((conv, uid), None)
            if conv in self._inboxes.get(uid, ()):
                self._inboxes[uid].remove(conv)
        if change.expire_after is not None:
            self._expiries[conv] = (change.expire_after, number)

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

    async def standings(self, convs: Sequence[str]) -> Standings:
        """See MessageStore."""
        heads = await self.heads(convs)
        places = (
            (conv, uid)
            for conv, head in heads.items()
            if head.seq
            for uid in dict.fromkeys(parse_key(conv) or ())
        )
        return Standings(
            heads, [self._positions[place] for place in places if place in self._positions]
        )

    def _head(self, conv: str) -> Head:
        log = self._logs.get(conv)
        expire_after, _ = self._expiries.get(conv, (0, 0))
        return Head(log[-1].seq, log[-1].send_at, expire_after) if log else Head(0, 0, expire_after)

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

    async def by_mids(self, mids: Sequence[int], viewer: int = 0) -> Sequence[Message]:
        """See MessageStore."""
        self._engine.check()
        return self._seen((self._by_mid[mid] for mid in mids if mid in self._by_mid), viewer)

    async def history(
        self, conv: str, after: int, before: int, limit: int, *, latest: bool, viewer: int = 0
    ) -> Sequence[Message]:
        """See MessageStore."""
        self._engine.check()
        window = self._logs.get(conv, [])[max(after, 0) : max(before - 1, 0)]
        page = window[max(len(window) - limit, 0) :] if latest else window[:limit]
        return self._seen(page, viewer)

    async def last_from(self, conv: str, sender: int, after: int, up_to: int) -> Message | None:
        """See MessageStore."""
        self._engine.check()
        window = self._logs.get(conv, [])[max(after, 0) : max(up_to, 0)]
        return next((message for message in reversed(window) if message.from_ == sender), None)

    async def save_positions(self, positions: Sequence[Position], *, patient: bool = False) -> None:
        """See MessageStore."""
        self._engine.check()
        number = self._number()
        for new in positions:
            old = self._positions.get((new.conv, new.uid))
            if old is not None:
                delivered, read = max(old.delivered, new.delivered), max(old.read, new.read)
                self._positions[new.conv, new.uid] = Position(new.conv, new.uid, delivered, read)
            # The other person's list shows these positions, too.
            for uid in parse_key(new.conv) or (new.uid,):
                self._entries_changed[new.conv, uid] = number

    async def inbox(self, uid: int, after: str, limit: int) -> Sequence[InboxEntry]:
        """See MessageStore."""
        self._engine.check()
        convs = self._inboxes.get(uid, [])
        start = bisect_right(convs, after)
        return [self._entry(conv, uid) for conv in convs[start : start + limit]]

    async def entry(self, uid: int, conv: str) -> InboxEntry | None:
        """See MessageStore."""
        self._engine.check()
        return self._entry(conv, uid) if (conv, uid) in self._positions else None

    def _entry(self, conv: str, uid: int) -> InboxEntry:
        log = self._logs.get(conv)
        gid = parse_group(conv)
        others = (
            self._positions.get((conv, other)) for other in parse_key(conv) or () if other != uid
        )
        expire_after, set_by = self._expiries.get(conv, (0, 0))
        return InboxEntry(
            conv=conv,
            last=self._with_reactions(log[-1], uid) if log else None,
            mine=self._positions[conv, uid],
            others=tuple(position for position in others if position is not None),
            settings=self._settings.get((conv, uid), Settings()),
            expire_after=expire_after,
            since=self._groups.since(gid, uid) if gid is not None else 0,
            changed=max(self._entries_changed.get((conv, uid), 0), set_by),
        )
