"""What names, passwords, profiles and devices may be."""

from __future__ import annotations

import unicodedata

from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode

DEVICES = range(1, 100)
PASSWORD_MOST = 256
NICKNAME_MOST = 64
AVATAR_MOST = 512

NAME_RAW_MOST = 256
"""Characters of a name before normalisation, which may shorten it: more is not even looked at."""

# Control characters, and those that turn the direction of the text around them. Joiners are allowed: Persian names
# and many emoji need them.
_NOT_IN_NAMES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def normal_name(name: str) -> str:
    """An account name in the one form that is stored and looked up; "" for what is too long to be one."""
    return unicodedata.normalize("NFKC", name) if len(name) <= NAME_RAW_MOST else ""


def same_name(name: str) -> str:
    """Equal for all ways to write one account name: what limits on guessing count by."""
    return normal_name(normal_name(name).casefold())


def check_account_name(name: str) -> str:
    """The name as it is stored. Raises RequestError."""
    name = normal_name(name)
    if not 3 <= len(name) <= 64:
        raise RequestError(ErrorCode.BAD_REQUEST, "account: must have 3 to 64 characters")
    if not all(c.isalnum() or c in "._-@+" for c in name):
        raise RequestError(ErrorCode.BAD_REQUEST, "account: letters, digits and . _ - @ + only")
    return name


def check_password(password: str) -> None:
    """Raises RequestError."""
    if not 6 <= len(password) <= PASSWORD_MOST:
        raise RequestError(ErrorCode.BAD_REQUEST, "password: must have 6 to 256 characters")


def check_profile(nickname: str | None, avatar: str | None) -> None:
    """Raises RequestError."""
    if nickname is not None and (
        len(nickname) > NICKNAME_MOST
        or any(c in _TURNING or unicodedata.category(c) in _NOT_IN_NAMES for c in nickname)
    ):
        raise RequestError(
            ErrorCode.BAD_REQUEST, f"nickname: at most {NICKNAME_MOST} printable characters"
        )
    if avatar is not None and len(avatar) > AVATAR_MOST:
        raise RequestError(ErrorCode.BAD_REQUEST, f"avatar: at most {AVATAR_MOST} characters")
    if avatar and not avatar.startswith(("https://", "http://", "/")):
        raise RequestError(ErrorCode.BAD_REQUEST, "avatar: must be a URL")


def check_page(cursor: str, limit: int) -> None:
    """Raises RequestError."""
    if limit < 0 or not (
        cursor == "" or (cursor.isascii() and cursor.isdigit() and len(cursor) <= 16)
    ):
        raise RequestError(
            ErrorCode.BAD_REQUEST, "limit or cursor: not one that this server gave out"
        )


def check_device(device: int) -> None:
    """Raises RequestError."""
    if device not in DEVICES:
        raise RequestError(ErrorCode.BAD_REQUEST, "device: must be a device class from 1 to 99")
