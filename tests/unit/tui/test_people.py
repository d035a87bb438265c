from __future__ import annotations

from glideim.client import Presence
from glideim.tui.people import People
from tests.unit.client.world import ManualTimers, World, settle


async def test_names_are_asked_for_once(world: World, timers: ManualTimers) -> None:
    async with world.client(1) as client:
        await settle()
        people = People(client, timers.now_ms)
        assert (people.name(1), people.name(2), people.name(9)) == ("me", "#2", "#9")
        unknown = people.has_unknown
        assert unknown
        assert await people.learn([3])
        assert [people.name(uid) for uid in (2, 3, 9)] == ["bob", "carol", "#9"]
        assert not people.has_unknown, "who does not exist is not asked for again"
        people.remark(2, "Bobby")
        assert people.name(2) == "Bobby"
        people.remark(2, "")
        assert people.name(2) == "bob"


async def test_typing_is_shown_for_a_while(world: World, timers: ManualTimers) -> None:
    async with world.client(1) as client:
        await settle()
        people = People(client, timers.now_ms)
        await people.learn([2, 3])
        people.types("g:7", 2)
        people.types("g:7", 3)
        people.types("g:7", 1)
        assert people.typing("g:7") == ["bob", "carol"]
        assert people.typing("g:8") == []
        people.said("g:7", 3)
        await timers.advance(4.9)
        assert people.typing("g:7") == ["bob"]
        await timers.advance(0.2)
        assert people.typing("g:7") == []


async def test_who_is_there(world: World, timers: ManualTimers) -> None:
    async with world.client(1) as client:
        await settle()
        people = People(client, timers.now_ms)
        assert not people.is_there(2)
        people.came_or_went(Presence(2, True, (1,), 1))
        assert people.is_there(2)
        people.came_or_went(Presence(2, False, (), 2))
        assert not people.is_there(2)
