"""A log of messages for search to follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glideim.protocol.records import Message
from tests.support.stores import message


class Messages:
    """The messages, and their changes in order."""

    def __init__(self) -> None:
        self.by_mid: dict[int, Message] = {}
        self.numbers: dict[int, int] = {}

    def add(self, mid: int, text: str = "hello", **fields: Any) -> None:
        self.by_mid[mid] = message(mid, fields.pop("seq", mid), content=text, **fields)

    def change(self, mid: int, **fields: Any) -> None:
        old = self.by_mid[mid]
        values = {name: getattr(old, name) for name in old.__struct_fields__}
        self.by_mid[mid] = Message(**(values | fields))
        self.numbers[mid] = max(self.numbers.values(), default=0) + 1

    async def log(self, after_mid: int, limit: int) -> Sequence[Message]:
        return [self.by_mid[mid] for mid in sorted(self.by_mid) if mid > after_mid][:limit]

    async def changes(self, after: int, limit: int) -> Sequence[tuple[int, Message]]:
        found = sorted((n, mid) for mid, n in self.numbers.items() if n > after)
        return [(n, self.by_mid[mid]) for n, mid in found][:limit]

    async def by_mids(self, mids: Sequence[int], viewer: int = 0) -> Sequence[Message]:
        return [self.by_mid[mid] for mid in mids if mid in self.by_mid]

    async def highest_mid(self) -> int:
        return max(self.by_mid, default=0)

    async def last_change(self) -> int:
        return max(self.numbers.values(), default=0)
