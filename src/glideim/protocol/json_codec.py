"""JSON: the schema of spec/glide.proto in lowerCamelCase, integers as numbers; a batch is an array.

What is valid is decoded in one pass, as one of the known envelopes. Only what is not, or is written unusually,
is taken apart slowly, to find out what to answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, Union

import msgspec

from .actions import RECORDS, Action
from .codes import ErrorCode
from .records import Envelope, FrameError, Id, Rejected, Small

T = TypeVar("T")

VERSION = 2
"""What `ver` means when it is left out, or 0."""

_EMPTY = msgspec.Raw(b"{}")
_NOTHING = (b"null", b'""')
"""Other ways to write that there is no data."""
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_API_OK = str(Action.API_OK)


class _Typed(msgspec.Struct, frozen=True, gc=False):
    """Base of the envelopes of one action each; `action` is their tag, `data` is their record."""

    data: Any
    seq: Id = 0
    ver: Small = 2
    extra: dict[str, str] | None = None


class _Head(msgspec.Struct, frozen=True, gc=False):
    """An envelope whose data is not looked at yet, so that an error can still name `seq` and `action`."""

    action: str
    seq: Id = 0
    data: msgspec.Raw = _EMPTY
    ver: Small = 2
    extra: dict[str, str] | None = None


class _CliMid(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    cli_mid: str = ""


def _typed(action: str, record: type, nothing: Any) -> type[_Typed]:
    """The envelope of an action; `nothing` is its data when there is none."""
    kind: Any = msgspec.defstruct(
        f"Envelope_{record.__name__}",
        [
            ("data", record, msgspec.field(default=nothing)),
            ("seq", Id, 0),
            ("ver", Small, 2),
            ("extra", dict[str, str] | None, None),
        ],
        bases=(_Typed,),
        tag_field="action",
        tag=action,
        frozen=True,
        gc=False,
    )
    made: type[_Typed] = kind
    return made


def _without_nulls(text: bytes) -> bytes:
    """The same without the fields that are null, which is a way to leave a field out."""
    try:
        return msgspec.json.encode(_pruned(msgspec.json.decode(text)))
    except (*_UNREADABLE, OverflowError):
        # What cannot be read may be in a field that is ignored: the text as it was decides.
        return text


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _pruned(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_pruned(item) for item in value]
    return value


def _decoded(data: msgspec.Raw, kind: type[T]) -> T:
    if bytes(data) in _NOTHING:
        data = _EMPTY
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError:
        return msgspec.json.decode(_without_nulls(bytes(data)), type=kind)


class JsonCodec:
    """The JSON codec. Implements `Codec`."""

    name = "json"
    subprotocol = "glide.v2.json"
    tcp_byte = 0x01
    binary = False

    def __init__(self) -> None:
        kinds = {_typed(str(a), record, record()): str(a) for a, record in RECORDS.items()}
        kinds[_typed(_API_OK, msgspec.Raw, _EMPTY)] = _API_OK
        known: Any = Union[tuple(kinds)]  # noqa: UP007 - made of a tuple
        self._actions: dict[type[Any], str] = kinds
        self._one = msgspec.json.Decoder(known).decode
        self._many = msgspec.json.Decoder(list[known]).decode
        self._head = msgspec.json.Decoder(_Head).decode
        self._raws = msgspec.json.Decoder(list[msgspec.Raw]).decode
        self._cli_mid = msgspec.json.Decoder(_CliMid).decode
        self._records: dict[str, msgspec.json.Decoder[Any]] = {
            str(action): msgspec.json.Decoder(record) for action, record in RECORDS.items()
        }
        self.encode = msgspec.json.Encoder().encode

    def decode(self, frame: bytes) -> Sequence[Envelope | Rejected]:
        """See `Codec`."""
        actions = self._actions
        try:
            if frame[:1] == b"[":
                found: list[_Typed] = self._many(frame)
                return [
                    Envelope(actions[type(e)], e.seq, e.data, e.ver or VERSION, e.extra or None)
                    for e in found
                ]
            one: _Typed = self._one(frame)
            return (
                Envelope(
                    actions[type(one)], one.seq, one.data, one.ver or VERSION, one.extra or None
                ),
            )
        except _UNREADABLE:
            return self._slowly(frame)

    def _slowly(self, frame: bytes) -> Sequence[Envelope | Rejected]:
        """The same for frames with anything that is not valid, not known or unusual."""
        try:
            if b"null" in frame:
                frame = _without_nulls(frame)
            if frame.lstrip(b" \t\r\n")[:1] == b"[":
                return [self._envelope(item) for item in self._raws(frame)]
            return (self._envelope(frame),)
        except _UNREADABLE as error:
            # DecodeError covers both broken JSON and a wrong shape of the envelope itself.
            raise FrameError(str(error)) from None

    def _envelope(self, text: bytes | msgspec.Raw) -> Envelope | Rejected:
        head = self._head(text)
        action = head.action
        decoder = self._records.get(action)
        if decoder is None:
            if action == _API_OK:
                return Envelope(
                    _API_OK, head.seq, head.data, head.ver or VERSION, head.extra or None
                )
            why = f"unknown action {action[:64]!r}"
            return Rejected(head.seq, action, ErrorCode.UNSUPPORTED, why)
        data = _EMPTY if bytes(head.data) in _NOTHING else head.data
        try:
            return Envelope(
                action, head.seq, decoder.decode(data), head.ver or VERSION, head.extra or None
            )
        except msgspec.ValidationError as error:
            cli_mid = self._cli_mid_of(data)
            return Rejected(head.seq, action, ErrorCode.BAD_REQUEST, str(error), cli_mid)

    def _cli_mid_of(self, data: msgspec.Raw) -> str:
        """The `cliMid` of data that is otherwise not valid, so that its sender knows which send failed."""
        try:
            return self._cli_mid(data).cli_mid
        except _UNREADABLE:
            return ""

    def join(self, frames: Sequence[bytes]) -> bytes:
        """See `Codec`."""
        return frames[0] if len(frames) == 1 else b"[" + b",".join(frames) + b"]"

    def result(self, data: Any, kind: type[T]) -> T:
        """See `Codec`."""
        try:
            if data is None or isinstance(data, msgspec.Raw):
                return _decoded(data or _EMPTY, kind)
        except _UNREADABLE as error:
            raise FrameError(str(error)) from None
        if not isinstance(data, kind):
            raise FrameError(f"expected {kind.__name__}")
        return data
