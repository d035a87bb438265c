"""The messages of a confirmed chat message, laid by hand.

The Protobuf library spends 2 to 4 µs on each of them from Python (a call per field and per level), five times the
JSON codec. So the usual shape of the two that clients send is read with one regular expression, and the usual shape
of all is written with string formatting; whatever deviates from it is left to the library: every function here
returns None when it does not recognise its case, never a guess. Tests and fuzzing hold both ways against each other.
What the server sends is read by the library: with so many fields a regular expression gains too little.

Written text is Latin-1, one character per byte, since strings are put together faster than bytes; only ASCII
contents go this way, so that characters and bytes are the same in number.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from glideim.protocol.records import (
    MAX_ID,
    AckMessage,
    AckNotify,
    AckRequest,
    Envelope,
    Message,
)

REMEMBERED = 8192
"""Numbers kept in each direction: an id travels several times within a short time, in several messages."""
_VERSION = 2

# --- numbers ------------------------------------------------------------------------------------


def varint(value: int) -> bytes:
    """A number from 0 on as Protobuf writes it."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


LENGTHS = [varint(length).decode("latin-1") for length in range(1 << 14)]
"""Texts of lengths; longer contents are left to the library."""
_texts: dict[int, str] = {}
_text = _texts.get
_values: dict[bytes, int] = {}
_value = _values.get


def _new_text(value: int) -> str:
    """The text of a number that is not remembered. Raises ValueError unless it is from 1 to MAX_ID."""
    if not 0 < value <= MAX_ID:
        raise ValueError(value)
    if len(_texts) >= REMEMBERED:
        _texts.clear()
    if value < 1 << 14:
        text = LENGTHS[value]
    else:
        low = value & 0x3FFF
        text = f"{chr(low & 127 | 128)}{chr(low >> 7 | 128)}{_new_text(value >> 14)}"
    _texts[value] = text
    return text


def _new_value(text: bytes) -> int:
    """The number of a varint that is not remembered. Raises ValueError if it is above MAX_ID."""
    if len(_values) >= REMEMBERED:
        _values.clear()
    value = 0
    for position, byte in enumerate(text):
        value |= (byte & 127) << 7 * position
    if value > MAX_ID:
        raise ValueError(value)
    _values[text] = value
    return value


_OFFLINE, _NOT_OFFLINE = "\x30\x01", ""


# --- writing ------------------------------------------------------------------------------------


def _frame(envelope: Envelope, action: str, data: str) -> bytes:
    """The frame of an envelope, from `action` (with tag, and the tag of the data) and the text of the data."""
    head = action
    if seq := envelope.seq:
        head = f"\x08{_text(seq) or _new_text(seq)}{action}"
    body = f"{head}{LENGTHS[len(data)]}{data}"
    return f"\n{LENGTHS[len(body)]}{body}".encode("latin-1")


def write_message_chat(envelope: Envelope) -> bytes | None:
    """A push or a send: everything usual set, and nothing that is rarely set."""
    data = envelope.data
    if type(data) is not Message or data.status or data.reply_to or data.mentions or data.extra:
        return None
    content = data.content
    if content is None or envelope.extra or envelope.ver != _VERSION or not 0 < data.type < 128:
        return None
    mid, seq, sender, to, send_at = data.mid, data.seq, data.from_, data.to, data.send_at
    if not mid:
        return _write_send(envelope, data, content)
    cli_mid, conv = data.cli_mid, data.conv
    if not (cli_mid and cli_mid.isascii() and conv and conv.isascii() and content.isascii()):
        return None
    try:
        text = (
            f"\x08{_text(mid) or _new_text(mid)}\x12{LENGTHS[len(cli_mid)]}{cli_mid}"
            f"\x1a{LENGTHS[len(conv)]}{conv}\x20{_text(seq) or _new_text(seq)}"
            f"\x28{_text(sender) or _new_text(sender)}\x30{_text(to) or _new_text(to)}"
            f"\x38{LENGTHS[data.type]}\x42{LENGTHS[len(content)]}{content}"
            f"\x48{_text(send_at) or _new_text(send_at)}"
        )
        return _frame(envelope, "\x12\x0cmessage.chat\x2a", text)
    except (ValueError, IndexError):
        return None


def _write_send(envelope: Envelope, data: Message, content: str) -> bytes | None:
    cli_mid, to = data.cli_mid, data.to
    if data.conv or data.seq or data.from_ or data.send_at:
        return None
    if not (cli_mid and cli_mid.isascii() and content.isascii()):
        return None
    try:
        text = (
            f"\x12{LENGTHS[len(cli_mid)]}{cli_mid}\x30{_text(to) or _new_text(to)}"
            f"\x38{LENGTHS[data.type]}\x42{LENGTHS[len(content)]}{content}"
        )
        return _frame(envelope, "\x12\x0cmessage.chat\x2a", text)
    except (ValueError, IndexError):
        return None


def write_ack_request(envelope: Envelope) -> bytes | None:
    """A cumulative confirmation."""
    data = envelope.data
    if type(data) is not AckRequest or envelope.extra or envelope.ver != _VERSION:
        return None
    conv, seq = data.conv, data.seq
    if data.mid or data.from_ or not (conv and conv.isascii()):
        return None
    try:
        text = f"\n{LENGTHS[len(conv)]}{conv}\x10{_text(seq) or _new_text(seq)}"
        return _frame(envelope, "\x12\x0back.request\x3a", text)
    except (ValueError, IndexError):
        return None


def write_ack_message(envelope: Envelope) -> bytes | None:
    """An acknowledgement with everything set."""
    data = envelope.data
    if type(data) is not AckMessage or envelope.extra or envelope.ver != _VERSION:
        return None
    mid, seq, send_at, cli_mid, conv = data.mid, data.seq, data.send_at, data.cli_mid, data.conv
    if not (cli_mid and cli_mid.isascii() and conv and conv.isascii()):
        return None
    try:
        text = (
            f"\n{LENGTHS[len(cli_mid)]}{cli_mid}\x10{_text(mid) or _new_text(mid)}"
            f"\x1a{LENGTHS[len(conv)]}{conv}\x20{_text(seq) or _new_text(seq)}"
            f"\x28{_text(send_at) or _new_text(send_at)}"
        )
        return _frame(envelope, "\x12\x0back.message\x32", text)
    except (ValueError, IndexError):
        return None


def write_ack_notify(envelope: Envelope) -> bytes | None:
    """A delivery notice with everything set but, perhaps, `offline`."""
    data = envelope.data
    if type(data) is not AckNotify or envelope.extra or envelope.ver != _VERSION:
        return None
    mid, seq, sender, cli_mid, conv = data.mid, data.seq, data.from_, data.cli_mid, data.conv
    if not (cli_mid and cli_mid.isascii() and conv and conv.isascii()):
        return None
    try:
        text = (
            f"\n{LENGTHS[len(conv)]}{conv}\x10{_text(seq) or _new_text(seq)}"
            f"\x18{_text(mid) or _new_text(mid)}\x22{LENGTHS[len(cli_mid)]}{cli_mid}"
            f"\x28{_text(sender) or _new_text(sender)}{_OFFLINE if data.offline else _NOT_OFFLINE}"
        )
        return _frame(envelope, "\x12\x0aack.notify\x42", text)
    except (ValueError, IndexError):
        return None


_ZERO = b"\0"
"""The number of an optional field that is not there."""

# --- reading ------------------------------------------------------------------------------------

_NUMBER = rb"([\x80-\xff]{0,7}[\x00-\x7f])"
_LENGTH = rb"([\x80-\xff]?[\x00-\x7f])"
_SMALL = rb"([\x00-\x7f])"
# Greedy, and the tag behind it may be one of its characters ("0"): the length decides, and what does not fit is
# left to the library.
_CLI_MID = _SMALL + rb"([0-9A-Za-z_.:-]{1,64})"
_CONV = _SMALL + rb"(c:[0-9]{1,16}:[0-9]{1,16})"


def _pattern(action: bytes, tag: bytes, data: bytes) -> Callable[..., re.Match[bytes] | None]:
    """Matches a whole frame: the frame's length, `seq`, `action`, the length of the data, the data."""
    head = rb"\x0a" + _LENGTH + rb"(?:\x08" + _NUMBER + rb")?\x12"
    name = bytes((len(action),)) + re.escape(action)
    return re.compile(head + name + tag + _LENGTH + data + rb"\Z", re.DOTALL).match


_match_send = _pattern(
    b"message.chat",
    rb"\x2a",
    rb"\x12" + _CLI_MID + rb"\x30" + _NUMBER + rb"\x38" + _SMALL + rb"\x42" + _LENGTH + rb"(.*)",
)
_match_ack_request = _pattern(b"ack.request", rb"\x3a", rb"\x0a" + _CONV + rb"\x10" + _NUMBER)


def _read_send(frame: bytes) -> Envelope | None:
    match = _match_send(frame)
    if match is None:
        return None
    size, seq, inner, cli_length, cli_mid, to, kind, length, content = match.groups(_ZERO)
    if cli_length[0] != len(cli_mid) or (_value(length) or _new_value(length)) != len(content):
        return None
    end = len(frame)
    if (_value(size) or _new_value(size)) != end - 1 - len(size):
        return None
    if (_value(inner) or _new_value(inner)) != end - match.end(3):
        return None
    data = Message(
        0, cli_mid.decode(), "", 0, 0, _value(to) or _new_value(to), kind[0], content.decode()
    )
    return Envelope("message.chat", _value(seq) or _new_value(seq), data)


def _read_ack_request(frame: bytes) -> Envelope | None:
    match = _match_ack_request(frame)
    if match is None:
        return None
    size, seq, inner, conv_length, conv, number = match.groups(_ZERO)
    if conv_length[0] != len(conv):
        return None
    end = len(frame)
    if (_value(size) or _new_value(size)) != end - 1 - len(size):
        return None
    if (_value(inner) or _new_value(inner)) != end - match.end(3):
        return None
    data = AckRequest(conv.decode(), _value(number) or _new_value(number))
    return Envelope("ack.request", _value(seq) or _new_value(seq), data)


_READERS: dict[bytes, Callable[[bytes], Envelope | None]] = {
    b"a": _read_send,
    b"r": _read_ack_request,
}
"""By the fifth character of the action: "message.chat" or "ack.request"."""


def read(frame: bytes) -> Envelope | None:
    """The envelope of a frame, if it is a send or a confirmation as they usually are."""
    # No byte 0x12 comes behind the tag of the action within its first characters, and the tag is in the first
    # 13 bytes: what is found is the tag, or the pattern will not match.
    start = frame.rfind(b"\x12", 2, 13) + 6
    reader = _READERS.get(frame[start : start + 1])
    if reader is None:
        return None
    try:
        return reader(frame)
    except ValueError:
        # An id out of range or text that is not UTF-8: the library and its checks say what is wrong.
        return None


def split(frame: bytes) -> list[bytes] | None:
    """The frames that a batch was joined of; None if it was written in any other way."""
    try:
        size, start = _length_at(frame, 1)
        end = len(frame)
        if frame[0] != 0x12 or start + size != end:
            return None
        found: list[bytes] = []
        while start < end:
            if frame[start] != 0x0A:
                return None
            size, body = _length_at(frame, start + 1)
            found.append(frame[start : body + size])
            start = body + size
    except IndexError:
        return None
    return found if start == end else None


def _length_at(frame: bytes, start: int) -> tuple[int, int]:
    """A length of at most three bytes, and where it ends. Raises IndexError if there is none."""
    size = shift = 0
    for at in range(start, start + 3):
        byte = frame[at]
        size |= (byte & 127) << shift
        if byte < 128:
            return size, at + 1
        shift += 7
    raise IndexError(start)


WRITERS: dict[str, Callable[[Envelope], bytes | None]] = {
    "message.chat": write_message_chat,
    "ack.message": write_ack_message,
    "ack.request": write_ack_request,
    "ack.notify": write_ack_notify,
}
"""By action; None means that the case is not the usual one."""
