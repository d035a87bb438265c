"""Groups, as the application deals with them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Literal

from glideim.protocol.actions import Action
from glideim.protocol.records import Empty, Group
from glideim.protocol.social import (
    AddMembers,
    CreateGroup,
    GroupJoined,
    GroupList,
    GroupMember,
    GroupPageQuery,
    GroupQuery,
    JoinGroup,
    JoinRequest,
    JoinRequestList,
    Member,
    MemberList,
    MembersAdded,
    PageQuery,
    UpdateGroup,
    UpdateMember,
)

from .asking import Ask, paged

JoinMode = Literal["open", "approval", "invite"]
History = Literal["join", "all"]
Inviting = Literal["admins", "members"]
Role = Literal["admin", "member"]

FOR_EVER = 2**53 - 1
"""A time that never comes, for muting without end."""


class Groups:
    """`client.groups`. Everything raises RequestFailed when the server refuses it. Times in Unix milliseconds."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def create(
        self,
        name: str,
        members: Sequence[int] = (),
        *,
        avatar: str = "",
        announcement: str = "",
        join_mode: JoinMode = "invite",
        history: History = "join",
        invite: Inviting = "members",
    ) -> Group:
        """Make a group of oneself and these people; `group.conv` is where its messages go."""
        wanted = CreateGroup(name, avatar, announcement, join_mode, history, invite, tuple(members))
        return await self._ask(Action.API_GROUPS_CREATE, wanted, Group)

    async def info(self, gid: int) -> Group:
        """A group as one may see it."""
        return await self._ask(Action.API_GROUPS_INFO, GroupQuery(gid), Group)

    def list(self) -> AsyncIterator[Group]:
        """One's own groups."""
        return paged(self._ask, Action.API_GROUPS_LIST, PageQuery, GroupList)

    async def update(
        self,
        gid: int,
        *,
        name: str | None = None,
        avatar: str | None = None,
        announcement: str | None = None,
        join_mode: JoinMode | None = None,
        history: History | None = None,
        invite: Inviting | None = None,
        muted_until: int | None = None,
    ) -> Group:
        """Change what is not None. `muted_until` silences everybody but owner and admins; 0 ends it."""
        change = UpdateGroup(
            gid, name, avatar, announcement, join_mode, history, invite, muted_until
        )
        return await self._ask(Action.API_GROUPS_UPDATE, change, Group)

    async def dissolve(self, gid: int) -> None:
        """End the group for everybody."""
        await self._ask(Action.API_GROUPS_DISSOLVE, GroupQuery(gid), Empty)

    def members(self, gid: int) -> AsyncIterator[Member]:
        """All members, by uid."""
        return paged(
            self._ask,
            Action.API_GROUPS_MEMBERS,
            lambda cursor: GroupPageQuery(gid, cursor),
            MemberList,
        )

    async def add(self, gid: int, uids: Sequence[int]) -> MembersAdded:
        """Bring people in: who is in now, and who could not be added."""
        return await self._ask(
            Action.API_GROUPS_ADD_MEMBERS, AddMembers(gid, tuple(uids)), MembersAdded
        )

    async def remove(self, gid: int, uid: int) -> None:
        """Put a member out."""
        await self._ask(Action.API_GROUPS_REMOVE_MEMBER, GroupMember(gid, uid), Empty)

    async def set_role(self, gid: int, uid: int, role: Role) -> Member:
        """Make a member an admin, or an admin a member."""
        return await self._change(UpdateMember(gid, uid, role=role))

    async def hand_over(self, gid: int, uid: int) -> Member:
        """Make a member the owner; oneself becomes an admin."""
        return await self._change(UpdateMember(gid, uid, role="owner"))

    async def mute(self, gid: int, uid: int, until: int = FOR_EVER) -> Member:
        """Let a member not send until then."""
        return await self._change(UpdateMember(gid, uid, muted_until=until))

    async def unmute(self, gid: int, uid: int) -> Member:
        """Let a member send again."""
        return await self._change(UpdateMember(gid, uid, muted_until=0))

    async def set_nickname(self, gid: int, uid: int, nickname: str) -> Member:
        """What a member, or oneself, is called in this group."""
        return await self._change(UpdateMember(gid, uid, nickname=nickname))

    async def join(self, gid: int, message: str = "") -> GroupJoined:
        """Join a group, or ask to (`pending`); `message` is for those who decide."""
        return await self._ask(Action.API_GROUPS_JOIN, JoinGroup(gid, message), GroupJoined)

    async def leave(self, gid: int) -> None:
        """Leave a group. An owner hands it over or dissolves it."""
        await self._ask(Action.API_GROUPS_LEAVE, GroupQuery(gid), Empty)

    def requests(self, gid: int) -> AsyncIterator[JoinRequest]:
        """Who asks to join."""
        return paged(
            self._ask,
            Action.API_GROUPS_REQUESTS,
            lambda cursor: GroupPageQuery(gid, cursor),
            JoinRequestList,
        )

    async def accept(self, gid: int, uid: int) -> Member:
        """Let somebody in who asks."""
        return await self._ask(Action.API_GROUPS_ACCEPT, GroupMember(gid, uid), Member)

    async def reject(self, gid: int, uid: int) -> None:
        """Do not let somebody in who asks."""
        await self._ask(Action.API_GROUPS_REJECT, GroupMember(gid, uid), Empty)

    async def _change(self, change: UpdateMember) -> Member:
        return await self._ask(Action.API_GROUPS_UPDATE_MEMBER, change, Member)
