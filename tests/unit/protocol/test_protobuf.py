"""The Protobuf codec, and its hand-laid messages against the library."""

from __future__ import annotations

import struct
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glideim.protocol import protobuf
from glideim.protocol.pb import fast
from glideim.protocol.pb import glide_pb2 as pb
from glideim.protocol.protobuf import ProtobufCodec
from glideim.protocol.records import (
    MAX_ID,
    AckMessage,
    AckNotify,
    AckRequest,
    Empty,
    Envelope,
    FrameError,
    Heartbeat,
    Message,
    NotifyRead,
    Reaction,
    Rejected,
)
from tests.support.envelopes import REQUESTS

CODEC = ProtobufCodec()
UUID = "5f0c3f7e-6f0e-4a53-9a3c-2f8f9d1f7a10"
CONV = "c:100001:100023"
SEND = Envelope("message.chat", 300, Message(cli_mid=UUID, to=100023, type=1, content="Hello"))
PUSH = Envelope("message.chat", 0, Message(5, UUID, CONV, 18, 1, 2, 1, "Hello", 1790000000000))
HOT = [
    SEND,
    PUSH,
    Envelope("ack.message", 18, AckMessage(UUID, 5, CONV, 2304, 1790000000000)),
    Envelope("ack.request", 2304, AckRequest(CONV, 1)),
    Envelope("ack.notify", 0, AckNotify(CONV, 1, 5, UUID, 7)),
    Envelope("ack.notify", 1, AckNotify(CONV, 1, 5, UUID, 7, True)),
]


def library(envelope: Envelope) -> bytes:
    """The frame as the library writes it."""
    message = pb.Envelope(seq=envelope.seq, action=envelope.action)
    protobuf._write(message, envelope)
    if envelope.extra:
        message.extra.update(envelope.extra)
    message.ver = 0 if envelope.ver == 2 else envelope.ver
    return pb.Frame(envelope=message).SerializeToString(deterministic=True)


def by_library(frame: bytes) -> list[Envelope | Rejected] | None:
    """What the library reads in a frame; None if it cannot be read."""
    try:
        parsed = protobuf._parsed(frame)
        if parsed.WhichOneof("body") == "envelope":
            return [protobuf._envelope(parsed.envelope)]
        if parsed.WhichOneof("body") == "batch":
            return [protobuf._envelope(item) for item in parsed.batch.envelope]
    except FrameError:
        pass
    return None


def by_codec(frame: bytes) -> list[Envelope | Rejected] | None:
    """What the codec reads in a frame; None if it cannot be read."""
    try:
        return list(CODEC.decode(frame))
    except FrameError:
        return None


# --- the codec ----------------------------------------------------------------------------------


def test_the_action_may_be_left_out() -> None:
    frame = pb.Frame(envelope=pb.Envelope(seq=4, notify_read=pb.NotifyRead(conv="c:1:2", uid=1)))
    assert by_codec(frame.SerializeToString()) == [
        Envelope("notify.read", 4, NotifyRead("c:1:2", 1))
    ]


def test_the_data_may_be_left_out() -> None:
    frame = pb.Frame(envelope=pb.Envelope(action="message.chat"))
    assert by_codec(frame.SerializeToString()) == [Envelope("message.chat", 0, Message())]


def test_a_result_without_data_or_of_a_later_kind() -> None:
    for extra in (b"", b"\xa2\x7f\x00"):
        inner = b"\x62" + bytes((len(extra),)) + extra
        found = by_codec(b"\x0a" + bytes((len(inner),)) + inner)
        assert found == [Envelope("api.ok", 0, None)]
    assert CODEC.result(None, Empty) == Empty()


@pytest.mark.parametrize(
    ("action", "data", "text"),
    [
        ("message.later", Empty(), "has no action"),
        ("heartbeat", Empty(), "Empty instead of Heartbeat"),
        ("message.chat", Empty(), "Empty instead of Message"),
        ("ack.message", Empty(), "Empty instead of AckMessage"),
        ("ack.notify", Empty(), "Empty instead of AckNotify"),
        ("ack.request", Empty(), "Empty instead of AckRequest"),
        ("api.ok", Heartbeat(), "no result Heartbeat"),
    ],
)
def test_what_the_schema_lacks_cannot_be_written(action: str, data: object, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        CODEC.encode(Envelope(action, 0, data))


def test_nothing_may_be_written_for_empty_data() -> None:
    assert by_codec(CODEC.encode(Envelope("heartbeat"))) == [Envelope("heartbeat", 0, Heartbeat())]
    assert by_codec(CODEC.encode(Envelope("api.ok", 3))) == [Envelope("api.ok", 3, None)]


def test_a_batch_that_is_not_as_usual_is_left_to_the_library() -> None:
    frames = [CODEC.encode(envelope) for envelope in HOT]
    usual = CODEC.join(frames)
    # An unknown field behind the batch, and one inside.
    assert fast.split(usual + b"\x1a\x00") is None
    assert by_codec(usual + b"\x1a\x00") == HOT
    inside = b"".join([*frames, b"\x1a\x00"])
    assert fast.split(b"\x12" + fast.varint(len(inside)) + inside) is None
    assert by_codec(b"\x12" + fast.varint(len(inside)) + inside) == HOT


def test_the_same_bytes_every_time() -> None:
    extra = {str(n): "x" for n in range(20)}
    frames = {CODEC.encode(Envelope("heartbeat", 0, Heartbeat(), 2, dict(extra))) for _ in "abc"}
    frames.add(
        CODEC.encode(Envelope("heartbeat", 0, Heartbeat(), 2, dict(reversed(extra.items()))))
    )
    assert len(frames) == 1


# --- hand-laid against the library --------------------------------------------------------------


@pytest.mark.parametrize("envelope", HOT, ids=lambda e: e.action)
def test_the_usual_shape_is_taken_by_hand(envelope: Envelope) -> None:
    frame = fast.WRITERS[envelope.action](envelope)
    assert frame == library(envelope) == CODEC.encode(envelope)


@pytest.mark.parametrize(
    "envelope", [e for e in HOT if e.action == "ack.request" or not e.data.mid]
)
def test_what_clients_send_is_read_by_hand(envelope: Envelope) -> None:
    assert fast.read(library(envelope)) == envelope


def test_every_number_is_read_by_hand() -> None:
    # 0x12, the tag of the action, is a byte of some of these.
    for seq in (*range(5000), 18 << 7, 18 << 14, MAX_ID):
        envelope = Envelope("ack.request", seq, AckRequest(CONV, 1))
        assert fast.read(library(envelope)) == envelope


@pytest.mark.parametrize("seq", [0, 1, 18, 127, 128, 2304, 2431, 1 << 14, 1 << 21, MAX_ID])
@pytest.mark.parametrize("content", ["", "x", "H0" * 40, "H" * 200, "é" * 60, "x" * 20_000])
def test_lengths_and_numbers_of_every_size(seq: int, content: str) -> None:
    send = Envelope("message.chat", seq, Message(cli_mid=UUID, to=seq, type=1, content=content))
    push = Envelope("message.chat", 0, Message(1, UUID, CONV, seq, 1, 2, 1, content, seq))
    for envelope in (send, push):
        assert CODEC.encode(envelope) == library(envelope)
        assert by_codec(library(envelope)) == by_library(library(envelope)) == [envelope]


@pytest.mark.parametrize(
    "rare",
    [
        {"status": 2}, {"reply_to": 7}, {"mentions": (7,)}, {"extra": {"a": "b"}}, {"reactions": (Reaction("ok", 1),)},
        {"pinned": True}, {"expire_at": 16_000},
    ],
    ids=lambda rare: next(iter(rare)),
)  # fmt: skip
def test_what_a_message_rarely_has_is_not_lost(rare: dict[str, Any]) -> None:
    usual = Message(mid=9, cli_mid="a", conv="c:1:2", seq=3, from_=1, to=2, type=1, content="hi", send_at=5)  # fmt: skip
    assert fast.WRITERS["message.chat"](Envelope("message.chat", 0, usual)) is not None
    envelope = Envelope("message.chat", 0, msgspec.structs.replace(usual, **rare))
    assert CODEC.encode(envelope) == library(envelope)
    assert list(CODEC.decode(CODEC.encode(envelope))) == [envelope]


@pytest.mark.parametrize("action", sorted(fast.WRITERS))
@settings(deadline=None, max_examples=200, derandomize=True)
@given(data=st.data())
def test_any_shape_is_written_as_the_library_does(action: str, data: st.DataObject) -> None:
    envelope = data.draw(REQUESTS[action])
    assert CODEC.encode(envelope) == library(envelope)


@pytest.mark.parametrize("envelope", HOT, ids=lambda e: e.action)
def test_every_changed_byte_is_read_as_the_library_does(envelope: Envelope) -> None:
    frame = library(envelope)
    for at in range(len(frame)):
        for byte in (0, 1, 0x10, 0x12, 0x30, 0x48, 0x7F, 0x80, 0xFF, frame[at] ^ 1):
            changed = frame[:at] + struct.pack("B", byte) + frame[at + 1 :]
            assert by_codec(changed) == by_library(changed), changed
        assert by_codec(frame[:at]) == by_library(frame[:at])
        assert by_codec(frame + frame[:at]) == by_library(frame + frame[:at])


@pytest.mark.parametrize("cli_mid", ["x", "0", "s1-300", "0" * 64, "a08B" * 9, "x" * 65, "a b"])
@pytest.mark.parametrize("to", [1, 0x30, 0x38, 100, 128, 100023])
def test_any_cli_mid(cli_mid: str, to: int) -> None:
    send = Envelope("message.chat", 1, Message(cli_mid=cli_mid, to=to, type=0x30, content="008B"))
    push = Envelope("message.chat", 0, Message(to, cli_mid, CONV, to, to, to, 1, "", to))
    acks = AckMessage(cli_mid, to, CONV, to, to), AckNotify(CONV, to, to, cli_mid, to)
    for envelope in (
        send,
        push,
        Envelope("ack.message", 1, acks[0]),
        Envelope("ack.notify", 1, acks[1]),
    ):
        assert CODEC.encode(envelope) == library(envelope)
        assert by_codec(library(envelope)) == by_library(library(envelope)) == [envelope]


def test_the_memory_of_numbers_is_bounded() -> None:
    for number in range(1, 3 * fast.REMEMBERED, 2):
        ack = Envelope("ack.request", 1 << 20, AckRequest(CONV, number << 15))
        assert by_codec(CODEC.encode(ack)) == [ack]
    assert len(fast._texts) <= fast.REMEMBERED
    assert len(fast._values) <= fast.REMEMBERED
