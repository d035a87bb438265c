"""What groups offer and what they need: their values, their store, and the log that orders their changes.

The stream of a group is the conversation `g:<gid>`. Every change of members or settings is an event in it: a message
with a negative type that takes the next `seq`, stored in one transaction with the change itself. So the head of the
stream is the version of the membership, and of two nodes that change it at once one loses and decides again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from glideim.protocol.records import User

MEMBERS_MOST = 10_000
"""Members of a group, unless it says less."""
GROUPS_MOST = 2_000
"""Groups a person may be in."""
NAME_MOST = 64
ANNOUNCEMENT_MOST = 4_096
AVATAR_MOST = 1_024
REQUESTS_MOST = 1_000
"""People who may wait for an answer of one group."""


class Role(StrEnum):
    """What a member is."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


class Kind(StrEnum):
    """What happened: `type` of `notify.group`."""

    CREATED = "created"
    JOINED = "joined"
    LEFT = "left"
    INVITED = "invited"
    REMOVED = "removed"
    RENAMED = "renamed"
    ANNOUNCEMENT = "announcement"
    AVATAR = "avatar"
    SETTINGS = "settings"
    ROLE = "role"
    MUTED = "muted"
    UNMUTED = "unmuted"
    OWNER = "owner"
    DISSOLVED = "dissolved"
    NICKNAME = "nickname"
    EXPIRE = "expire"


EVENT_TYPES: dict[Kind, int] = {kind: -(n + 1) for n, kind in enumerate(Kind)}
"""`type` of the message that keeps an event; never changed, only added to."""
REQUEST = "request"
"""`type` of a `notify.group` that is not an event: somebody asks to join; told to admins, not stored."""
REJECTED = "rejected"
"""The same: somebody who asked to join may not; told to them."""


class Group(Struct, frozen=True, gc=False):
    """A group as it is stored."""

    gid: int
    name: str
    owner: int
    avatar: str = ""
    announcement: str = ""
    join_mode: str = "invite"
    """open, approval or invite."""
    history: str = "join"
    """join: new members see from their joining on; all: everything."""
    invite: str = "members"
    """Who may add people: members or admins."""
    muted_until: int = 0
    """Until then only owner and admins may speak."""
    max_members: int = MEMBERS_MOST
    created_at: int = 0
    dissolved: bool = False


class Member(Struct, frozen=True, gc=False):
    """A member. `since` is the `seq` before the first that the member may see."""

    uid: int
    role: Role = Role.MEMBER
    muted_until: int = 0
    nickname: str = ""
    joined_at: int = 0
    since: int = 0


class Request(Struct, frozen=True, gc=False):
    """Somebody who asks to join."""

    uid: int
    message: str
    at: int


class GroupState(Struct, frozen=True):
    """A group and everybody in it."""

    group: Group
    members: dict[int, Member]


class GroupChange(Struct, frozen=True):
    """What the store writes together with an event. `joining` members get `since` and their read position from the
    `seq` of the event."""

    gid: int
    group: Group | None = None
    upsert: tuple[Member, ...] = ()
    joining: tuple[int, ...] = ()
    leaving: tuple[int, ...] = ()
    answered: tuple[int, ...] = ()
    """Requests to join that are settled."""
    expire_after: int | None = None
    """Seconds after which messages are erased from now on."""


class Decision(Struct, frozen=True):
    """What a command comes to: the event, the change, and the state after it. `kind` None: nothing to do."""

    state: GroupState
    kind: Kind | None = None
    uids: tuple[int, ...] = ()
    value: str = ""
    change: GroupChange | None = None
    tell: tuple[int, ...] = ()
    """Who hears of it besides the members after the change: those who were removed."""


Plan = Callable[[GroupState | None, int], Decision]
"""Decides on the state as it is, given the `seq` that an event would take. Raises RequestError. May be called again."""


class GroupStore(Protocol):
    """Groups and members, kept durably. Every method may raise StoreUnavailableError. Changes are written by the
    message store, in the transaction of their event."""

    async def load(self, gid: int) -> GroupState | None:
        """A group and all its members; None if there never was one. Dissolved ones have no members."""
        ...

    async def groups_of(self, uid: int, after: int, limit: int) -> Sequence[int]:
        """Groups a person is in, by gid, gid > `after`."""
        ...

    async def memberships(self, uid: int, gids: Sequence[int]) -> Mapping[int, Member]:
        """One person's memberships in those of the groups they are in."""
        ...

    async def crowded(self, uids: Sequence[int], most: int) -> frozenset[int]:
        """Those of the people who are in `most` groups or more."""
        ...

    async def infos(self, gids: Sequence[int]) -> Mapping[int, tuple[Group, int]]:
        """Groups and how many members they have, as far as they exist."""
        ...

    async def add_request(self, gid: int, request: Request, most: int) -> bool:
        """Keep a request to join (a newer one replaces an older one); False when `most` wait already."""
        ...

    async def requests(self, gid: int, after: int, limit: int) -> Sequence[Request]:
        """Requests by uid, uid > `after`."""
        ...

    async def drop_request(self, gid: int, uid: int) -> bool:
        """Forget a request; False if there was none."""
        ...


class GroupLog(Protocol):
    """The one place where groups change, in the order of their streams; implemented by messaging."""

    async def change(self, gid: int, uid: int, plan: Plan) -> Decision:
        """Run the plan on the current state, keep its event and change, tell everybody. Raises what it raises."""
        ...

    async def state(self, gid: int) -> GroupState | None:
        """The current state."""
        ...

    def tell(self, gid: int, uids: Sequence[int], kind: str, by: int, value: str) -> None:
        """A `notify.group` that is not an event."""
        ...


class People(Protocol):
    """Who exists; implemented by accounts."""

    async def exists(self, uids: Sequence[int]) -> frozenset[int]:
        """Those of the people who exist."""
        ...

    async def users(self, uids: Sequence[int]) -> Mapping[int, User]:
        """Public profiles of those who exist."""
        ...


class Bars(Protocol):
    """Who must not be brought together; implemented by contacts."""

    async def barred(self, uid: int, others: Sequence[int]) -> frozenset[int]:
        """Those of the others who blocked `uid`."""
        ...
