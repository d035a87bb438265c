"""Named limits of protocol 2, and what a message to be sent must be."""

from __future__ import annotations

from .codes import ErrorCode
from .records import MAX_ID, Message

MAX_FRAME = 64 * 1024
"""Bytes of a frame, unless the server says otherwise in `hello`."""
MAX_CONTENT = 32 * 1024
"""Bytes of `content` in UTF-8."""
MAX_CLI_MID = 64
"""Characters of `cliMid`."""
MAX_MENTIONS = 100

Refusal = tuple[ErrorCode, str]


def check_send(message: Message) -> Refusal | None:
    """Why a message cannot be sent as it is; None if it can."""
    content = message.content
    if not 1 <= len(message.cli_mid) <= MAX_CLI_MID:
        return ErrorCode.BAD_REQUEST, f"cliMid: must have 1 to {MAX_CLI_MID} characters"
    if not 0 < message.to <= MAX_ID:
        return ErrorCode.BAD_REQUEST, "to: must be the id of the receiver"
    if message.type < 1:
        return ErrorCode.BAD_REQUEST, "type: must be 1 or more (negative types are the system's)"
    if content is None:
        return ErrorCode.BAD_REQUEST, "content: is missing"
    # A character has at most 4 bytes: only long contents need counting.
    if len(content) > MAX_CONTENT // 4 and len(content.encode("utf-8", "replace")) > MAX_CONTENT:
        return ErrorCode.TOO_LARGE, f"content: at most {MAX_CONTENT} bytes of UTF-8"
    if len(message.mentions) > MAX_MENTIONS:
        return ErrorCode.TOO_LARGE, f"mentions: at most {MAX_MENTIONS}"
    return None
