"""When a token is refreshed."""

from __future__ import annotations

from glideim.client import Credentials, RequestFailed
from glideim.client.refresh import Refresher

from .world import START_MS, ManualTimers

DAY = 24 * 3600


class Office:
    """Hands out tokens, or does not."""

    def __init__(self, timers: ManualTimers) -> None:
        self.timers = timers
        self.asked_at: list[float] = []
        self.closed = False

    async def refresh(self) -> Credentials:
        self.asked_at.append(self.timers.monotonic())
        if self.closed:
            raise RequestFailed("unavailable", "not now")
        now = self.timers.now_ms()
        return Credentials(1, f"t{len(self.asked_at)}", now, now + 30 * DAY * 1000)


async def test_at_half_of_its_life_again_and_again(timers: ManualTimers) -> None:
    office = Office(timers)
    refresher = Refresher(timers, office.refresh)
    refresher.watch(Credentials(1, "t", START_MS, START_MS + 30 * DAY * 1000))
    await timers.advance(15 * DAY - 1)
    assert office.asked_at == []
    await timers.advance(31 * DAY)
    assert office.asked_at == [15 * DAY, 30 * DAY, 45 * DAY]
    refresher.stop()
    assert timers.armed == 0


async def test_a_refusal_is_followed_by_another_try_a_minute_later(timers: ManualTimers) -> None:
    office = Office(timers)
    office.closed = True
    refresher = Refresher(timers, office.refresh)
    refresher.watch(Credentials(1, "t", START_MS, START_MS + 2000))
    await timers.advance(130)
    assert office.asked_at == [1, 61, 121]
    refresher.stop()


async def test_one_that_should_have_been_refreshed_long_ago_is_at_once(
    timers: ManualTimers,
) -> None:
    office = Office(timers)
    refresher = Refresher(timers, office.refresh)
    refresher.watch(Credentials(1, "t", START_MS - 1000 * DAY * 1000, START_MS + 1000))
    await timers.advance(0.1)
    assert office.asked_at == [0]
    refresher.stop()


async def test_one_of_unknown_life_is_left_alone(timers: ManualTimers) -> None:
    office = Office(timers)
    refresher = Refresher(timers, office.refresh)
    refresher.watch(Credentials(1, "t"))
    await timers.advance(100 * DAY)
    assert office.asked_at == []
