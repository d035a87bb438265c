"""WebSocket framing."""

from __future__ import annotations

import pytest

from glideim.protocol.framing import FrameTooLarge
from glideim.protocol.websocket import BINARY_HEADERS, TEXT_HEADERS, MessageJoiner, ws_header


@pytest.mark.parametrize(
    ("length", "rest"),
    [
        (0, "00"),
        (125, "7d"),
        (126, "7e007e"),
        (1023, "7e03ff"),
        (1024, "7e0400"),
        (65535, "7effff"),
        (65536, "7f0000000000010000"),
    ],
)
def test_headers(length: int, rest: str) -> None:
    assert ws_header(length, binary=True).hex() == "82" + rest
    assert ws_header(length, binary=False).hex() == "81" + rest


def test_the_tables_are_the_headers() -> None:
    for length, (text, binary) in enumerate(zip(TEXT_HEADERS, BINARY_HEADERS, strict=True)):
        assert text == ws_header(length, binary=False)
        assert binary == ws_header(length, binary=True)


def test_one_frame_is_a_message() -> None:
    joiner, payload = MessageJoiner(5), b"12345"
    assert joiner.add(payload, fin=True) is payload
    assert joiner.add(b"", fin=True) == b""
    assert not joiner.joining


def test_fragments_are_joined() -> None:
    joiner = MessageJoiner(5)
    for _ in range(2):
        assert joiner.add(b"12", fin=False) is None
        assert joiner.joining
        assert joiner.add(b"", fin=False) is None
        assert joiner.add(b"345", fin=True) == b"12345"
        assert not joiner.joining


def test_the_sum_is_limited() -> None:
    joiner = MessageJoiner(5)
    assert joiner.add(b"123", fin=False) is None
    with pytest.raises(FrameTooLarge):
        joiner.add(b"456", fin=False)
    assert not joiner.joining
    with pytest.raises(FrameTooLarge):
        joiner.add(b"123456", fin=True)
