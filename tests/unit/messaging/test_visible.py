from __future__ import annotations

import pytest

from glideim.edge.memory import MemoryStore
from glideim.group.ports import Group, GroupChange, Member
from glideim.messaging.visible import GroupSpans
from glideim.search.ports import Span
from tests.support.stores import message


async def stored() -> MemoryStore:
    """A group 7 in which 1 sees everything and 2 what came after the first five messages; a group 8 of 1 alone."""
    store = MemoryStore()
    first = GroupChange(7, Group(7, "tea", 1), (Member(1), Member(2, since=5)))
    second = GroupChange(8, Group(8, "own", 1), (Member(1),))
    await store.messages.append([message(1, 1, conv="g:7", type=-1)], [], first)
    await store.messages.append([message(2, 1, conv="g:8", type=-1)], [], second)
    return store


async def test_members_see_their_part() -> None:
    spans = GroupSpans((await stored()).groups)
    assert await spans.groups(1) == {"g:7": Span(0), "g:8": Span(0)}
    assert await spans.groups(2) == {"g:7": Span(5)}
    assert await spans.groups(3) == {}
    assert await spans.group(2, "g:7") == Span(5)


@pytest.mark.parametrize("conv", ["g:8", "g:9", "g:x", "c:1:2", ""])
async def test_others_see_nothing(conv: str) -> None:
    assert await GroupSpans((await stored()).groups).group(2, conv) is None


async def test_who_left_sees_nothing() -> None:
    store = await stored()
    change = GroupChange(7, leaving=(2,))
    await store.messages.append([message(3, 2, conv="g:7", type=-3)], [], change)
    spans = GroupSpans(store.groups)
    assert await spans.groups(2) == {}
    assert await spans.group(2, "g:7") is None
    assert await spans.group(1, "g:7") == Span(0)
