"""Saying how two views differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_ABSENT = "nothing"


def differences(expected: Any, actual: Any, where: str = "") -> Iterator[str]:
    """Every place at which `actual` is not as expected; none when both are equal."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in sorted({*expected, *actual}, key=str):
            yield from differences(
                expected.get(key, _ABSENT), actual.get(key, _ABSENT), f"{where}/{key}"
            )
    elif expected != actual:
        yield f"{where}: {_short(actual)}, expected {_short(expected)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}…"
