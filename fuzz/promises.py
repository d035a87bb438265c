"""What a target says when a promise is broken."""

from __future__ import annotations


def check(promise: bool, *what: object) -> None:
    """Like `assert`, but not switched off by -O."""
    if not promise:
        raise AssertionError(*what)
