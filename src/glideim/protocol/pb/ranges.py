"""Ranges of numbers that the Protobuf types are wider than: ids are 0 to 2**53-1, an int64 is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from glideim.protocol.records import MAX_ID

ID_BITS = 53
"""`(a | b | ...) >> ID_BITS` is 0 exactly if all are ids: a sum of tests in one."""


class OutOfRangeError(ValueError):
    """A number that is no id stands where one must."""


def out_of_range(**values: int) -> OutOfRangeError:
    """Says which of the values it is."""
    names = [name.rstrip("_") for name, value in values.items() if not 0 <= value <= MAX_ID]
    return OutOfRangeError(f"must be from 0 to {MAX_ID}: {', '.join(names)}")


def checked_id(name: str, value: int) -> int:
    """The value, if it is an id."""
    if value >> ID_BITS:
        raise out_of_range(**{name: value})
    return value


def checked_ids(name: str, values: Sequence[int]) -> tuple[int, ...]:
    """The values, if all are ids."""
    ids = tuple(values) if values else ()
    for value in ids:
        if value >> ID_BITS:
            raise out_of_range(**{name: value})
    return ids


def checked_map(name: str, values: Mapping[str, int]) -> dict[str, int]:
    """The map, if all its values are ids."""
    ids = dict(values) if values else {}
    for value in ids.values():
        if value >> ID_BITS:
            raise out_of_range(**{name: value})
    return ids
