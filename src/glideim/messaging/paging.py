"""How large pages become, and the cursors between them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Message

T = TypeVar("T", bound=msgspec.Struct)

PAGE_DEFAULT = 50
PAGE_MOST = 200
PAGE_BYTES = 256 * 1024
"""A page ends with the message that reaches this size. It must fit, several times over, into what may wait for one
connection: a client whose every answer is too much for its outbox would be closed as too slow for ever."""
MESSAGE_BYTES = 256
"""What a message takes besides its content, roughly."""


_encode = msgspec.json.encode


def encode_cursor(cursor: msgspec.Struct) -> str:
    """The opaque form of a cursor."""
    return base64.urlsafe_b64encode(_encode(cursor)).decode().rstrip("=")


def decode_cursor(text: str, kind: type[T]) -> T:
    """Raises RequestError for anything that was not given out."""
    try:
        return msgspec.json.decode(
            base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=kind
        )
    except (binascii.Error, ValueError, RecursionError):
        raise RequestError(
            ErrorCode.BAD_REQUEST, "cursor: not one that this server gave out"
        ) from None


def page_size(limit: int) -> int:
    """How many items a page holds. Raises RequestError."""
    if limit < 0:
        raise RequestError(ErrorCode.BAD_REQUEST, "limit: must not be negative")
    return min(limit or PAGE_DEFAULT, PAGE_MOST)


def size_of(message: Message) -> int:
    """Bytes of a message in JSON, roughly: escapes may make six bytes of one character."""
    content = message.content or ""
    more = 64 * len(message.reactions)
    return (
        MESSAGE_BYTES
        + more
        + (len(content) if len(content) < MESSAGE_BYTES else len(_encode(content)))
    )


def beginning(messages: Sequence[Message], size: int = 0) -> Sequence[Message]:
    """The first messages, up to the one with which a page of `size` bytes is full; at least one."""
    for n, message in enumerate(messages, 1):
        size += size_of(message)
        if size >= PAGE_BYTES:
            return messages[:n]
    return messages


def ending(messages: Sequence[Message]) -> Sequence[Message]:
    """The same from the other end: the last messages."""
    return beginning(messages[::-1])[::-1]
