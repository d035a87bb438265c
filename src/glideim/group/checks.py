"""What names, announcements, rules and lists of people may be."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode

from .decide import HISTORIES, INVITES, JOIN_MODES
from .ports import ANNOUNCEMENT_MOST, AVATAR_MOST, MEMBERS_MOST, NAME_MOST

NICKNAME_MOST = 64
REASON_MOST = 256
PAGE = 100
"""Items of a page unless asked for fewer or more."""
PAGE_MOST = 200

# Control characters, and those that turn the direction of the text around them.
_NOT_IN_LINES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def line(field: str, text: str, most: int) -> str:
    """One line of text, trimmed. Raises RequestError."""
    text = text.strip()
    if len(text) > most or any(
        c in _TURNING or unicodedata.category(c) in _NOT_IN_LINES for c in text
    ):
        raise _bad(f"{field}: at most {most} printable characters")
    return text


def name_of(text: str) -> str:
    """The name of a group. Raises RequestError."""
    text = line("name", text, NAME_MOST)
    if not text:
        raise _bad("name: must not be empty")
    return text


def nickname_of(text: str) -> str:
    """A member's name in a group; empty is none. Raises RequestError."""
    return line("nickname", text, NICKNAME_MOST)


def reason_of(text: str) -> str:
    """What somebody who asks to join says. Raises RequestError."""
    return line("message", text, REASON_MOST)


def announcement_of(text: str) -> str:
    """An announcement, of any lines. Raises RequestError."""
    text = text.strip()
    if len(text) > ANNOUNCEMENT_MOST:
        raise _bad(f"announcement: at most {ANNOUNCEMENT_MOST} characters")
    return text


def avatar_of(text: str) -> str:
    """The address of a picture; empty is none. Raises RequestError."""
    if len(text) > AVATAR_MOST:
        raise _bad(f"avatar: at most {AVATAR_MOST} characters")
    if text and not text.startswith(("https://", "http://", "/")):
        raise _bad("avatar: must be a URL")
    return text


def check_rules(join_mode: str | None, history: str | None, invite: str | None) -> None:
    """Raises RequestError for what is none of the choices; None is not given, and fine."""
    fields = (
        ("joinMode", join_mode, JOIN_MODES),
        ("history", history, HISTORIES),
        ("invite", invite, INVITES),
    )
    for field, value, allowed in fields:
        if value is not None and value not in allowed:
            raise _bad(f"{field}: must be one of {', '.join(allowed)}")


def people_of(uids: Sequence[int]) -> tuple[int, ...]:
    """Each uid once. Raises RequestError."""
    people = tuple(dict.fromkeys(uids))
    if any(uid < 1 for uid in people):
        raise _bad("uids: must be positive")
    if len(people) > MEMBERS_MOST:
        raise RequestError(ErrorCode.TOO_LARGE, f"uids: at most {MEMBERS_MOST}")
    return people


def until_of(muted_until: int) -> int:
    """A time in Unix milliseconds. Raises RequestError."""
    if muted_until < 0:
        raise _bad("mutedUntil: must not be negative")
    return muted_until


def page_of(cursor: str, limit: int) -> tuple[int, int]:
    """After which id a page begins, and how many items it has. Raises RequestError."""
    if limit < 0:
        raise _bad("limit: must not be negative")
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 16):
        raise _bad("cursor: not one that this server gave out")
    return int(cursor or 0), min(limit or PAGE, PAGE_MOST)


def _bad(text: str) -> RequestError:
    return RequestError(ErrorCode.BAD_REQUEST, text)
