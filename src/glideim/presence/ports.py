"""What presence needs: what is kept of people, who may see whom, and time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Protocol

from msgspec import Struct

Pair = tuple[int, int]
"""Who looks, and at whom."""


class Audience(IntEnum):
    """Who may see whether somebody is there. The number is stored."""

    EVERYONE = 1
    CONTACTS = 2
    NOBODY = 3


AUDIENCES = {audience.name.lower(): audience for audience in Audience}
"""By the names that people use."""


class Kept(Struct, frozen=True, gc=False):
    """What is stored of a person."""

    audience: Audience = Audience.EVERYONE
    seen_at: int = 0
    """Unix milliseconds; 0 if never."""


class PresenceStore(Protocol):
    """When people were last seen, and who may know. May raise StoreUnavailableError."""

    async def kept(self, uids: Sequence[int]) -> Mapping[int, Kept]:
        """Those of whom something is stored."""
        ...

    async def set_audience(self, uid: int, audience: Audience) -> None: ...

    async def save_seen(self, seen: Mapping[int, int]) -> None:
        """When people were last seen; an earlier time than the stored one changes nothing."""
        ...


class Relation(Protocol):
    """How somebody who is looked at stands to who looks."""

    @property
    def friends(self) -> bool: ...

    @property
    def blocked(self) -> bool:
        """Who is looked at blocked who looks."""
        ...


class Relations(Protocol):
    """Who is whose friend, and who blocked whom."""

    async def relations(self, pairs: Sequence[Pair]) -> Mapping[Pair, Relation]:
        """For each (viewer, viewed) that are not strangers."""
        ...


class Timer(Protocol):
    """Something that will happen."""

    def cancel(self) -> None: ...


CallLater = Callable[[float, Callable[[], None]], Timer]
"""Runs a function after so many seconds; `call_later` of an event loop."""
