"""Both codecs, and how codecs are found."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glideim.protocol.codec import Codec, CodecError, load_codec, load_codecs
from glideim.protocol.records import (
    AckMessage,
    Empty,
    Envelope,
    FrameError,
    Heartbeat,
    Rejected,
    User,
    UserList,
)
from tests.support.envelopes import ANY, API_RESULTS, REQUESTS

CODECS = load_codecs()
quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


@pytest.fixture(params=sorted(CODECS))
def codec(request: pytest.FixtureRequest) -> Codec:
    return CODECS[request.param]


@pytest.mark.parametrize("action", sorted(REQUESTS))
@settings(quick, max_examples=25)
@given(data=st.data())
def test_every_action_survives_and_both_codecs_agree(action: str, data: st.DataObject) -> None:
    envelope = data.draw(REQUESTS[action])
    for codec in CODECS.values():
        assert list(codec.decode(codec.encode(envelope))) == [envelope]


@pytest.mark.parametrize("kind", API_RESULTS)
@settings(quick, max_examples=25)
@given(data=st.data())
def test_every_result_survives(kind: type, data: st.DataObject) -> None:
    envelope = data.draw(API_RESULTS[kind])
    for codec in CODECS.values():
        (found,) = codec.decode(codec.encode(envelope))
        assert isinstance(found, Envelope)
        assert (found.action, found.seq, found.ver, found.extra) == (
            "api.ok", envelope.seq, envelope.ver, envelope.extra,
        )  # fmt: skip
        assert codec.result(found.data, kind) == envelope.data


@settings(quick, max_examples=60)
@given(batch=st.lists(ANY, min_size=1, max_size=4))
def test_joined_frames_are_a_batch(batch: Sequence[Envelope]) -> None:
    for codec in CODECS.values():
        joined = codec.join([codec.encode(envelope) for envelope in batch])
        assert list(codec.decode(joined)) == list(batch)


def test_one_frame_joined_is_itself(codec: Codec) -> None:
    frame = codec.encode(Envelope("heartbeat", 0, Heartbeat()))
    assert codec.join([frame]) == frame


def test_a_large_batch(codec: Codec) -> None:
    beats = [Envelope("heartbeat", n, Heartbeat()) for n in range(2000)]
    assert list(codec.decode(codec.join([codec.encode(beat) for beat in beats]))) == beats


def test_a_result_without_data(codec: Codec) -> None:
    (found,) = codec.decode(codec.encode(Envelope("api.ok", 1, Empty())))
    assert isinstance(found, Envelope)
    assert codec.result(found.data, Empty) == Empty()
    assert codec.result(None, Empty) == Empty()
    with pytest.raises(FrameError):
        codec.result(None, UserList)


def test_a_result_of_another_kind(codec: Codec) -> None:
    (found,) = codec.decode(codec.encode(Envelope("api.ok", 1, AckMessage("a", 1, "c:1:2", 1, 1))))
    assert isinstance(found, Envelope)
    with pytest.raises(FrameError):
        codec.result(found.data, UserList)
    with pytest.raises(FrameError):
        codec.result(User(1), UserList)


def test_an_unknown_action_is_named_shortly(codec: Codec) -> None:
    name = "x" * 200
    frame = (
        b'{"action":"%s"}' % name.encode()
        if codec.name == "json"
        else b"\x0a\xcb\x01\x12\xc8\x01" + name.encode()
    )
    (found,) = codec.decode(frame)
    assert isinstance(found, Rejected)
    assert found.code == "unsupported"
    assert len(found.message) < 100


# --- finding codecs ---------------------------------------------------------------------------

THIRD = """
class Third:
    name = "{name}"
    subprotocol = "{subprotocol}"
    tcp_byte = {tcp_byte}
    binary = True
    def decode(self, frame): return []
    def encode(self, envelope): return b"third"
    def join(self, frames): return frames[0]
    def result(self, data, kind): return data
OBJECT = Third()
class Half:
    name = "third"
"""


def install(folder: Path, entry: str, module: str = "", values: Any = None) -> None:
    """A distribution on the path, as pip leaves one."""
    known: dict[str, object] = {"name": "third", "subprotocol": "third.v1", "tcp_byte": 3}
    (folder / "third_codec.py").write_text(module or THIRD.format(**(known | (values or {}))))
    info = folder / "third_codec-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: third-codec\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[glideim.codecs]\n{entry}\n")


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "third_codec", raising=False)
    return tmp_path


def test_the_built_in_codecs() -> None:
    found = {name: (c.subprotocol, c.tcp_byte, c.binary) for name, c in load_codecs().items()}
    assert found == {
        "json": ("glide.v2.json", 1, False),
        "protobuf": ("glide.v2.protobuf", 2, True),
    }
    assert load_codec("protobuf").name == "protobuf"


@pytest.mark.parametrize("what", ["Third", "OBJECT"])
def test_a_third_codec_needs_only_its_package(packages: Path, what: str) -> None:
    install(packages, f"third = third_codec:{what}")
    codecs = load_codecs()
    assert list(codecs) == ["json", "protobuf", "third"]
    assert codecs["third"].encode(Envelope("heartbeat")) == b"third"
    assert load_codec("third").subprotocol == "third.v1"


@pytest.mark.parametrize(
    ("entry", "values", "text"),
    [
        ("third = third_codec:Missing", {}, "cannot be loaded: AttributeError"),
        ("third = no_such_module:Third", {}, "cannot be loaded: ModuleNotFoundError"),
        ("third = third_codec:Half", {}, "has no subprotocol of type str"),
        ("other = third_codec:Third", {}, "calls itself 'third'"),
        ("json = third_codec:Third", {"name": "json"}, "name 'json' is taken by codec 'json'"),
        ("third = third_codec:Third", {"tcp_byte": 2}, "tcp_byte 2 is taken by codec 'protobuf'"),
        ("third = third_codec:Third", {"tcp_byte": 256}, "tcp_byte must be from 1 to 255"),
        ("third = third_codec:Third", {"subprotocol": "glide.v2.json"}, "is taken by codec 'json'"),
    ],
)
def test_a_codec_that_cannot_be_used_is_named(
    packages: Path, entry: str, values: dict[str, object], text: str
) -> None:
    install(packages, entry, values=values)
    with pytest.raises(CodecError, match=text) as caught:
        load_codecs()
    assert entry.split(" = ")[1] in str(caught.value)


def test_a_codec_without_a_method(packages: Path) -> None:
    module = THIRD.format(name="third", subprotocol="t", tcp_byte=3).replace("def join", "def glue")
    install(packages, "third = third_codec:Third", module)
    with pytest.raises(CodecError, match="has no method join"):
        load_codec("third")


def test_an_unknown_codec() -> None:
    with pytest.raises(CodecError, match="there is no codec 'morse'"):
        load_codec("morse")
