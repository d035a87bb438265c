"""What contacts offer and need: friendships, requests, blocks, and who is told of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum, StrEnum, auto
from typing import NamedTuple, Protocol

from msgspec import Struct

from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import User

Pair = tuple[int, int]
"""Who wants something, and of whom: (sender, receiver) or (viewer, viewed)."""


class LinkState(IntEnum):
    """What somebody is to a person. The number is stored."""

    FRIEND = 1
    INCOMING = 2
    """They asked this person."""
    OUTGOING = 3
    """This person asked them."""


class Link(Struct, frozen=True, gc=False):
    """One side of a friendship or request: what `peer` is to `uid`. There is always the other side, too."""

    uid: int
    peer: int
    state: LinkState
    remark: str
    """How `uid` calls `peer`; nobody else sees it."""
    message: str
    """What came with the request."""
    at: int
    """Unix milliseconds of the request, or of the friendship."""


class Block(Struct, frozen=True, gc=False):
    """Somebody blocked."""

    peer: int
    at: int


class Relation(NamedTuple):
    """How the receiver stands to the sender."""

    friends: bool
    blocked: bool
    """The second of the pair blocked the first."""


STRANGERS = Relation(friends=False, blocked=False)


class Outcome(StrEnum):
    """What became of a change. The store decides, in one transaction."""

    REQUESTED = auto()
    ACCEPTED = auto()
    UNCHANGED = auto()
    """It was so already."""
    NOTHING = auto()
    """There is no request to answer."""
    BLOCKED = auto()
    """The other one blocked this person."""
    FULL = auto()
    """This person has as many as one may have."""
    THEIRS_FULL = auto()
    """The other one has."""


class ContactLimits(Struct, frozen=True):
    """How many of each a person may have."""

    contacts: int = 5000
    blocks: int = 5000
    requests: int = 1000
    """Unanswered requests received; as many may be sent."""


class ContactStore(Protocol):
    """Friendships, requests and blocks, kept durably. Each change is one transaction, both sides at once. Every
    method may raise `glideim.kernel.errors.StoreUnavailableError`."""

    async def request(self, link: Link, limits: ContactLimits) -> Outcome:
        """`link.uid` asks `link.peer` (state OUTGOING). A request that meets one from the other side is an
        acceptance; one that was made already changes nothing but its remark and message."""
        ...

    async def accept(self, uid: int, peer: int, remark: str, at: int, limit: int) -> Outcome:
        """Make friends of an incoming request; `limit` contacts at most, of either."""
        ...

    async def remove(self, uid: int, peer: int, states: Sequence[LinkState]) -> Link | None:
        """Delete both sides if what `peer` is to `uid` is one of `states`; returns what it was."""
        ...

    async def set_remark(self, uid: int, peer: int, remark: str) -> Link | None:
        """Change how `uid` calls a friend; the new link, or None if they are not friends."""
        ...

    async def link(self, uid: int, peer: int) -> Link | None:
        """What `peer` is to `uid`."""
        ...

    async def links(
        self, uid: int, states: Sequence[LinkState], after: int, limit: int
    ) -> Sequence[Link]:
        """Links of a person by `peer`, those with `peer` > `after`."""
        ...

    async def block(self, uid: int, peer: int, at: int, limit: int) -> Outcome:
        """REQUESTED when it is new, else UNCHANGED or FULL."""
        ...

    async def unblock(self, uid: int, peer: int) -> bool:
        """Whether there was a block."""
        ...

    async def blocks(self, uid: int, after: int, limit: int) -> Sequence[Block]:
        """Whom a person blocked, by uid, those > `after`."""
        ...

    async def relations(self, pairs: Sequence[Pair]) -> Mapping[Pair, Relation]:
        """How the second of each pair stands to the first. Strangers are left out."""
        ...


class People(Protocol):
    """Who exists."""

    async def users(self, uids: Sequence[int]) -> Mapping[int, User]:
        """Public profiles of those who exist."""
        ...


IsBot = Callable[[int], bool]
"""Whether a person is a bot."""


class Relations(Protocol):
    """What the message path asks before it takes messages."""

    async def refusals(self, pairs: Sequence[Pair]) -> Mapping[Pair, ErrorCode]:
        """Of (sender, receiver), those whose messages are refused, and how: `blocked` when the receiver blocked
        the sender, `not_friend` when the server asks for friendship and they are not friends. May be cached until
        `RelationsListener.relations_changed` names the two."""
        ...


class RelationsListener(Protocol):
    """Told when what `Relations` answers may have changed."""

    def relations_changed(self, a: int, b: int) -> None:
        """Between these two, in either direction. Must not block nor raise."""
        ...
