"""The frames in docs/protocol.md are what the codecs read, and the page knows every action."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from glideim.protocol.actions import RECORDS, RESULTS, Action
from glideim.protocol.codec import load_codecs
from glideim.protocol.framing import PREAMBLE_LENGTH, FrameReader, parse_preamble
from glideim.protocol.limits import (
    MAX_CLI_MID,
    MAX_CONTENT,
    MAX_EXTRA,
    MAX_EXTRA_CHARACTERS,
    MAX_MENTIONS,
)
from glideim.protocol.records import Envelope

PAGE = (Path(__file__).parents[3] / "docs/protocol.md").read_text("utf-8")
CODECS = load_codecs()
JSON = CODECS["json"]


def blocks(language: str) -> list[str]:
    """The examples in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("text", blocks("json"))
def test_every_example_is_a_frame(text: str) -> None:
    frame = text.strip().encode()
    found = JSON.decode(frame)
    assert found
    for envelope in found:
        assert isinstance(envelope, Envelope)
        if envelope.action == Action.API_OK:
            kind = RESULTS[Action.API_SYNC if b"conversations" in frame else Action.API_AUTH_LOGIN]
            data: object = JSON.result(envelope.data, kind)
            envelope = Envelope(envelope.action, envelope.seq, data)
        # Nothing in an example is ignored or left out: written again it has as many characters.
        if len(found) == 1 and envelope.action != Action.HEARTBEAT:
            assert len(JSON.encode(envelope)) == len(frame)


def test_the_protobuf_example_is_the_json_example() -> None:
    (text,) = blocks("protobuf")
    (envelope,) = CODECS["protobuf"].decode(bytes.fromhex(text))
    (first,) = JSON.decode(blocks("json")[0].encode())
    assert isinstance(first, Envelope)
    assert envelope == Envelope(first.action, first.seq, first.data)


def test_the_tcp_example() -> None:
    (text,) = blocks("tcp")
    stream = bytes.fromhex("".join(line.split("   ")[0] for line in text.splitlines()))
    assert parse_preamble(stream[:PREAMBLE_LENGTH]) == JSON.tcp_byte
    assert FrameReader(100).feed(stream[PREAMBLE_LENGTH:]) == [b'{"action":"heartbeat"}']


@pytest.mark.parametrize("action", sorted(RECORDS))
def test_every_action_is_told(action: str) -> None:
    assert f"`{action}`" in PAGE or f'"{action}"' in PAGE


def test_every_limit_is_told() -> None:
    assert f"{MAX_CONTENT // 1024} KiB of UTF-8" in PAGE
    assert f"{MAX_CLI_MID} characters" in PAGE
    assert f"At most {MAX_MENTIONS} `mentions`" in PAGE
    assert f"{MAX_EXTRA} entries and {MAX_EXTRA_CHARACTERS} characters of `extra`" in PAGE
