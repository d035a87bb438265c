"""Values at the borders of what a field may be, by the field's type."""

from __future__ import annotations

from random import Random
from typing import Any

from msgspec.structs import FieldInfo

INTS = (
    0, 1, 2, -1, 99, 100, 101, 200, 201, 500, 1000, 2**31 - 1, 2**31, -(2**31), 2**53 - 1, 2**53, 2**63 - 1, 2**64 - 1,
)  # fmt: skip
TEXTS = (
    "", "a", "0", "-1", " ", "null", "c:1:2", "c:2:1", "c:1:1", "c:0:1", "g:0", "g:01", "g:1", "g:9007199254740991", "../x",
    "%", "'\"", "*", "a OR b", "NEAR(a b)", "\u0000", "\u202ex", "\n", "e30", "W10", "bnVsbA", "open", "owner", "👍" * 32,
    "é" * 33, "x" * 64, "x" * 65, "x" * 256, "x" * 257, "x" * 512, "x" * 513, "x" * 4000, "\ufdfa" * 64,
)  # fmt: skip
HUGE = ("x" * 32_768, "x" * 32_769, "é" * 16_384, "é" * 16_385, "\u0001" * 5_000)
"""The longest contents, and one more. They are drawn seldom: each is stored."""
SELDOM = 0.03


def odd(random: Random, field: FieldInfo) -> Any:
    """A value of the type of a field, or nearly."""
    kind = str(field.type)
    if "glideim." in kind:
        return field.default  # a record of its own: only the server fills these
    if kind.startswith("tuple"):
        size = int(random.choice((0, 1, 2, 100, 101, 501)))
        return tuple((odd_text if "str" in kind else odd_int)(random) for _ in range(size))
    if kind.startswith("dict"):
        worth = odd_int if "int" in kind else odd_text
        return {odd_text(random): worth(random) for _ in range(random.choice((0, 1, 16, 17)))}
    if "bool" in kind:
        return random.random() < 0.5
    return odd_int(random) if "int" in kind else odd_text(random)


def odd_int(random: Random) -> int:
    """A number at a border."""
    return random.choice(INTS)


def odd_text(random: Random) -> str:
    """A text that is short, long or strange."""
    return random.choice(HUGE if random.random() < SELDOM else TEXTS)
