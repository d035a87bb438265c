"""TCP framing without I/O: the preamble that chooses the codec, then frames with their length before them."""

from __future__ import annotations

from struct import Struct

from .records import FrameError

MAGIC = b"GLIM"
VERSION = 0x02
PREAMBLE_LENGTH = 8
HEADER_LENGTH = 4

_HEADER = Struct(">I")
frame_header = _HEADER.pack
"""4 bytes, big-endian, before a body of this length."""
_length_at = _HEADER.unpack_from


class FrameTooLarge(FrameError):  # noqa: N818 - an event of the protocol
    """A frame that is larger than the limit, or will be."""


def build_preamble(codec_byte: int) -> bytes:
    """The 8 bytes that open a TCP connection and that the server answers with."""
    return MAGIC + bytes((VERSION, codec_byte, 0, 0))


def parse_preamble(preamble: bytes) -> int | None:
    """The codec byte; None if the 8 bytes are not a preamble of this version."""
    if len(preamble) != PREAMBLE_LENGTH or preamble[:4] != MAGIC or preamble[4] != VERSION:
        return None
    return preamble[5] if preamble[6:] == b"\0\0" else None


class FrameReader:
    """Cuts a byte stream into frame bodies, however it was split on the way.

    Keeps at most one incomplete frame, that is `limit` bytes and a header, beside what one `feed` brought.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = bytearray()
        self._needed = 0
        """Bytes that `_rest` must have before there is anything to do."""

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that are complete now; an empty one is a body like any other, for the codec to refuse. Raises
        FrameTooLarge as soon as a header says so: the stream cannot be read on after it."""
        if self._rest:
            # Small pieces of a large frame are gathered, and looked at again only when it is whole.
            self._rest += data
            if len(self._rest) < self._needed:
                return []
            data = bytes(self._rest)
        frames: list[bytes] = []
        start, end = 0, len(data)
        needed = HEADER_LENGTH
        while end - start >= HEADER_LENGTH:
            (length,) = _length_at(data, start)
            self._check(length)
            stop = start + HEADER_LENGTH + length
            if stop > end:
                needed = HEADER_LENGTH + length
                break
            frames.append(data[start + HEADER_LENGTH : stop])
            start = stop
        if start < end or self._rest:
            self._rest = bytearray(data[start:])
        self._needed = needed
        return frames

    def _check(self, length: int) -> None:
        if length > self._limit:
            text = f"a frame of {length} bytes; at most {self._limit} are accepted"
            raise FrameTooLarge(text)
