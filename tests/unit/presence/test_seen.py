"""Times written behind: many at a time, none lost to a store that fails for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from glideim.kernel.clock import ManualClock
from glideim.kernel.errors import StoreUnavailableError
from glideim.presence.ports import Audience, Kept
from glideim.presence.seen import SAVE_EVERY, LastSeen
from tests.support.timers import ManualTimers


class Store:
    """Keeps the batches that it was given, unless it fails; writing takes until `free` is set."""

    def __init__(self) -> None:
        self.batches: list[dict[int, int]] = []
        self.failing = False
        self.free = asyncio.Event()
        self.free.set()

    async def kept(self, uids: Sequence[int]) -> Mapping[int, Kept]:
        raise AssertionError(f"never asked: {uids}")

    async def set_audience(self, uid: int, audience: Audience) -> None:
        raise AssertionError(f"never asked: {uid} {audience}")

    async def save_seen(self, seen: Mapping[int, int]) -> None:
        await self.free.wait()
        if self.failing:
            raise StoreUnavailableError("disk full")
        self.batches.append(dict(seen))


class World:
    def __init__(self, most: int = 100, at_once: int = 2) -> None:
        self.store = Store()
        self.timers = ManualTimers(ManualClock())
        self.seen = LastSeen(self.store, self.timers.call_later, most=most, at_once=at_once)

    async def later(self) -> None:
        self.timers.advance(SAVE_EVERY)
        for _ in range(5):
            await asyncio.sleep(0)


async def test_many_notes_are_few_writes() -> None:
    world = World()
    for at in range(50):
        for uid in (1, 2, 3):
            world.seen.note(uid, at)
    assert world.store.batches == []
    await world.later()
    assert world.store.batches == [{1: 49, 2: 49}, {3: 49}]
    assert (len(world.seen), world.seen.unsaved, len(world.timers)) == (3, 0, 0)
    assert (world.seen.get(1), world.seen.get(4)) == (49, None)


async def test_what_could_not_be_stored_is_stored_later(caplog: pytest.LogCaptureFixture) -> None:
    world = World(at_once=10)
    world.store.failing = True
    world.seen.note(1, 10)
    world.seen.note(2, 10)
    await world.later()
    assert "could not be stored" in caplog.text
    world.seen.note(2, 20)
    world.store.failing = False
    await world.later()
    assert world.store.batches == [{1: 10, 2: 20}]
    assert world.seen.unsaved == 0


async def test_who_is_seen_while_others_are_stored_is_stored_next() -> None:
    world = World()
    world.seen.note(1, 10)
    world.store.free.clear()
    await world.later()
    world.seen.note(1, 11)
    world.store.free.set()
    await world.later()
    await world.later()
    assert world.store.batches == [{1: 10}, {1: 11}]


async def test_memory_is_bounded_even_if_nothing_can_be_stored() -> None:
    world = World(most=3)
    world.store.failing = True
    for uid in range(1, 9):
        world.seen.note(uid, uid)
        await world.later()
    world.seen.note(6, 99)
    assert (len(world.seen), world.seen.unsaved) == (3, 3)
    assert [world.seen.get(uid) for uid in (5, 6, 7, 8)] == [None, 99, 7, 8]


async def test_closing_waits_for_what_is_being_stored() -> None:
    world = World()
    world.seen.note(1, 10)
    world.store.free.clear()
    await world.later()
    closing = asyncio.ensure_future(world.seen.close())
    world.seen.note(2, 20)
    await asyncio.sleep(0)
    assert not closing.done()
    world.store.free.set()
    await closing
    assert world.store.batches == [{1: 10}, {2: 20}]
    assert len(world.timers) == 0
