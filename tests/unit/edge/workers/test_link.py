"""The stream between processes: parts in order, however the bytes come."""

from __future__ import annotations

import asyncio

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from glideim.account.ports import Principal
from glideim.dispatch.ports import Origin, Push, Reply
from glideim.edge.workers import records as r
from glideim.edge.workers.link import HEAD, Link
from glideim.messaging.ports import Send
from glideim.protocol.records import AckMessage, Envelope, Message

SEND = Send(1, Origin("n", 2), 3, "message.group", Message(cli_mid="m", to=4, content="hi"), True)
PARTS: list[r.FromWorker] = [
    r.Sends([SEND]),
    r.CallApi(1, Principal(1, 2), "::1", "t", 4, "api.users.me", r.pack({})),
    r.CallApi(2, None, "::1", "", 0, "api.auth.guest", b"\x80"),
    r.Came(1, 4, 2, Origin("n", 2)),
    r.Counted({"connections": 1}),
    r.Listening(),
]


def link(got: list[r.FromWorker]) -> Link[r.FromWorker]:
    return Link(msgspec.msgpack.Decoder(list[r.FromWorker]), got.extend, lambda: None)


@given(st.lists(st.integers(1, 60), max_size=40))
def test_frames_are_read_from_whatever_pieces_come(cuts: list[int]) -> None:
    got: list[r.FromWorker] = []
    end = link(got)
    frames = [msgspec.msgpack.encode(PARTS[:3]), msgspec.msgpack.encode(PARTS[3:])]
    stream = b"".join(len(f).to_bytes(HEAD, "big") + f for f in frames)
    for cut in cuts:
        end.data_received(stream[:cut])
        stream = stream[cut:]
    end.data_received(stream)
    assert got == PARTS


async def test_what_is_said_in_a_turn_is_one_write() -> None:
    class Transport(asyncio.WriteTransport):
        def __init__(self) -> None:
            self.writes: list[bytes] = []

        def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
            self.limit = high

        def write(self, data: bytes | bytearray | memoryview) -> None:
            self.writes.append(bytes(data))

    got: list[r.FromWorker] = []
    transport, end = Transport(), link(got)
    end.tell(PARTS[0])
    end.connection_made(transport)
    for part in PARTS:
        end.tell(part)
    await asyncio.sleep(0)
    (frame,) = transport.writes
    end.data_received(frame)
    assert got == PARTS, "what was said before there was a connection is dropped"
    end.connection_lost(None)
    end.tell(PARTS[0])
    await asyncio.sleep(0)
    assert len(transport.writes) == 1


def test_items_come_out_as_they_went_in_and_crowds_are_one_object() -> None:
    message = Message(mid=1, conv="g:5", seq=1, content="hi")
    push = Push((1, 2, 3), Envelope("message.group", 0, message), 0, Origin("n", 2))
    reply = Reply(Origin("n", 2), Envelope("ack.message", 7, AckMessage("m", 1, "g:5", 1, 9)))
    empty = Reply(Origin("n", 2), Envelope("heartbeat"))
    crowds = {1: push.uids}
    assert r.item(r.pushed(push, push.uids), {}) == push
    named = r.item(r.pushed(push, (), 1), crowds)
    assert isinstance(named, Push) and named == push and named.uids is push.uids
    for answer in (reply, empty):
        assert r.item(r.Replied(answer.to, r.enveloped(answer.envelope)), {}) == answer
