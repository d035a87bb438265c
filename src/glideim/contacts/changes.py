"""The rules by which links and blocks change: run by a store inside one transaction.

Engines differ in how a row is read and written, not in what becomes of a request: two people who ask each other at
the same moment must be friends whatever the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec.structs import replace

from .ports import Block, ContactLimits, Link, LinkState, Outcome


class Table(Protocol):
    """Rows of an engine within a transaction."""

    def link(self, uid: int, peer: int) -> Link | None: ...

    def put_link(self, link: Link) -> None:
        """Add or replace."""
        ...

    def drop_link(self, uid: int, peer: int) -> None: ...

    def count_links(self, uid: int, state: LinkState) -> int: ...

    def block(self, uid: int, peer: int) -> Block | None: ...

    def put_block(self, uid: int, block: Block) -> None: ...

    def count_blocks(self, uid: int) -> int: ...


def request(table: Table, link: Link, limits: ContactLimits) -> Outcome:
    """See `ContactStore.request`."""
    uid, peer = link.uid, link.peer
    if table.block(peer, uid) is not None:
        return Outcome.BLOCKED
    old = table.link(uid, peer)
    if old is None:
        return _ask(table, link, limits)
    if old.state is LinkState.INCOMING:
        return accept(table, uid, peer, link.remark, link.at, limits.contacts)
    if old.state is LinkState.OUTGOING and (old.remark, old.message) != (link.remark, link.message):
        table.put_link(replace(old, remark=link.remark, message=link.message))
        table.put_link(_asked(replace(link, at=old.at)))
    return Outcome.UNCHANGED


def _ask(table: Table, link: Link, limits: ContactLimits) -> Outcome:
    if table.count_links(link.uid, LinkState.OUTGOING) >= limits.requests:
        return Outcome.FULL
    if table.count_links(link.peer, LinkState.INCOMING) >= limits.requests:
        return Outcome.THEIRS_FULL
    if table.count_links(link.uid, LinkState.FRIEND) >= limits.contacts:
        return Outcome.FULL
    table.put_link(link)
    table.put_link(_asked(link))
    return Outcome.REQUESTED


def _asked(link: Link) -> Link:
    """The other side of a request."""
    return Link(link.peer, link.uid, LinkState.INCOMING, "", link.message, link.at)


def accept(table: Table, uid: int, peer: int, remark: str, at: int, limit: int) -> Outcome:
    """See `ContactStore.accept`."""
    mine, theirs = table.link(uid, peer), table.link(peer, uid)
    if mine is not None and mine.state is LinkState.FRIEND:
        return Outcome.UNCHANGED
    if mine is None or theirs is None or mine.state is not LinkState.INCOMING:
        return Outcome.NOTHING
    if table.block(peer, uid) is not None:
        return Outcome.BLOCKED
    if table.count_links(uid, LinkState.FRIEND) >= limit:
        return Outcome.FULL
    if table.count_links(peer, LinkState.FRIEND) >= limit:
        return Outcome.THEIRS_FULL
    table.put_link(replace(mine, state=LinkState.FRIEND, remark=remark, message="", at=at))
    table.put_link(replace(theirs, state=LinkState.FRIEND, message="", at=at))
    return Outcome.ACCEPTED


def remove(table: Table, uid: int, peer: int, states: Sequence[LinkState]) -> Link | None:
    """See `ContactStore.remove`."""
    link = table.link(uid, peer)
    if link is None or link.state not in states:
        return None
    table.drop_link(uid, peer)
    table.drop_link(peer, uid)
    return link


def set_remark(table: Table, uid: int, peer: int, remark: str) -> Link | None:
    """See `ContactStore.set_remark`."""
    link = table.link(uid, peer)
    if link is None or link.state is not LinkState.FRIEND:
        return None
    link = replace(link, remark=remark)
    table.put_link(link)
    return link


def block(table: Table, uid: int, peer: int, at: int, limit: int) -> Outcome:
    """See `ContactStore.block`."""
    if table.block(uid, peer) is not None:
        return Outcome.UNCHANGED
    if table.count_blocks(uid) >= limit:
        return Outcome.FULL
    table.put_block(uid, Block(peer, at))
    return Outcome.REQUESTED
