"""What search offers and what it needs.

The index is derived: everything in it comes from the log of messages, and it may be behind, be damaged or be gone
at any time. So it is only ever asked for candidates; the messages themselves decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from msgspec import Struct

from glideim.protocol.records import Message

from .text import Clause


class Cursors(NamedTuple):
    """How far the index follows the store: the `mid` of the last message and the number of the last change."""

    mid: int = 0
    change: int = 0


class Document(Struct, frozen=True, gc=False):
    """A message as it is put into the index."""

    mid: int
    conv: str
    seq: int
    sender: int
    type: int
    send_at: int
    text: str


class Wanted(Struct, frozen=True, gc=False):
    """A search: everything given must be so."""

    uid: int
    """Whose conversations are searched."""
    clauses: tuple[Clause, ...] = ()
    conv: str = ""
    """Only in this one. Empty: in those of two people that `uid` is one of, and in `groups`."""
    groups: tuple[str, ...] = ()
    sender: int = 0
    type: int = 0
    after: int = 0
    """Sent later than this (ms); 0: whenever."""
    before: int = 0
    """Sent earlier than this (ms); 0: whenever."""


class Hit(NamedTuple):
    """A candidate."""

    mid: int
    conv: str
    seq: int


class Found(NamedTuple):
    """Candidates, newest first. `end` is the `mid` down to which everything was looked at; 0: all of it was."""

    hits: Sequence[Hit]
    end: int


class SearchIndex(Protocol):
    """The index. Every method may raise `glideim.kernel.errors.StoreUnavailableError`."""

    async def cursors(self) -> Cursors:
        """How far it is."""
        ...

    async def put(
        self, documents: Sequence[Document], gone: Sequence[int], cursors: Cursors
    ) -> None:
        """Add documents or replace them, forget those `gone` (mids, known or not), and move the cursors: all of it
        or, after a crash, nothing."""
        ...

    async def clear(self) -> None:
        """Forget everything, the cursors too."""
        ...

    async def find(self, wanted: Wanted, below: int, limit: int) -> Found:
        """At most `limit` candidates with `mid` < `below`, all that are wanted and perhaps some whose last word goes
        on otherwise; an amount of work that does not grow with the index is
        done for it, so there may be none and yet more further down."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...

    def statistics(self) -> Mapping[str, float]:
        """Counters and depths of queues, by name."""
        ...


class Log(Protocol):
    """The messages; implemented by the message store."""

    async def log(self, after_mid: int, limit: int) -> Sequence[Message]:
        """Messages with `mid` > `after_mid`, ascending by `mid`."""
        ...

    async def changes(self, after: int, limit: int) -> Sequence[tuple[int, Message]]:
        """Messages whose last change has a number > `after`, with it, ascending."""
        ...

    async def by_mids(self, mids: Sequence[int], viewer: int = 0) -> Sequence[Message]:
        """Messages as they are now, in the order asked for, as far as they exist."""
        ...

    async def highest_mid(self) -> int:
        """The largest `mid` there is."""
        ...

    async def last_change(self) -> int:
        """The number of the last change."""
        ...


class Span(NamedTuple):
    """What of a conversation a person may see: `since < seq`, and up to `until` unless that is 0."""

    since: int = 0
    until: int = 0

    def shows(self, seq: int) -> bool:
        """Whether the message is in it."""
        return seq > self.since and (not self.until or seq <= self.until)


class Visible(Protocol):
    """Who may see what of groups; implemented by messaging. Conversations of two people need no asking: whoever is
    named in the key may see all of it."""

    async def groups(self, uid: int) -> Mapping[str, Span]:
        """Every group conversation the person is a member of."""
        ...

    async def group(self, uid: int, conv: str) -> Span | None:
        """One of them; None if the person is not in it, whether or not it exists."""
        ...
