"""Following the log."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from glideim.kernel.errors import StoreUnavailableError
from glideim.protocol.records import Message
from glideim.push.follower import (
    AFTER_FAILURE,
    BATCH,
    GATHER,
    GROWING,
    LOOKS_BETWEEN,
    Follower,
    Outcome,
)  # fmt: skip
from glideim.push.ports import Delivery
from tests.support.hooks import HookWorld, said, until


class Seen:
    """Remembers what it was handed; fails when told to."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.failures = 0
        self.stored: list[Outcome] = []

    async def handle(self, batch: Sequence[Message]) -> Outcome:
        self.batches.append([message.mid for message in batch])
        if self.failures:
            self.failures -= 1
            raise ValueError("a mistake")
        return Outcome([Delivery(9, f"d-{batch[-1].mid}", "e", "{}", 1)])


def follower(world: HookWorld, seen: Seen) -> Follower:
    return Follower(
        "f", world.log, world.store, seen.handle, stored=seen.stored.append, pause=world.pause
    )


async def test_it_begins_at_the_end_of_the_log() -> None:
    world, seen = HookWorld(), Seen()
    world.log.messages = [said(4), said(5)]
    await follower(world, seen).begin()
    world.log.messages.append(said(6))
    # Another one, as after a restart: it goes on where the first began.
    assert await follower(world, seen).step() is True
    assert seen.batches == [[6]]


async def test_it_goes_on_where_it_stopped() -> None:
    world, seen = HookWorld(), Seen()
    await world.store.advance("f", 0)
    world.log.messages = [said(mid) for mid in range(1, BATCH + 4)]
    first = follower(world, seen)
    assert await first.step() is True
    assert await follower(world, seen).step() is True
    assert seen.batches == [list(range(1, BATCH + 1)), [BATCH + 1, BATCH + 2, BATCH + 3]]
    assert await follower(world, seen).step() is False
    assert first.cursor == BATCH


async def test_what_came_of_a_batch_is_kept_with_the_cursor_and_then_told() -> None:
    world, seen = HookWorld(), Seen()
    await world.store.advance("f", 0)
    world.log.messages = [said(3)]
    await follower(world, seen).step()
    assert [d.ident for d in await world.store.waiting(9, 5)] == ["d-3"]
    assert await world.store.cursor("f") == 3
    assert len(seen.stored) == 1


async def test_a_failing_store_and_a_mistake_are_survived_and_nothing_is_skipped() -> None:
    world, seen = HookWorld(), Seen()
    await world.store.advance("f", 0)
    world.log.messages = [said(1)]
    world.log.failures.append(StoreUnavailableError("disk full"))
    seen.failures = 1
    one = follower(world, seen)
    task = asyncio.create_task(one.run())
    await until(lambda: one.cursor == 1)
    world.log.messages.append(said(2))
    one.poke()
    await until(lambda: one.cursor == 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert seen.batches == [[1], [1], [2]]
    assert world.pauses == [AFTER_FAILURE, AFTER_FAILURE, GATHER]


async def test_a_growing_message_is_handled_when_it_is_whole() -> None:
    world, seen = HookWorld(), Seen()
    await world.store.advance("f", 0)
    world.log.messages = [said(1), said(2, status=GROWING), said(3)]
    one = follower(world, seen)
    assert await one.step() is True
    assert await one.step() is False
    assert seen.batches == [[1, 3]]
    world.log.messages[1] = said(2, content="the whole answer")
    # Another one, as after a restart.
    assert await follower(world, seen).step() is False
    assert seen.batches == [[1, 3], [2]]
    assert await follower(world, seen).step() is False
    assert seen.batches == [[1, 3], [2]]
    assert await world.store.cursor("f") == 3


async def test_growing_messages_are_looked_after_while_the_log_is_busy() -> None:
    world, seen = HookWorld(), Seen()
    await world.store.advance("f", 0)
    world.log.messages = [said(1, status=GROWING)]
    one = follower(world, seen)
    await one.step()
    assert seen.batches == []
    world.log.messages = [said(mid) for mid in range(1, BATCH * LOOKS_BETWEEN + 2)]
    for _ in range(LOOKS_BETWEEN):
        assert await one.step() is True
    assert [1] in seen.batches


async def test_a_stream_that_was_given_up_is_forgotten() -> None:
    world, seen = HookWorld(), Seen()
    await world.store.advance("f", 0)
    world.log.messages = [said(1, status=GROWING)]
    one = follower(world, seen)
    await one.step()
    world.log.messages = []
    await one.step()
    assert seen.batches == []
    assert dict(await world.store.waiting_counts()) == {}


async def test_news_that_come_with_the_end_do_not_keep_it_alive() -> None:
    for turns in range(6):
        world, seen = HookWorld(), Seen()
        followed = follower(world, seen)
        await followed.begin()
        running = asyncio.ensure_future(followed.run())
        for _ in range(20):  # until it waits for news
            await asyncio.sleep(0)
        followed.poke()
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(running, return_exceptions=True)
        assert running.cancelled(), turns
