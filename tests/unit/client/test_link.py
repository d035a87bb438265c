"""Frames and heartbeats of one connection."""

from __future__ import annotations

import pytest

from glideim.client.link import Link, Phase, TooLargeError
from glideim.client.options import Options
from glideim.protocol.actions import Action
from glideim.protocol.codec import load_codec
from glideim.protocol.records import Hello, Message

CODECS = ("json", "protobuf")


def link_of(codec: str, *, heartbeat: int = 0, max_frame: int = 0) -> Link:
    link = Link(load_codec(codec), Options())
    link.opened(0.0)
    link.greeted(Hello(heartbeat=heartbeat, max_frame=max_frame))
    return link


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("limit", [300, 1000, 65536])
def test_what_waits_is_joined_into_frames_that_the_server_takes(codec: str, limit: int) -> None:
    link = link_of(codec, max_frame=limit)
    texts = [f"{n} " + "ä" * (n % 50) for n in range(200)]
    for text in texts:
        link.request(Action.MESSAGE_CHAT, Message(cli_mid="c", to=2, type=1, content=text))
    frames = link.frames(1.0)
    assert link.frames(1.0) == []
    assert all(len(frame) <= limit for frame in frames)
    envelopes = [envelope for frame in frames for envelope in link.codec.decode(frame)]
    assert [envelope.data.content for envelope in envelopes if hasattr(envelope, "data")] == texts
    assert [envelope.seq for envelope in envelopes] == list(range(1, 201))


@pytest.mark.parametrize("codec", CODECS)
def test_what_fits_no_frame_is_refused(codec: str) -> None:
    link = link_of(codec, max_frame=300)
    with pytest.raises(TooLargeError):
        link.request(Action.MESSAGE_CHAT, Message(cli_mid="c", to=2, type=1, content="x" * 300))
    assert link.frames(0.0) == []


def test_a_heartbeat_only_after_silence_of_ones_own() -> None:
    link = link_of("json", heartbeat=30)
    assert link.deadline() == 30
    assert link.tick(29.9) is None
    assert link.frames(29.9) == []
    link.tick(30.0)
    assert len(link.frames(30.0)) == 1
    assert not link.wants_probe(59.0)
    link.heard(59.0)
    assert not link.wants_probe(100.0)
    assert link.wants_probe(59.0 + 60.0)
    assert not link.wants_probe(59.0 + 61.0), "asked once"
    assert link.tick(59.0 + 74.9) is None
    assert link.tick(59.0 + 75.0) == "nothing was heard from the server"


def test_without_a_greeting_it_is_given_up() -> None:
    link = Link(load_codec("json"), Options(connect_timeout=3.0))
    assert link.tick(100.0) is None
    link.opened(100.0)
    assert link.deadline() == 103.0
    assert link.tick(103.0) == "the server did not greet"
    link.closed()
    assert link.phase is Phase.CLOSED
