"""WebSocket framing without I/O, as far as it is ours: headers of server frames and joining of fragments.

Frames to clients are built here rather than by a library, so that everything that waits for a connection can
leave in one write.
"""

from __future__ import annotations

from .framing import FrameTooLarge

_FIN_TEXT = 0x81
_FIN_BINARY = 0x82
_TABLE = 1024
"""Lengths whose headers are made once: those of nearly every frame."""


def _header(length: int, first: int) -> bytes:
    """RFC 6455 section 5.2: the length in 7, 7+16 or 7+64 bits."""
    if length < 126:
        return bytes((first, length))
    if length < 1 << 16:
        return bytes((first, 126)) + length.to_bytes(2, "big")
    return bytes((first, 127)) + length.to_bytes(8, "big")


TEXT_HEADERS = tuple(_header(length, _FIN_TEXT) for length in range(_TABLE))
"""Headers of short text frames, by length of the payload."""
BINARY_HEADERS = tuple(_header(length, _FIN_BINARY) for length in range(_TABLE))
"""Headers of short binary frames, by length of the payload."""


def ws_header(length: int, *, binary: bool) -> bytes:
    """Header of an unmasked, unfragmented frame from the server with a payload of this length."""
    if length < _TABLE:
        return BINARY_HEADERS[length] if binary else TEXT_HEADERS[length]
    return _header(length, _FIN_BINARY if binary else _FIN_TEXT)


class MessageJoiner:
    """Joins the fragments of WebSocket messages. Keeps at most `limit` bytes."""

    __slots__ = ("_limit", "_parts")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: bytearray | None = None

    @property
    def joining(self) -> bool:
        """A message has begun and not ended."""
        return self._parts is not None

    def add(self, payload: bytes, *, fin: bool) -> bytes | None:
        """The message that this fragment completes, or None. Raises FrameTooLarge when the fragments so far are
        more than the limit; what was gathered is dropped then."""
        parts = self._parts
        if len(payload) + (len(parts) if parts is not None else 0) > self._limit:
            self._parts = None
            raise FrameTooLarge(f"a message of more than {self._limit} bytes")
        if parts is None:
            if fin:
                return payload
            self._parts = bytearray(payload)
            return None
        parts += payload
        if not fin:
            return None
        self._parts = None
        return bytes(parts)
