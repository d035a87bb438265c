"""Named limits of protocol 2, and what a message to be sent must be."""

from __future__ import annotations

from .codes import ErrorCode
from .conversations import parse_key
from .records import MAX_ID, AckRequest, Message

MAX_FRAME = 64 * 1024
"""Bytes of a frame, unless the server says otherwise in `hello`."""
MAX_CONTENT = 32 * 1024
"""Bytes of `content` in UTF-8."""
MAX_CLI_MID = 64
"""Characters of `cliMid`."""
MAX_MENTIONS = 100
MAX_EXTRA = 16
"""Entries of a message's `extra`."""
MAX_EXTRA_CHARACTERS = 1024
"""Characters of all keys and values of a message's `extra`."""

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
    # A character has at most 4 bytes: only long contents need counting.
    if content is None or len(content) > MAX_CONTENT // 4:
        refused = check_content(content)
        if refused is not None:
            return refused
    if message.mentions or message.extra or message.reply_to:
        return _check_rare(message)
    return None


def check_content(content: str | None) -> Refusal | None:
    """Why a content cannot be kept; None if it can."""
    if content is None:
        return ErrorCode.BAD_REQUEST, "content: is missing"
    if len(content.encode("utf-8", "replace")) > MAX_CONTENT:
        return ErrorCode.TOO_LARGE, f"content: at most {MAX_CONTENT} bytes of UTF-8"
    return None


def _check_rare(message: Message) -> Refusal | None:
    """What few messages have."""
    if len(message.mentions) > MAX_MENTIONS:
        return ErrorCode.TOO_LARGE, f"mentions: at most {MAX_MENTIONS}"
    if not all(0 < uid <= MAX_ID for uid in message.mentions):
        return ErrorCode.BAD_REQUEST, "mentions: must be ids"
    if not 0 <= message.reply_to <= MAX_ID:
        return ErrorCode.BAD_REQUEST, "replyTo: must be the mid of a message"
    extra = message.extra
    if len(extra) > MAX_EXTRA:
        return ErrorCode.TOO_LARGE, f"extra: at most {MAX_EXTRA} entries"
    if sum(len(key) + len(value) for key, value in extra.items()) > MAX_EXTRA_CHARACTERS:
        return ErrorCode.TOO_LARGE, f"extra: at most {MAX_EXTRA_CHARACTERS} characters in all"
    return None


def check_ack(ack: AckRequest) -> Refusal | None:
    """Why a confirmation means nothing; None if it names a conversation and a `seq`, or a message and its sender."""
    if ack.conv:
        if parse_key(ack.conv) is None:
            return ErrorCode.BAD_REQUEST, "conv: must be the name of a conversation"
        if not 0 < ack.seq <= MAX_ID:
            return ErrorCode.BAD_REQUEST, "seq: must be that of a message"
        return None
    if 0 < ack.mid <= MAX_ID and 0 < ack.from_ <= MAX_ID:
        return None
    return ErrorCode.BAD_REQUEST, "give conv and seq, or mid and from"
