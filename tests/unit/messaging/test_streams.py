"""Messages that grow: order, late joiners, and every way in which they end."""

from __future__ import annotations

from typing import Any

from glideim.dispatch.ports import Item, Origin, Push
from glideim.group import decide
from glideim.group.ports import Group
from glideim.kernel.clock import ManualClock
from glideim.messaging.ports import MessageStatus, Rewrite
from glideim.messaging.streams import IDLE_MS, STEPS_MOST
from glideim.protocol.records import Message
from glideim.protocol.social import Stream
from tests.support.messaging import World, settle

CONV = "c:1:2"
HERE = Origin("n", 7)
LATE = Origin("n", 8)


async def step(
    world: World, op: str, content: str = "", *, number: int = 5, **more: Any
) -> list[Item]:
    """One step of stream `s` of person 1 to person 2; what went out because of it."""
    world.service.stream(
        1, HERE, number, Stream(to=2, stream_id="s", op=op, content=content, **more)
    )
    await settle(100)
    return world.dispatch.take()


def steps(items: list[Item]) -> list[tuple[str, str, int]]:
    return [
        (i.envelope.data.op, i.envelope.data.content, i.envelope.data.offset)
        for i in items
        if i.envelope.action == "message.stream"
    ]


def answers(items: list[Item]) -> list[str]:
    return [i.envelope.action for i in items if i.envelope.seq]


def code(items: list[Item]) -> str:
    failed = [i for i in items if i.envelope.action == "message.failed.send" and i.envelope.seq]
    (found,) = [item.envelope.data.code for item in failed]
    return str(found)


async def stored(world: World) -> Message:
    (message,) = (await world.service.history(2, CONV, 0, None, 0)).items
    return message


async def test_a_message_grows_and_becomes_a_normal_one() -> None:
    async with World() as world:
        opened = await step(world, "open", type=11)
        assert answers(opened) == ["ack.message"]
        assert steps(opened) == [("open", "", 0)]
        assert steps(await step(world, "delta", "Hel")) == [("delta", "Hel", 0)]
        assert steps(await step(world, "delta", "lo", offset=3)) == [("delta", "lo", 3)]
        growing = await stored(world)
        assert (growing.content, growing.status, growing.seq, growing.type) == ("Hello", 4, 1, 11)
        finished = await step(world, "finish", "!")
        assert answers(finished) == ["ack.message"]
        assert steps(finished) == [("delta", "!", 5), ("finish", "Hello!", 0)]
        whole = await stored(world)
        assert (whole.content, whole.status, whole.mid) == ("Hello!", 0, growing.mid)


async def test_steps_need_not_wait_for_the_answer_to_open() -> None:
    async with World() as world:
        for op, content in (("open", ""), ("delta", "a"), ("delta", "b"), ("finish", "c")):
            data = Stream(to=2, stream_id="s", op=op, content=content)
            world.service.stream(1, HERE, 5, data)
        await settle(200)
        assert steps(world.dispatch.take()) == [
            ("open", "", 0), ("delta", "a", 0), ("delta", "b", 1), ("delta", "c", 2), ("finish", "abc", 0),
        ]  # fmt: skip
        assert (await stored(world)).content == "abc"


async def test_what_is_there_is_not_appended_again_and_holes_are_refused() -> None:
    async with World() as world:
        await step(world, "open", "abc")
        assert steps(await step(world, "delta", "bcd", offset=1)) == [("delta", "d", 3)]
        assert steps(await step(world, "delta", "cd", offset=2)) == []
        assert code(await step(world, "delta", "x", offset=9)) == "bad_request"
        assert (await stored(world)).content == "abcd"


async def test_a_device_that_comes_late_gets_the_text_so_far() -> None:
    async with World() as world:
        await step(world, "open")
        await step(world, "delta", "so far")
        world.service.signed_in(2, LATE)
        world.service.signed_in(3, Origin("n", 9))
        await settle()
        (item,) = world.dispatch.take()
        assert getattr(item, "to", None) == LATE
        assert (item.envelope.data.op, item.envelope.data.content) == ("open", "so far")


async def test_cancelling_takes_the_message_back_and_leaves_no_hole() -> None:
    async with World() as world:
        await step(world, "open")
        cancelled = await step(world, "cancel")
        assert answers(cancelled) == ["ack.message"]
        assert steps(cancelled) == [("cancel", "", 0)]
        message = await stored(world)
        assert (message.seq, message.content, message.status) == (1, None, 1)
        assert code(await step(world, "delta", "x")) == "not_found"


async def test_what_nobody_continues_is_cancelled() -> None:
    async with World() as world:
        await step(world, "open")
        world.clock.advance(IDLE_MS / 1000 - 1)
        await world.service.sweep()
        assert (await stored(world)).status == 4
        world.clock.advance(1)
        await world.service.sweep()
        assert (await stored(world)).status == 1
        assert steps(world.dispatch.take()) == [("cancel", "", 0)]


async def test_a_crash_in_the_middle_leaves_a_cancelled_message() -> None:
    async with World() as world:
        await step(world, "open")
        await step(world, "delta", "lost")
        restarted = world.new_service()
        assert await restarted.recover() == 1
        assert await restarted.recover() == 0
        (message,) = (await restarted.history(2, CONV, 0, None, 0)).items
        assert (message.status, message.content) == (1, None)


async def test_what_is_refused() -> None:
    async with World() as world:
        assert code(await step(world, "open", conv="c:8:9")) == "not_found"
        assert code(await step(world, "open", conv="g:5")) == "not_member"
        assert code(await step(world, "grow")) == "bad_request"
        assert code(await step(world, "finish")) == "not_found"
        await step(world, "open")
        assert code(await step(world, "open")) == "conflict"
        assert code(await step(world, "delta", "x" * 40_000)) == "too_large"
        world.service.stream(2, HERE, 5, Stream(stream_id="s", op="finish"))
        assert code(world.dispatch.take()) == "not_found"


async def test_messages_that_grow_are_bounded_for_each_person() -> None:
    async with World() as world:
        for n in range(17):
            world.service.stream(1, HERE, n + 1, Stream(to=2, stream_id=f"s{n}", op="open"))
        await settle(300)
        assert code(world.dispatch.take()) == "rate_limited"


async def test_steps_that_wait_are_bounded_in_number_also_when_they_are_empty() -> None:
    async with World() as world:
        for number, op in enumerate(("open", *["delta"] * (STEPS_MOST + 1)), 5):
            world.service.stream(1, HERE, number, Stream(to=2, stream_id="s", op=op, content=""))
        assert code(world.dispatch.take()) == "rate_limited"
        assert world.service.statistics()["stream_steps_refused_total"] == 1
        await settle(100 * STEPS_MOST)
        world.dispatch.take()
        assert steps(await step(world, "delta", "Hello")) == [("delta", "Hello", 0)]
        for number in range(5, STEPS_MOST + 6):
            world.service.stream(1, HERE, number, Stream(to=2, stream_id="s", op="delta"))
        assert code(world.dispatch.take()) == "rate_limited"


async def test_the_end_may_carry_the_last_piece_or_the_whole_text() -> None:
    for content, more in (
        ("lo", {}),
        ("lo", {"offset": 3}),
        ("Hello", {}),
        ("Hello", {"offset": 0}),
    ):
        async with World() as world:
            await step(world, "open")
            await step(world, "delta", "Hel", offset=0)
            await step(world, "finish", content, **more)
            assert (await stored(world)).content == "Hello", (content, more)


async def grown_in_group(world: World, history: str = "join") -> None:
    """Person 3, a member of group 5 with admin 2 and owner 1, has said the beginning of something."""
    new = Group(gid=5, name="Team", owner=1, history=history, created_at=world.clock.now_ms())
    await world.service.change(5, 1, lambda _state, seq: decide.create(new, [2, 3], seq))
    await in_group(world, "open")
    await in_group(world, "delta", "begun")


async def in_group(world: World, op: str, content: str = "") -> list[Item]:
    step = Stream(conv="g:5", to=5, stream_id="s", op=op, content=content)
    world.service.stream(3, HERE, 5, step)
    await settle(100)
    return world.dispatch.take()


async def last(world: World, conv: str, uid: int) -> Message:
    return (await world.service.history(uid, conv, 0, None, 0)).items[-1]


async def test_whoever_was_removed_muted_or_blocked_meanwhile_has_said_nothing() -> None:
    now = ManualClock().now_ms()
    for change, expected in (
        (lambda state, _seq: decide.remove(state, 1, 3), "not_member"),
        (lambda state, _seq: decide.mute(state, 1, 3, now + 60_000, now), "muted"),
    ):
        async with World() as world:
            await grown_in_group(world)
            await world.service.change(5, 1, change)
            ended = await in_group(world, "finish", " secret")
            assert code(ended) == expected
            assert ("cancel", "", 0) in steps(ended)
            message = (await world.service.history(1, "g:5", 1, 3, 0)).items[0]
            assert (message.status, message.content) == (1, None)
            assert len(world.service._streams) == 0
    async with World() as world:
        await step(world, "open")
        await step(world, "delta", "begun")
        world.relations.blocked.add((1, 2))
        refused = await step(world, "delta", " secret")
        assert code(refused) == "blocked"
        assert ("delta", " secret", 5) not in steps(refused)
        assert (await stored(world)).status == 1


async def test_a_recall_ends_it_and_its_text_is_gone() -> None:
    async with World() as world:
        await step(world, "open")
        await step(world, "delta", "secret")
        await world.service.recall(1, CONV, 1)
        world.dispatch.take()
        for op in ("delta", "finish", "cancel"):
            after = await step(world, op, "more" if op != "cancel" else "")
            assert code(after) == "not_found"
            assert steps(after) == []
        assert ((await stored(world)).content, (await stored(world)).status) == (None, 1)


async def test_a_group_that_is_gone_keeps_nobody_from_being_swept() -> None:
    async with World() as world:
        await grown_in_group(world)
        await step(world, "open")
        await world.service.change(5, 1, lambda state, _seq: decide.dissolve(state, 1))
        world.clock.advance(IDLE_MS / 1000)
        await world.service.sweep()
        assert (await stored(world)).status == 1
        assert len(world.service._streams) == 0


async def test_who_came_later_sees_nothing_of_what_was_begun_before() -> None:
    for history, told in (("join", {1, 2, 3}), ("all", {1, 2, 3, 4})):
        async with World() as world:
            await grown_in_group(world, history)
            await world.service.change(5, 1, lambda state, seq: decide.add(state, 1, [4], 0, seq))
            world.dispatch.take()
            ended = await in_group(world, "finish", " and done")
            pushes = [
                i for i in ended if isinstance(i, Push) and i.envelope.action == "message.stream"
            ]
            assert pushes and all(set(push.uids) == told for push in pushes)
            await world.service.edit(3, "g:5", 2, "changed")
            (edit,) = [i for i in world.dispatch.take() if i.envelope.action == "message.edit"]
            assert isinstance(edit, Push) and set(edit.uids) == told


async def test_an_expired_message_grows_no_more() -> None:
    async with World() as world:
        await world.messages.set_expiry(CONV, 1)
        await step(world, "open", "seen")
        world.clock.advance(2)
        await world.service.sweep()
        world.dispatch.take()
        out = await step(world, "finish", "more")
        assert (code(out), steps(out)) == ("not_found", [])
        assert (await stored(world)).status == 3


async def test_a_finish_that_comes_too_late_is_not_acknowledged() -> None:
    async with World() as world:
        await step(world, "open", "seen")
        await world.messages.rewrite(
            [Rewrite(CONV, 1, None, MessageStatus.RECALLED, (MessageStatus.GROWING,))]
        )
        assert code(await step(world, "finish")) == "not_found"
        assert world.service.statistics()["streams"] == 0


async def test_steps_that_wait_for_an_open_that_is_refused_are_answered() -> None:
    async with World() as world:
        for number, op in ((5, "open"), (6, "finish")):
            data = Stream(conv="g:5", stream_id="s", op=op, content="x")
            world.service.stream(1, HERE, number, data)
        await settle(100)
        failed = world.dispatch.take_named("message.failed.send")
        codes = {
            item.envelope.seq: str(item.envelope.data.code) for item in failed if item.envelope.seq
        }
        assert codes == {5: "not_member", 6: "not_found"}
