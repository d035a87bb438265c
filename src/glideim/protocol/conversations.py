"""Names of conversations: `c:<smaller uid>:<larger uid>` for two people, `g:<gid>` for a group."""

from __future__ import annotations

from .records import MAX_ID


def chat_key(a: int, b: int) -> str:
    """The conversation of two people; of notes to oneself when both are the same."""
    return f"c:{a}:{b}" if a <= b else f"c:{b}:{a}"


def parse_key(key: str) -> tuple[int, int] | None:
    """The two people of a conversation, smaller uid first; None unless the key is exactly as `chat_key` makes it."""
    if key[:2] != "c:":
        return None
    first, _, second = key[2:].partition(":")
    try:
        a, b = int(first), int(second)
    except ValueError:
        return None
    # What int() allows beside digits (signs, blanks, underscores, other scripts) does not come back the same.
    return (a, b) if 0 < a <= b <= MAX_ID and chat_key(a, b) == key else None


def group_key(gid: int) -> str:
    """The conversation of a group."""
    return f"g:{gid}"


def parse_group(key: str) -> int | None:
    """The group of a conversation; None unless the key is exactly as `group_key` makes it."""
    if key[:2] != "g:":
        return None
    try:
        gid = int(key[2:])
    except ValueError:
        return None
    return gid if 0 < gid <= MAX_ID and group_key(gid) == key else None


def key_of(low: int, high: int) -> str:
    """The key of a conversation kept as two integers: people, or 0 and a group."""
    return chat_key(low, high) if low else group_key(high)
