"""What passes from client to client: where it goes, and whose is dropped."""

from __future__ import annotations

import pytest

from glideim.dispatch.ports import Origin
from glideim.group import decide
from glideim.group.ports import Group
from glideim.protocol.social import Transient
from tests.support.messaging import World, pushes, settle

HERE = Origin("n", 77)
ANNA, BOB, CARL, STRANGER = 1, 2, 3, 9


async def passed(world: World, uid: int, **asked: object) -> list[tuple[int, ...]]:
    """To whom something of somebody went."""
    world.dispatch.take()
    world.service.transient(uid, HERE, Transient(type=1, content="typing", **asked))  # type: ignore[arg-type]
    await settle()
    return [push.uids for push in pushes(world.dispatch.take(), "message.cli")]


async def found(world: World) -> None:
    new = Group(gid=5, name="g", owner=ANNA, created_at=world.clock.now_ms())
    await world.service.change(5, ANNA, lambda _, seq: decide.create(new, [BOB, CARL], seq))


async def test_what_is_sent_in_a_group_reaches_its_members() -> None:
    async with World() as world:
        await found(world)
        assert await passed(world, BOB, conv="g:5") == [(ANNA, BOB, CARL)]
        assert await passed(world, STRANGER, conv="g:5") == []
        assert world.service.statistics()["transients_dropped_total"] == 1


async def test_muted_members_signal_no_more_than_they_say() -> None:
    async with World() as world:
        await found(world)
        now = world.clock.now_ms()
        until = now + 60_000
        await world.service.change(5, ANNA, lambda s, _: decide.mute(s, ANNA, BOB, until, now))
        assert await passed(world, BOB, conv="g:5") == []
        assert len(await passed(world, CARL, conv="g:5")) == 1
        await world.service.change(5, ANNA, lambda s, _: decide.mute_all(s, ANNA, until, now))
        assert await passed(world, CARL, conv="g:5") == []
        assert len(await passed(world, ANNA, conv="g:5")) == 1
        world.clock.advance(61)
        assert len(await passed(world, BOB, conv="g:5")) == 1


@pytest.mark.parametrize("uid", [ANNA, BOB])
async def test_who_is_blocked_signals_nothing(uid: int) -> None:
    async with World() as world:
        world.relations.blocked.add((BOB, ANNA))
        other = ANNA + BOB - uid
        assert bool(await passed(world, uid, to=other)) is (uid == ANNA)
