"""What every GroupStore promises, and that a change of a group is stored with its event or not at all."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from glideim.edge.stores import Stores
from glideim.group.ports import (
    EVENT_TYPES,
    Group,
    GroupChange,
    GroupState,
    Kind,
    Member,
    Request,
    Role,
)  # fmt: skip
from glideim.messaging.ports import AppendConflictError, Position
from glideim.protocol.conversations import group_key
from glideim.protocol.records import MAX_ID
from tests.support.stores import message

GROUP = Group(
    MAX_ID,
    'Zoë\'s "team" 👩‍👧',
    1,
    "/a.png",
    "line\nline",
    "approval",
    "all",
    "admins",
    MAX_ID,
    500,
    9,
)
OWNER = Member(1, Role.OWNER, joined_at=9)
ADMIN = Member(2, Role.ADMIN, MAX_ID, "Ad'min", 9, MAX_ID)
FOUNDED = GroupChange(GROUP.gid, GROUP, (OWNER, ADMIN), joining=(1, 2))


async def store(stores: Stores, seq: int, change: GroupChange, by: int = 1) -> None:
    """Append the event of a change."""
    conv = group_key(change.gid)
    mid = change.gid % 1000 * 100 + seq
    event = message(mid, seq, by, change.gid, conv=conv, type=EVENT_TYPES[Kind.SETTINGS])
    await stores.messages.append([event], [], change)


def founded(gid: int, *uids: int) -> GroupChange:
    members = tuple(Member(uid) for uid in uids)
    return GroupChange(gid, replace(GROUP, gid=gid), members, joining=uids)


async def in_inbox(stores: Stores, uid: int) -> dict[str, Position]:
    return {entry.conv: entry.mine for entry in await stores.messages.inbox(uid, "", 100)}


# --- groups -------------------------------------------------------------------------------------------------


async def test_a_group_comes_back_as_it_was_stored(stores: Stores) -> None:
    assert await stores.groups.load(GROUP.gid) is None
    await store(stores, 1, FOUNDED)
    assert await stores.groups.load(GROUP.gid) == GroupState(GROUP, {1: OWNER, 2: ADMIN})
    assert await stores.groups.infos([GROUP.gid, 5]) == {GROUP.gid: (GROUP, 2)}
    assert await stores.groups.memberships(2, [GROUP.gid, 5]) == {GROUP.gid: ADMIN}
    assert await stores.groups.memberships(3, [GROUP.gid]) == {}
    assert await stores.groups.infos([]) == {}


async def test_changes_of_the_group_leave_members_alone_and_the_other_way_round(
    stores: Stores,
) -> None:
    await store(stores, 1, FOUNDED)
    renamed = replace(GROUP, name="new", muted_until=0)
    await store(stores, 2, GroupChange(GROUP.gid, renamed))
    assert await stores.groups.load(GROUP.gid) == GroupState(renamed, {1: OWNER, 2: ADMIN})
    demoted = replace(ADMIN, role=Role.MEMBER, nickname="")
    await store(stores, 3, GroupChange(GROUP.gid, upsert=(demoted,)))
    assert await stores.groups.load(GROUP.gid) == GroupState(renamed, {1: OWNER, 2: demoted})
    assert (await in_inbox(stores, 2))[group_key(GROUP.gid)].read == 1


async def test_whoever_joins_has_read_up_to_the_joining(stores: Stores) -> None:
    await store(stores, 1, FOUNDED)
    new = Member(7, joined_at=10, since=1)
    await store(stores, 2, GroupChange(GROUP.gid, upsert=(new,), joining=(7,)))
    conv = group_key(GROUP.gid)
    assert await in_inbox(stores, 7) == {conv: Position(conv, 7, 2, 2)}
    entry = await stores.messages.entry(7, conv)
    assert entry is not None and entry.since == 1
    assert (await in_inbox(stores, 1))[conv] == Position(conv, 1, 1, 1)


async def test_whoever_leaves_is_out_of_everything(stores: Stores) -> None:
    await store(stores, 1, FOUNDED)
    await store(stores, 2, GroupChange(GROUP.gid, leaving=(2,)))
    assert await stores.groups.load(GROUP.gid) == GroupState(GROUP, {1: OWNER})
    assert await stores.groups.groups_of(2, 0, 10) == []
    assert await stores.groups.memberships(2, [GROUP.gid]) == {}
    assert await stores.groups.infos([GROUP.gid]) == {GROUP.gid: (GROUP, 1)}
    assert await in_inbox(stores, 2) == {}
    again = Member(2, joined_at=11, since=2)
    await store(stores, 3, GroupChange(GROUP.gid, upsert=(again,), joining=(2,)))
    assert (await in_inbox(stores, 2))[group_key(GROUP.gid)].read == 3
    assert await stores.groups.memberships(2, [GROUP.gid]) == {GROUP.gid: again}


async def test_a_dissolved_group_is_remembered_without_anybody(stores: Stores) -> None:
    await store(stores, 1, FOUNDED)
    await stores.groups.add_request(GROUP.gid, Request(9, "", 1), 10)
    gone = replace(GROUP, dissolved=True)
    await store(stores, 2, GroupChange(GROUP.gid, gone, leaving=(1, 2)))
    assert await stores.groups.load(GROUP.gid) == GroupState(gone, {})
    assert await stores.groups.requests(GROUP.gid, 0, 10) == []
    assert await in_inbox(stores, 1) == {}


async def test_a_change_whose_event_cannot_be_stored_is_not_either(stores: Stores) -> None:
    """Of two nodes that change a group at once, one finds the `seq` taken."""
    await store(stores, 1, FOUNDED)
    loser = GroupChange(GROUP.gid, replace(GROUP, name="lost"), (Member(7),), (7,), leaving=(2,))
    with pytest.raises(AppendConflictError):
        await store(stores, 1, loser)
    gap = message(50, 3, 1, GROUP.gid, conv=group_key(GROUP.gid))
    with pytest.raises(AppendConflictError):
        await stores.messages.append([gap], [], loser)
    assert await stores.groups.load(GROUP.gid) == GroupState(GROUP, {1: OWNER, 2: ADMIN})
    assert await in_inbox(stores, 7) == {}
    assert set(await in_inbox(stores, 2)) == {group_key(GROUP.gid)}


async def test_ten_thousand_members(stores: Stores) -> None:
    uids = tuple(range(1, 10_001))
    await store(stores, 1, founded(5, *uids))
    state = await stores.groups.load(5)
    assert state is not None and sorted(state.members) == list(uids)
    assert (await stores.groups.infos([5]))[5][1] == 10_000
    await store(stores, 2, GroupChange(5, replace(GROUP, gid=5, dissolved=True), leaving=uids))
    assert await stores.groups.groups_of(10_000, 0, 10) == []


# --- whose groups -------------------------------------------------------------------------------------------


async def test_groups_of_somebody_in_pages(stores: Stores) -> None:
    for gid in (30, 10, 20, 40):
        await store(stores, 1, founded(gid, 1, *([2] if gid != 20 else [])))
    assert await stores.groups.groups_of(1, 0, 3) == [10, 20, 30]
    assert await stores.groups.groups_of(1, 30, 3) == [40]
    assert await stores.groups.groups_of(2, 0, 9) == [10, 30, 40]
    assert sorted(await stores.groups.memberships(2, [10, 20, 30])) == [10, 30]


async def test_who_is_in_many_groups(stores: Stores) -> None:
    for gid in (10, 20, 30):
        await store(stores, 1, founded(gid, 1, *([2] if gid > 10 else [])))
    assert await stores.groups.crowded([1, 2, 3], 2) == {1, 2}
    assert await stores.groups.crowded([1, 2, 3], 3) == {1}
    assert await stores.groups.crowded([2, 3], 3) == frozenset()
    assert await stores.groups.crowded([], 1) == frozenset()
    await store(stores, 2, GroupChange(30, leaving=(1,)))
    assert await stores.groups.crowded([1], 3) == frozenset()


# --- requests -----------------------------------------------------------------------------------------------


async def test_requests_in_pages(stores: Stores) -> None:
    asked = [Request(uid, f"it's {uid} 👋", uid * 2) for uid in (9, 7, MAX_ID, 8)]
    for request in asked:
        assert await stores.groups.add_request(5, request, 10)
    await stores.groups.add_request(6, Request(1, "", 1), 10)
    first = await stores.groups.requests(5, 0, 3)
    assert first == [asked[1], asked[3], asked[0]]
    assert await stores.groups.requests(5, 9, 3) == [asked[2]]
    assert await stores.groups.requests(4, 0, 3) == []


async def test_a_newer_request_replaces_the_older(stores: Stores) -> None:
    await stores.groups.add_request(5, Request(9, "first", 1), 1)
    assert await stores.groups.add_request(5, Request(9, "second", 2), 1)
    assert await stores.groups.requests(5, 0, 9) == [Request(9, "second", 2)]


async def test_no_more_requests_wait_than_may(stores: Stores) -> None:
    for uid in (1, 2):
        assert await stores.groups.add_request(5, Request(uid, "", 1), 2)
    assert not await stores.groups.add_request(5, Request(3, "", 1), 2)
    assert await stores.groups.add_request(6, Request(3, "", 1), 2)
    assert await stores.groups.drop_request(5, 1)
    assert not await stores.groups.drop_request(5, 1)
    assert await stores.groups.add_request(5, Request(3, "", 1), 2)
    assert [r.uid for r in await stores.groups.requests(5, 0, 9)] == [2, 3]


async def test_a_change_settles_requests(stores: Stores) -> None:
    await store(stores, 1, FOUNDED)
    for uid in (7, 8):
        await stores.groups.add_request(GROUP.gid, Request(uid, "", 1), 10)
    change = GroupChange(GROUP.gid, upsert=(Member(7),), joining=(7,), answered=(7,))
    await store(stores, 2, change)
    assert [r.uid for r in await stores.groups.requests(GROUP.gid, 0, 9)] == [8]
