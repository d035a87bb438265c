"""Friendships, requests and blocks in memory. The rules are those of every engine: `contacts.changes`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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

from .engine import Engine


class _Table:
    """The rows, by person and by whom they concern."""

    def __init__(self) -> None:
        self.links: dict[int, dict[int, Link]] = {}
        self.blocks: dict[int, dict[int, Block]] = {}

    def link(self, uid: int, peer: int) -> Link | None:
        return self.links.get(uid, {}).get(peer)

    def put_link(self, link: Link) -> None:
        self.links.setdefault(link.uid, {})[link.peer] = link

    def drop_link(self, uid: int, peer: int) -> None:
        self.links.get(uid, {}).pop(peer, None)

    def count_links(self, uid: int, state: LinkState) -> int:
        return sum(link.state is state for link in self.links.get(uid, {}).values())

    def block(self, uid: int, peer: int) -> Block | None:
        return self.blocks.get(uid, {}).get(peer)

    def put_block(self, uid: int, block: Block) -> None:
        self.blocks.setdefault(uid, {})[block.peer] = block

    def count_blocks(self, uid: int) -> int:
        return len(self.blocks.get(uid, {}))


class MemoryContacts:
    """`ContactStore` in memory."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._table = _Table()

    async def request(self, link: Link, limits: ContactLimits) -> Outcome:
        """See ContactStore."""
        self._engine.check()
        return changes.request(self._table, link, limits)

    async def accept(self, uid: int, peer: int, remark: str, at: int, limit: int) -> Outcome:
        """See ContactStore."""
        self._engine.check()
        return changes.accept(self._table, uid, peer, remark, at, limit)

    async def remove(self, uid: int, peer: int, states: Sequence[LinkState]) -> Link | None:
        """See ContactStore."""
        self._engine.check()
        return changes.remove(self._table, uid, peer, states)

    async def set_remark(self, uid: int, peer: int, remark: str) -> Link | None:
        """See ContactStore."""
        self._engine.check()
        return changes.set_remark(self._table, uid, peer, remark)

    async def link(self, uid: int, peer: int) -> Link | None:
        """See ContactStore."""
        self._engine.check()
        return self._table.link(uid, peer)

    async def links(
        self, uid: int, states: Sequence[LinkState], after: int, limit: int
    ) -> Sequence[Link]:
        """See ContactStore."""
        self._engine.check()
        mine = self._table.links.get(uid, {})
        found = (mine[peer] for peer in sorted(mine) if peer > after)
        return [link for link in found if link.state in states][:limit]

    async def block(self, uid: int, peer: int, at: int, limit: int) -> Outcome:
        """See ContactStore."""
        self._engine.check()
        return changes.block(self._table, uid, peer, at, limit)

    async def unblock(self, uid: int, peer: int) -> bool:
        """See ContactStore."""
        self._engine.check()
        return self._table.blocks.get(uid, {}).pop(peer, None) is not None

    async def blocks(self, uid: int, after: int, limit: int) -> Sequence[Block]:
        """See ContactStore."""
        self._engine.check()
        mine = self._table.blocks.get(uid, {})
        return [mine[peer] for peer in sorted(mine) if peer > after][:limit]

    async def relations(self, pairs: Sequence[Pair]) -> Mapping[Pair, Relation]:
        """See ContactStore."""
        self._engine.check()
        found = {pair: self._relation(*pair) for pair in pairs}
        return {pair: relation for pair, relation in found.items() if relation != STRANGERS}

    def _relation(self, sender: int, receiver: int) -> Relation:
        link = self._table.link(receiver, sender)
        friends = link is not None and link.state is LinkState.FRIEND
        return Relation(friends, self._table.block(receiver, sender) is not None)
