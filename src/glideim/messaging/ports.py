"""What messaging offers and what it needs: its values, its errors, its promises.

A conversation is named by its key: `c:<smaller uid>:<larger uid>` or, later, `g:<gid>`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from msgspec import Struct

from glideim.dispatch.ports import Origin
from glideim.protocol.records import AckRequest, Message, User


class Head(NamedTuple):
    """Where a conversation stands: its highest `seq` (0: no message yet) and that message's `send_at`."""

    seq: int
    send_at: int


class Position(NamedTuple):
    """How far one member is: everything up to `delivered` is on a device, up to `read` was read."""

    conv: str
    uid: int
    delivered: int
    read: int


class AppendConflictError(Exception):
    """A `(conv, seq)`, `(sender, cli_mid)` or `mid` of the batch is already taken, or a `seq` would leave a gap.
    Nothing of the batch was stored."""


class InboxEntry(Struct, frozen=True, gc=False):
    """A conversation as one of its members sees it."""

    conv: str
    last: Message | None
    """The newest message; None when there is none yet."""
    mine: Position
    others: tuple[Position, ...] = ()
    """Positions of the other members (two-person conversations)."""


class MessageStore(Protocol):
    """The log of all conversations, kept durably. Every method may raise
    `glideim.kernel.errors.StoreUnavailableError`."""

    async def append(self, messages: Sequence[Message], joins: Sequence[tuple[str, int]]) -> None:
        """Store the messages in one transaction, with `joins` (conv, uid): who now has which conversation in
        their inbox (repeats are harmless).

        All or nothing. Returns only when the transaction is as durable as configured (P1). Raises
        AppendConflictError when `(conv, seq)`, `(from, cli_mid)` or `mid` of any row exists already, or the
        `seq` before it does not: the database decides, whoever else writes.
        """
        ...

    async def heads(self, convs: Sequence[str]) -> Mapping[str, Head]:
        """Head of each conversation asked for; `Head(0, 0)` where there is no message."""
        ...

    async def find(self, keys: Sequence[tuple[int, str]]) -> Mapping[tuple[int, str], Message]:
        """Messages by (sender, cli_mid), as far as they exist."""
        ...

    async def by_mid(self, mid: int) -> Message | None:
        """One message by its id."""
        ...

    async def highest_mid(self) -> int:
        """The largest `mid` stored; 0 when there is none. Ids made from time start above it."""
        ...

    async def log(self, after_mid: int, limit: int) -> Sequence[Message]:
        """Messages of all conversations with `mid` > `after_mid`, ascending by `mid`, at most `limit`."""
        ...

    async def history(
        self, conv: str, after: int, before: int, limit: int, *, latest: bool
    ) -> Sequence[Message]:
        """Messages with `after < seq < before`, ascending: the first `limit`, or with `latest` the last."""
        ...

    async def last_from(self, conv: str, sender: int, after: int, up_to: int) -> Message | None:
        """The newest message of `sender` with `after < seq <= up_to`."""
        ...

    async def positions(self, convs: Sequence[str]) -> Sequence[Position]:
        """Stored positions of every member of the conversations."""
        ...

    async def save_positions(self, positions: Sequence[Position]) -> None:
        """Move stored positions forward (each value only ever grows); unknown members are ignored."""
        ...

    async def inbox(self, uid: int, after: str, limit: int) -> Sequence[InboxEntry]:
        """Conversations of a person with key > `after`, by key (plain text order), at most `limit`."""
        ...


class Send(Struct, frozen=True, gc=False):
    """A request to send a message, as it came from a connection."""

    uid: int
    origin: Origin
    request_seq: int
    action: str
    message: Message


class Confirm(Struct, frozen=True, gc=False):
    """A receiver's confirmation, as it came from a connection."""

    uid: int
    origin: Origin
    request_seq: int
    ack: AckRequest


class MessagePath(Protocol):
    """Messaging, as the gateway uses it. Answers go through dispatch, in order."""

    def submit(self, sends: Sequence[Send]) -> int:
        """Take over a turn's sends, in order; each is answered with `ack.message` or `message.failed.send` to
        its origin. Returns how many were taken: the rest found no room and must be refused (`unavailable`)."""
        ...

    def confirm(self, confirms: Sequence[Confirm]) -> None:
        """Take over a turn's confirmations."""
        ...

    async def read(self, uid: int, origin: Origin, conv: str, seq: int) -> None:
        """Move a person's read position and tell those concerned. Raises RequestError."""
        ...

    def went_offline(self, uid: int) -> None:
        """The last connection of a person here is gone."""
        ...


class Directory(Protocol):
    """Who exists; implemented by accounts."""

    def known(self, uid: int) -> bool:
        """True if the person is known to exist without asking anyone; False says nothing."""
        ...

    async def exists(self, uids: Sequence[int]) -> frozenset[int]:
        """Those of the people who exist."""
        ...

    async def users(self, uids: Sequence[int]) -> Mapping[int, User]:
        """Public profiles of those of the people who exist."""
        ...
