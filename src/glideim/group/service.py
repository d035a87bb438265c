"""Groups: what the API asks for, checked and brought to the log, and what is read of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from heapq import nsmallest

from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError
from glideim.kernel.ids import IdSource
from glideim.protocol import records, social
from glideim.protocol.codes import ErrorCode

from . import decide
from .checks import (
    announcement_of,
    avatar_of,
    check_rules,
    name_of,
    nickname_of,
    page_of,
    people_of,
    reason_of,
    until_of,
)  # fmt: skip
from .ports import (
    GROUPS_MOST,
    REJECTED,
    REQUEST,
    REQUESTS_MOST,
    Bars,
    Decision,
    Group,
    GroupLog,
    GroupState,
    GroupStore,
    Member,
    People,
    Plan,
    Request,
    Role,
)  # fmt: skip
from .rights import require
from .views import group_view, member_view, request_view


class GroupService:
    """Every change goes through the log; rights are decided there, on the state as it is then. Every method may
    raise RequestError."""

    def __init__(
        self,
        *,
        store: GroupStore,
        log: GroupLog,
        gids: IdSource,
        people: People,
        bars: Bars,
        clock: Clock,
    ) -> None:
        self._store = store
        self._log = log
        self._gids = gids
        self._people = people
        self._bars = bars
        self._clock = clock

    # --- groups -------------------------------------------------------------------------------------------

    async def create(self, uid: int, wish: social.CreateGroup) -> records.Group:
        """Found a group; those who cannot be added are left out."""
        check_rules(wish.join_mode or None, wish.history or None, wish.invite or None)
        name, avatar = name_of(wish.name), avatar_of(wish.avatar)
        announcement, uids = announcement_of(wish.announcement), people_of(wish.uids)
        await self._check_room(uid)
        welcome = await self._welcome(uid, [other for other in uids if other != uid])
        group = Group(
            (await self._gids.reserve(1))[0],
            name,
            uid,
            avatar,
            announcement,
            wish.join_mode or "invite",
            wish.history or "join",
            wish.invite or "members",
            created_at=self._clock.now_ms(),
        )
        made = await self._log.change(
            group.gid, uid, lambda _, seq: decide.create(group, welcome, seq)
        )
        return self._view(made.state, uid)

    async def info(self, uid: int, gid: int) -> records.Group:
        """A group as this person may see it."""
        return self._view(require("info", await self._log.state(gid), uid), uid)

    async def mine(self, uid: int, cursor: str, limit: int) -> social.GroupList:
        """A page of the groups a person is in, by gid."""
        after, most = page_of(cursor, limit)
        found = await self._store.groups_of(uid, after, most + 1)
        gids = found[:most]
        infos = await self._store.infos(gids)
        members = await self._store.memberships(uid, gids)
        now = self._clock.now_ms()
        items = tuple(
            group_view(*infos[gid], members[gid], now)
            for gid in gids
            if gid in infos and gid in members
        )
        return social.GroupList(items, str(gids[-1]) if len(found) > most else "")

    async def update(self, uid: int, wish: social.UpdateGroup) -> records.Group:
        """Change what is not None: one event for each kind of change."""
        plans = self._edits(uid, wish)
        held = require("update", await self._log.state(wish.gid), uid)
        return self._view(await self._run(held, uid, plans), uid)

    async def _run(self, held: GroupState, uid: int, plans: Sequence[Plan]) -> GroupState:
        """One change after the other, all of them tried before the first is made."""
        tried = held
        for plan in plans:
            tried = plan(tried, 0).state
        for plan in plans:
            held = (await self._log.change(held.group.gid, uid, plan)).state
        return held

    def _edits(self, uid: int, wish: social.UpdateGroup) -> list[Plan]:
        plans: list[Plan] = []
        if wish.name is not None:
            plans.append(partial(_renamed, uid, name_of(wish.name)))
        if wish.avatar is not None:
            plans.append(partial(_pictured, uid, avatar_of(wish.avatar)))
        if wish.announcement is not None:
            plans.append(partial(_announced, uid, announcement_of(wish.announcement)))
        rules = (wish.join_mode, wish.history, wish.invite)
        if rules != (None, None, None):
            check_rules(*rules)
            plans.append(partial(_configured, uid, wish))
        if wish.muted_until is not None:
            until, now = until_of(wish.muted_until), self._clock.now_ms()
            plans.append(partial(_muted, uid, until, now))
        return plans

    async def dissolve(self, uid: int, gid: int) -> None:
        """End a group."""
        await self._log.change(gid, uid, lambda state, _: decide.dissolve(state, uid))

    # --- members ------------------------------------------------------------------------------------------

    async def members(self, uid: int, gid: int, cursor: str, limit: int) -> social.MemberList:
        """A page of members, by uid."""
        after, most = page_of(cursor, limit)
        held = require("members", await self._log.state(gid), uid)
        uids = nsmallest(most + 1, (other for other in held.members if other > after))
        items = await self._member_views(held, uids[:most])
        return social.MemberList(items, str(uids[most - 1]) if len(uids) > most else "")

    async def add(self, uid: int, gid: int, uids: Sequence[int]) -> social.MembersAdded:
        """Add people. Those who are in already are among the result; those who do not exist, who blocked the one
        who adds or who are in too many groups are refused, and nobody learns which."""
        wanted = people_of(uids)
        held = require("members", await self._log.state(gid), uid)
        new = [other for other in wanted if other not in held.members]
        # Rights first: nobody who may not add shall learn who could be.
        decide.add(held, uid, (), 0, 0)
        welcome = await self._welcome(uid, new)
        now = self._clock.now_ms()
        decision = await self._log.change(
            gid, uid, lambda state, seq: decide.add(state, uid, welcome, now, seq)
        )
        inside = [other for other in wanted if other in decision.state.members]
        refused = tuple(other for other in wanted if other not in decision.state.members)
        # Without profiles: of as many as a group holds, those would be a megabyte.
        views = [member_view(decision.state.members[other], None, now) for other in inside]
        return social.MembersAdded(tuple(views), refused)

    async def remove(self, uid: int, gid: int, target: int) -> None:
        """Put a member out; oneself: leave."""
        if target == uid:
            await self.leave(uid, gid)
        else:
            await self._log.change(gid, uid, lambda state, _: decide.remove(state, uid, target))

    async def leave(self, uid: int, gid: int) -> None:
        """Walk out."""
        await self._log.change(gid, uid, lambda state, _: decide.leave(state, uid))

    async def update_member(self, uid: int, wish: social.UpdateMember) -> social.Member:
        """Change what is not None; the role owner hands the group over."""
        plans = self._member_edits(uid, wish)
        held = require("members", await self._log.state(wish.gid), uid)
        return await self._one(await self._run(held, uid, plans), wish.uid)

    def _member_edits(self, uid: int, wish: social.UpdateMember) -> list[Plan]:
        """The role comes last: whoever hands the group over may do less afterwards."""
        plans: list[Plan] = []
        target = wish.uid
        if wish.nickname is not None:
            plans.append(partial(_named, uid, target, nickname_of(wish.nickname)))
        if wish.muted_until is not None:
            until, now = until_of(wish.muted_until), self._clock.now_ms()
            plans.append(partial(_silenced, uid, target, until, now))
        if wish.role is not None:
            if wish.role not in set(Role):
                raise RequestError(
                    ErrorCode.BAD_REQUEST, "role: must be one of owner, admin, member"
                )
            plans.append(partial(_promoted, uid, target, wish.role))
        return plans

    # --- joining ------------------------------------------------------------------------------------------

    async def join(self, uid: int, gid: int, message: str) -> social.GroupJoined:
        """Walk in, or where that takes approval, ask for it."""
        message = reason_of(message)
        held = require("join", await self._log.state(gid), uid)
        if uid not in held.members:
            await self._check_room(uid)
            if held.group.join_mode == "approval":
                await self._ask(held, Request(uid, message, self._clock.now_ms()))
                return social.GroupJoined(pending=True)
        now = self._clock.now_ms()
        decision = await self._log.change(
            gid, uid, lambda state, seq: decide.join(state, uid, now, seq)
        )
        return social.GroupJoined(group=self._view(decision.state, uid))

    async def _ask(self, held: GroupState, request: Request) -> None:
        gid = held.group.gid
        if not await self._store.add_request(gid, request, REQUESTS_MOST):
            raise RequestError(ErrorCode.TOO_LARGE, "too many people wait for this group already")
        admins = [m.uid for m in held.members.values() if m.role is not Role.MEMBER]
        self._log.tell(gid, admins, REQUEST, request.uid, request.message)

    async def requests(self, uid: int, gid: int, cursor: str, limit: int) -> social.JoinRequestList:
        """A page of those who ask to join, by uid."""
        after, most = page_of(cursor, limit)
        require("requests", await self._log.state(gid), uid)
        found = await self._store.requests(gid, after, most + 1)
        page = found[:most]
        users = await self._people.users([request.uid for request in page])
        items = tuple(request_view(request, users.get(request.uid)) for request in page)
        return social.JoinRequestList(items, str(page[-1].uid) if len(found) > most else "")

    async def accept(self, uid: int, gid: int, asking: int) -> social.Member:
        """Let somebody in who asked."""
        require("requests", await self._log.state(gid), uid)
        waiting = await self._store.requests(gid, asking - 1, 1)
        if not waiting or waiting[0].uid != asking:
            raise _no_such_request(asking)
        await self._check_room(asking)
        now = self._clock.now_ms()
        decision = await self._log.change(
            gid, uid, lambda state, seq: decide.accept(state, uid, asking, now, seq)
        )
        if decision.kind is None:  # came in by another way meanwhile
            await self._store.drop_request(gid, asking)
        return await self._one(decision.state, asking)

    async def reject(self, uid: int, gid: int, asking: int) -> None:
        """Refuse somebody who asked, and tell them; they may ask again."""
        require("requests", await self._log.state(gid), uid)
        if not await self._store.drop_request(gid, asking):
            raise _no_such_request(asking)
        # Not by whom: outsiders do not learn who the admins are.
        self._log.tell(gid, (asking,), REJECTED, 0, "")

    # --- what they share ----------------------------------------------------------------------------------

    async def _welcome(self, uid: int, others: Sequence[int]) -> tuple[int, ...]:
        """Those of the others who may be added by this person."""
        if not others:
            return ()
        existing = await self._people.exists(others)
        barred = await self._bars.barred(uid, others)
        crowded = await self._store.crowded(others, GROUPS_MOST)
        return tuple(u for u in others if u in existing and u not in barred and u not in crowded)

    async def _check_room(self, uid: int) -> None:
        if await self._store.crowded((uid,), GROUPS_MOST):
            raise RequestError(ErrorCode.TOO_LARGE, f"at most {GROUPS_MOST} groups a person")

    def _view(self, held: GroupState, uid: int) -> records.Group:
        now = self._clock.now_ms()
        return group_view(held.group, len(held.members), held.members.get(uid), now)

    async def _member_views(
        self, held: GroupState, uids: Sequence[int]
    ) -> tuple[social.Member, ...]:
        users = await self._people.users(uids)
        now = self._clock.now_ms()
        return tuple(member_view(held.members[uid], users.get(uid), now) for uid in uids)

    async def _one(self, held: GroupState, uid: int) -> social.Member:
        member: Member | None = held.members.get(uid)
        if member is None:
            raise RequestError(ErrorCode.NOT_FOUND, "there is no such member")
        return (await self._member_views(held, (uid,)))[0]


def _no_such_request(uid: int) -> RequestError:
    return RequestError(ErrorCode.NOT_FOUND, f"{uid} does not ask to join")


# --- plans --------------------------------------------------------------------------------------------------


def _renamed(uid: int, name: str, state: GroupState | None, _: int) -> Decision:
    return decide.rename(state, uid, name)


def _pictured(uid: int, avatar: str, state: GroupState | None, _: int) -> Decision:
    return decide.picture(state, uid, avatar)


def _announced(uid: int, text: str, state: GroupState | None, _: int) -> Decision:
    return decide.announce(state, uid, text)


def _configured(uid: int, wish: social.UpdateGroup, state: GroupState | None, _: int) -> Decision:
    return decide.configure(state, uid, wish.join_mode, wish.history, wish.invite)


def _muted(uid: int, until: int, now: int, state: GroupState | None, _: int) -> Decision:
    return decide.mute_all(state, uid, until, now)


def _named(uid: int, target: int, nickname: str, state: GroupState | None, _: int) -> Decision:
    return decide.name_member(state, uid, target, nickname)


def _silenced(
    uid: int, target: int, until: int, now: int, state: GroupState | None, _: int
) -> Decision:
    return decide.mute(state, uid, target, until, now)


def _promoted(uid: int, target: int, role: str, state: GroupState | None, _: int) -> Decision:
    return decide.set_role(state, uid, target, role)
