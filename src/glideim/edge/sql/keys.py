"""API keys in SQLite."""

from __future__ import annotations

from collections.abc import Sequence

import apsw
import msgspec

from glideim.account.ports import ApiKey

from .connection import single
from .readers import Readers
from .rows import to_json
from .writer import Writer

_KEY = (
    "json_group_array(json_object('key_id', key_id, 'name', name, 'scopes', json(scopes),"
    " 'created_at', created_at, 'used_at', used_at))"
)
_ADD = """
INSERT INTO api_key (hash, name, scopes, created_at, used_at) VALUES (?, ?, ?, ?, 0) RETURNING key_id
"""
_BY_HASH = f"SELECT {_KEY} FROM api_key WHERE hash = ?"
_ALL = f"SELECT {_KEY} FROM (SELECT * FROM api_key ORDER BY key_id)"

_keys = msgspec.json.Decoder(list[ApiKey])


class SqliteKeys:
    """`KeyStore` on SQLite."""

    def __init__(self, writer: Writer, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    async def add_key(
        self, key_hash: bytes, name: str, scopes: Sequence[str], created_at: int
    ) -> int:
        """See KeyStore."""
        row = (key_hash, name, to_json(scopes), created_at)
        return await self._writer.run(lambda connection: int(connection.execute(_ADD, row).get))

    async def key_by_hash(self, key_hash: bytes) -> ApiKey | None:
        """See KeyStore."""
        found = await self._readers.run(lambda c: _keys.decode(single(c, _BY_HASH, (key_hash,))))
        return found[0] if found else None

    async def keys(self) -> Sequence[ApiKey]:
        """See KeyStore."""
        return await self._readers.run(lambda c: _keys.decode(single(c, _ALL)))

    async def key_used(self, key_id: int, at: int) -> None:
        """See KeyStore."""

        def work(connection: apsw.Connection) -> None:
            connection.execute("UPDATE api_key SET used_at = ? WHERE key_id = ?", (at, key_id))

        await self._writer.run(work)

    async def remove_key(self, key_id: int) -> bool:
        """See KeyStore."""

        def work(connection: apsw.Connection) -> bool:
            connection.execute("DELETE FROM api_key WHERE key_id = ?", (key_id,))
            return bool(connection.changes())

        return await self._writer.run(work)
