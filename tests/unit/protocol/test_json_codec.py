"""The JSON codec."""

from __future__ import annotations

import pytest

from glideim.protocol.actions import RECORDS
from glideim.protocol.json_codec import JsonCodec
from glideim.protocol.records import (
    MAX_ID,
    AckRequest,
    Envelope,
    FrameError,
    Heartbeat,
    Message,
    Rejected,
    User,
)

CODEC = JsonCodec()


def one(frame: bytes) -> Envelope | Rejected:
    (found,) = CODEC.decode(frame)
    return found


@pytest.mark.parametrize("action", sorted(RECORDS))
@pytest.mark.parametrize("data", [b"", b',"data":null', b',"data":""', b',"data":{}'])
def test_no_data_is_empty_data(action: str, data: bytes) -> None:
    assert one(b'{"action":"%s"%s}' % (action.encode(), data)) == Envelope(
        action, 0, RECORDS[action]()
    )


@pytest.mark.parametrize("data", [b"[]", b"1", b'"x"', b"true"])
def test_other_data_is_refused(data: bytes) -> None:
    found = one(b'{"seq":4,"action":"heartbeat","data":%s}' % data)
    assert isinstance(found, Rejected)
    assert (found.seq, found.action, found.code) == (4, "heartbeat", "bad_request")


def test_null_fields_are_left_out() -> None:
    frame = b'{"action":"message.chat","data":{"cliMid":"null","replyTo":null,"mentions":null}}'
    assert one(frame) == Envelope("message.chat", 0, Message(cli_mid="null"))
    assert one(b'{"seq":null,"ver":null,"extra":null,"action":"heartbeat"}') == Envelope(
        "heartbeat", 0, Heartbeat()
    )
    result = one(b'{"action":"api.ok","data":{"uid":3,"avatar":null}}')
    assert isinstance(result, Envelope)
    assert CODEC.result(result.data, User) == User(3)


def test_null_elsewhere_is_refused() -> None:
    found = one(b'{"action":"message.chat","data":{"cliMid":"a","mentions":[null]}}')
    assert isinstance(found, Rejected)
    assert found.cli_mid == "a"


def test_null_beside_a_number_that_no_field_takes() -> None:
    found = one(b'{"action":"ack.request","data":{"conv":null,"seq":99999999999999999999999}}')
    assert isinstance(found, Rejected)
    assert found.code == "bad_request"


def test_zero_version_and_empty_extra_are_left_out() -> None:
    assert one(b'{"action":"heartbeat","ver":0,"extra":{}}') == Envelope(
        "heartbeat", 0, Heartbeat()
    )


def test_only_what_is_set_is_written() -> None:
    assert (
        CODEC.encode(Envelope("heartbeat", 0, Heartbeat())) == b'{"action":"heartbeat","data":{}}'
    )
    assert CODEC.encode(Envelope("ack.request", 1, AckRequest("c:1:2", 3))) == (
        b'{"action":"ack.request","seq":1,"data":{"conv":"c:1:2","seq":3}}'
    )


def test_one_bad_envelope_of_a_batch_does_not_spoil_the_others() -> None:
    good, bad, unknown = CODEC.decode(
        b' [{"action":"heartbeat"},{"seq":2,"action":"ack.request","data":{"seq":-1}},{"action":"x"}]'
    )
    assert good == Envelope("heartbeat", 0, Heartbeat())
    assert isinstance(bad, Rejected)
    assert isinstance(unknown, Rejected)
    assert (bad.seq, bad.code, unknown.code) == (2, "bad_request", "unsupported")


@pytest.mark.parametrize("depth", [10, 500, 60_000])
def test_depth_is_bounded(depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    for frame in (deep, b'{"action":"heartbeat","later":%s}' % deep, b'{"a":null,"b":%s}' % deep):
        try:
            assert CODEC.decode(frame)
        except FrameError:
            continue


def test_the_largest_id() -> None:
    frame = b'{"seq":%d,"action":"ack.request","data":{"seq":%d}}' % (MAX_ID, MAX_ID)
    assert one(frame) == Envelope("ack.request", MAX_ID, AckRequest(seq=MAX_ID))


def test_a_wrong_cli_mid_is_not_repeated() -> None:
    found = one(b'{"action":"message.chat","data":{"cliMid":{}}}')
    assert isinstance(found, Rejected)
    assert found.cli_mid == ""
