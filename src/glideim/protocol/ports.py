"""What a codec is. A codec turns frame bodies into envelopes and back; it does no I/O.

A third party adds one in its own package: an object of this shape, or a callable that makes it, behind the
entry point group `glideim.codecs` (`codec.load_codecs`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from .records import Envelope, Rejected

T = TypeVar("T")


class Codec(Protocol):
    """Bytes to envelopes and back. One object serves every connection of a thread."""

    name: str
    """Short name, as in `hello.codecs`: `json`, `protobuf`."""
    subprotocol: str
    """WebSocket subprotocol that selects it."""
    tcp_byte: int
    """Codec byte of the TCP preamble that selects it."""
    binary: bool
    """Whether WebSocket frames are binary frames."""

    def decode(self, frame: bytes) -> Sequence[Envelope | Rejected]:
        """All envelopes of a frame, in order. Raises FrameError when the frame cannot be read at all."""
        ...

    def encode(self, envelope: Envelope) -> bytes:
        """One envelope as a frame of its own. The same bytes may go to many connections."""
        ...

    def join(self, frames: Sequence[bytes]) -> bytes:
        """One frame, a batch, of frames that `encode` made; works on bytes, nothing is encoded again."""
        ...

    def result(self, data: Any, kind: type[T]) -> T:
        """The `data` of an `api.ok` as the record that was asked for; FrameError if it is not one."""
        ...
