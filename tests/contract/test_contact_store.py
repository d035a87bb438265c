"""What every ContactStore and PresenceStore promises."""

from __future__ import annotations

import asyncio

import pytest

from glideim.contacts.ports import (
    Block,
    ContactLimits,
    ContactStore,
    Link,
    LinkState,
    Outcome,
    Relation,
)  # fmt: skip
from glideim.edge.stores import Stores
from glideim.presence.ports import Audience, Kept, PresenceStore
from glideim.protocol.records import MAX_ID

FRIEND, INCOMING, OUTGOING = LinkState.FRIEND, LinkState.INCOMING, LinkState.OUTGOING
LIMITS = ContactLimits()


@pytest.fixture
def store(stores: Stores) -> ContactStore:
    return stores.contacts


@pytest.fixture
def presence(stores: Stores) -> PresenceStore:
    return stores.presence


def asks(uid: int, peer: int, *, remark: str = "", message: str = "", at: int = 5) -> Link:
    return Link(uid, peer, OUTGOING, remark, message, at)


async def befriend(store: ContactStore, uid: int, peer: int) -> None:
    assert await store.request(asks(uid, peer), LIMITS) is Outcome.REQUESTED
    assert await store.accept(peer, uid, "", 6, 5000) is Outcome.ACCEPTED


# --- requests -----------------------------------------------------------------------------------------------


async def test_a_request_has_two_sides(store: ContactStore) -> None:
    mine = asks(1, MAX_ID, remark="Zoë 👩‍👧", message='it\'s "me"', at=MAX_ID)
    assert await store.request(mine, LIMITS) is Outcome.REQUESTED
    assert await store.link(1, MAX_ID) == mine
    theirs = Link(MAX_ID, 1, INCOMING, "", mine.message, MAX_ID)
    assert await store.link(MAX_ID, 1) == theirs
    assert await store.relations([(1, MAX_ID), (MAX_ID, 1)]) == {}


async def test_acceptance_makes_friends_of_both(store: ContactStore) -> None:
    await store.request(asks(1, 2, remark="my bob", message="hello"), LIMITS)
    assert await store.accept(2, 1, "my alice", 9, 5000) is Outcome.ACCEPTED
    assert await store.link(1, 2) == Link(1, 2, FRIEND, "my bob", "", 9)
    assert await store.link(2, 1) == Link(2, 1, FRIEND, "my alice", "", 9)
    assert await store.relations([(1, 2), (2, 1), (1, 3)]) == {
        (1, 2): Relation(friends=True, blocked=False),
        (2, 1): Relation(friends=True, blocked=False),
    }


async def test_only_the_one_who_was_asked_accepts(store: ContactStore) -> None:
    assert await store.accept(2, 1, "", 9, 5000) is Outcome.NOTHING
    await store.request(asks(1, 2), LIMITS)
    assert await store.accept(1, 2, "", 9, 5000) is Outcome.NOTHING
    assert await store.accept(2, 1, "", 9, 5000) is Outcome.ACCEPTED
    assert await store.accept(2, 1, "other", 10, 5000) is Outcome.UNCHANGED
    assert await store.link(2, 1) == Link(2, 1, FRIEND, "", "", 9)


async def test_asking_again_changes_only_the_words(store: ContactStore) -> None:
    await store.request(asks(1, 2, message="hello"), LIMITS)
    again = asks(1, 2, remark="bob", message="please", at=99)
    assert await store.request(again, LIMITS) is Outcome.UNCHANGED
    assert await store.link(1, 2) == asks(1, 2, remark="bob", message="please", at=5)
    assert await store.link(2, 1) == Link(2, 1, INCOMING, "", "please", 5)
    await store.accept(2, 1, "", 9, 5000)
    assert await store.request(asks(1, 2, message="again"), LIMITS) is Outcome.UNCHANGED
    assert await store.link(1, 2) == Link(1, 2, FRIEND, "bob", "", 9)


async def test_two_requests_that_meet_are_an_acceptance(store: ContactStore) -> None:
    asked = (asks(1, 2, remark="bob"), asks(2, 1, remark="alice"))
    outcomes = await asyncio.gather(*(store.request(link, LIMITS) for link in asked))
    assert sorted(outcomes) == [Outcome.ACCEPTED, Outcome.REQUESTED]
    mine, theirs = await store.link(1, 2), await store.link(2, 1)
    assert mine is not None and theirs is not None
    assert (mine.state, mine.remark) == (FRIEND, "bob")
    assert (theirs.state, theirs.remark) == (FRIEND, "alice")


@pytest.mark.parametrize(
    ("who", "whom", "states", "removed"),
    [
        (2, 1, [INCOMING], True),
        (1, 2, [INCOMING], False),
        (1, 2, [FRIEND, OUTGOING], True),
        (2, 1, [FRIEND, OUTGOING], False),
        (1, 3, [FRIEND, INCOMING, OUTGOING], False),
    ],
)
async def test_removing_takes_both_sides(
    store: ContactStore, who: int, whom: int, states: list[LinkState], removed: bool
) -> None:
    await store.request(asks(1, 2), LIMITS)
    before = await store.link(who, whom)
    assert await store.remove(who, whom, states) == (before if removed else None)
    for pair in ((1, 2), (2, 1)):
        assert (await store.link(*pair) is None) == removed


async def test_remarks_are_for_friends_and_of_one_side(store: ContactStore) -> None:
    await store.request(asks(1, 2), LIMITS)
    assert await store.set_remark(1, 2, "x") is None
    await store.accept(2, 1, "", 9, 5000)
    assert await store.set_remark(1, 2, "x") == Link(1, 2, FRIEND, "x", "", 9)
    assert await store.link(1, 2) == Link(1, 2, FRIEND, "x", "", 9)
    assert await store.link(2, 1) == Link(2, 1, FRIEND, "", "", 9)
    assert await store.set_remark(1, 3, "x") is None


async def test_pages_of_links(store: ContactStore) -> None:
    for peer in (12, 3, 40, 7):
        await befriend(store, 5, peer)
    await store.request(asks(5, 8), LIMITS)
    await store.request(asks(9, 5), LIMITS)
    await befriend(store, 3, 7)

    async def peers(*states: LinkState, after: int = 0, limit: int = 10) -> list[int]:
        return [link.peer for link in await store.links(5, states, after, limit)]

    assert await peers(FRIEND) == [3, 7, 12, 40]
    assert await peers(FRIEND, limit=2) == [3, 7]
    assert await peers(FRIEND, after=7, limit=2) == [12, 40]
    assert await peers(OUTGOING) == [8]
    assert await peers(INCOMING) == [9]
    assert await peers(INCOMING, OUTGOING) == [8, 9]
    assert await peers(FRIEND, after=40) == []
    assert list(await store.links(99, [FRIEND], 0, 10)) == []


# --- limits -------------------------------------------------------------------------------------------------


async def test_requests_are_limited_on_both_sides(store: ContactStore) -> None:
    limits = ContactLimits(requests=2)
    assert await store.request(asks(1, 9), limits) is Outcome.REQUESTED
    assert await store.request(asks(2, 9), limits) is Outcome.REQUESTED
    assert await store.request(asks(3, 9), limits) is Outcome.THEIRS_FULL
    assert await store.link(9, 3) is None
    assert await store.request(asks(1, 8), limits) is Outcome.REQUESTED
    assert await store.request(asks(1, 7), limits) is Outcome.FULL
    assert await store.request(asks(1, 8, message="again"), limits) is Outcome.UNCHANGED
    await store.remove(9, 2, [INCOMING])
    assert await store.request(asks(3, 9), limits) is Outcome.REQUESTED


async def test_contacts_are_limited_on_both_sides(store: ContactStore) -> None:
    limits = ContactLimits(contacts=1)
    await store.request(asks(3, 1), LIMITS)
    await store.request(asks(2, 3), LIMITS)
    await befriend(store, 1, 2)
    assert await store.accept(1, 3, "", 9, 1) is Outcome.FULL
    assert await store.accept(3, 2, "", 9, 1) is Outcome.THEIRS_FULL
    assert await store.request(asks(1, 4), limits) is Outcome.FULL
    assert await store.request(asks(3, 2), limits) is Outcome.THEIRS_FULL
    assert await store.relations([(1, 3), (2, 3), (1, 4)]) == {}


# --- blocks -------------------------------------------------------------------------------------------------


async def test_a_block_refuses_requests_and_their_acceptance(store: ContactStore) -> None:
    await store.request(asks(3, 1), LIMITS)
    assert await store.block(2, 1, 7, 10) is Outcome.REQUESTED
    assert await store.block(3, 1, 7, 10) is Outcome.REQUESTED
    assert await store.request(asks(1, 2), LIMITS) is Outcome.BLOCKED
    assert await store.link(1, 2) is None
    assert await store.accept(1, 3, "", 9, 5000) is Outcome.BLOCKED
    assert await store.request(asks(1, 3), LIMITS) is Outcome.BLOCKED
    assert await store.unblock(2, 1)
    assert not await store.unblock(2, 1)
    assert await store.request(asks(1, 2), LIMITS) is Outcome.REQUESTED


async def test_blocks_are_of_one_side_and_leave_friendships(store: ContactStore) -> None:
    await befriend(store, 1, 2)
    await store.block(1, 2, 7, 10)
    assert await store.relations([(1, 2), (2, 1), (1, 1), (1, 2)]) == {
        (1, 2): Relation(friends=True, blocked=False),
        (2, 1): Relation(friends=True, blocked=True),
    }


async def test_pages_and_limit_of_blocks(store: ContactStore) -> None:
    for peer in (30, 4, 12):
        assert await store.block(1, peer, peer + 100, 3) is Outcome.REQUESTED
    assert await store.block(1, 5, 7, 3) is Outcome.FULL
    assert await store.block(1, 4, 7, 3) is Outcome.UNCHANGED
    assert list(await store.blocks(1, 0, 10)) == [Block(4, 104), Block(12, 112), Block(30, 130)]
    assert list(await store.blocks(1, 4, 1)) == [Block(12, 112)]
    assert list(await store.blocks(2, 0, 10)) == []


async def test_relations_of_many(store: ContactStore) -> None:
    for uid in range(2, 40, 2):
        await store.block(uid, 1, 7, 10)
    pairs = [(1, uid) for uid in range(1000)]
    blocked = Relation(friends=False, blocked=True)
    assert await store.relations(pairs) == {(1, uid): blocked for uid in range(2, 40, 2)}
    assert await store.relations([]) == {}


# --- presence -----------------------------------------------------------------------------------------------


async def test_what_is_kept_of_people(presence: PresenceStore) -> None:
    await presence.save_seen({1: 100, MAX_ID: MAX_ID})
    await presence.set_audience(1, Audience.NOBODY)
    await presence.set_audience(2, Audience.CONTACTS)
    assert await presence.kept([1, 2, 3, MAX_ID]) == {
        1: Kept(Audience.NOBODY, 100),
        2: Kept(Audience.CONTACTS, 0),
        MAX_ID: Kept(Audience.EVERYONE, MAX_ID),
    }
    assert await presence.kept([]) == {}


async def test_times_never_go_back(presence: PresenceStore) -> None:
    await presence.save_seen({1: 100, 2: 100})
    await presence.save_seen({1: 99, 2: 101})
    await presence.save_seen({})
    assert {uid: kept.seen_at for uid, kept in (await presence.kept([1, 2])).items()} == {
        1: 100,
        2: 101,
    }
