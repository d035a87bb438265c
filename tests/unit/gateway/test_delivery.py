"""Delivery to crowds: everybody gets what they would get one item after the other, in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from glideim.dispatch.ports import Item, Origin, Push, Reply
from glideim.gateway.connection import Connection
from glideim.gateway.delivery import CROWD, Delivery
from glideim.gateway.options import GatewayOptions
from glideim.gateway.registry import Registry
from glideim.gateway.turn import Turn
from glideim.messaging.ports import Confirm, MessagePath, Send
from glideim.protocol.codec import load_codec
from glideim.protocol.records import Envelope, Message
from glideim.protocol.states import State
from tests.support.wires import RecordingWire

NODE = "n"
CODECS = (load_codec("json"), load_codec("protobuf"))
PEOPLE = 2 * CROWD
GROUPS = (
    tuple(range(1, PEOPLE + 1)),
    tuple(range(CROWD, PEOPLE + CROWD)),
    (1, 2),
)
"""Two crowds that share people, and two people."""


class Nobody:
    """No requests come in these tests."""

    def submit(self, sends: Sequence[Send]) -> int:
        return len(sends)

    def confirm(self, confirms: Sequence[Confirm]) -> None:
        raise AssertionError(confirms)


class World:
    """Two connections for every third person, one for the others, none for the last."""

    def __init__(self, outbox_bytes: int = 1024 * 1024) -> None:
        self.registry = Registry()
        self.gone: list[int] = []
        turn = Turn(
            cast("MessagePath", Nobody()),
            GatewayOptions(node=NODE, outbox_bytes=outbox_bytes),
            refuse=lambda _: None,
            too_slow=lambda connection: self.gone.append(connection.number),
        )
        turn._due = True  # The end of the turn is not part of this.
        self.turn = turn
        self.delivery = Delivery(NODE, self.registry, turn)
        self.connections: list[Connection] = []
        for uid in range(1, PEOPLE + CROWD):
            for device in range(1 + (uid % 3 == 0)):
                number = len(self.connections) + 1
                connection = Connection(
                    NODE, number, RecordingWire(), CODECS[number % 2], "192.0.2.1", 0
                )
                connection.uid, connection.device = uid, device
                connection.state = State.READY
                self.registry.add(connection)
                self.registry.sign_in(connection, "class")
                self.connections.append(connection)

    def outboxes(self) -> list[list[bytes]]:
        return [connection.outbox for connection in self.connections]


def push(number: int, group: int, skip: int) -> Push:
    message = Message(mid=number, conv=f"g:{group + 1}", seq=number, content=f"{number}")
    return Push(
        GROUPS[group],
        Envelope("message.group", 0, message),
        0,
        Origin(NODE, skip) if skip else None,
    )


def reply(number: int, to: int) -> Reply:
    return Reply(Origin(NODE, to), Envelope("heartbeat", number))


@st.composite
def batches(draw: st.DrawFn) -> list[Item]:
    connections = st.integers(0, PEOPLE + 3)
    made: list[Item] = []
    for number in range(1, draw(st.integers(1, 12))):
        if draw(st.booleans()):
            made.append(push(number, draw(st.sampled_from((0, 0, 0, 1, 2))), draw(connections)))
        else:
            made.append(reply(number, draw(connections)))
    return made


def named(batch: Sequence[Item]) -> set[int]:
    origins = [item.to if isinstance(item, Reply) else item.skip for item in batch]
    return {origin.conn for origin in origins if origin is not None}


def mids(connection: Connection, group: str) -> list[int]:
    found = [e for frame in connection.outbox for e in connection.codec.decode(frame)]
    return [
        e.data.seq
        for e in found
        if isinstance(e, Envelope) and e.action == "message.group" and e.data.conv == group
    ]


@given(batches())
def test_all_get_the_same_as_one_by_one(batch: list[Item]) -> None:
    one_by_one, together = World(), World()
    counts = [one_by_one.delivery.deliver((item,))[0] for item in batch]
    assert list(together.delivery.deliver(batch)) == counts
    assert together.delivery.pushed == one_by_one.delivery.pushed
    for expected, connection in zip(one_by_one.connections, together.connections, strict=True):
        assert sorted(connection.outbox) == sorted(expected.outbox)
        assert connection.outbox_bytes == sum(map(len, connection.outbox))
        for group in ("g:1", "g:2", "g:3"):
            assert mids(connection, group) == mids(expected, group)
        if connection.number in named(batch):
            # Who gets answers gets them in their place between the pushes of one conversation.
            crowds = {id(item.uids) for item in batch if isinstance(item, Push)}
            if len(crowds) <= 1:
                assert connection.outbox == expected.outbox


def test_a_crowd_is_written_the_same_bytes_merged_once() -> None:
    world = World()
    for connection in world.connections:
        connection.merges = True
    world.delivery.deliver([push(number, 0, 0) for number in (1, 2, 3)])
    world.turn.run()
    for connection in world.connections:
        if connection.uid in GROUPS[0]:
            assert mids_written(connection) == [1, 2, 3]


def mids_written(connection: Connection) -> list[int]:
    wire = connection.wire
    assert isinstance(wire, RecordingWire)
    ((batch,),) = wire.writes
    return [e.data.seq for e in connection.codec.decode(batch) if isinstance(e, Envelope)]


def test_whoever_cannot_take_it_all_is_given_up_for_the_whole() -> None:
    pushes = [push(number, 0, 0) for number in range(1, 9)]
    size = min(len(codec.encode(pushes[0].envelope)) for codec in CODECS)
    world = World(outbox_bytes=4 * size)
    world.delivery.deliver(pushes)
    assert set(world.gone) == {c.number for c in world.connections if c.uid in GROUPS[0]}


def test_a_blocked_receiver_is_not_written_to_and_one_that_closes_gets_nothing() -> None:
    world = World()
    blocked, closing = world.connections[0], world.connections[1]
    blocked.blocked = True
    closing.state = State.CLOSING
    world.delivery.deliver([push(number, 0, 0) for number in (1, 2)])
    assert mids(blocked, "g:1") == [1, 2]
    assert closing.outbox == []
    world.turn.run()
    assert mids(blocked, "g:1") == [1, 2]
