"""Framing without I/O: the TCP preamble and length-prefixed frames."""

from __future__ import annotations

from .records import FrameError

MAGIC = b"GLIM"
VERSION = 0x02
PREAMBLE_LENGTH = 8
HEADER_LENGTH = 4


class FrameTooLarge(FrameError):  # noqa: N818 - an event of the protocol
    """A frame header announces more than the limit."""


def build_preamble(codec_byte: int) -> bytes:
    """The 8 bytes that open a TCP connection and that the server answers with."""
    return MAGIC + bytes((VERSION, codec_byte, 0, 0))


def parse_preamble(preamble: bytes) -> int | None:
    """The codec byte; None if the 8 bytes are not a preamble of this version."""
    if len(preamble) != PREAMBLE_LENGTH or preamble[:4] != MAGIC or preamble[4] != VERSION:
        return None
    return preamble[5] if preamble[6:] == b"\0\0" else None


def frame_header(length: int) -> bytes:
    """4 bytes, big-endian."""
    return length.to_bytes(HEADER_LENGTH, "big")


class FrameReader:
    """Cuts a byte stream into frame bodies, however it was split on the way."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that are complete now. Raises FrameTooLarge as soon as a header says so, FrameError for an
        empty frame; the stream cannot be read on after either."""
        buffer = self._rest + data if self._rest else data
        frames: list[bytes] = []
        start, end = 0, len(buffer)
        while end - start >= HEADER_LENGTH:
            length = int.from_bytes(buffer[start : start + HEADER_LENGTH], "big")
            if length > self._limit:
                raise FrameTooLarge(f"a frame of {length} bytes; at most {self._limit} are accepted")
            if length == 0:
                raise FrameError("an empty frame")
            stop = start + HEADER_LENGTH + length
            if stop > end:
                break
            frames.append(buffer[start + HEADER_LENGTH : stop])
            start = stop
        self._rest = buffer[start:]
        return frames
