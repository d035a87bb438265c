"""`api.groups.*`: groups, their members, and who asks to join."""

from __future__ import annotations

from glideim.account.ports import Caller
from glideim.group.service import GroupService
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
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
    JoinRequestList,
    Member,
    MemberList,
    MembersAdded,
    PageQuery,
    UpdateGroup,
    UpdateMember,
)  # fmt: skip

from .auth import signed_in
from .ports import Endpoint

GROUP = "Groups"
_UNKNOWN = (ErrorCode.NOT_FOUND,)
_DENIED = (ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN)
_AT = 1798675200000
_WHO = {"uid": 10002, "account": "bob", "nickname": "Bob"}
_BOB = {"uid": 10002, "role": "member", "joinedAt": _AT}
_ADMIN = {**_BOB, "role": "admin", "user": _WHO}
_TEAM = {
    "gid": 10001,
    "name": "Team",
    "joinMode": "approval",
    "history": "join",
    "invite": "members",
    "owner": 10001,
    "memberCount": 2,
    "maxMembers": 10000,
    "createdAt": _AT,
    "role": "owner",
    "conv": "g:10001",
}
_ASKING = {"uid": 10003, "message": "I am new here", "at": _AT}
_PAGED = "By uid, at most 200 a page (default 100)."


class GroupHandlers:
    """The handlers."""

    def __init__(self, groups: GroupService) -> None:
        self._groups = groups

    async def create(self, caller: Caller, request: CreateGroup) -> Group:
        """Found a group."""
        return await self._groups.create(signed_in(caller).uid, request)

    async def list(self, caller: Caller, request: PageQuery) -> GroupList:
        """One's own groups."""
        return await self._groups.mine(signed_in(caller).uid, request.cursor, request.limit)

    async def info(self, caller: Caller, request: GroupQuery) -> Group:
        """One group."""
        return await self._groups.info(signed_in(caller).uid, request.gid)

    async def update(self, caller: Caller, request: UpdateGroup) -> Group:
        """Change a group."""
        return await self._groups.update(signed_in(caller).uid, request)

    async def dissolve(self, caller: Caller, request: GroupQuery) -> Empty:
        """End a group."""
        await self._groups.dissolve(signed_in(caller).uid, request.gid)
        return Empty()

    async def members(self, caller: Caller, request: GroupPageQuery) -> MemberList:
        """Who is in."""
        uid = signed_in(caller).uid
        return await self._groups.members(uid, request.gid, request.cursor, request.limit)

    async def add_members(self, caller: Caller, request: AddMembers) -> MembersAdded:
        """Add people."""
        return await self._groups.add(signed_in(caller).uid, request.gid, request.uids)

    async def remove_member(self, caller: Caller, request: GroupMember) -> Empty:
        """Put somebody out."""
        await self._groups.remove(signed_in(caller).uid, request.gid, request.uid)
        return Empty()

    async def update_member(self, caller: Caller, request: UpdateMember) -> Member:
        """Change a member."""
        return await self._groups.update_member(signed_in(caller).uid, request)

    async def join(self, caller: Caller, request: JoinGroup) -> GroupJoined:
        """Walk in, or ask to."""
        return await self._groups.join(signed_in(caller).uid, request.gid, request.message)

    async def leave(self, caller: Caller, request: GroupQuery) -> Empty:
        """Walk out."""
        await self._groups.leave(signed_in(caller).uid, request.gid)
        return Empty()

    async def requests(self, caller: Caller, request: GroupPageQuery) -> JoinRequestList:
        """Who asks to join."""
        uid = signed_in(caller).uid
        return await self._groups.requests(uid, request.gid, request.cursor, request.limit)

    async def accept(self, caller: Caller, request: GroupMember) -> Member:
        """Let somebody in."""
        return await self._groups.accept(signed_in(caller).uid, request.gid, request.uid)

    async def reject(self, caller: Caller, request: GroupMember) -> Empty:
        """Refuse somebody."""
        await self._groups.reject(signed_in(caller).uid, request.gid, request.uid)
        return Empty()

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The table of this group."""
        return (*self._group_endpoints(), *self._member_endpoints(), *self._joining_endpoints())

    def _group_endpoints(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                "GET", "/groups", Action.API_GROUPS_LIST, PageQuery, GroupList, self.list,
                "One's groups", GROUP, "By gid, at most 200 a page (default 100).",
                example={"limit": 100}, example_result={"items": [_TEAM]},
            ),
            Endpoint(
                "POST", "/groups", Action.API_GROUPS_CREATE, CreateGroup, Group, self.create,
                "Found a group", GROUP,
                "The caller owns it; `uids` are in at once, but for those who do not exist or who blocked the caller."
                " `joinMode` is `open`, `approval` or `invite` (default), `history` what new members may read: `join`"
                " (default: from their joining on) or `all`, `invite` who may add people: `members` (default) or"
                " `admins`.",
                status=201, errors=(ErrorCode.TOO_LARGE,),
                example={"name": "Team", "joinMode": "approval", "uids": [10002]}, example_result=_TEAM,
            ),
            Endpoint(
                "GET", "/groups/{gid}", Action.API_GROUPS_INFO, GroupQuery, Group, self.info,
                "A group", GROUP,
                "`role` and `mutedUntil` are the caller's own. Strangers see name, avatar, `memberCount` and `joinMode`"
                " of a group that they could join, and nothing of any other.",
                errors=_UNKNOWN, example={"gid": 10001}, example_result=_TEAM,
            ),
            Endpoint(
                "PATCH", "/groups/{gid}", Action.API_GROUPS_UPDATE, UpdateGroup, Group, self.update,
                "Change a group", GROUP,
                "Owner and admins. Every kind of change is an event of its own in the group's stream. Until `mutedUntil`"
                " only owner and admins may speak; 0 ends that.",
                errors=_DENIED, example={"gid": 10001, "name": "The team"},
                example_result={**_TEAM, "name": "The team"},
            ),
            Endpoint(
                "DELETE", "/groups/{gid}", Action.API_GROUPS_DISSOLVE, GroupQuery, Empty, self.dissolve,
                "Dissolve a group", GROUP, "The owner. Everybody is out, and nobody reads it any more.",
                errors=_DENIED, example={"gid": 10001},
            ),
        )  # fmt: skip

    def _member_endpoints(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                "GET", "/groups/{gid}/members", Action.API_GROUPS_MEMBERS, GroupPageQuery, MemberList, self.members,
                "Members", GROUP, f"Members only. {_PAGED}",
                errors=_UNKNOWN, example={"gid": 10001, "limit": 100},
                example_result={"items": [{**_BOB, "user": _WHO}]},
            ),
            Endpoint(
                "POST", "/groups/{gid}/members", Action.API_GROUPS_ADD_MEMBERS, AddMembers, MembersAdded,
                self.add_members,
                "Add members", GROUP,
                "`items` are those of `uids` who are in now, also if they were before; `refused` those who could not be"
                " added: they do not exist, blocked the caller or are in too many groups. Adding somebody who asked to"
                " join settles the request.",
                errors=(*_DENIED, ErrorCode.TOO_LARGE), example={"gid": 10001, "uids": [10002]},
                example_result={"items": [_BOB]},
            ),
            Endpoint(
                "DELETE", "/groups/{gid}/members/{uid}", Action.API_GROUPS_REMOVE_MEMBER, GroupMember, Empty,
                self.remove_member,
                "Remove a member", GROUP,
                "The owner anybody, admins members. Oneself: leave. Nothing more reaches them from that moment on.",
                errors=(*_DENIED, ErrorCode.CONFLICT), example={"gid": 10001, "uid": 10002},
            ),
            Endpoint(
                "PATCH", "/groups/{gid}/members/{uid}", Action.API_GROUPS_UPDATE_MEMBER, UpdateMember, Member,
                self.update_member,
                "Change a member", GROUP,
                "`role` (the owner only): `admin` or `member`; `owner` hands the group over and makes the caller an"
                " admin. `mutedUntil`: silent until then, 0 ends it. `nickname`: the name in this group, one's own or as"
                " admin anybody's.",
                errors=_DENIED, example={"gid": 10001, "uid": 10002, "role": "admin"}, example_result=_ADMIN,
            ),
        )  # fmt: skip

    def _joining_endpoints(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                "POST", "/groups/{gid}/join", Action.API_GROUPS_JOIN, JoinGroup, GroupJoined, self.join,
                "Join a group", GROUP,
                "An open group: at once. Where it takes approval the answer is `pending`, and owner and admins get"
                " `notify.group` of type `request`.",
                errors=(*_DENIED, ErrorCode.TOO_LARGE), example={"gid": 10001, "message": "I am new here"},
                example_result={"pending": True},
            ),
            Endpoint(
                "POST", "/groups/{gid}/leave", Action.API_GROUPS_LEAVE, GroupQuery, Empty, self.leave,
                "Leave a group", GROUP, "The owner cannot (`conflict`): hand it over first, or dissolve it.",
                errors=(*_UNKNOWN, ErrorCode.CONFLICT), example={"gid": 10001},
            ),
            Endpoint(
                "GET", "/groups/{gid}/requests", Action.API_GROUPS_REQUESTS, GroupPageQuery, JoinRequestList,
                self.requests,
                "Who asks to join", GROUP, f"Owner and admins. {_PAGED}",
                errors=_DENIED, example={"gid": 10001}, example_result={"items": [_ASKING]},
            ),
            Endpoint(
                "POST", "/groups/{gid}/requests/{uid}/accept", Action.API_GROUPS_ACCEPT, GroupMember, Member,
                self.accept,
                "Let somebody in", GROUP, errors=(*_DENIED, ErrorCode.TOO_LARGE),
                example={"gid": 10001, "uid": 10002}, example_result={**_BOB, "user": _WHO},
            ),
            Endpoint(
                "POST", "/groups/{gid}/requests/{uid}/reject", Action.API_GROUPS_REJECT, GroupMember, Empty,
                self.reject,
                "Refuse a request", GROUP, "They may ask again.", errors=_DENIED,
                example={"gid": 10001, "uid": 10003},
            ),
        )  # fmt: skip
