"""Friendships, requests and blocks in SQLite. The rules are in `contacts.changes`, run inside one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import apsw
import msgspec

from glideim.contacts import changes
from glideim.contacts.ports import (
    STRANGERS,
    Block,
    ContactLimits,
    Link,
    LinkState,
    Outcome,
    Pair,
    Relation,
)  # fmt: skip

from .connection import single
from .readers import Readers
from .writer import Writer

_LINK = (
    "json_object('uid', uid, 'peer', peer, 'state', state, 'remark', remark, 'message', message,"
    " 'at', at)"
)
_ONE = f"SELECT json_group_array({_LINK}) FROM contact WHERE uid = ?1 AND peer = ?2"
# By state first, as the index is: the few requests of a person are not searched among thousands of contacts.
_PAGE = f"""
SELECT json_group_array({_LINK}) FROM (
    SELECT * FROM contact
    WHERE uid = ?1 AND state IN (SELECT value FROM json_each(?2)) AND peer > ?3 ORDER BY peer LIMIT ?4
)
"""
_PUT = """
INSERT INTO contact (uid, peer, state, remark, message, at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET state = excluded.state, remark = excluded.remark, message = excluded.message,
at = excluded.at
"""
_DROP = "DELETE FROM contact WHERE uid = ?1 AND peer = ?2"
_COUNT = "SELECT count(*) FROM contact WHERE uid = ?1 AND state = ?2"

_BLOCK = "json_object('peer', peer, 'at', at)"
_ONE_BLOCK = f"SELECT json_group_array({_BLOCK}) FROM blocked WHERE uid = ?1 AND peer = ?2"
_PUT_BLOCK = "INSERT INTO blocked (uid, peer, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_DROP_BLOCK = "DELETE FROM blocked WHERE uid = ?1 AND peer = ?2"
_COUNT_BLOCKS = "SELECT count(*) FROM blocked WHERE uid = ?1"
_BLOCKS = f"""
SELECT json_group_array({_BLOCK}) FROM (
    SELECT * FROM blocked WHERE uid = ?1 AND peer > ?2 ORDER BY peer LIMIT ?3
)
"""
_RELATIONS = """
SELECT json_group_array(json_array(sender, receiver, friends, blocked)) FROM (
    SELECT p.value ->> 0 AS sender, p.value ->> 1 AS receiver,
    EXISTS (SELECT 1 FROM contact WHERE uid = p.value ->> 1 AND peer = p.value ->> 0 AND state = 1) AS friends,
    EXISTS (SELECT 1 FROM blocked WHERE uid = p.value ->> 1 AND peer = p.value ->> 0) AS blocked
    FROM json_each(?) AS p
)
"""

_links = msgspec.json.Decoder(list[Link])
_blocks = msgspec.json.Decoder(list[Block])
_relations = msgspec.json.Decoder(list[tuple[int, int, int, int]])


class _Table:
    """The rows, as the rules see them: only inside a transaction of the writer."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def link(self, uid: int, peer: int) -> Link | None:
        return next(iter(_links.decode(single(self._connection, _ONE, (uid, peer)))), None)

    def put_link(self, link: Link) -> None:
        row = (link.uid, link.peer, int(link.state), link.remark, link.message, link.at)
        self._connection.execute(_PUT, row)

    def drop_link(self, uid: int, peer: int) -> None:
        self._connection.execute(_DROP, (uid, peer))

    def count_links(self, uid: int, state: LinkState) -> int:
        return int(single(self._connection, _COUNT, (uid, int(state))))

    def block(self, uid: int, peer: int) -> Block | None:
        return next(iter(_blocks.decode(single(self._connection, _ONE_BLOCK, (uid, peer)))), None)

    def put_block(self, uid: int, block: Block) -> None:
        self._connection.execute(_PUT_BLOCK, (uid, block.peer, block.at))

    def count_blocks(self, uid: int) -> int:
        return int(single(self._connection, _COUNT_BLOCKS, (uid,)))


class SqliteContacts:
    """`ContactStore` on SQLite."""

    def __init__(self, writer: Writer, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    async def request(self, link: Link, limits: ContactLimits) -> Outcome:
        """See ContactStore."""
        return await self._writer.run(lambda c: changes.request(_Table(c), link, limits), 2)

    async def accept(self, uid: int, peer: int, remark: str, at: int, limit: int) -> Outcome:
        """See ContactStore."""
        return await self._writer.run(
            lambda c: changes.accept(_Table(c), uid, peer, remark, at, limit), 2
        )

    async def remove(self, uid: int, peer: int, states: Sequence[LinkState]) -> Link | None:
        """See ContactStore."""
        return await self._writer.run(lambda c: changes.remove(_Table(c), uid, peer, states), 2)

    async def set_remark(self, uid: int, peer: int, remark: str) -> Link | None:
        """See ContactStore."""
        return await self._writer.run(lambda c: changes.set_remark(_Table(c), uid, peer, remark))

    async def link(self, uid: int, peer: int) -> Link | None:
        """See ContactStore."""
        return await self._readers.run(lambda c: _Table(c).link(uid, peer))

    async def links(
        self, uid: int, states: Sequence[LinkState], after: int, limit: int
    ) -> Sequence[Link]:
        """See ContactStore."""
        parameters = (uid, msgspec.json.encode(states).decode(), after, limit)
        return await self._readers.run(lambda c: _links.decode(single(c, _PAGE, parameters)))

    async def block(self, uid: int, peer: int, at: int, limit: int) -> Outcome:
        """See ContactStore."""
        return await self._writer.run(lambda c: changes.block(_Table(c), uid, peer, at, limit))

    async def unblock(self, uid: int, peer: int) -> bool:
        """See ContactStore."""

        def work(connection: apsw.Connection) -> bool:
            connection.execute(_DROP_BLOCK, (uid, peer))
            return connection.changes() > 0

        return await self._writer.run(work)

    async def blocks(self, uid: int, after: int, limit: int) -> Sequence[Block]:
        """See ContactStore."""
        return await self._readers.run(
            lambda c: _blocks.decode(single(c, _BLOCKS, (uid, after, limit)))
        )

    async def relations(self, pairs: Sequence[Pair]) -> Mapping[Pair, Relation]:
        """See ContactStore."""
        asked = msgspec.json.encode(pairs).decode()
        rows = await self._readers.look_up(
            lambda c: _relations.decode(single(c, _RELATIONS, (asked,))), len(pairs)
        )
        found = {(a, b): Relation(bool(friends), bool(blocked)) for a, b, friends, blocked in rows}
        return {pair: relation for pair, relation in found.items() if relation != STRANGERS}
