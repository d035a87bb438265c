"""How a message is laid out in its row, and how it comes back."""

from __future__ import annotations

from binascii import a2b_hex
from functools import lru_cache

import msgspec
from msgspec import Struct

from glideim.protocol.conversations import key_of, parse_group, parse_key
from glideim.protocol.records import Message, Reaction

# Columns of message `m` as a JSON array, in the order of MessageRow.
MESSAGE_JSON = (
    "json_array(m.mid, iif(typeof(m.cli_mid) = 'text', m.cli_mid, NULL),"
    " iif(typeof(m.cli_mid) = 'blob', lower(hex(m.cli_mid)), NULL), m.low, m.high, m.seq, m.sender,"
    " m.recipient, m.type, m.content, m.send_at, m.status, json(m.more), m.changed, m.pinned, m.expire_at)"
)

_encoder = msgspec.json.Encoder()


class More(Struct, frozen=True, omit_defaults=True):
    """What most messages lack, kept in one column."""

    reply_to: int = 0
    mentions: tuple[int, ...] = ()
    extra: dict[str, str] = {}


_NO_MORE = More()


class MessageRow(Struct, frozen=True, array_like=True, gc=False):
    """A row as it comes out; the `cli_mid` is either `text` or the digits of a UUID."""

    mid: int
    text: str | None
    uuid: str | None
    low: int
    high: int
    seq: int
    sender: int
    recipient: int
    type: int
    content: str | None
    send_at: int
    status: int
    more: More | None
    changed: int
    pinned: int
    expire_at: int

    def message(self, reactions: tuple[Reaction, ...] = ()) -> Message:
        """The message of this row."""
        u = self.uuid
        cli_mid = f"{u[:8]}-{u[8:12]}-{u[12:16]}-{u[16:20]}-{u[20:]}" if u else self.text or ""
        more = self.more or _NO_MORE
        return Message(
            self.mid, cli_mid, key_of(self.low, self.high), self.seq, self.sender, self.recipient, self.type,
            self.content, self.send_at, self.status, more.reply_to, more.mentions, more.extra,
            reactions, self.pinned > 0, self.expire_at,
        )  # fmt: skip


def pack_cli_mid(cli_mid: str) -> str | bytes:
    """A UUID in its usual form as 16 bytes, which halves the index; anything else as it is."""
    c = cli_mid
    # Once per message, so without a regular expression: that alone costs what all of this does.
    if len(c) != 36 or not c[8] == c[13] == c[18] == c[23] == "-" or c.lower() != c:
        return c
    try:
        packed = a2b_hex(c.replace("-", ""))
    except ValueError:
        return c
    return packed if len(packed) == 16 else c


KEYS_KEPT = 16_384
"""Conversations whose name is not read again."""


@lru_cache(maxsize=KEYS_KEPT)
def split_key(conv: str) -> tuple[int, int]:
    """The two integers of a conversation: people, or 0 and a group. Raises ValueError when it is none."""
    users = parse_key(conv)
    if users is not None:
        return users
    gid = parse_group(conv)
    if gid is None:
        raise ValueError(f"not a conversation key: {conv!r}")
    return 0, gid


def to_json(value: object) -> str:
    """A parameter for json_each()."""
    return _encoder.encode(value).decode()
