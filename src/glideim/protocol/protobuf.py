"""Protobuf: the schema of spec/glide.proto."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from google.protobuf.message import DecodeError

from .actions import RECORDS, RESULTS, Action
from .codes import ErrorCode
from .pb import fast
from .pb import glide_pb2 as pb
from .pb.fast import varint
from .pb.ranges import ID_BITS, OutOfRangeError
from .pb.reading import READERS
from .pb.writing import WRITERS
from .records import Envelope, FrameError, Rejected

T = TypeVar("T")

VERSION = 2
_API_OK = str(Action.API_OK)
_ENVELOPE = b"\x0a"
"""Tag of Frame.envelope and of Batch.envelope, which is why frames can be joined as they are."""
_BATCH = b"\x12"


def _field(action: str) -> str:
    """Name of the field of Envelope.data that an action has."""
    return action.replace(".", "_")


def _result_field(record: type) -> str:
    """Name of the field of ApiOk.result that has this type."""
    for field in pb.ApiOk.DESCRIPTOR.fields:
        kind = field.message_type
        if kind is not None and kind.name == record.__name__:
            return field.name
    raise LookupError(f"ApiOk has no field for {record.__name__}")


_READ: dict[str, tuple[str, Callable[[Any], Any]]] = {
    _field(action): (str(action), READERS[record]) for action, record in RECORDS.items()
}
"""Action and reader by field of Envelope.data."""
_WRITE: dict[str, tuple[str, type, Callable[[Any, Any], None]]] = {
    str(action): (_field(action), record, WRITERS[record]) for action, record in RECORDS.items()
}
"""Field, record and writer by action."""
_RESULT_FIELD = {record: _result_field(record) for record in RESULTS.values()}
_RESULT_READ = {field: READERS[record] for record, field in _RESULT_FIELD.items()}
_NO_DATA: dict[str, Any] = {str(action): record() for action, record in RECORDS.items()}


def _read_result(message: pb.ApiOk) -> Any:
    """The record of an `api.ok`; None if it has none, or one that is not known here."""
    field = message.WhichOneof("result")
    return None if field is None else _RESULT_READ[field](getattr(message, field))


_READ[_field(_API_OK)] = (_API_OK, _read_result)


class ProtobufCodec:
    """The Protobuf codec. Implements `Codec`."""

    name = "protobuf"
    subprotocol = "glide.v2.protobuf"
    tcp_byte = 0x02
    binary = True

    def decode(self, frame: bytes) -> Sequence[Envelope | Rejected]:
        """See `Codec`."""
        if (usual := fast.read(frame)) is not None:
            return (usual,)
        if frame[:1] == _BATCH and (parts := fast.split(frame)) is not None:
            return [fast.read(part) or _single(part) for part in parts]
        parsed = _parsed(frame)
        match parsed.WhichOneof("body"):
            case "envelope":
                return (_envelope(parsed.envelope),)
            case "batch":
                return [_envelope(item) for item in parsed.batch.envelope]
            case _:
                raise FrameError("a frame without envelope or batch")

    def encode(self, envelope: Envelope) -> bytes:
        """See `Codec`. Raises ValueError for an action or a result that the schema does not have."""
        write = fast.WRITERS.get(envelope.action)
        if write is not None and (usual := write(envelope)) is not None:
            return usual
        message = pb.Envelope()
        message.action = envelope.action
        if envelope.seq:
            message.seq = envelope.seq
        if envelope.ver != VERSION:
            message.ver = envelope.ver
        if envelope.extra:
            message.extra.update(envelope.extra)
        _write(message, envelope)
        # The same envelope gives the same bytes: maps are otherwise written in any order.
        body = message.SerializeToString(deterministic=True)
        return _ENVELOPE + varint(len(body)) + body

    def join(self, frames: Sequence[bytes]) -> bytes:
        """See `Codec`."""
        if len(frames) == 1:
            return frames[0]
        body = b"".join(frames)
        return _BATCH + varint(len(body)) + body

    def result(self, data: Any, kind: type[T]) -> T:
        """See `Codec`."""
        if isinstance(data, kind):
            return data
        try:
            if data is None:
                return kind()
        except TypeError:
            raise FrameError(f"expected {kind.__name__}, got nothing") from None
        raise FrameError(f"expected {kind.__name__}, got {type(data).__name__}")


def _parsed(frame: bytes) -> pb.Frame:
    try:
        return pb.Frame.FromString(frame)
    except DecodeError as error:
        raise FrameError(str(error)) from None


def _single(frame: bytes) -> Envelope | Rejected:
    """The envelope of a part of a batch, which is a frame with one envelope."""
    return _envelope(_parsed(frame).envelope)


def _envelope(message: pb.Envelope) -> Envelope | Rejected:
    seq = message.seq
    if seq >> ID_BITS:
        raise FrameError("seq: out of range")
    field = message.WhichOneof("data")
    action = message.action
    if field is None:
        return _without_data(message, seq, action)
    meant, read = _READ[field]
    if action and action != meant:
        return Rejected(seq, action, *_contradiction(action, field))
    data = getattr(message, field)
    try:
        record = read(data)
    except OutOfRangeError as error:
        cli_mid = getattr(data, "cli_mid", "")
        return Rejected(seq, meant, ErrorCode.BAD_REQUEST, str(error), cli_mid)
    return Envelope(meant, seq, record, message.ver or VERSION, _extra(message))


def _extra(message: pb.Envelope) -> dict[str, str] | None:
    return dict(message.extra) if message.extra else None


def _without_data(message: pb.Envelope, seq: int, action: str) -> Envelope | Rejected:
    """An action alone: its record has nothing set. A field that is not known here ends here as well."""
    data = _NO_DATA.get(action)
    if data is None and action != _API_OK:
        return Rejected(seq, action, ErrorCode.UNSUPPORTED, f"unknown action {action[:64]!r}")
    return Envelope(action, seq, data, message.ver or VERSION, _extra(message))


def _contradiction(action: str, field: str) -> tuple[ErrorCode, str]:
    if action in _WRITE or action == _API_OK:
        return ErrorCode.BAD_REQUEST, f"action {action!r} with the data of {field!r}"
    return ErrorCode.UNSUPPORTED, f"unknown action {action[:64]!r}"


def _write(message: pb.Envelope, envelope: Envelope) -> None:
    action, data = envelope.action, envelope.data
    if action == _API_OK:
        _write_result(message.api_ok, data)
        return
    if action not in _WRITE:
        raise ValueError(f"the schema has no action {action!r}")
    field, record, write = _WRITE[action]
    part = getattr(message, field)
    part.SetInParent()
    if data is not None:
        if type(data) is not record:
            raise ValueError(f"{action}: {type(data).__name__} instead of {record.__name__}")
        write(data, part)


def _write_result(message: pb.ApiOk, data: Any) -> None:
    message.SetInParent()
    if data is None:
        return
    field = _RESULT_FIELD.get(type(data))
    if field is None:
        raise ValueError(f"the schema has no result {type(data).__name__}")
    part = getattr(message, field)
    part.SetInParent()
    WRITERS[type(data)](data, part)
