"""Codecs by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points

from glideim.protocol.codec import Codec, JsonCodec


def find_codec(name: str) -> Codec:
    """A codec by its short name: `json`, `protobuf`, or one that a package offers under the entry point group
    `glideim.codecs`. Raises ValueError."""
    if name == "json":
        return JsonCodec()
    if name == "protobuf":
        # Imported here: whoever uses JSON need not load protobuf.
        from glideim.protocol.protobuf import ProtobufCodec  # noqa: PLC0415

        return ProtobufCodec()
    for entry in entry_points(group="glideim.codecs", name=name):
        make: Callable[[], Codec] = entry.load()
        return make()
    raise ValueError(f"there is no codec {name!r}: use json or protobuf")
