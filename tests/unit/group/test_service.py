"""Groups over the in-memory engine and a plain log: from the request to what is stored, told and seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from glideim.edge.memory import MemoryStore
from glideim.group import decide
from glideim.group.ports import GROUPS_MOST, GroupChange, Kind, Member, Role
from glideim.group.service import GroupService
from glideim.kernel.clock import ManualClock
from glideim.kernel.errors import RequestError
from glideim.kernel.ids import Leaf
from glideim.protocol import records
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import User
from glideim.protocol.social import CreateGroup, UpdateGroup, UpdateMember
from tests.support.groups import NOW, Event, PlainLog, Told

ANNA, BOB, CARL, DORA, ABSENT = 1, 2, 3, 4, 5000
FUTURE = NOW + 60_000


class World:
    """The service and what surrounds it; people 1 to 999 exist."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.log = PlainLog(self.store)
        self.clock = ManualClock(NOW)
        self.blocks: set[tuple[int, int]] = set()
        self.groups = GroupService(
            store=self.store.groups,
            log=self.log,
            gids=Leaf(self.store.segments, "gid", self.clock),
            people=self,
            bars=self,
            clock=self.clock,
        )

    async def exists(self, uids: Sequence[int]) -> frozenset[int]:
        return frozenset(uid for uid in uids if 0 < uid < 1000)

    async def users(self, uids: Sequence[int]) -> Mapping[int, User]:
        return {uid: User(uid, f"u{uid}") for uid in await self.exists(uids)}

    async def barred(self, uid: int, others: Sequence[int]) -> frozenset[int]:
        return frozenset(other for other in others if (other, uid) in self.blocks)

    async def found(self, *uids: int, **fields: Any) -> int:
        """A group of Anna's; its gid."""
        made = await self.groups.create(ANNA, CreateGroup(name="Team", uids=uids, **fields))
        self.log.take()
        return made.gid

    async def roles(self, gid: int, viewer: int = ANNA) -> dict[int, str]:
        return {m.uid: m.role for m in (await self.groups.members(viewer, gid, "", 0)).items}

    async def promote(self, gid: int, uid: int, role: str = "admin") -> None:
        await self.groups.update_member(ANNA, UpdateMember(gid, uid, role=role))
        self.log.take()


@pytest.fixture
def world() -> World:
    return World()


def refused(code: ErrorCode) -> Any:
    return pytest.raises(RequestError, check=lambda error: error.code == code)


# --- groups -------------------------------------------------------------------------------------------------


async def test_founding(world: World) -> None:
    wish = CreateGroup(" Team ", "/a.png", "hello", "approval", "all", "admins", (BOB, CARL, ANNA))
    made = await world.groups.create(ANNA, wish)
    assert made == records.Group(
        gid=made.gid, name="Team", avatar="/a.png", announcement="hello", join_mode="approval",
        history="all", invite="admins", owner=ANNA, member_count=3, max_members=10_000,
        created_at=NOW, role="owner", conv=f"g:{made.gid}",
    )  # fmt: skip
    assert world.log.take() == [Event(made.gid, 1, "created", ANNA, (ANNA, BOB, CARL), "Team")]
    assert await world.roles(made.gid, BOB) == {ANNA: "owner", BOB: "member", CARL: "member"}
    other = await world.groups.create(ANNA, CreateGroup("Team"))
    assert other.gid > made.gid
    assert (other.join_mode, other.history, other.invite) == ("invite", "join", "members")


async def test_founding_leaves_out_who_cannot_be_added(world: World) -> None:
    world.blocks = {(BOB, ANNA), (ANNA, CARL)}
    made = await world.groups.create(ANNA, CreateGroup("g", uids=(BOB, CARL, ABSENT)))
    assert await world.roles(made.gid) == {ANNA: "owner", CARL: "member"}


async def test_founding_what_is_none(world: World) -> None:
    for wish in (CreateGroup(""), CreateGroup("g", avatar="x"), CreateGroup("g", join_mode="x")):
        with refused(ErrorCode.BAD_REQUEST):
            await world.groups.create(ANNA, wish)
    assert world.log.take() == []


async def test_what_people_see_of_a_group(world: World) -> None:
    gid = await world.found(BOB, announcement="secret")
    with refused(ErrorCode.NOT_FOUND):
        await world.groups.info(CARL, gid)
    await world.groups.update(ANNA, UpdateGroup(gid, join_mode="open", muted_until=FUTURE))
    await world.groups.update_member(ANNA, UpdateMember(gid, BOB, muted_until=FUTURE))
    seen = await world.groups.info(CARL, gid)
    assert seen == records.Group(gid=gid, name="Team", join_mode="open", member_count=2)
    seen = await world.groups.info(BOB, gid)
    assert (seen.announcement, seen.role) == ("secret", "member")
    assert (seen.muted_until, seen.all_muted_until) == (FUTURE, FUTURE)
    world.clock.advance(60)
    seen = await world.groups.info(BOB, gid)
    assert (seen.muted_until, seen.all_muted_until) == (0, 0)


async def test_changing_a_group_is_one_event_of_each_kind(world: World) -> None:
    gid = await world.found(BOB)
    wish = UpdateGroup(gid, "New", "/b", "text", "open", None, None, FUTURE)
    changed = await world.groups.update(ANNA, wish)
    assert [(e.seq, e.kind, e.value) for e in world.log.take()] == [
        (2, "renamed", "New"),
        (3, "avatar", "/b"),
        (4, "announcement", "text"),
        (5, "settings", '{"joinMode":"open","history":"join","invite":"members"}'),
        (6, "muted", str(FUTURE)),
    ]
    assert changed == await world.groups.info(ANNA, gid)
    assert (changed.name, changed.join_mode, changed.all_muted_until) == ("New", "open", FUTURE)
    await world.groups.update(ANNA, wish)
    assert world.log.take() == []
    await world.groups.update(ANNA, UpdateGroup(gid, announcement="", avatar="", muted_until=0))
    assert [e.kind for e in world.log.take()] == ["avatar", "announcement", "unmuted"]


async def test_nothing_is_changed_when_part_of_it_cannot_be(world: World) -> None:
    gid = await world.found(BOB)
    for wish in (
        UpdateGroup(gid, "New", join_mode="x"),
        UpdateGroup(gid, "New", muted_until=-1),
        UpdateGroup(gid, "New", avatar="x"),
    ):
        with refused(ErrorCode.BAD_REQUEST):
            await world.groups.update(ANNA, wish)
    with refused(ErrorCode.FORBIDDEN):
        await world.groups.update_member(BOB, UpdateMember(gid, BOB, "admin", nickname="me"))
    assert world.log.take() == []


async def test_asking_for_no_change_takes_the_right_to_change(world: World) -> None:
    gid = await world.found(BOB, join_mode="open")
    assert (await world.groups.update(ANNA, UpdateGroup(gid))).name == "Team"
    with refused(ErrorCode.FORBIDDEN):
        await world.groups.update(BOB, UpdateGroup(gid))
    with refused(ErrorCode.NOT_FOUND):
        await world.groups.update(CARL, UpdateGroup(gid))


async def test_dissolving(world: World) -> None:
    gid = await world.found(BOB, join_mode="open")
    await world.groups.dissolve(ANNA, gid)
    assert world.log.take() == [Event(gid, 2, "dissolved", ANNA, (), "")]
    for uid in (ANNA, BOB, CARL):
        assert (await world.groups.mine(uid, "", 0)).items == ()
        with refused(ErrorCode.NOT_FOUND):
            await world.groups.info(uid, gid)
        with refused(ErrorCode.NOT_FOUND):
            await world.groups.join(uid, gid, "")


async def test_ones_own_groups_in_pages(world: World) -> None:
    gids = [await world.found(BOB) for _ in range(5)]
    await world.groups.leave(BOB, gids[2])
    await world.promote(gids[0], BOB)
    first = await world.groups.mine(BOB, "", 3)
    assert [(g.gid, g.role, g.member_count) for g in first.items] == [
        (gids[0], "admin", 2), (gids[1], "member", 2), (gids[3], "member", 2),
    ]  # fmt: skip
    second = await world.groups.mine(BOB, first.cursor, 3)
    assert ([g.gid for g in second.items], second.cursor) == ([gids[4]], "")
    with refused(ErrorCode.BAD_REQUEST):
        await world.groups.mine(BOB, "x", 3)


# --- members ------------------------------------------------------------------------------------------------


async def test_members_in_pages(world: World) -> None:
    gid = await world.found(*range(2, 8))
    first = await world.groups.members(BOB, gid, "", 3)
    assert [m.uid for m in first.items] == [1, 2, 3]
    assert first.items[1].user == User(BOB, "u2")
    second = await world.groups.members(BOB, gid, first.cursor, 4)
    assert ([m.uid for m in second.items], second.cursor) == ([4, 5, 6, 7], "")


async def test_adding(world: World) -> None:
    gid = await world.found(BOB)
    world.blocks = {(DORA, BOB)}
    added = await world.groups.add(BOB, gid, (ANNA, CARL, DORA, ABSENT, CARL))
    assert [(m.uid, m.role) for m in added.items] == [(ANNA, "owner"), (CARL, "member")]
    assert added.refused == (DORA, ABSENT)
    assert world.log.take() == [Event(gid, 2, "invited", BOB, (CARL,), "")]
    again = await world.groups.add(ANNA, gid, (CARL,))
    assert [m.uid for m in again.items] == [CARL]
    assert world.log.take() == []


async def test_those_who_may_not_add_learn_nothing_about_people(world: World) -> None:
    gid = await world.found(BOB, invite="admins", join_mode="open")
    for uids in ((CARL,), (ABSENT,), ()):
        with refused(ErrorCode.FORBIDDEN):
            await world.groups.add(BOB, gid, uids)
        with refused(ErrorCode.NOT_FOUND):
            await world.groups.add(DORA, gid, uids)


async def test_a_race_is_decided_again(world: World) -> None:
    """Bob is put out between his asking and his turn."""
    gid = await world.found(BOB)
    world.log.rivals = [(ANNA, lambda state, _: decide.remove(state, ANNA, BOB))]
    with refused(ErrorCode.NOT_FOUND):
        await world.groups.add(BOB, gid, (CARL,))
    assert [e.kind for e in world.log.take()] == ["removed"]
    assert await world.roles(gid) == {ANNA: "owner"}


async def test_members_and_positions_count_from_the_real_place(world: World) -> None:
    """Carl's first visible message follows from the `seq` that his joining got, not the one first tried."""
    gid = await world.found(BOB)
    world.log.rivals = [(ANNA, lambda state, _: decide.rename(state, ANNA, "x"))]
    await world.groups.add(BOB, gid, (CARL,))
    assert [(e.seq, e.kind) for e in world.log.take()] == [(2, "renamed"), (3, "invited")]
    assert (await world.store.groups.memberships(CARL, [gid]))[gid].since == 2


async def test_removing_and_leaving(world: World) -> None:
    gid = await world.found(BOB, CARL)
    with refused(ErrorCode.FORBIDDEN):
        await world.groups.remove(BOB, gid, CARL)
    await world.groups.remove(ANNA, gid, CARL)
    await world.groups.remove(BOB, gid, BOB)
    assert [(e.kind, e.by, e.uids) for e in world.log.take()] == [
        ("removed", ANNA, (CARL,)), ("left", BOB, (BOB,)),
    ]  # fmt: skip
    for call in (world.groups.leave, world.groups.info):
        with refused(ErrorCode.NOT_FOUND):
            await call(BOB, gid)
    with refused(ErrorCode.CONFLICT):
        await world.groups.remove(ANNA, gid, ANNA)


async def test_changing_a_member(world: World) -> None:
    gid = await world.found(BOB)
    wish = UpdateMember(gid, BOB, nickname=" Bobby ", muted_until=FUTURE)
    member = await world.groups.update_member(ANNA, wish)
    assert (member.nickname, member.muted_until, member.role) == ("Bobby", FUTURE, "member")
    assert member.user == User(BOB, "u2")
    assert [e.kind for e in world.log.take()] == ["nickname", "muted"]
    own = await world.groups.update_member(BOB, UpdateMember(gid, BOB, nickname=""))
    assert own.nickname == ""
    with refused(ErrorCode.FORBIDDEN):
        await world.groups.update_member(BOB, UpdateMember(gid, BOB, muted_until=0))
    for wrong in (UpdateMember(gid, BOB, "king"), UpdateMember(gid, BOB, muted_until=-1)):
        with refused(ErrorCode.BAD_REQUEST):
            await world.groups.update_member(ANNA, wrong)
    with refused(ErrorCode.NOT_FOUND):
        await world.groups.update_member(ANNA, UpdateMember(gid, CARL))


async def test_handing_over_is_the_last_of_several_changes(world: World) -> None:
    gid = await world.found(BOB, CARL)
    await world.promote(gid, CARL)
    wish = UpdateMember(gid, CARL, "owner", nickname="Boss")
    member = await world.groups.update_member(ANNA, wish)
    assert (member.role, member.nickname) == ("owner", "Boss")
    assert await world.roles(gid) == {ANNA: "admin", BOB: "member", CARL: "owner"}
    assert (await world.groups.info(BOB, gid)).owner == CARL
    with refused(ErrorCode.FORBIDDEN):
        await world.groups.dissolve(ANNA, gid)
    await world.groups.leave(ANNA, gid)


# --- joining ------------------------------------------------------------------------------------------------


async def test_joining_an_open_group(world: World) -> None:
    gid = await world.found(join_mode="open")
    joined = await world.groups.join(BOB, gid, "")
    assert not joined.pending and joined.group == await world.groups.info(BOB, gid)
    again = await world.groups.join(BOB, gid, "")
    assert again == joined
    assert [(e.kind, e.uids) for e in world.log.take()] == [("joined", (BOB,))]
    assert world.log.told == []


async def test_asking_to_join(world: World) -> None:
    gid = await world.found(BOB, CARL, join_mode="approval")
    await world.promote(gid, BOB)
    joined = await world.groups.join(DORA, gid, " may I? ")
    assert joined.pending and joined.group is None
    assert world.log.told == [Told(gid, (ANNA, BOB), "request", DORA, "may I?")]
    assert world.log.take() == []
    with refused(ErrorCode.NOT_FOUND):
        await world.groups.members(DORA, gid, "", 0)
    for uid, code in ((CARL, ErrorCode.FORBIDDEN), (DORA, ErrorCode.NOT_FOUND)):
        with refused(code):
            await world.groups.requests(uid, gid, "", 0)
        with refused(code):
            await world.groups.accept(uid, gid, DORA)
        with refused(code):
            await world.groups.reject(uid, gid, DORA)
    items = (await world.groups.requests(BOB, gid, "", 0)).items
    assert [(r.uid, r.message, r.at, r.user) for r in items] == [
        (DORA, "may I?", NOW, User(DORA, "u4")),
    ]  # fmt: skip
    member = await world.groups.accept(BOB, gid, DORA)
    assert (member.uid, member.role) == (DORA, "member")
    assert world.log.take() == [Event(gid, 3, "joined", BOB, (DORA,), "")]
    assert (await world.groups.requests(BOB, gid, "", 0)).items == ()


async def test_requests_in_pages(world: World) -> None:
    gid = await world.found(join_mode="approval")
    for uid in range(10, 15):
        await world.groups.join(uid, gid, "")
    first = await world.groups.requests(ANNA, gid, "", 3)
    second = await world.groups.requests(ANNA, gid, first.cursor, 3)
    assert [[r.uid for r in page.items] for page in (first, second)] == [[10, 11, 12], [13, 14]]
    assert second.cursor == ""


async def test_refusing_a_request(world: World) -> None:
    gid = await world.found(join_mode="approval")
    await world.groups.join(BOB, gid, "")
    world.log.told.clear()
    await world.groups.reject(ANNA, gid, BOB)
    assert world.log.told == [Told(gid, (BOB,), "rejected", 0, "")]
    for call in (world.groups.reject, world.groups.accept):
        with refused(ErrorCode.NOT_FOUND):
            await call(ANNA, gid, BOB)
    assert (await world.groups.join(BOB, gid, "")).pending


async def test_only_who_asked_is_let_in(world: World) -> None:
    gid = await world.found(join_mode="approval")
    await world.groups.join(DORA, gid, "")
    with refused(ErrorCode.NOT_FOUND):
        await world.groups.accept(ANNA, gid, CARL)
    assert world.log.take() == []


async def test_being_invited_settles_the_request(world: World) -> None:
    gid = await world.found(join_mode="approval")
    await world.groups.join(BOB, gid, "")
    await world.groups.add(ANNA, gid, (BOB,))
    assert (await world.groups.requests(ANNA, gid, "", 0)).items == ()


async def test_a_request_of_a_member_goes_when_it_is_accepted(world: World) -> None:
    """Asked, then came in by another way before the request was kept."""
    gid = await world.found(BOB, join_mode="approval")
    await world.store.groups.add_request(gid, (await _request(world, BOB)), 10)
    assert (await world.groups.accept(ANNA, gid, BOB)).uid == BOB
    assert world.log.take() == []
    assert (await world.groups.requests(ANNA, gid, "", 0)).items == ()


async def _request(world: World, uid: int) -> Any:
    other = await world.found(join_mode="approval")
    await world.groups.join(uid, other, "hi")
    return (await world.store.groups.requests(other, 0, 1))[0]


async def test_nobody_is_in_more_groups_than_one_may_be(world: World) -> None:
    gid = await world.found(CARL, join_mode="open")
    asking = await world.found(join_mode="approval")
    await world.groups.join(BOB, asking, "")
    for other in range(10_000, 10_000 + GROUPS_MOST):
        change = GroupChange(other, upsert=(Member(BOB, Role.MEMBER),))
        world.store.groups.apply(change)
    for call in (
        world.groups.create(BOB, CreateGroup("g")),
        world.groups.join(BOB, gid, ""),
        world.groups.accept(ANNA, asking, BOB),
    ):
        with refused(ErrorCode.TOO_LARGE):
            await call
    added = await world.groups.add(ANNA, gid, (BOB,))
    assert (added.items, added.refused) == ((), (BOB,))
    assert Kind.INVITED not in {e.kind for e in world.log.take()}
