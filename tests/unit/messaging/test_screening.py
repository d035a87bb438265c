"""Screening before messages get their place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest
from msgspec.structs import replace

from glideim.dispatch.ports import Item, Origin
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.messaging.conversations import RecentSends
from glideim.messaging.ports import Refused, Send
from glideim.messaging.screening import CHANGED, Screening
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Message
from glideim.protocol.social import Stream
from tests.support.messaging import World, replies, send, settle

Decide = Callable[[Message], Message | Refused]


def pass_all(message: Message) -> Message | Refused:
    return message


class Gate:
    """A screen that answers when it is opened."""

    def __init__(self, decide: Decide = pass_all) -> None:
        self.decide = decide
        self.asked: list[list[Message]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def screen(self, messages: Sequence[Message]) -> Sequence[Message | Refused]:
        self.asked.append(list(messages))
        await self.open.wait()
        return [self.decide(message) for message in messages]


class Taker:
    """Takes what passed, as far as there is room."""

    def __init__(self, room: int = 1000) -> None:
        self.taken: list[Send] = []
        self.room = room

    def submit(self, sends: Sequence[Send]) -> int:
        some = sends[: self.room - len(self.taken)]
        self.taken.extend(some)
        return len(some)


def stage(world: World, gate: Gate, taker: Taker, limit: int = 100) -> Screening:
    return Screening(
        gate, taker, world.dispatch, limit, recent=RecentSends(100), store=world.messages
    )


def codes(items: Sequence[Item]) -> list[str]:
    return [reply.code for reply in replies(items)]


async def test_what_comes_meanwhile_is_asked_about_together_and_stays_in_order() -> None:
    world, gate, taker = World(), Gate(), Taker()
    gate.open.clear()
    screening = stage(world, gate, taker)
    assert screening.submit([send(1, 2, "a")]) == 1
    await settle()
    assert screening.submit([send(1, 2, "b"), send(3, 2, "c")]) == 2
    assert screening.submit([send(1, 2, "d")]) == 1
    assert len(screening) == 3
    gate.open.set()
    await screening.stop()
    assert [[m.cli_mid for m in asked] for asked in gate.asked] == [["a"], ["b", "c", "d"]]
    assert [s.message.cli_mid for s in taker.taken] == ["a", "b", "c", "d"]
    assert (gate.asked[0][0].from_, gate.asked[0][0].conv) == (1, "c:1:2")
    assert screening.submit([send(1, 2, "late")]) == 0


async def test_refusals_are_answered_and_changes_go_on() -> None:
    def decide(message: Message) -> Message | Refused:
        if message.content == "bad":
            return Refused(ErrorCode.FORBIDDEN, "no")
        return replace(message, content="***")

    world, gate, taker = World(), Gate(decide), Taker()
    screening = stage(world, gate, taker)
    screening.submit([send(1, 2, "a", "bad"), send(1, 2, "b", "rude")])
    await screening.stop()
    (passed,) = taker.taken
    assert (passed.message.content, passed.message.extra) == ("***", {CHANGED: "changed"})
    assert passed.message.from_ == 0
    (refusal,) = replies(world.dispatch.take())
    assert (refusal.code, refusal.message, refusal.cli_mid) == ("forbidden", "no", "a")


async def test_what_cannot_be_sent_anyway_is_not_asked_about() -> None:
    world, gate, taker = World(), Gate(), Taker()
    screening = stage(world, gate, taker)
    screening.submit([send(1, 2, ""), send(1, 2, "stream", status=4)])
    await screening.stop()
    assert gate.asked == []
    assert len(taker.taken) == 2


async def test_room_is_bounded_and_what_the_next_cannot_take_is_refused() -> None:
    world, gate, taker = World(), Gate(), Taker(room=1)
    gate.open.clear()
    screening = stage(world, gate, taker, limit=2)
    assert screening.submit([send(1, 2, str(n)) for n in range(4)]) == 2
    gate.open.set()
    await screening.stop()
    assert len(taker.taken) == 1
    assert codes(world.dispatch.take()) == ["unavailable"]


async def test_a_failing_store_and_a_failing_screen_answer_everybody() -> None:
    world, taker = World(), Taker()
    caught: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: caught.append(context["message"]))

    def explode(message: Message) -> Message | Refused:
        if message.cli_mid == "disk":
            raise StoreUnavailableError("disk full")
        raise ValueError("a mistake")

    screening = stage(world, Gate(explode), taker)
    screening.submit([send(1, 2, "disk")])
    await settle()
    screening.submit([send(1, 2, "mistake")])
    await screening.stop()
    assert codes(world.dispatch.take()) == ["unavailable", "internal"]
    assert caught == ["a batch of sends was not screened"]
    assert taker.taken == []


async def test_a_retry_of_what_was_accepted_is_not_asked_about_and_answered_alike() -> None:
    def shout(message: Message) -> Message | Refused:
        return replace(message, content=str(message.content).upper())

    async with World() as world:
        gate = Gate(shout)
        world.service.screened_by(gate)
        (ack,) = replies(await world.send(send(1, 2, "a", "hi")))
        gate.decide = lambda _message: Refused(ErrorCode.FORBIDDEN, "no more")
        retry = send(1, 2, "a", "hi", action="message.chat.retry")
        assert replies(await world.send(retry)) == [ack]
        # Another owner of the store remembers nothing: the database tells.
        other = world.new_service()
        other.start()
        other.screened_by(gate)
        again = send(1, 2, "a", "hi", action="message.chat.retry")
        assert replies(await world.send(again, service=other)) == [ack]
        await other.stop()
        assert len(gate.asked) == 1
        (stored,) = await world.messages.history("c:1:2", 0, 99, 10, latest=False)
        assert stored.content == "HI"


async def test_twins_in_one_batch_are_one_message() -> None:
    def shout(message: Message) -> Message | Refused:
        return replace(message, content=str(message.content).upper())

    async with World() as world:
        world.service.screened_by(Gate(shout))
        first, second = replies(await world.send(send(1, 2, "a", "hi"), send(1, 2, "a", "hi")))
        assert first == second


def moderate(message: Message) -> Message | Refused:
    if "bad" in str(message.content):
        return Refused(ErrorCode.FORBIDDEN, "no")
    return replace(message, content=str(message.content).upper())


async def content_of(world: World, seq: int) -> str | None:
    (message,) = await world.messages.history("c:1:2", seq - 1, seq + 1, 1, latest=False)
    return message.content


async def test_edits_are_asked_about() -> None:
    async with World() as world:
        await world.send(send(1, 2, "a", "hi"))
        world.service.screened_by(Gate(moderate))
        edited = await world.service.changes.edit(1, None, "c:1:2", 1, "hey")
        assert (edited.content, edited.status) == ("HEY", 2)
        with pytest.raises(RequestError) as refused:
            await world.service.changes.edit(1, None, "c:1:2", 1, "bad")
        assert refused.value.code is ErrorCode.FORBIDDEN
        assert await content_of(world, 1) == "HEY"


async def grown(world: World, stream_id: str, text: str) -> list[Item]:
    """What came of a stream, from its opening to its end."""
    origin = Origin("n", 77)
    before = len(world.dispatch.items)
    for number, (op, content) in enumerate(
        [("open", ""), ("delta", text), ("finish", "")], start=1
    ):
        step = Stream(to=2, stream_id=stream_id, op=op, content=content, type=1)
        world.service.stream(1, origin, number, step)
        await settle()
    return world.dispatch.items[before:]


async def test_texts_that_grew_are_asked_about_when_they_are_whole() -> None:
    async with World() as world:
        world.service.screened_by(Gate(moderate))
        await grown(world, "a", "hello")
        assert await content_of(world, 1) == "HELLO"
        items = await grown(world, "b", "bad words")
        assert await content_of(world, 2) is None
        assert "forbidden" in [getattr(item.envelope.data, "code", "") for item in items]
        told = [item.envelope.data for item in items if isinstance(item.envelope.data, Stream)]
        assert told[-1].op == "cancel"
