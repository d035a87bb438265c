"""What happens to messages after they were stored, and settings of conversations, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from glideim.messaging.ports import (
    ERASED,
    MessageErasedError,
    MessageStatus,
    Position,
    Rewrite,
    Settings,
)
from glideim.protocol.records import Message, Reaction

from .engine import Engine
from .groups import MemoryGroups


class MemoryChanges:
    """The part of `MessageStore` that changes what is stored. A message's place in its log is its `seq`."""

    def __init__(self, engine: Engine, groups: MemoryGroups) -> None:
        self._engine = engine
        self._groups = groups
        self._logs: dict[str, list[Message]] = {}
        self._by_mid: dict[int, Message] = {}
        self._by_cli_mid: dict[tuple[int, str], Message] = {}
        self._positions: dict[tuple[str, int], Position] = {}
        self._settings: dict[tuple[str, int], Settings] = {}
        self._expiries: dict[str, tuple[int, int]] = {}
        self._entries_changed: dict[tuple[str, int], int] = {}
        self._reactions: dict[tuple[str, int], dict[str, set[int]]] = {}
        self._changed: dict[int, int] = {}
        """Number of the last change, by mid."""
        self._pinned: dict[int, int] = {}
        self._last_change = 0

    def _number(self) -> int:
        self._last_change += 1
        return self._last_change

    def _at(self, conv: str, seq: int) -> Message | None:
        log = self._logs.get(conv, ())
        return log[seq - 1] if 0 < seq <= len(log) else None

    def _put(self, message: Message, number: int) -> None:
        self._logs[message.conv][message.seq - 1] = message
        self._by_mid[message.mid] = message
        self._by_cli_mid[message.from_, message.cli_mid] = message
        self._changed[message.mid] = number

    def _seen(self, messages: Iterable[Message], viewer: int) -> list[Message]:
        """Messages with their reactions, as somebody sees them."""
        return [self._with_reactions(message, viewer) for message in messages]

    def _with_reactions(self, message: Message, viewer: int) -> Message:
        keys = self._reactions.get((message.conv, message.seq))
        if not keys or not viewer:
            return message
        reactions = (Reaction(key, len(uids), viewer in uids) for key, uids in sorted(keys.items()))
        return replace(message, reactions=tuple(reactions))

    async def changes(self, after: int, limit: int) -> Sequence[tuple[int, Message]]:
        """See MessageStore."""
        self._engine.check()
        found = sorted((n, mid) for mid, n in self._changed.items() if n > after)
        return [(n, self._by_mid[mid]) for n, mid in found[:limit]]

    async def changed(
        self, conv: str, after: int, first: int, last: int, limit: int, viewer: int
    ) -> Sequence[Message]:
        """See MessageStore."""
        self._engine.check()
        window = self._logs.get(conv, [])[max(first - 1, 0) : max(last, 0)]
        found = [m for m in window if self._changed.get(m.mid, 0) > after]
        return self._seen(found[:limit], viewer)

    async def changed_among(self, convs: Sequence[str], after: int) -> frozenset[str]:
        """See MessageStore."""
        self._engine.check()
        asked = set(convs)
        found = {self._by_mid[mid].conv for mid, n in self._changed.items() if n > after}
        return frozenset(asked & found)

    async def last_change(self) -> int:
        """See MessageStore."""
        self._engine.check()
        return self._last_change

    async def rewrite(self, rewrites: Sequence[Rewrite]) -> Sequence[Message | None]:
        """See MessageStore."""
        self._engine.check()
        number = self._number()
        return [self._rewrite(rewrite, number) for rewrite in rewrites]

    def _rewrite(self, rewrite: Rewrite, number: int) -> Message | None:
        message = self._at(rewrite.conv, rewrite.seq)
        if message is None or MessageStatus(message.status) not in rewrite.only:
            return None
        if rewrite.content is None:
            changed = replace(
                message, content=None, status=rewrite.status, reply_to=0, mentions=(), extra={},
                pinned=False, expire_at=0,
            )  # fmt: skip
            self._reactions.pop((rewrite.conv, rewrite.seq), None)
            self._pinned.pop(message.mid, None)
        else:
            changed = replace(message, content=rewrite.content, status=rewrite.status)
        self._put(changed, number)
        return changed

    async def react(
        self, conv: str, seq: int, uid: int, key: str, *, on: bool, most: int
    ) -> tuple[int, bool]:
        """See MessageStore."""
        self._engine.check()
        message = self._at(conv, seq)
        if on and message is not None and message.status in ERASED:
            raise MessageErasedError
        keys = self._reactions.setdefault((conv, seq), {})
        uids = keys.get(key, set())
        if message is None or (on and not uids and len(keys) >= most):
            return -1, False
        moved = (uid in uids) != on
        if moved:
            uids = uids | {uid} if on else uids - {uid}
            if uids:
                keys[key] = uids
            else:
                del keys[key]
            self._changed[message.mid] = self._number()
        return len(uids), moved

    async def pin(self, conv: str, seq: int, *, at: int, most: int) -> bool | None:
        """See MessageStore."""
        self._engine.check()
        message = self._at(conv, seq)
        if at and message is not None and message.status in ERASED:
            raise MessageErasedError
        if message is None or message.pinned == (at > 0):
            return False
        if at and len([m for m in self._logs[conv] if m.pinned]) >= most:
            return None
        self._put(replace(message, pinned=at > 0), self._number())
        self._pinned[message.mid] = at
        return True

    async def pins(self, conv: str, viewer: int) -> Sequence[Message]:
        """See MessageStore."""
        self._engine.check()
        pinned = [m for m in self._logs.get(conv, ()) if m.pinned]
        pinned.sort(key=lambda m: (self._pinned[m.mid], m.seq), reverse=True)
        return self._seen(pinned, viewer)

    async def due(self, now: int, limit: int) -> Sequence[Message]:
        """See MessageStore."""
        self._engine.check()
        due = [m for m in self._by_mid.values() if 0 < m.expire_at <= now]
        return sorted(due, key=lambda m: m.expire_at)[:limit]

    async def growing(self, limit: int) -> Sequence[Message]:
        """See MessageStore."""
        self._engine.check()
        return [m for m in self._by_mid.values() if m.status == MessageStatus.GROWING][:limit]

    async def save_settings(
        self,
        uid: int,
        conv: str,
        *,
        pinned: bool | None = None,
        muted: bool | None = None,
        hidden: int | None = None,
    ) -> bool:
        """See MessageStore."""
        self._engine.check()
        if (conv, uid) not in self._positions:
            return False
        old = self._settings.get((conv, uid), Settings())
        self._settings[conv, uid] = Settings(
            old.pinned if pinned is None else pinned,
            old.muted if muted is None else muted,
            old.hidden if hidden is None else hidden,
        )
        self._entries_changed[conv, uid] = self._number()
        return True

    async def set_expiry(self, conv: str, seconds: int) -> None:
        """See MessageStore."""
        self._engine.check()
        self._expiries[conv] = (seconds, self._number())
