"""One message that grows: what is kept of it in memory, and how its steps are read."""

from __future__ import annotations

import asyncio

from glideim.dispatch.ports import Origin
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from glideim.protocol.conversations import parse_group, parse_key
from glideim.protocol.records import AckMessage, Message
from glideim.protocol.social import Stream

from .access import no_conversation


class Growing:
    """One of them, while it grows."""

    __slots__ = (
        "ack", "active_at", "conv", "later", "message", "over", "size", "text", "turn", "uid", "waiting",
    )  # fmt: skip

    def __init__(self, uid: int, conv: str, message: Message, now: int) -> None:
        self.uid = uid
        self.conv = conv
        self.message = message
        self.text = message.content or ""
        self.size = len(self.text.encode())
        self.ack: AckMessage | None = None
        """None until it is stored."""
        self.later: list[tuple[Origin, int, Stream]] = []
        """What came before it was stored."""
        self.active_at = now
        self.waiting = 0
        """Steps that were taken and are not done."""
        self.turn = asyncio.Lock()
        """Steps one after the other, whatever each has to ask."""
        self.over = False
        """Finished, cancelled or recalled."""


def not_growing() -> RequestError:
    """There is nothing to continue."""
    return RequestError(ErrorCode.NOT_FOUND, "no such message of yours is growing")


def unavailable() -> RequestError:
    """The client may do it again."""
    return RequestError(ErrorCode.UNAVAILABLE, "the message store cannot serve now")


def offset_of(text: str, data: Stream) -> int:
    """Where in the text the content of a step begins. One that is not given means "behind what is there", but for the
    whole text, which `finish` may carry."""
    if data.offset is not None:
        return data.offset
    whole = data.op == "finish" and text and (data.content or "").startswith(text)
    return 0 if whole else len(text)


def target_of(uid: int, data: Stream) -> tuple[int, bool]:
    """To whom a stream goes, and whether that is a group. Raises RequestError."""
    if not data.conv:
        return data.to, False
    gid = parse_group(data.conv)
    if gid is not None:
        return gid, True
    users = parse_key(data.conv)
    if users is None or uid not in users:
        raise no_conversation()
    return (users[1] if users[0] == uid else users[0]), False


def numbered(message: Message, uid: int, ack: AckMessage) -> Message:
    """A message with the place that it was given."""
    return Message(
        ack.mid, message.cli_mid, ack.conv, ack.seq, uid, message.to, message.type, message.content, ack.send_at,
        message.status,
    )  # fmt: skip


def with_text(m: Message, text: str) -> Message:
    """The same with the text so far."""
    return Message(
        m.mid, m.cli_mid, m.conv, m.seq, m.from_, m.to, m.type, text, m.send_at, m.status, m.reply_to, m.mentions,
        m.extra, m.reactions, m.pinned, m.expire_at,
    )  # fmt: skip
