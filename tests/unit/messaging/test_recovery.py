"""After a crash, before anybody connects."""

from __future__ import annotations

from functools import partial

from glideim.group import decide
from glideim.group.ports import Group
from glideim.messaging.service import MessagingService
from glideim.protocol.records import Message
from tests.support.messaging import World, send


async def unread(service: MessagingService, uid: int) -> dict[str, tuple[int, int]]:
    listed = (await service.inbox.list(uid, "", 0)).items
    return {c.conv: (c.read_seq, c.unread) for c in listed}


async def test_ones_own_messages_are_read_whatever_a_crash_forgot() -> None:
    async with World() as world:
        new = Group(gid=5, name="Team", owner=1, created_at=world.clock.now_ms())
        await world.service.change(5, 1, lambda _, seq: decide.create(new, [2], seq))
        say = partial(Message, conv="g:5", type=1, content="hi")
        await world.service.send(1, say(cli_mid="g"))
        await world.send(send(1, 2, "a"), send(2, 1, "b"), send(1, 2, "c"), send(2, 1, "d"))
        crashed = world.new_service()  # knows only what was stored
        assert await unread(crashed, 1) != await unread(world.service, 1)
        again = world.new_service()
        await again.recover()
        for uid in (1, 2):
            assert await unread(again, uid) == await unread(world.service, uid)
        assert (await unread(again, 1))["c:1:2"] == (3, 1)
