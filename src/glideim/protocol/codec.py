"""The codecs that there are: the built-in ones and those that other packages bring."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from .json_codec import JsonCodec
from .ports import Codec

__all__ = ["GROUP", "Codec", "CodecError", "JsonCodec", "load_codec", "load_codecs"]

GROUP = "glideim.codecs"
"""Entry point group of third-party codecs: the name is `Codec.name`, the object a codec or what makes one."""

_BUILT_IN = (
    EntryPoint("json", "glideim.protocol.json_codec:JsonCodec", GROUP),
    # Loaded by name: a client that speaks JSON need not load protobuf.
    EntryPoint("protobuf", "glideim.protocol.protobuf:ProtobufCodec", GROUP),
)
_MEMBERS = {"name": str, "subprotocol": str, "tcp_byte": int, "binary": bool}
_METHODS = ("decode", "encode", "join", "result")


class CodecError(Exception):
    """A codec that a package offers cannot be used; the text says which, and why."""


def load_codecs() -> dict[str, Codec]:
    """Every codec by name, the built-in ones first. Raises CodecError: a server that would silently lack a codec
    that was installed is worse than one that says so at the start."""
    codecs: dict[str, Codec] = {}
    for entry in (*_BUILT_IN, *_sorted(entry_points(group=GROUP))):
        codec = _load(entry)
        for other in codecs.values():
            _compare(entry, codec, other)
        codecs[codec.name] = codec
    return codecs


def load_codec(name: str) -> Codec:
    """One codec by name, without loading the others. Raises CodecError."""
    for entry in (*_BUILT_IN, *_sorted(entry_points(group=GROUP, name=name))):
        if entry.name == name:
            return _load(entry)
    raise CodecError(f"there is no codec {name!r}")


def _sorted(entries: Iterable[EntryPoint]) -> list[EntryPoint]:
    """In an order that does not depend on the order of installation."""
    return sorted(entries, key=lambda entry: (entry.name, entry.value))


def _load(entry: EntryPoint) -> Codec:
    where = f"codec {entry.name!r} ({entry.value})"
    try:
        made: Any = entry.load()
        codec: Codec = made() if isinstance(made, type) or not hasattr(made, "decode") else made
    except Exception as error:
        raise CodecError(f"{where} cannot be loaded: {type(error).__name__}: {error}") from error
    for member, kind in _MEMBERS.items():
        if not isinstance(getattr(codec, member, None), kind):
            raise CodecError(f"{where} has no {member} of type {kind.__name__}")
    for method in _METHODS:
        if not callable(getattr(codec, method, None)):
            raise CodecError(f"{where} has no method {method}")
    if codec.name != entry.name:
        raise CodecError(f"{where} calls itself {codec.name!r}")
    if not 0 < codec.tcp_byte < 256:
        raise CodecError(f"{where}: tcp_byte must be from 1 to 255")
    return codec


def _compare(entry: EntryPoint, codec: Codec, other: Codec) -> None:
    """Two codecs that a client could not tell apart are refused."""
    for member in ("name", "subprotocol", "tcp_byte"):
        value = getattr(codec, member)
        if value == getattr(other, member):
            text = f"codec {entry.name!r} ({entry.value}): {member} {value!r} is taken"
            raise CodecError(f"{text} by codec {other.name!r}")
