"""Ids: never twice, never back, never waiting without need."""

from __future__ import annotations

import asyncio

import pytest

from glideim.kernel.clock import ManualClock
from glideim.kernel.errors import StoreUnavailableError
from glideim.kernel.ids import MAX_ID, MAX_NODE, SNOWFLAKE_EPOCH_MS, Leaf, Snowflake


class Segments:
    """A sequence in memory that can be held up and can fail."""

    def __init__(self, start: int = 1) -> None:
        self.next = start
        self.asked: list[int] = []
        self.open = asyncio.Event()
        self.open.set()
        self.broken = False

    async def take_segment(self, name: str, count: int) -> tuple[int, int]:
        self.asked.append(count)
        await self.open.wait()
        if self.broken:
            raise StoreUnavailableError("broken")
        first = self.next
        self.next += count
        return first, first + count - 1


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def segments() -> Segments:
    return Segments()


def leaf(segments: Segments, clock: ManualClock, step: int = 10, largest: int = 1000) -> Leaf:
    return Leaf(segments, "mid", clock, step=step, smallest=step, largest=largest)


async def settle() -> None:
    """Let tasks that can go on go on."""
    for _ in range(5):
        await asyncio.sleep(0)


# --- Leaf ---------------------------------------------------------------------------------------------------


async def test_nothing_is_at_hand_before_the_first_segment(
    segments: Segments, clock: ManualClock
) -> None:
    ids = leaf(segments, clock)
    assert ids.take(1) is None
    assert segments.asked == []
    assert await ids.reserve(3) == range(1, 4)
    assert ids.take(2) == range(4, 6)


async def test_the_next_segment_is_fetched_when_half_is_used(
    segments: Segments, clock: ManualClock
) -> None:
    ids = leaf(segments, clock)
    await ids.reserve(4)
    await settle()
    assert segments.asked == [10]
    assert ids.take(1) == range(5, 6)
    await settle()
    assert len(segments.asked) == 2
    assert ids.take(5) == range(6, 11)
    assert ids.take(1) == range(11, 12)


async def test_ids_at_hand_do_not_wait_for_a_slow_store(
    segments: Segments, clock: ManualClock
) -> None:
    ids = leaf(segments, clock)
    await ids.reserve(5)
    segments.open.clear()
    await settle()
    assert ids.take(5) == range(6, 11)
    assert ids.take(1) is None
    waiting = asyncio.ensure_future(ids.reserve(1))
    await settle()
    assert not waiting.done()
    segments.open.set()
    assert await waiting == range(11, 12)


async def test_more_than_a_segment_at_once(segments: Segments, clock: ManualClock) -> None:
    ids = leaf(segments, clock)
    assert await ids.reserve(25) == range(1, 26)
    assert len(await ids.reserve(1000)) == 1000
    await ids.close()


async def test_nobody_gets_an_id_twice(segments: Segments, clock: ManualClock) -> None:
    ids = leaf(segments, clock)
    taken = await asyncio.gather(*(ids.reserve(n % 23 + 1) for n in range(300)))
    flat = [id_ for part in taken for id_ in part]
    assert len(flat) == len(set(flat)) == sum(n % 23 + 1 for n in range(300))
    await ids.close()


async def test_ids_ascend(segments: Segments, clock: ManualClock) -> None:
    ids = leaf(segments, clock)
    last = 0
    for n in range(200):
        part = ids.take(n % 13 + 1) or await ids.reserve(n % 13 + 1)
        assert part[0] > last
        last = part[-1]
    await ids.close()


async def test_segments_that_are_used_up_quickly_grow(
    segments: Segments, clock: ManualClock
) -> None:
    ids = leaf(segments, clock, largest=50)
    for _ in range(300):
        clock.advance(1)
        await ids.reserve(1)
        await settle()
    assert segments.asked[:5] == [10, 20, 40, 50, 50]


async def test_the_step_follows_how_long_segments_last(
    segments: Segments, clock: ManualClock
) -> None:
    ids = leaf(segments, clock)
    await ids.reserve(1)
    long = 2 * Leaf.SHORT_S + 1
    for lasted, step in (
        (1, 20),
        (1, 40),
        (1.5 * Leaf.SHORT_S, 40),
        (long, 20),
        (long, 10),
        (long, 10),
    ):
        clock.advance(lasted)
        fetches = ids.fetches
        while ids.fetches == fetches:
            await ids.reserve(1)
            await settle()
        assert ids.step == step
        assert segments.asked[-1] == step


async def test_a_failing_store_is_told_to_who_needs_ids(
    segments: Segments, clock: ManualClock
) -> None:
    ids = leaf(segments, clock)
    await ids.reserve(1)
    segments.broken = True
    assert ids.take(9) == range(2, 11)
    await settle()
    with pytest.raises(StoreUnavailableError):
        await ids.reserve(1)
    segments.broken = False
    assert await ids.reserve(1) == range(11, 12)


async def test_a_failing_store_is_not_asked_by_every_take(
    segments: Segments, clock: ManualClock
) -> None:
    ids = leaf(segments, clock)
    await ids.reserve(1)
    segments.broken = True
    for _ in range(6):
        ids.take(1)
        await settle()
    assert len(segments.asked) == 2
    clock.advance(Leaf.RETRY_S)
    ids.take(1)
    await settle()
    assert len(segments.asked) == 3


async def test_who_gives_up_waiting_does_not_harm_the_others(
    segments: Segments, clock: ManualClock
) -> None:
    ids = leaf(segments, clock)
    segments.open.clear()
    waiting = [asyncio.ensure_future(ids.reserve(1)) for _ in range(3)]
    await settle()
    waiting[0].cancel()
    await settle()
    segments.open.set()
    assert [await waiting[1], await waiting[2]] == [range(1, 2), range(2, 3)]
    assert len(segments.asked) == 1


async def test_whoever_finds_a_fetched_segment_used_up_fetches_another(
    segments: Segments, clock: ManualClock
) -> None:
    ids = leaf(segments, clock, step=1)
    segments.open.clear()

    async def two_at_once() -> list[int]:
        # Woken right after the fetch: it is done, but nobody was told of it yet.
        await segments.open.wait()
        return [*await ids.reserve(1), *await ids.reserve(1)]

    first = asyncio.create_task(ids.reserve(1))
    await settle()
    quick = asyncio.create_task(two_at_once())
    await settle()
    segments.open.set()
    assert sorted([*await first, *await quick]) == [1, 2, 3]


async def test_a_sequence_ends_below_2_to_the_53(clock: ManualClock) -> None:
    ids = leaf(Segments(start=MAX_ID - 9), clock)
    assert (await ids.reserve(10))[-1] == MAX_ID
    await ids.close()
    with pytest.raises(StoreUnavailableError, match="used up"):
        await ids.reserve(1)


@pytest.mark.parametrize("steps", [(0, 0, 5), (5, 3, 9), (5, 9, 8)])
def test_impossible_steps_are_refused(
    segments: Segments, clock: ManualClock, steps: tuple[int, ...]
) -> None:
    smallest, step, largest = steps
    with pytest.raises(ValueError, match="steps"):
        Leaf(segments, "mid", clock, step=step, smallest=smallest, largest=largest)


# --- Snowflake ----------------------------------------------------------------------------------------------


def taken(ids: Snowflake, count: int = 1) -> range:
    part = ids.take(count)
    assert part is not None
    assert len(part) == count
    return part


def test_a_snowflake_tells_time_and_node(clock: ManualClock) -> None:
    (id_,) = taken(Snowflake(clock, 21))
    assert id_ >> 12 == clock.now_ms() - SNOWFLAKE_EPOCH_MS
    assert id_ & MAX_NODE == 21


def test_snowflakes_ascend_over_any_number_of_ids(clock: ManualClock) -> None:
    ids = Snowflake(clock, 3)
    flat: list[int] = []
    for n in range(200):
        flat += taken(ids, n + 1)
        clock.advance(0.001)
    assert flat == sorted(set(flat))
    assert {id_ & MAX_NODE for id_ in flat} == {3}


def test_two_nodes_never_make_the_same_id(clock: ManualClock) -> None:
    one, other = Snowflake(clock, 0), Snowflake(clock, MAX_NODE)
    assert not set(taken(one, 1000)) & set(taken(other, 1000))


@pytest.mark.parametrize("step_ms", [-3_600_000, -1, 3_600_000])
def test_snowflakes_ascend_when_the_clock_steps(clock: ManualClock, step_ms: int) -> None:
    ids = Snowflake(clock, 1)
    last = taken(ids, 500)[-1]
    clock.step(step_ms)
    for _ in range(100):
        part = taken(ids, 100)
        assert part[0] > last
        last = part[-1]
        clock.advance(0.01)


def test_a_step_back_does_not_lower_the_rate(clock: ManualClock) -> None:
    ids = Snowflake(clock, 1)
    taken(ids)
    clock.step(-3_600_000)
    for _ in range(20):
        clock.advance(1)
        taken(ids, 100_000)


def test_a_restart_goes_on_above_what_is_stored(clock: ManualClock) -> None:
    highest = taken(Snowflake(clock, 1), 100)[-1]
    clock.step(-3_600_000)
    ids = Snowflake(clock, 2, floor=highest)
    assert taken(ids, 100_000)[0] > highest
    clock.advance(1)
    taken(ids, 100_000)


async def test_ids_borrow_from_the_near_future_only(clock: ManualClock) -> None:
    ids = Snowflake(clock, 1)
    room = 128 * Snowflake.MAX_AHEAD_MS
    taken(ids, room)
    assert ids.take(1) is None
    with pytest.raises(StoreUnavailableError):
        await ids.reserve(1)
    clock.advance(0.001)
    assert len(await ids.reserve(128)) == 128
    assert ids.take(1) is None


def test_snowflakes_end_below_2_to_the_53() -> None:
    clock = ManualClock(SNOWFLAKE_EPOCH_MS + 2**41 - 1)
    ids = Snowflake(clock, MAX_NODE)
    assert taken(ids, 127)[-1] <= MAX_ID
    assert ids.take(2) is None


@pytest.mark.parametrize("node", [-1, MAX_NODE + 1])
def test_impossible_nodes_are_refused(clock: ManualClock, node: int) -> None:
    with pytest.raises(ValueError, match="node"):
        Snowflake(clock, node)


async def test_both_sources_serve_as_one_port(segments: Segments, clock: ManualClock) -> None:
    for ids in (leaf(segments, clock), Snowflake(clock, 1)):
        assert len(ids.take(7) or await ids.reserve(7)) == 7
