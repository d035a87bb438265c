"""Mutations that know the shape of what they change: JSON documents and the fields of Protobuf messages.

What they make is mostly still readable, so it comes further than bytes changed anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**53 - 1, 2**53, -(2**63), 2**64, 0.5, 1e300, "", "a", "0", "c:1:2", "g:1", "c:2:1",
    "\u0000", "\U0001f600", "é" * 40, "x" * 300, [], {}, [[]], [1, 2], {"a": 1}, "open", "delta", "finish", "cancel",
)  # fmt: skip
"""What a value may become."""
VARINTS = (0, 1, 2, 127, 128, 2**31 - 1, 2**31, 2**32, 2**53 - 1, 2**53, 2**63, 2**64 - 1)
DEEP = 24
"""Levels of nesting that one mutation may add."""


def mutated_json(random: Random, data: bytes) -> bytes | None:
    """A JSON document with one place changed; None if it is none."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None
    places: list[tuple[Any, Any]] = []
    _collect(document, places)
    if not places:
        return json.dumps(random.choice(VALUES)).encode()
    holder, key = random.choice(places)
    kind = random.randrange(6)
    if kind == 0:
        del holder[key]
    elif kind == 1:
        other, at = random.choice(places)
        holder[key] = json.loads(json.dumps(other[at]))
    elif kind == 2 and isinstance(holder, dict):
        holder[random.choice(("seq", "action", "data", "ver", "extra", "x", key.swapcase()))] = (
            holder.pop(key)
        )
    elif kind == 3:
        value = holder[key]
        for _ in range(random.randrange(DEEP)):
            value = [value] if random.random() < 0.5 else {"a": value}
        holder[key] = value
    elif kind == 4:
        document = [document] * random.randrange(1, 4)
    else:
        holder[key] = random.choice(VALUES)
    text = json.dumps(document, ensure_ascii=random.random() < 0.5, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _collect(value: Any, into: list[tuple[Any, Any]]) -> None:
    if isinstance(value, dict | list):
        keys = list(value) if isinstance(value, dict) else range(len(value))
        for key in keys:
            into.append((value, key))
            _collect(value[key], into)


Field = tuple[int, int, int | bytes]
"""Number, wire type, value."""


def fields_of(data: bytes) -> list[Field] | None:
    """The fields of a Protobuf message; None if it is none."""
    fields: list[Field] = []
    at = 0
    try:
        while at < len(data):
            tag, at = _varint(data, at)
            number, kind = tag >> 3, tag & 7
            if kind == 0:
                value, at = _varint(data, at)
                fields.append((number, kind, value))
                continue
            if kind == 2:
                size, at = _varint(data, at)
            elif kind in {1, 5}:
                size = 8 if kind == 1 else 4
            else:
                return None
            if not number or at + size > len(data):
                return None
            fields.append((number, kind, data[at : at + size]))
            at += size
    except IndexError:
        return None
    return fields


def message_of(fields: list[Field]) -> bytes:
    """The other way round."""
    parts: list[bytes] = []
    for number, kind, value in fields:
        parts.append(varint(number << 3 | kind))
        if isinstance(value, int):
            parts.append(varint(value))
        else:
            parts.append((varint(len(value)) if kind == 2 else b"") + value)
    return b"".join(parts)


def mutated_protobuf(random: Random, data: bytes, depth: int = 0) -> bytes | None:
    """A Protobuf message with one field changed, at any level; None if it is none."""
    fields = fields_of(data)
    if not fields:
        return None
    at = random.randrange(len(fields))
    number, kind, value = fields[at]
    # Mostly what is inside: the outer levels are few and soon tried.
    if isinstance(value, bytes) and kind == 2 and random.random() < 0.8:
        inner = mutated_protobuf(random, value, depth + 1)
        if inner is not None:
            fields[at] = number, kind, inner
            return message_of(fields)
    fields[at : at + 1] = random.choice(_FIELD)(random, (number, kind, value))
    return message_of(fields)


def _new_value(random: Random, field: Field) -> list[Field]:
    number, kind, value = field
    if isinstance(value, int):
        return [(number, kind, random.choice(VARINTS))]
    if kind == 2:
        made = random.choice(("", "a", "c:1:2", "g:7", "\U0001f600", "x" * 200)).encode()
        return [
            (number, kind, random.choice((made, value + value, value[:-1], b"\xff", value.upper())))
        ]
    return [(number, kind, random.randbytes(len(value)))]


_FIELD: tuple[Callable[[Random, Field], list[Field]], ...] = (
    _new_value,
    _new_value,
    lambda _random, _field: [],
    lambda _random, field: [field, field],
    lambda random, field: [(random.randrange(1, 64), field[1], field[2])],
    lambda random, field: [(field[0], 0, random.choice(VARINTS))],
    lambda random, field: [(field[0], 2, random.randbytes(random.randrange(9)))],
    lambda random, field: [field, (random.randrange(100, 2000), 0, 1)],
)


def varint(value: int) -> bytes:
    """An integer as Protobuf writes it."""
    out = bytearray()
    value &= 2**64 - 1
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise IndexError


def shaped(seeds: list[bytes], random: Random) -> Iterator[bytes]:
    """Seeds changed in one to three places by their shape, without end. At least one seed must have one."""
    pool = [s for s in seeds if mutated_json(Random(0), s) or mutated_protobuf(Random(0), s)]
    while True:
        data = random.choice(pool)
        for _ in range(random.randrange(1, 4)):
            data = mutated_json(random, data) or mutated_protobuf(random, data) or data
        yield data[:8192]
