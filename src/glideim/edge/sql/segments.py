"""Sequences of ids in SQLite."""

from __future__ import annotations

import apsw

from .writer import Writer

_TAKE = """
INSERT INTO segment (name, next) VALUES (?1, 1 + ?2)
ON CONFLICT (name) DO UPDATE SET next = next + ?2
RETURNING next
"""


class SqliteSegments:
    """`SegmentStore` on SQLite."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def take_segment(self, name: str, count: int) -> tuple[int, int]:
        """See SegmentStore."""
        if count < 1:
            raise ValueError("a segment holds at least one id")

        def work(connection: apsw.Connection) -> int:
            return int(connection.execute(_TAKE, (name, count)).get)

        following = await self._writer.run(work)
        return following - count, following - 1
