"""The golden frames of spec/vectors/, as every SDK should test its codecs with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from glideim.protocol.actions import RESULTS
from glideim.protocol.codec import Codec, load_codecs
from glideim.protocol.conversations import parse_key
from glideim.protocol.framing import FrameReader, FrameTooLarge, build_preamble, parse_preamble
from glideim.protocol.records import Envelope, FrameError, Rejected

FOLDER = Path(__file__).parents[3] / "spec/vectors"
CODECS = load_codecs()

Vector = dict[str, Any]


def vectors(name: str) -> Any:
    """A test for each vector of a file."""
    rows: list[Vector] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    ids = [f"{row.get('codec', '')} {row.get('name', row.get('key'))}".strip() for row in rows]
    return pytest.mark.parametrize("vector", rows, ids=ids)


def frame_of(vector: Vector) -> bytes:
    """The frame of a vector for one codec."""
    text: str = vector["frame"]
    return text.encode() if vector["codec"] == "json" else bytes.fromhex(text)


def typed(codec: Codec, vector: Vector, found: Envelope | Rejected) -> Envelope:
    """An envelope, with a result as the record that was asked for."""
    assert isinstance(found, Envelope)
    if "asked" not in vector:
        return found
    data: Any = codec.result(found.data, RESULTS[vector["asked"]])
    return Envelope(found.action, found.seq, data, found.ver, found.extra)


def plain(codec: Codec, vector: Vector, found: Envelope | Rejected) -> Any:
    """An envelope as plain JSON."""
    return json.loads(CODECS["json"].encode(typed(codec, vector, found)))


@vectors("valid")
@pytest.mark.parametrize("name", ["json", "protobuf"])
def test_valid(name: str, vector: Vector) -> None:
    codec = CODECS[name]
    frame = vector["json"].encode() if name == "json" else bytes.fromhex(vector["protobuf"])
    found = codec.decode(frame)
    expected = vector.get("envelopes", [vector.get("envelope")])
    assert [plain(codec, vector, envelope) for envelope in found] == expected
    again = [typed(codec, vector, envelope) for envelope in found]
    assert codec.join([codec.encode(envelope) for envelope in again]) == frame


@vectors("accepted")
def test_accepted(vector: Vector) -> None:
    codec = CODECS[vector["codec"]]
    found = codec.decode(frame_of(vector))
    assert [plain(codec, vector, envelope) for envelope in found] == vector["envelopes"]


@vectors("refused")
def test_refused(vector: Vector) -> None:
    codec = CODECS[vector["codec"]]
    if "unreadable" in vector:
        with pytest.raises(FrameError):
            codec.decode(frame_of(vector))
        return
    answers = [
        {"seq": e.seq, "action": e.action, "code": e.code}
        | ({"cliMid": e.cli_mid} if e.cli_mid else {})
        if isinstance(e, Rejected)
        else None
        for e in codec.decode(frame_of(vector))
    ]
    assert answers == vector["answers"]


@vectors("framing")
def test_framing(vector: Vector) -> None:
    if "preamble" in vector:
        preamble = bytes.fromhex(vector["preamble"])
        assert parse_preamble(preamble) == vector["codec"]
        assert vector["codec"] is None or build_preamble(vector["codec"]) == preamble
        return
    reader, stream = FrameReader(vector["limit"]), bytes.fromhex(vector["stream"])
    if "error" in vector:
        with pytest.raises(FrameError) as caught:
            reader.feed(stream)
        assert (type(caught.value) is FrameTooLarge) == (vector["error"] == "frame_too_large")
        return
    assert [frame.hex() for frame in reader.feed(stream)] == vector["frames"]


@vectors("keys")
def test_keys(vector: Vector) -> None:
    people = parse_key(vector["key"])
    assert (None if people is None else list(people)) == vector["people"]
