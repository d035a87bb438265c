"""What a codec is, and the JSON one. A codec turns frame bodies into envelopes and back; it does no I/O.

A third party adds a codec in its own package: an object of this shape behind the entry point group
`glideim.codecs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from .actions import RECORDS, Action
from .codes import ErrorCode
from .records import Envelope, FrameError, Id, Rejected, Small

T = TypeVar("T")


class Codec(Protocol):
    """Bytes to envelopes and back. Stateless: one object serves every connection."""

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
        """The `data` of an `api.ok` as the record that was asked for. Raises FrameError if it is not one."""
        ...


class _Head(msgspec.Struct, frozen=True, gc=False):
    """An envelope whose data is not looked at yet, so that an error can still name `seq` and `action`."""

    action: str
    seq: Id = 0
    data: msgspec.Raw = msgspec.Raw(b"{}")
    ver: Small = 2
    extra: dict[str, str] | None = None


class _CliMid(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    cli_mid: str = ""


_EMPTY = b"{}"
_NOTHING = (b"null", b'""')
"""Other ways to write that there is no data (version 1 clients beat with an empty string)."""


class JsonCodec:
    """The canonical JSON mapping of `spec/glide.proto`, integers as numbers; a batch is an array."""

    name = "json"
    subprotocol = "glide.v2.json"
    tcp_byte = 0x01
    binary = False

    def __init__(self) -> None:
        self._head = msgspec.json.Decoder(_Head)
        self._heads = msgspec.json.Decoder(list[msgspec.Raw])
        self._cli_mid = msgspec.json.Decoder(_CliMid)
        self._records = {action: msgspec.json.Decoder(record) for action, record in RECORDS.items()}
        self._encode = msgspec.json.Encoder().encode

    def decode(self, frame: bytes) -> Sequence[Envelope | Rejected]:
        try:
            if frame[:1] == b"[":
                return [self._envelope(item) for item in self._heads.decode(frame)]
            return (self._envelope(frame),)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            # DecodeError covers both broken JSON and a wrong shape of the envelope itself.
            raise FrameError(str(error)) from None

    def _envelope(self, text: bytes | msgspec.Raw) -> Envelope | Rejected:
        head = self._head.decode(text)
        action = head.action
        decoder = self._records.get(action)
        if decoder is None:
            if action == Action.API_OK:
                return Envelope(action, head.seq, head.data, head.ver, head.extra)
            return Rejected(head.seq, action, ErrorCode.UNSUPPORTED, f"unknown action {action[:64]!r}")
        try:
            data = decoder.decode(head.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if bytes(head.data) not in _NOTHING:
                cli_mid = self._cli_mid_of(head.data)
                return Rejected(head.seq, action, ErrorCode.BAD_REQUEST, str(error), cli_mid)
            data = decoder.decode(_EMPTY)
        return Envelope(action, head.seq, data, head.ver, head.extra)

    def _cli_mid_of(self, data: msgspec.Raw) -> str:
        """The `cliMid` of data that is otherwise not valid, so that its sender can tell which send failed."""
        try:
            return self._cli_mid.decode(data).cli_mid
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return ""

    def encode(self, envelope: Envelope) -> bytes:
        return self._encode(envelope)

    def join(self, frames: Sequence[bytes]) -> bytes:
        return frames[0] if len(frames) == 1 else b"[" + b",".join(frames) + b"]"

    def result(self, data: Any, kind: type[T]) -> T:
        try:
            if isinstance(data, msgspec.Raw):
                return msgspec.json.decode(data or _EMPTY, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise FrameError(str(error)) from None
        if not isinstance(data, kind):
            raise FrameError(f"expected {kind.__name__}")
        return data


def load_codecs() -> dict[str, Codec]:
    """The codecs that a server has, by name."""
    codec = JsonCodec()
    return {codec.name: codec}
