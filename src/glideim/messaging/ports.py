"""What messaging offers and what it needs: its values, its errors, its promises.

A conversation is named by its key: `c:<smaller uid>:<larger uid>` or `g:<gid>`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, NamedTuple, Protocol

from msgspec import Struct

from glideim.dispatch.ports import Origin
from glideim.group.ports import GroupChange
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import AckRequest, Envelope, Message, User
from glideim.protocol.social import Stream, Transient


class Head(NamedTuple):
    """Where a conversation stands: its highest `seq` (0: no message yet), that message's `send_at`, and after how many
    seconds its messages are erased (0: never)."""

    seq: int
    send_at: int
    expire_after: int = 0


class Position(NamedTuple):
    """How far one member is: everything up to `delivered` is on a device, up to `read` was read."""

    conv: str
    uid: int
    delivered: int
    read: int


class Standings(NamedTuple):
    """Where conversations and their members stand."""

    heads: Mapping[str, Head]
    positions: Sequence[Position]


class AppendConflictError(Exception):
    """A `(conv, seq)`, `(sender, cli_mid)` or `mid` of the batch is already taken, or a `seq` would leave a gap.
    Nothing of the batch was stored."""


class MessageErasedError(Exception):
    """The message was recalled or has expired: nothing can hang on it any more. Nothing was changed."""


class Settings(NamedTuple):
    """What one member chose for a conversation. `hidden` is the `seq` up to which it is hidden."""

    pinned: bool = False
    muted: bool = False
    hidden: int = 0


class InboxEntry(Struct, frozen=True, gc=False):
    """A conversation as one of its members sees it."""

    conv: str
    last: Message | None
    """The newest message; None when there is none yet."""
    mine: Position
    others: tuple[Position, ...] = ()
    """Positions of the other members (two-person conversations)."""
    settings: Settings = Settings()
    expire_after: int = 0
    since: int = 0
    """In groups, the `seq` before the first that the member may see."""
    changed: int = 0
    """Number of the last change of positions or settings."""


class MessageStatus(IntEnum):
    """`status` of a message."""

    NORMAL = 0
    RECALLED = 1
    EDITED = 2
    EXPIRED = 3
    GROWING = 4


ERASED = frozenset({MessageStatus.RECALLED, MessageStatus.EXPIRED})


class Rewrite(Struct, frozen=True, gc=False):
    """A change of a stored message. Its content is replaced (None: erased, with everything that hangs on it), if
    its status is one of `only`."""

    conv: str
    seq: int
    content: str | None
    status: MessageStatus
    only: tuple[MessageStatus, ...] = (MessageStatus.NORMAL, MessageStatus.EDITED)


class MessageStore(Protocol):
    """The log of all conversations, kept durably. Every method may raise
    `glideim.kernel.errors.StoreUnavailableError`."""

    async def append(
        self,
        messages: Sequence[Message],
        joins: Sequence[tuple[str, int]],
        change: GroupChange | None = None,
    ) -> None:
        """Store the messages in one transaction, with `joins` (conv, uid): who now has which conversation in
        their inbox (repeats are harmless), and the change of a group that the one message is the event of.

        All or nothing. Returns only when the transaction is as durable as configured (P1). Raises
        AppendConflictError when `(conv, seq)`, `(from, cli_mid)` or `mid` of any row exists already, or the
        `seq` before it does not: the database decides, whoever else writes.
        """
        ...

    async def heads(self, convs: Sequence[str]) -> Mapping[str, Head]:
        """Head of each conversation asked for; `Head(0, 0)` where there is no message."""
        ...

    async def standings(self, convs: Sequence[str]) -> Standings:
        """The same, with the stored positions of every member of those that have a message."""
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

    async def by_mids(self, mids: Sequence[int], viewer: int = 0) -> Sequence[Message]:
        """Messages by their ids, as far as they exist, in the order asked for."""
        ...

    async def history(
        self, conv: str, after: int, before: int, limit: int, *, latest: bool, viewer: int = 0
    ) -> Sequence[Message]:
        """Messages with `after < seq < before`, ascending: the first `limit`, or with `latest` the last. With
        their reactions, as `viewer` sees them."""
        ...

    async def changes(self, after: int, limit: int) -> Sequence[tuple[int, Message]]:
        """Messages changed after they were stored, with the number of their last change > `after`, ascending."""
        ...

    async def changed(
        self, conv: str, after: int, first: int, last: int, limit: int, viewer: int
    ) -> Sequence[Message]:
        """Messages of a conversation with `first <= seq <= last` whose last change has a number > `after`, by
        `seq`."""
        ...

    async def changed_among(self, convs: Sequence[str], after: int) -> frozenset[str]:
        """Those of the conversations with a message whose last change has a number > `after`."""
        ...

    async def last_change(self) -> int:
        """The number of the last change of any message, position or setting."""
        ...

    async def rewrite(self, rewrites: Sequence[Rewrite]) -> Sequence[Message | None]:
        """Change stored messages; each as it is now, None where it does not exist or has another status."""
        ...

    async def react(
        self, conv: str, seq: int, uid: int, key: str, *, on: bool, most: int
    ) -> tuple[int, bool]:
        """Set or take back a reaction: how many people have it now, and whether anything changed. Nothing does
        beyond `most` different keys (the count is then -1). Raises MessageErasedError when it is set on a message that
        is gone: the database decides, whatever the message was a moment ago."""
        ...

    async def pin(self, conv: str, seq: int, *, at: int, most: int) -> bool | None:
        """Pin a message (`at` 0: unpin): whether anything changed; None when `most` are pinned already. Raises
        MessageErasedError when a message that is gone is to be pinned, as `react` does."""
        ...

    async def pins(self, conv: str, viewer: int) -> Sequence[Message]:
        """Pinned messages, the one pinned last first."""
        ...

    async def due(self, now: int, limit: int) -> Sequence[Message]:
        """Messages that are to be erased by now."""
        ...

    async def growing(self, limit: int) -> Sequence[Message]:
        """Messages whose stream was never finished."""
        ...

    async def save_settings(
        self,
        uid: int,
        conv: str,
        *,
        pinned: bool | None = None,
        muted: bool | None = None,
        hidden: int | None = None,
    ) -> bool:
        """Change what is not None; False when the conversation is not in the person's inbox."""
        ...

    async def set_expiry(self, conv: str, seconds: int) -> None:
        """Messages of the conversation are erased after so long from now on; 0: never."""
        ...

    async def entry(self, uid: int, conv: str) -> InboxEntry | None:
        """One conversation of a person; None when it is not in their inbox."""
        ...

    async def last_from(self, conv: str, sender: int, after: int, up_to: int) -> Message | None:
        """The newest message of `sender` with `after < seq <= up_to`."""
        ...

    async def save_positions(self, positions: Sequence[Position], *, patient: bool = False) -> None:
        """Move stored positions forward (each value only ever grows); unknown members are ignored. What is `patient`
        may wait some milliseconds for something else to be written with."""
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
    group: bool = False
    """`to` is a group."""
    asked: int = 0
    """Fingerprint of what the sender wrote, if a screen changed it."""
    source: Origin | None = None
    """The connection for which the server itself sends: it needs no push of what it did."""


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

    async def act(self, uid: int, origin: Origin, action: str, data: Any) -> Envelope | None:
        """Recall, edit, react or pin, as a connection asks for it; the answer, without the request's number. Raises
        RequestError."""
        ...

    def stream(self, uid: int, origin: Origin, request_seq: int, data: Stream) -> None:
        """Part of a message that grows. Answered through dispatch."""
        ...

    def transient(self, uid: int, origin: Origin, data: Transient) -> None:
        """Pass something on that is not kept. Dropped where it may not go."""
        ...

    def signed_in(self, uid: int, origin: Origin) -> None:
        """A device has come: it gets what is growing now."""
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


class Refused(Struct, frozen=True, gc=False):
    """A message that may not be sent, and why."""

    code: ErrorCode
    message: str


class Screen(Protocol):
    """Asked about messages before they get their `seq`."""

    async def screen(self, messages: Sequence[Message]) -> Sequence[Message | Refused]:
        """For each message, in order: as it may be sent (`type` and `content` may differ), or why not.
        Never raises."""
        ...
