"""Names of conversations: `c:<smaller uid>:<larger uid>` for two people, `g:<gid>` for a group."""

from __future__ import annotations

from .records import MAX_ID


def chat_key(a: int, b: int) -> str:
    """The conversation of two people; of notes to oneself when both are the same."""
    return f"c:{a}:{b}" if a <= b else f"c:{b}:{a}"


def parse_key(key: str) -> tuple[int, int] | None:
    """The two people of a conversation, smaller uid first; None unless the key is exactly as `chat_key` makes it."""
    kind, _, rest = key.partition(":")
    first, _, second = rest.partition(":")
    if kind != "c" or not (
        first.isascii() and first.isdigit() and second.isascii() and second.isdigit()
    ):
        return None
    if len(first) > 16 or len(second) > 16:
        return None
    a, b = int(first), int(second)
    if not 0 < a <= b <= MAX_ID or chat_key(a, b) != key:
        return None
    return a, b


def group_key(gid: int) -> str:
    """The conversation of a group."""
    return f"g:{gid}"


def parse_group(key: str) -> int | None:
    """The group of a conversation; None unless the key is exactly as `group_key` makes it."""
    kind, _, rest = key.partition(":")
    if kind != "g" or not (rest.isascii() and rest.isdigit()) or len(rest) > 16:
        return None
    gid = int(rest)
    return gid if 0 < gid <= MAX_ID and group_key(gid) == key else None


def key_of(low: int, high: int) -> str:
    """The key of a conversation kept as two integers: people, or 0 and a group."""
    return chat_key(low, high) if low else group_key(high)
