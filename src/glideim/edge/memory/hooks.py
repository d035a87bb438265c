"""Webhooks, bots and API keys in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

import msgspec

from glideim.account.ports import ApiKey
from glideim.push.ports import DEAD_MOST, Bot, DeadLetter, Delivery

from .engine import Engine


class MemoryHooks:
    """`HookStore` in memory."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._cursors: dict[str, int] = {}
        self._waiting: dict[str, Delivery] = {}
        self._dead: dict[int, DeadLetter] = {}
        self._numbers = 0
        self._bots: dict[int, Bot] = {}

    async def cursor(self, name: str) -> int | None:
        """See HookStore."""
        self._engine.check()
        return self._cursors.get(name)

    async def advance(
        self,
        name: str,
        mid: int,
        *,
        queue: Sequence[Delivery] = (),
        bury: Sequence[DeadLetter] = (),
    ) -> None:
        """See HookStore."""
        self._engine.check()
        self._cursors[name] = mid
        for delivery in queue:
            self._waiting.setdefault(delivery.ident, delivery)
        self._bury(bury)

    async def waiting(self, hook: int, limit: int) -> Sequence[Delivery]:
        """See HookStore."""
        self._engine.check()
        return list(islice((d for d in self._waiting.values() if d.hook == hook), limit))

    async def waiting_counts(self) -> Mapping[int, int]:
        """See HookStore."""
        self._engine.check()
        counts: dict[int, int] = {}
        for delivery in self._waiting.values():
            counts[delivery.hook] = counts.get(delivery.hook, 0) + 1
        return counts

    async def settle(self, ident: str, letter: DeadLetter | None = None) -> None:
        """See HookStore."""
        self._engine.check()
        self._waiting.pop(ident, None)
        self._bury(() if letter is None else (letter,))

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """See HookStore."""
        self._engine.check()
        self._bury(letters)

    def _bury(self, letters: Sequence[DeadLetter]) -> None:
        for letter in letters:
            ident = letter.delivery.ident
            known = [n for n, old in self._dead.items() if old.delivery.ident == ident]
            for number in known:
                del self._dead[number]
            self._numbers += 1
            self._dead[self._numbers] = msgspec.structs.replace(letter, number=self._numbers)
        for number in list(self._dead)[: max(0, len(self._dead) - DEAD_MOST)]:
            del self._dead[number]

    async def dead(self, after: int, limit: int) -> Sequence[DeadLetter]:
        """See HookStore."""
        self._engine.check()
        return [letter for number, letter in self._dead.items() if number > after][:limit]

    async def dead_letter(self, number: int) -> DeadLetter | None:
        """See HookStore."""
        self._engine.check()
        return self._dead.get(number)

    async def forget_dead(self, number: int) -> bool:
        """See HookStore."""
        self._engine.check()
        return self._dead.pop(number, None) is not None

    async def bots(self) -> Sequence[Bot]:
        """See HookStore."""
        self._engine.check()
        return [self._bots[uid] for uid in sorted(self._bots)]

    async def put_bot(self, bot: Bot) -> None:
        """See HookStore."""
        self._engine.check()
        self._bots[bot.uid] = bot

    async def remove_bot(self, uid: int) -> bool:
        """See HookStore."""
        self._engine.check()
        self._waiting = {i: d for i, d in self._waiting.items() if d.hook != uid}
        return self._bots.pop(uid, None) is not None


class MemoryKeys:
    """`KeyStore` in memory."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._keys: dict[bytes, ApiKey] = {}
        self._numbers = 0

    async def add_key(
        self, key_hash: bytes, name: str, scopes: Sequence[str], created_at: int
    ) -> int:
        """See KeyStore."""
        self._engine.check()
        self._numbers += 1
        self._keys[key_hash] = ApiKey(self._numbers, name, tuple(scopes), created_at)
        return self._numbers

    async def key_by_hash(self, key_hash: bytes) -> ApiKey | None:
        """See KeyStore."""
        self._engine.check()
        return self._keys.get(key_hash)

    async def keys(self) -> Sequence[ApiKey]:
        """See KeyStore."""
        self._engine.check()
        return list(self._keys.values())

    async def key_used(self, key_id: int, at: int) -> None:
        """See KeyStore."""
        self._engine.check()
        for key_hash, key in self._keys.items():
            if key.key_id == key_id:
                self._keys[key_hash] = msgspec.structs.replace(key, used_at=at)

    async def remove_key(self, key_id: int) -> bool:
        """See KeyStore."""
        self._engine.check()
        found = [key_hash for key_hash, key in self._keys.items() if key.key_id == key_id]
        for key_hash in found:
            del self._keys[key_hash]
        return bool(found)
