"""What messaging remembers of conversations and groups is bounded, also of groups without members."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from glideim.edge.memory import MemoryStore
from glideim.group.ports import Group, GroupState, Member, Role
from glideim.kernel.errors import StoreUnavailableError
from glideim.messaging.conversations import WAITING_PER_RECEIVER, ConversationCache, Place
from glideim.messaging.groups import GroupCache
from glideim.messaging.ports import Head, MessageStore, Position
from glideim.protocol.conversations import chat_key, group_key
from glideim.protocol.records import AckMessage
from tests.support.messaging import World


def gone(gid: int) -> GroupState:
    return GroupState(Group(gid, "gone", 1), {})


async def test_dissolved_groups_are_forgotten_like_others() -> None:
    store = MemoryStore()
    cache = GroupCache(store.messages, store.groups, 100, most=3)
    for gid in range(1, 6):
        cache.add(gid, Head(0, 0), gone(gid))
    assert (len(cache), cache.members, cache.forgotten) == (3, 0, 2)
    assert cache.get(2) is None
    assert cache.get(5) is not None


async def test_groups_whose_positions_wait_are_bounded_too() -> None:
    store = MemoryStore()
    cache = GroupCache(store.messages, store.groups, 100, unwritten_most=2)
    added = [cache.add(gid, Head(0, 0), gone(gid)) for gid in range(1, 5)]
    for conversation in (*added, added[0]):
        cache.mark(conversation)
    assert (cache.unwritten, cache.dropped) == (2, 2)


async def test_positions_that_cannot_be_written_are_bounded() -> None:
    store = MemoryStore()
    cache = ConversationCache(store.messages, 2, unwritten_most=3)
    for uid in range(2, 7):
        await cache.load((chat_key(1, uid),))
        conversation = cache.get(chat_key(1, uid))
        assert conversation is not None
        cache.mark(conversation)
        cache.mark(conversation)
    assert (len(cache), cache.forgotten) == (2, 3)
    assert (cache.unwritten, cache.dropped) == (3, 4)
    await cache.write_positions()
    assert cache.unwritten == 0


class Slow:
    """A message store that writes positions when it is told to, and whether they can be written."""

    def __init__(self, store: MemoryStore) -> None:
        self._messages: MessageStore = store.messages
        self.asked = asyncio.Event()
        self.answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.saved: list[Position] = []
        self.patient: list[bool] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._messages, name)

    async def save_positions(self, positions: Sequence[Position], *, patient: bool = False) -> None:
        self.asked.set()
        await self.answer
        self.saved += positions
        self.patient.append(patient)


FULL = StoreUnavailableError("the disk is full")


@pytest.mark.parametrize("fails", [False, True])
async def test_who_is_forgotten_while_being_written_comes_back_as_they_were(fails: bool) -> None:
    store = Slow(MemoryStore())
    cache = ConversationCache(store, 1)
    await cache.load((chat_key(1, 2),))
    conversation = cache.get(chat_key(1, 2))
    assert conversation is not None
    conversation.places[1].read = 10
    cache.mark(conversation)
    writing = asyncio.ensure_future(cache.write_positions(0.5))
    await store.asked.wait()
    await cache.load((chat_key(3, 4),))
    assert cache.get(chat_key(1, 2)) is None
    latest = cache.latest(chat_key(1, 2))
    assert latest is not None
    assert latest.places[1].read == 10
    assert (cache.is_unwritten(chat_key(1, 2)), cache.unwritten) == (True, 1)
    await cache.load((chat_key(1, 2),))
    again = cache.get(chat_key(1, 2))
    assert again is not None
    assert again.places[1].read == 10
    again.places[1].read = 11
    cache.mark(again)
    if fails:
        store.answer.set_exception(FULL)
        with pytest.raises(StoreUnavailableError):
            await writing
        store.answer = asyncio.get_running_loop().create_future()
    else:
        store.answer.set_result(None)
        await writing
    assert cache.unwritten == 1
    if fails:
        store.answer.set_result(None)
    await cache.write_positions()
    assert Position(chat_key(1, 2), 1, 0, 11) in store.saved
    assert cache.unwritten == 0


async def test_what_is_written_spread_is_patient() -> None:
    store = Slow(MemoryStore())
    store.answer.set_result(None)
    cache = ConversationCache(store, 10)
    for within in (0.001, 0.0):
        await cache.load((chat_key(1, 2),))
        conversation = cache.get(chat_key(1, 2))
        assert conversation is not None
        cache.mark(conversation)
        await cache.write_positions(within)
    assert store.patient == [True, False]


async def test_groups_being_written_are_not_forgotten() -> None:
    memory = MemoryStore()
    store = Slow(memory)
    cache = GroupCache(store, memory.groups, 100, most=1)
    state = GroupState(Group(1, "team", 1), {1: Member(1, Role.OWNER)})
    conversation = cache.add(1, Head(5, 0), state)
    conversation.move(1, read=5)
    cache.mark(conversation)
    writing = asyncio.ensure_future(cache.write_positions(0.5))
    await store.asked.wait()
    cache.add(2, Head(0, 0), gone(2))
    assert cache.get(1) is conversation
    assert cache.unwritten == 1
    store.answer.set_exception(FULL)
    with pytest.raises(StoreUnavailableError):
        await writing
    assert (cache.unwritten, conversation.current(Position(group_key(1), 1, 0, 0)).read) == (1, 5)


async def test_failures_do_not_add_up_beyond_the_limit() -> None:
    store = Slow(MemoryStore())
    cache = ConversationCache(store, 1000, unwritten_most=10)
    for start in range(2, 52, 10):
        for uid in range(start, start + 10):
            await cache.load((chat_key(1, uid),))
            conversation = cache.get(chat_key(1, uid))
            assert conversation is not None
            cache.mark(conversation)
        store.answer = asyncio.get_running_loop().create_future()
        store.answer.set_exception(FULL)
        with pytest.raises(StoreUnavailableError):
            await cache.write_positions()
    assert (cache.unwritten, cache.dropped) == (10, 40)


async def test_stopping_goes_on_where_positions_cannot_be_written(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with World() as world:
        cache = world.service._cache
        await cache.load((chat_key(1, 2),))
        conversation = cache.get(chat_key(1, 2))
        assert conversation is not None
        cache.mark(conversation)
        await world.store.close()
    assert "positions in 1 conversations could not be written" in caplog.text


def ack(seq: int) -> AckMessage:
    return AckMessage(str(seq), seq, "c:1:2", seq)


def test_what_waits_is_in_order_of_its_numbers() -> None:
    place = Place(0, 0)
    for seq in (2, 4):
        place.await_confirmation(ack(seq))
    for seq in (3, 1, 3, 4):
        place.await_again(ack(seq))
    assert [waiting.seq for waiting in place.waiting] == [1, 2, 3, 4]
    assert place.take_confirmed(3) == ack(3)
    assert place.take_confirmed(3) is None
    assert place.waiting == [ack(4)]


def test_what_waits_is_bounded() -> None:
    place = Place(0, 0)
    for seq in range(2, WAITING_PER_RECEIVER + 12):
        place.await_confirmation(ack(seq))
    place.await_again(ack(1))
    assert len(place.waiting) == WAITING_PER_RECEIVER
    assert place.waiting[-1] == ack(WAITING_PER_RECEIVER + 11)
