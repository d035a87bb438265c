"""What messaging remembers of conversations and groups is bounded, also of groups without members."""

from __future__ import annotations

from glideim.edge.memory import MemoryStore
from glideim.group.ports import Group, GroupState
from glideim.messaging.conversations import ConversationCache
from glideim.messaging.groups import GroupCache
from glideim.messaging.ports import Head
from glideim.protocol.conversations import chat_key


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
