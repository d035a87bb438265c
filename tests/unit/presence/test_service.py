"""Presence over the in-memory engine: who is told what, when, and who is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest

from glideim.contacts.ports import ContactLimits, Link, LinkState
from glideim.dispatch.ports import Origin, Reply
from glideim.edge.memory import MemoryStore
from glideim.kernel.clock import ManualClock
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.kernel.ratelimit import RateLimiter
from glideim.presence.ports import Pair, Relation
from glideim.presence.service import AGAIN_AFTER, NOTICE_EVERY, PresenceLimits, PresenceService
from glideim.protocol.codes import ErrorCode
from glideim.protocol.social import NotifyPresence
from tests.support.messaging import KeepingDispatch
from tests.support.timers import ManualTimers

ALICE, BOB, CAROL = 1, 2, 3
SINCE = 1_800_000_000_000


class World:
    """The service and what surrounds it."""

    def __init__(self, *, limiting: bool = False, **limits: Any) -> None:
        self.clock = ManualClock(SINCE)
        self.timers = ManualTimers(self.clock)
        self.store = MemoryStore()
        self.dispatch = KeepingDispatch()
        self.failing = False
        self.asked = 0
        self.presence = PresenceService(
            store=self.store.presence,
            relations=self,
            dispatch=self.dispatch,
            clock=self.clock,
            call_later=self.timers.call_later,
            limiter=RateLimiter(self.clock, enabled=limiting),
            limits=PresenceLimits(**limits),
        )
        self._connections = 0

    async def relations(self, pairs: Sequence[Pair]) -> Mapping[Pair, Relation]:
        """Implements `Relations` with the contacts of the store, which may be out of order."""
        self.asked += 1
        if self.failing:
            raise StoreUnavailableError("out of order")
        return await self.store.contacts.relations(pairs)

    def came(self, uid: int, device: int = 1, session: int = 0) -> Origin:
        self._connections += 1
        origin = Origin("here", self._connections)
        self.presence.came(uid, device, session or self._connections, origin)
        return origin

    async def watches(self, uid: int, *uids: int) -> Origin:
        """Somebody new who subscribed and knows how things are."""
        origin = self.came(uid)
        self.presence.subscribe(uid, origin, uids)
        await turns()
        self.take(origin)
        return origin

    def take(self, origin: Origin) -> list[tuple[int, bool, tuple[int, ...], int]]:
        """What a connection was told; what others were told is forgotten."""
        told = []
        for item in self.dispatch.take():
            if isinstance(item, Reply) and item.to == origin:
                data = item.envelope.data
                assert isinstance(data, NotifyPresence)
                told.append((data.uid, data.online, data.devices, data.at))
        return told

    async def befriend(self, one: int, other: int) -> None:
        link = Link(one, other, LinkState.OUTGOING, "", "", 1)
        await self.store.contacts.request(link, ContactLimits())
        await self.store.contacts.accept(other, one, "", 1, 10)
        self.presence.relations_changed(one, other)
        await turns()

    async def block(self, who: int, whom: int) -> None:
        await self.store.contacts.block(who, whom, 1, 10)
        self.presence.relations_changed(who, whom)
        await turns()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    await world.presence.close()


async def turns(count: int = 10) -> None:
    """Let the loop come round."""
    for _ in range(count):
        await asyncio.sleep(0)


# --- telling ------------------------------------------------------------------------------------------------


async def test_a_subscriber_is_told_how_things_are(world: World) -> None:
    world.came(BOB, device=4)
    world.clock.advance(1)
    world.came(BOB, device=1)
    world.came(BOB, device=4)
    alice = world.came(ALICE)
    world.presence.subscribe(ALICE, alice, [BOB, CAROL, BOB])
    await turns()
    assert world.take(alice) == [(BOB, True, (1, 4), SINCE), (CAROL, False, (), 0)]


async def test_changes_are_told_to_subscribers_only(world: World) -> None:
    alice = await world.watches(ALICE, BOB)
    world.came(CAROL)
    bob = world.came(BOB, device=2)
    assert len(world.timers) > 0
    world.timers.advance(NOTICE_EVERY)
    items = world.dispatch.items
    assert [item.to for item in items if isinstance(item, Reply)] == [alice]
    assert world.take(alice) == [(BOB, True, (2,), SINCE)]
    world.presence.left(BOB, bob)
    world.timers.advance(NOTICE_EVERY)
    assert world.take(alice) == [(BOB, False, (), SINCE + 500)]


async def test_who_flaps_is_told_once(world: World) -> None:
    alice = await world.watches(ALICE, BOB)
    for _ in range(50):
        bob = world.came(BOB)
        world.presence.left(BOB, bob)
    world.came(BOB, device=4)
    world.timers.advance(NOTICE_EVERY)
    assert world.take(alice) == [(BOB, True, (4,), SINCE)]
    world.timers.advance(60)
    assert world.take(alice) == []


async def test_who_returns_at_once_was_not_away(world: World) -> None:
    bob = world.came(BOB)
    alice = await world.watches(ALICE, BOB)
    world.presence.left(BOB, bob)
    world.clock.advance(0.1)
    world.came(BOB)
    world.timers.advance(1)
    assert world.take(alice) == []


async def test_at_most_one_notice_about_a_person_within_the_interval(world: World) -> None:
    alice = await world.watches(ALICE, BOB)
    times = []
    for _ in range(40):
        bob = world.came(BOB)
        world.timers.advance(0.1)
        world.presence.left(BOB, bob)
        world.timers.advance(0.1)
        times += [world.clock.monotonic()] * len(world.take(alice))
    assert 2 < len(times) <= 40 * 0.2 / NOTICE_EVERY + 1


async def test_a_late_subscriber_misses_no_change(world: World) -> None:
    bob = world.came(BOB)
    alice = await world.watches(ALICE, BOB)
    world.presence.left(BOB, bob)
    carol = world.came(CAROL)
    world.presence.subscribe(CAROL, carol, [BOB])
    await turns()
    # Told what the others were told, then the change like them.
    assert world.take(carol) == [(BOB, True, (1,), SINCE)]
    world.timers.advance(NOTICE_EVERY)
    items = list(world.dispatch.items)
    assert [(i.to, i.envelope.data.online) for i in items if isinstance(i, Reply)] == [
        (alice, False),
        (carol, False),
    ]


async def test_a_change_before_rights_are_clear_is_not_lost(world: World) -> None:
    alice = world.came(ALICE)
    world.presence.subscribe(ALICE, alice, [BOB])
    world.came(BOB)
    world.timers.advance(NOTICE_EVERY)
    await turns()
    world.timers.advance(NOTICE_EVERY)
    assert world.take(alice)[-1] == (BOB, True, (1,), SINCE)


async def test_a_subscription_takes_the_place_of_the_one_before(world: World) -> None:
    alice = await world.watches(ALICE, BOB)
    world.presence.subscribe(ALICE, alice, [CAROL])
    await turns()
    assert world.take(alice) == [(CAROL, False, (), 0)]
    world.came(BOB)
    world.came(CAROL)
    world.timers.advance(1)
    assert [told[0] for told in world.take(alice)] == [CAROL]
    world.presence.subscribe(ALICE, alice, [])
    assert world.presence.statistics()["subscriptions"] == 0


async def test_connections_of_one_person_subscribe_each_for_themselves(world: World) -> None:
    phone, desk = await world.watches(ALICE, BOB), await world.watches(ALICE, CAROL)
    world.came(BOB)
    world.timers.advance(1)
    assert [i.to for i in world.dispatch.take() if isinstance(i, Reply)] == [phone]
    world.presence.left(ALICE, phone)
    world.came(CAROL)
    world.came(BOB, device=3)
    world.timers.advance(1)
    assert [i.to for i in world.dispatch.take() if isinstance(i, Reply)] == [desk]
    world.presence.left(ALICE, desk)
    assert world.presence.statistics()["subscriptions"] == 0


async def test_who_is_gone_cannot_subscribe(world: World) -> None:
    alice = world.came(ALICE)
    world.presence.left(ALICE, alice)
    world.presence.left(ALICE, alice)
    world.presence.subscribe(ALICE, alice, [BOB])
    await turns()
    assert world.presence.statistics()["subscriptions"] == 0
    assert world.take(alice) == []


async def test_a_crowd_of_notices_is_sent_in_parts() -> None:
    world = World(notices_at_once=3)
    watchers = [await world.watches(uid, BOB) for uid in range(10, 18)]
    world.came(BOB)
    world.timers.advance(NOTICE_EVERY)
    sent = [i.to for i in world.dispatch.take() if isinstance(i, Reply)]
    assert sent == watchers[:3]
    world.presence.left(13, watchers[3])
    world.timers.advance(0.1)
    sent += [i.to for i in world.dispatch.take() if isinstance(i, Reply)]
    assert sent == watchers[:3] + watchers[4:]
    await world.presence.close()


# --- last seen ----------------------------------------------------------------------------------------------


async def test_last_seen_is_stored_a_little_later(world: World) -> None:
    bob = world.came(BOB)
    world.clock.advance(3)
    world.presence.left(BOB, bob)
    assert await world.store.presence.kept([BOB]) == {}
    world.timers.advance(5)
    await turns()
    assert (await world.store.presence.kept([BOB]))[BOB].seen_at == SINCE + 3000
    assert world.presence.statistics()["last_seen_unsaved"] == 0


async def test_last_seen_survives_a_restart(world: World) -> None:
    await world.store.presence.save_seen({BOB: 77})
    alice = world.came(ALICE)
    world.presence.subscribe(ALICE, alice, [BOB])
    await turns()
    assert world.take(alice) == [(BOB, False, (), 77)]
    assert await world.presence.states(ALICE, [BOB]) == (NotifyPresence(BOB, online=False, at=77),)


async def test_closing_stores_what_was_not_stored() -> None:
    world = World(saved_at_once=2)
    for uid in range(1, 8):
        world.came(uid)
    await world.presence.close()
    assert len(await world.store.presence.kept(range(1, 8))) == 7
    assert len(world.timers) == 0


# --- rights -------------------------------------------------------------------------------------------------


async def test_settings_decide_who_may_see(world: World) -> None:
    world.came(BOB, device=2)
    alice, carol = await world.watches(ALICE, BOB), await world.watches(CAROL, BOB)
    own = await world.watches(BOB, BOB)
    await world.befriend(ALICE, BOB)
    await world.presence.set_audience(BOB, "contacts")
    await turns()
    items = world.dispatch.take()
    assert [(i.to, i.envelope.data) for i in items if isinstance(i, Reply)] == [
        (carol, NotifyPresence(BOB, online=False))
    ]
    await world.presence.set_audience(BOB, "nobody")
    await turns()
    assert world.take(alice) == [(BOB, False, (), 0)]
    world.came(BOB, device=4)
    world.timers.advance(1)
    assert [i.to for i in world.dispatch.take() if isinstance(i, Reply)] == [own]
    await world.presence.set_audience(BOB, "everyone")
    await turns()
    assert world.take(carol) == [(BOB, True, (1, 2, 4), SINCE)]
    assert await world.presence.audience(BOB) == "everyone"
    with pytest.raises(RequestError, match="presence"):
        await world.presence.set_audience(BOB, "me")


async def test_a_new_friendship_shows_and_its_end_hides(world: World) -> None:
    await world.presence.set_audience(BOB, "contacts")
    world.came(BOB)
    alice = await world.watches(ALICE, BOB)
    await world.befriend(ALICE, BOB)
    assert world.take(alice) == [(BOB, True, (1,), SINCE)]
    await world.store.contacts.remove(ALICE, BOB, [LinkState.FRIEND])
    world.presence.relations_changed(BOB, ALICE)
    await turns()
    assert world.take(alice) == [(BOB, False, (), 0)]


async def test_who_is_blocked_sees_nothing(world: World) -> None:
    world.came(BOB)
    alice = await world.watches(ALICE, BOB)
    bob = await world.watches(BOB, ALICE)
    await world.befriend(ALICE, BOB)
    await world.block(BOB, ALICE)
    assert world.take(alice) == [(BOB, False, (), 0)]
    assert await world.presence.states(ALICE, [BOB]) == (NotifyPresence(BOB, online=False),)
    world.came(BOB, device=9)
    world.came(ALICE, device=9)
    world.timers.advance(1)
    # The other way round nothing changed.
    assert world.take(bob) == [(ALICE, True, (1, 9), SINCE)]


async def test_relations_of_people_nobody_watches_cost_nothing(world: World) -> None:
    await world.watches(ALICE, BOB)
    before = world.asked
    world.presence.relations_changed(BOB, CAROL)
    world.presence.relations_changed(7, 8)
    await turns()
    assert world.asked == before


async def test_rights_are_looked_up_again_when_the_store_could_not_tell(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.failing = True
    world.came(BOB)
    alice = world.came(ALICE)
    world.presence.subscribe(ALICE, alice, [BOB])
    await turns()
    assert world.take(alice) == []
    assert "could not be looked up" in caplog.text
    world.failing = False
    world.timers.advance(AGAIN_AFTER)
    await turns()
    assert world.take(alice) == [(BOB, True, (1,), SINCE)]


# --- limits -------------------------------------------------------------------------------------------------


async def test_limits_of_subscriptions() -> None:
    world = World(uids=3, subscriptions=5)
    one, two = await world.watches(ALICE, 10, 11, 12), await world.watches(BOB, 10, 11)
    with pytest.raises(RequestError) as caught:
        world.presence.subscribe(ALICE, one, [1, 2, 3, 4])
    assert caught.value.code == ErrorCode.TOO_LARGE
    with pytest.raises(RequestError) as caught:
        world.presence.subscribe(BOB, two, [1, 2, 3])
    assert caught.value.code == ErrorCode.UNAVAILABLE
    with pytest.raises(RequestError) as caught:
        world.presence.subscribe(BOB, two, [0])
    assert caught.value.code == ErrorCode.BAD_REQUEST
    world.presence.subscribe(ALICE, one, [1, 2])
    world.presence.subscribe(BOB, two, [1, 2, 3])
    assert world.presence.statistics()["subscriptions"] == 5
    await world.presence.close()


async def test_questions_are_limited_per_person() -> None:
    world = World(limiting=True)
    for _ in range(30):
        await world.presence.states(ALICE, [BOB])
    with pytest.raises(RequestError) as caught:
        await world.presence.states(ALICE, [BOB])
    assert caught.value.code == ErrorCode.RATE_LIMITED
    await world.presence.states(BOB, [ALICE])
    await world.presence.close()


async def test_sessions_that_have_a_connection(world: World) -> None:
    first = world.came(ALICE, session=70)
    world.came(ALICE, device=2, session=71)
    world.came(BOB, session=72)
    assert world.presence.sessions(ALICE) == {70, 71}
    world.presence.left(ALICE, first)
    assert world.presence.sessions(ALICE) == {71}
    assert world.presence.sessions(CAROL) == frozenset()
