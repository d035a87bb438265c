"""What is answered to sends."""

from __future__ import annotations

from glideim.dispatch.ports import Reply
from glideim.protocol.actions import Action
from glideim.protocol.codes import RETRYABLE, ErrorCode
from glideim.protocol.records import AckMessage, Envelope, Error, Message
from glideim.protocol.social import Stream

from .ports import Send

_FAILED = str(Action.MESSAGE_FAILED_SEND)
_STREAM = str(Action.MESSAGE_STREAM)


def fingerprint(message: Message, *, group: bool) -> int:
    """What must be equal for two sends under one `cli_mid` to be the same message (P2): a person and a group may have
    the same number."""
    return hash((group, message.to, message.type, message.content))


def wanted(send: Send) -> int:
    """The fingerprint of what a sender wrote, whatever a screen made of it."""
    return send.asked or fingerprint(send.message, group=send.group)


def acknowledgement(message: Message) -> AckMessage:
    """What is answered to the send that became this message."""
    return AckMessage(message.cli_mid, message.mid, message.conv, message.seq, message.send_at)


def failure(send: Send, code: ErrorCode, text: str) -> Reply:
    """`message.failed.send` for a send."""
    error = Error(code, text, code in RETRYABLE, send.message.cli_mid)
    return Reply(send.origin, Envelope(_FAILED, send.request_seq, error))


def pushed(message: Message) -> Envelope:
    """`message.stream` open, with what there is of a message that grows."""
    opened = Stream(
        conv=message.conv, to=message.to, stream_id=message.cli_mid, op="open", content=message.content,
        offset=0, from_=message.from_, mid=message.mid, seq=message.seq, type=message.type,
    )  # fmt: skip
    return Envelope(_STREAM, 0, opened)
