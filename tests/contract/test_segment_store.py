"""What every SegmentStore promises."""

from __future__ import annotations

import asyncio

import pytest

from glideim.edge.stores import FIRST_UID, Stores
from glideim.kernel.ids import SegmentStore


@pytest.fixture
def store(stores: Stores) -> SegmentStore:
    return stores.segments


async def test_segments_follow_each_other(store: SegmentStore) -> None:
    assert await store.take_segment("mid", 10) == (1, 10)
    assert await store.take_segment("mid", 1) == (11, 11)
    assert await store.take_segment("session", 3) == (1, 3)
    assert await store.take_segment("mid", 5) == (12, 16)


async def test_uids_start_above_the_reserved_ones(store: SegmentStore) -> None:
    assert await store.take_segment("uid", 2) == (FIRST_UID, FIRST_UID + 1)


async def test_no_id_is_in_two_segments(store: SegmentStore) -> None:
    counts = [n % 7 + 1 for n in range(200)]
    segments = await asyncio.gather(*(store.take_segment("mid", count) for count in counts))
    assert [last - first + 1 for first, last in segments] == counts
    ids = [id_ for first, last in segments for id_ in range(first, last + 1)]
    assert sorted(ids) == list(range(1, sum(counts) + 1))


async def test_a_segment_is_never_empty(store: SegmentStore) -> None:
    with pytest.raises(ValueError, match="at least one"):
        await store.take_segment("mid", 0)
