"""Recall, edit, react, pin: who may, until when, and who is told."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from glideim.dispatch.ports import Origin, Push
from glideim.group import decide
from glideim.group.ports import Group, Role
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Message
from glideim.protocol.social import Pin, React, Recall
from tests.support.messaging import World, pushes, send

CONV = "c:1:2"
HERE = Origin("n", 77)


async def chat(world: World) -> None:
    await world.send(send(1, 2, "m1"), send(2, 1, "m2"))


async def group(world: World) -> int:
    """Group 5 of owner 1, admin 2 and member 3; message 3 of it is from 3."""
    new = Group(gid=5, name="Team", owner=1, created_at=world.clock.now_ms())
    await world.service.change(5, 1, lambda _state, seq: decide.create(new, [2, 3], seq))
    await world.service.change(5, 1, lambda state, _seq: decide.set_role(state, 1, 2, Role.ADMIN))
    message = Message(cli_mid="g1", conv="g:5", type=1, content="hi")
    assert (await world.service.send(3, message)).seq == 3
    world.dispatch.take()
    return 5


async def refused(code: ErrorCode, work: Any) -> None:
    with pytest.raises(RequestError) as error:
        await work
    assert error.value.code == code


async def test_a_recall_erases_and_tells_everybody_once() -> None:
    async with World() as world:
        await chat(world)
        act = partial(world.service.act, 1, HERE, "message.chat.recall")
        answer = await act(Recall(CONV, 1))
        assert answer is not None
        assert (answer.data.recall_by, answer.data.mid) == (1, 1)
        (push,) = pushes(world.dispatch.take(), "message.chat.recall")
        assert set(push.uids) == {1, 2}
        assert push.skip == HERE
        (first, _) = (await world.service.history(2, CONV, 0, None, 0)).items
        assert (first.content, first.status) == (None, 1)
        again = await act(Recall(to=2, mid=1))
        assert again is not None and again.data.seq == 1
        assert pushes(world.dispatch.take(), "message.chat.recall") == []


async def test_who_may_not_recall() -> None:
    async with World() as world:
        await chat(world)
        recall = world.service.recall
        await refused(ErrorCode.FORBIDDEN, recall(2, CONV, 1))
        await refused(ErrorCode.NOT_FOUND, recall(3, CONV, 1))
        await refused(ErrorCode.NOT_FOUND, recall(1, CONV, 9))
        await refused(ErrorCode.NOT_FOUND, recall(1, "c:1:9", 1))
        world.clock.advance(121)
        await refused(ErrorCode.RECALL_EXPIRED, recall(1, CONV, 1))


async def test_admins_of_a_group_recall_at_any_time_and_events_stay() -> None:
    async with World() as world:
        await group(world)
        world.clock.advance(10_000)
        await refused(ErrorCode.RECALL_EXPIRED, world.service.recall(3, "g:5", 3))
        await refused(ErrorCode.NOT_FOUND, world.service.recall(1, "g:5", 1))
        await refused(ErrorCode.NOT_FOUND, world.service.recall(9, "g:5", 3))
        assert (await world.service.recall(2, "g:5", 3)).recall_by == 2
        (push,) = pushes(world.dispatch.take(), "message.group.recall")
        assert set(push.uids) == {1, 2, 3}


async def test_an_edit_within_its_window() -> None:
    async with World() as world:
        await chat(world)
        edited = await world.service.edit(1, CONV, 1, "better")
        assert (edited.content, edited.status, edited.seq) == ("better", 2, 1)
        (push,) = pushes(world.dispatch.take(), "message.edit")
        assert push.envelope.data == edited
        await refused(ErrorCode.FORBIDDEN, world.service.edit(2, CONV, 1, "mine"))
        await refused(ErrorCode.BAD_REQUEST, world.service.edit(1, CONV, 1, None))
        await refused(ErrorCode.TOO_LARGE, world.service.edit(1, CONV, 1, "x" * 40_000))
        await world.service.recall(1, CONV, 1)
        await refused(ErrorCode.NOT_FOUND, world.service.edit(1, CONV, 1, "back"))
        world.clock.advance(901)
        await refused(ErrorCode.RECALL_EXPIRED, world.service.edit(2, CONV, 2, "late"))


async def test_a_send_that_was_edited_is_still_answered_the_same() -> None:
    async with World() as world:
        await chat(world)
        await world.service.edit(1, CONV, 1, "better")
        other = world.new_service()
        other.start()
        again = send(1, 2, "m1", action="message.chat.retry")
        items = await world.send(again, service=other)
        await other.stop()
        acks = [i.envelope.data for i in items if i.envelope.action == "ack.message"]
        assert [(ack.mid, ack.seq) for ack in acks] == [(1, 1)]


async def test_reactions_are_counted_and_told_when_they_change_anything() -> None:
    async with World() as world:
        await chat(world)
        react = world.service.react
        assert (await react(2, React(CONV, 1, "+", True))).count == 1
        assert (await react(1, React(CONV, 1, "+", True))).count == 2
        assert len(pushes(world.dispatch.take(), "notify.react")) == 2
        assert (await react(1, React(CONV, 1, "+", True))).count == 2
        assert (await react(1, React(CONV, 1, "-", False))).count == 0
        assert pushes(world.dispatch.take(), "notify.react") == []
        await refused(ErrorCode.BAD_REQUEST, react(1, React(CONV, 1, "", True)))
        await refused(ErrorCode.BAD_REQUEST, react(1, React(CONV, 1, "x" * 33, True)))
        await refused(ErrorCode.NOT_FOUND, react(3, React(CONV, 1, "+", True)))
        for n in range(49):
            await react(1, React(CONV, 1, f"k{n}", True))
        await refused(ErrorCode.TOO_LARGE, react(1, React(CONV, 1, "one more", True)))


async def test_pins_of_two_people_and_of_groups() -> None:
    async with World() as world:
        await chat(world)
        pin = world.service.pin
        await pin(2, Pin(CONV, 1, True))
        (push,) = pushes(world.dispatch.take(), "notify.pin")
        assert isinstance(push, Push) and set(push.uids) == {1, 2}
        assert [m.seq for m in (await world.service.inbox.pins(1, CONV)).items] == [1]
        await group(world)
        await refused(ErrorCode.FORBIDDEN, pin(3, Pin("g:5", 3, True)))
        await refused(ErrorCode.NOT_FOUND, pin(9, Pin("g:5", 3, True)))
        assert (await pin(2, Pin("g:5", 3, True))).on
        assert [m.seq for m in (await world.service.inbox.pins(3, "g:5")).items] == [3]


async def test_who_may_not_write_to_somebody_may_not_pin_there() -> None:
    async with World() as world:
        await chat(world)
        world.relations.blocked.add((2, 1))
        await refused(ErrorCode.BLOCKED, world.service.pin(2, Pin(CONV, 1, True)))
        await refused(ErrorCode.BLOCKED, world.service.pin(2, Pin(CONV, 1, False)))
        assert pushes(world.dispatch.take(), "notify.pin") == []
        assert (await world.service.pin(1, Pin(CONV, 1, True))).on


async def test_who_may_not_write_may_neither_edit_nor_react() -> None:
    async with World() as world:
        await chat(world)
        world.relations.blocked.add((1, 2))
        await refused(ErrorCode.BLOCKED, world.service.edit(1, CONV, 1, "read this instead"))
        await refused(ErrorCode.BLOCKED, world.service.react(1, React(CONV, 2, "+", True)))
        await group(world)
        now = world.clock.now_ms()
        await world.service.change(
            5, 1, lambda state, _: decide.mute(state, 1, 3, now + 60_000, now)
        )
        await refused(ErrorCode.MUTED, world.service.edit(3, "g:5", 3, "read this instead"))
        await refused(ErrorCode.MUTED, world.service.react(3, React("g:5", 3, "+", True)))
        assert pushes(world.dispatch.take(), "message.edit") == []
