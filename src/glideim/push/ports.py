"""What webhooks offer and need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from glideim.protocol.records import AckMessage, Message

SERVER_HOOK = 0
"""The hook of the configuration; every other hook is named by its bot's uid."""
DEAD_MOST = 1000
"""Dead letters kept; beyond it the oldest goes."""
ANSWER_MOST = 64 * 1024
"""Bytes of an answer that are read."""


class Event(StrEnum):
    """What a hook is told about."""

    BEFORE_SEND = "before_send"
    AFTER_SEND = "after_send"
    LOGIN = "login"
    OFFLINE = "offline"
    BOT_MESSAGE = "bot_message"


class Log(Protocol):
    """All messages in the order in which they were committed."""

    async def log(self, after_mid: int, limit: int) -> Sequence[Message]:
        """Messages with `mid` > `after_mid`, ascending by `mid`, at most `limit`."""
        ...

    async def by_mids(self, mids: Sequence[int]) -> Sequence[Message]:
        """Messages by their ids, as far as they exist."""
        ...

    async def highest_mid(self) -> int:
        """The largest `mid` stored; 0 when there is none."""
        ...


class Members(Protocol):
    """Who is in a group."""

    async def members(self, gid: int) -> Sequence[int]:
        """Uids of a group's members; none when there is no such group."""
        ...


class Presence(Protocol):
    """Who is connected; dispatch knows."""

    async def online(self, uids: Sequence[int]) -> frozenset[int]:
        """Those of the people who have a connection somewhere."""
        ...


class Replies(Protocol):
    """Messaging, as bots use it."""

    async def send(self, uid: int, message: Message) -> AckMessage:
        """Send as somebody. Raises RequestError."""
        ...


class Target(Struct, frozen=True):
    """Where a hook is, and what its deliveries are signed with."""

    url: str
    secret: str


class Delivery(Struct, frozen=True):
    """One event, or several, for one hook. Repeats of a delivery have the same `ident`."""

    hook: int
    ident: str
    event: str
    body: str
    """JSON."""
    created_at: int


class DeadLetter(Struct, frozen=True):
    """A delivery that was given up. The store gives it its `number`."""

    delivery: Delivery
    attempts: int
    error: str
    died_at: int
    number: int = 0


class Bot(Struct, frozen=True):
    """An account that a program answers for. Without a `url` it has no webhook and uses a connection."""

    uid: int
    url: str
    secret: str
    created_at: int


class HookStore(Protocol):
    """Cursors, waiting deliveries, dead letters and bots, kept durably. Every method may raise
    StoreUnavailableError."""

    async def cursor(self, name: str) -> int | None:
        """How far a follower is; None before it first ran."""
        ...

    async def advance(
        self,
        name: str,
        mid: int,
        *,
        queue: Sequence[Delivery] = (),
        bury: Sequence[DeadLetter] = (),
    ) -> None:
        """In one transaction: move a follower, let deliveries wait, add dead letters. What waits already under
        the same `ident` stays as it is."""
        ...

    async def waiting(self, hook: int, limit: int) -> Sequence[Delivery]:
        """The oldest deliveries that wait for a hook."""
        ...

    async def waiting_counts(self) -> Mapping[int, int]:
        """How many deliveries wait, by hook."""
        ...

    async def settle(self, ident: str, letter: DeadLetter | None = None) -> None:
        """A delivery waits no more: it arrived, or it is a dead letter now."""
        ...

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Add dead letters; only the newest DEAD_MOST are kept. One with a known `ident` takes its place."""
        ...

    async def dead(self, after: int, limit: int) -> Sequence[DeadLetter]:
        """Dead letters with `number` > `after`, ascending."""
        ...

    async def dead_letter(self, number: int) -> DeadLetter | None:
        """One dead letter."""
        ...

    async def forget_dead(self, number: int) -> bool:
        """Delete a dead letter; whether there was one."""
        ...

    async def bots(self) -> Sequence[Bot]:
        """All bots, by uid."""
        ...

    async def put_bot(self, bot: Bot) -> None:
        """Add a bot or change it."""
        ...

    async def remove_bot(self, uid: int) -> bool:
        """Remove a bot and what waits for it; whether there was one."""
        ...


class HookError(Exception):
    """A delivery did not arrive, or its answer is no use. `permanent`: another try would fare no better."""

    def __init__(self, text: str, *, permanent: bool = False) -> None:
        super().__init__(text)
        self.permanent = permanent


class HookClient(Protocol):
    """Speaks HTTP."""

    async def post(
        self, target: Target, delivery: Delivery, timeout: float, *, answer_most: int = ANSWER_MOST
    ) -> bytes:
        """POST a delivery, signed; the body of the 2xx answer. Seconds in `timeout` are for everything
        together. Raises HookError."""
        ...
