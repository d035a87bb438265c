"""TCP framing."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glideim.protocol.framing import (
    HEADER_LENGTH,
    FrameReader,
    FrameTooLarge,
    build_preamble,
    frame_header,
    parse_preamble,
)

BODIES = [b"a", b"bc" * 100, b"\0\0\0\1", b"x" * 1000]
STREAM = b"".join(frame_header(len(body)) + body for body in BODIES)


def test_the_preamble() -> None:
    assert build_preamble(2) == b"GLIM\x02\x02\x00\x00"
    assert [parse_preamble(build_preamble(byte)) for byte in range(256)] == list(range(256))
    for wrong in (b"", b"GLIM\x02\x01\x00", b"GLIM\x01\x01\x00\x00", b"GLIM\x02\x01\x00\x01"):
        assert parse_preamble(wrong) is None


def test_the_header() -> None:
    assert frame_header(258) == b"\x00\x00\x01\x02"


def test_a_stream_in_one_piece() -> None:
    assert FrameReader(1000).feed(STREAM) == BODIES


def test_a_stream_in_two_pieces() -> None:
    for at in range(len(STREAM) + 1):
        reader = FrameReader(1000)
        assert reader.feed(STREAM[:at]) + reader.feed(STREAM[at:]) == BODIES


def test_a_stream_byte_by_byte() -> None:
    reader = FrameReader(1000)
    found = [frame for at in range(len(STREAM)) for frame in reader.feed(STREAM[at : at + 1])]
    assert found == BODIES
    assert reader.feed(b"") == []


@settings(deadline=None, derandomize=True)
@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.data())
def test_any_stream_in_any_pieces(bodies: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(frame_header(len(body)) + body for body in bodies)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=5).map(sorted))
    reader, found = FrameReader(40), []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += reader.feed(stream[start:stop])
    assert found == bodies


@pytest.mark.parametrize("split", range(HEADER_LENGTH))
@pytest.mark.parametrize("length", [11, 2**32 - 1])
def test_a_wrong_length_is_told_with_its_header(split: int, length: int) -> None:
    reader, header = FrameReader(10), frame_header(length)
    assert reader.feed(frame_header(10) + b"0123456789" + header[:split]) == [b"0123456789"]
    with pytest.raises(FrameTooLarge):
        reader.feed(header[split:])


def test_an_empty_frame_is_a_body() -> None:
    assert FrameReader(10).feed(frame_header(0) + frame_header(1) + b"x") == [b"", b"x"]


def test_the_limit_itself_is_allowed() -> None:
    assert FrameReader(10).feed(frame_header(10) + b"0123456789") == [b"0123456789"]


def test_what_trickles_in_is_held_once() -> None:
    reader, size = FrameReader(1 << 16), 1 << 16
    tracemalloc.start()
    try:
        assert reader.feed(frame_header(size)) == []
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(size // 2 - 1):
            assert reader.feed(b"ab") == []
        assert tracemalloc.get_traced_memory()[0] - before < 1.25 * size
        (whole,) = reader.feed(b"ab")
        assert len(whole) == size
        del whole
        assert tracemalloc.get_traced_memory()[0] - before < 1000
    finally:
        tracemalloc.stop()
