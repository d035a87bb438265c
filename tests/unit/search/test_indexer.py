from __future__ import annotations

import asyncio

import pytest

from glideim.edge.memory.search import MemorySearch
from glideim.kernel.errors import StoreUnavailableError
from glideim.search.indexer import AFTER_FAILURE, BATCH, BUSY_PAUSE, POLL, Indexer, document
from glideim.search.ports import Cursors, Wanted
from glideim.search.text import parse
from tests.support.search import Messages
from tests.support.stores import message


class Pauses:
    """Records how long somebody wants to wait, and ends them after so many times."""

    def __init__(self, most: int) -> None:
        self.seconds: list[float] = []
        self._most = most

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if len(self.seconds) >= self._most:
            raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("busy", "seconds"), [(False, [0, 0, POLL]), (True, [BUSY_PAUSE, BUSY_PAUSE, POLL])]
)
async def test_steps_aside_while_others_are_busy(busy: bool, seconds: list[float]) -> None:
    messages, index, pauses = Messages(), MemorySearch(), Pauses(3)
    for mid in range(1, 2 * BATCH + 2):
        messages.add(mid)
    indexer = Indexer(index, messages, lambda: busy, pause=pauses)
    with pytest.raises(asyncio.CancelledError):
        await indexer.run()
    assert pauses.seconds == seconds
    assert await index.cursors() == Cursors(2 * BATCH + 1, 0)
    assert indexer.indexed == 2 * BATCH + 1


async def test_goes_on_where_the_index_is() -> None:
    messages, index = Messages(), MemorySearch()
    messages.add(1)
    messages.add(2)
    await index.put([], (), Cursors(1, 0))
    indexer = Indexer(index, messages, lambda: False)
    assert await indexer.step() is False
    assert indexer.indexed == 1


async def test_an_index_of_other_messages_is_made_anew() -> None:
    messages, index = Messages(), MemorySearch()
    messages.add(1)
    foreign = document(message(50, 50))
    assert foreign is not None
    await index.put([foreign], (), Cursors(50, 9))
    indexer = Indexer(index, messages, lambda: False)
    await indexer.step()
    assert await index.cursors() == Cursors(1, 0)
    assert indexer.rebuilt == 1
    found = await index.find(Wanted(1, parse("text")), 100, 10)
    assert found.hits == []


async def test_waits_when_the_index_fails_and_asks_it_anew() -> None:
    messages, index, pauses = Messages(), MemorySearch(), Pauses(1)
    messages.add(1)
    indexer = Indexer(index, messages, lambda: False, pause=pauses)
    await indexer.step()
    await index.close()
    messages.add(2)
    with pytest.raises(asyncio.CancelledError):
        await indexer.run()
    assert pauses.seconds == [AFTER_FAILURE]
    with pytest.raises(StoreUnavailableError):
        await indexer.step()


def test_what_is_not_indexed() -> None:
    assert document(message(1, 1, type=-1)) is None
    assert document(message(1, 1, status=1)) is None
    assert document(message(1, 1, status=3)) is None
    assert document(message(1, 1, content=None)) is None
