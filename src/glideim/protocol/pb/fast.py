"""The messages of a confirmed chat message, laid by hand.

The Protobuf library spends 2 to 4 µs on each of them from Python (a call per field and per level), five times the
JSON codec. So the usual shape of the two that clients send is read here, and the usual shape of all is written
here; whatever deviates from it is left to the library: every function returns None when it does not recognise its
case, never a guess. Tests and fuzzing hold both ways against each other. What the server sends is read by the
library: with so many fields reading by hand gains too little.
"""

from __future__ import annotations

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


_LOW = 0x3FFF
LENGTHS = [chr(n) if n < 128 else f"{chr(n & 127 | 128)}{chr(n >> 7)}" for n in range(_LOW + 1)]
"""Texts of numbers below 2^14, and so of lengths; longer contents are left to the library."""
_HIGH = [f"{chr(n & 127 | 128)}{chr(n >> 7 | 128)}" for n in range(_LOW + 1)]
"""The lowest 14 bits of larger numbers."""
_texts: dict[int, str] = {}
_text = _texts.get
_values: dict[bytes, int] = {}
_value = _values.get


def _new_text(value: int) -> str:
    """The text of a number that is not remembered. Raises ValueError unless it is from 1 to MAX_ID."""
    if not 0 < value <= MAX_ID:
        raise ValueError(value)
    if value <= _LOW:
        text = LENGTHS[value]
    elif value < 1 << 28:
        text = _HIGH[value & _LOW] + LENGTHS[value >> 14]
    elif value < 1 << 42:
        text = f"{_HIGH[value & _LOW]}{_HIGH[value >> 14 & _LOW]}{LENGTHS[value >> 28]}"
    else:
        middle = f"{_HIGH[value >> 14 & _LOW]}{_HIGH[value >> 28 & _LOW]}"
        text = f"{_HIGH[value & _LOW]}{middle}{LENGTHS[value >> 42]}"
    if len(_texts) >= REMEMBERED:
        _texts.clear()
    _texts[value] = text
    return text


def _new_value(text: bytes) -> int:
    """The number of exactly one varint, not remembered. Raises ValueError if it is none, or above MAX_ID."""
    value = shift = 0
    for byte in text[:-1]:
        if byte < 128:
            raise ValueError(text)
        value |= (byte & 127) << shift
        shift += 7
    if not text or text[-1] > 127 or shift > 56:
        raise ValueError(text)
    value |= text[-1] << shift
    if value > MAX_ID:
        raise ValueError(text)
    if len(_values) >= REMEMBERED:
        _values.clear()
    _values[text] = value
    return value


# --- writing ------------------------------------------------------------------------------------
# Text is Latin-1, one character per byte, since strings are put together faster than bytes; only ASCII contents go
# this way, so that characters and bytes are the same in number.

_SHARED = 2048
"""Messages of which the common part of their three frames is kept."""
_commons: dict[tuple[int, str, str, int], str] = {}
_common = _commons.get


def _new_common(of: tuple[int, str, str, int]) -> str:
    """The text of mid, cliMid, conv and seq, which Message, AckMessage and AckNotify begin with. Raises ValueError
    when one is empty or not ASCII."""
    mid, cli_mid, conv, seq = of
    if not (cli_mid and conv and cli_mid.isascii() and conv.isascii()):
        raise ValueError(of)
    text = (
        f"\x08{_text(mid) or _new_text(mid)}\x12{LENGTHS[len(cli_mid)]}{cli_mid}"
        f"\x1a{LENGTHS[len(conv)]}{conv}\x20{_text(seq) or _new_text(seq)}"
    )
    if len(_commons) >= _SHARED:
        _commons.clear()
    _commons[of] = text
    return text


def _frame(seq: int, action: str, data: str) -> bytes:
    """The frame of an envelope, from `action` (with tag, and the tag of the data) and the text of the data."""
    if seq:
        number = LENGTHS[seq] if seq <= _LOW else _text(seq) or _new_text(seq)
        action = f"\x08{number}{action}"
    size = len(data)
    body = len(action) + size + (1 if size < 128 else 2)
    return f"\n{LENGTHS[body]}{action}{LENGTHS[size]}{data}".encode("latin-1")


def write_message_chat(envelope: Envelope) -> bytes | None:
    """A push or a send: everything usual set, and nothing that is rarely set."""
    data = envelope.data
    if type(data) is not Message or envelope.extra or envelope.ver != _VERSION:
        return None
    content = data.content
    if content is None or not content.isascii() or not 0 < data.type < 128:
        return None
    if data.status or data.reply_to or data.mentions or data.extra or data.expire_at:
        return None
    if data.reactions or data.pinned:
        return None
    try:
        if data.mid:
            text = _push(data, content)
        elif data.conv or data.seq or data.from_ or data.send_at:
            return None
        else:
            text = _send(data, content)
        return _frame(envelope.seq, "\x12\x0cmessage.chat\x2a", text)
    except (ValueError, IndexError):
        return None


def _push(data: Message, content: str) -> str:
    common = (data.mid, data.cli_mid, data.conv, data.seq)
    sender, to, at = data.from_, data.to, data.send_at
    return (
        f"{_common(common) or _new_common(common)}\x28{_text(sender) or _new_text(sender)}"
        f"\x30{_text(to) or _new_text(to)}\x38{LENGTHS[data.type]}"
        f"\x42{LENGTHS[len(content)]}{content}\x48{_text(at) or _new_text(at)}"
    )


def _send(data: Message, content: str) -> str:
    cli_mid, to = data.cli_mid, data.to
    if not cli_mid or not cli_mid.isascii():
        raise ValueError(cli_mid)
    return (
        f"\x12{LENGTHS[len(cli_mid)]}{cli_mid}\x30{_text(to) or _new_text(to)}"
        f"\x38{LENGTHS[data.type]}\x42{LENGTHS[len(content)]}{content}"
    )


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
        return _frame(envelope.seq, "\x12\x0back.request\x3a", text)
    except (ValueError, IndexError):
        return None


def write_ack_message(envelope: Envelope) -> bytes | None:
    """An acknowledgement with everything set."""
    data = envelope.data
    if type(data) is not AckMessage or envelope.extra or envelope.ver != _VERSION:
        return None
    common, at = (data.mid, data.cli_mid, data.conv, data.seq), data.send_at
    try:
        text = f"{_common(common) or _new_common(common)}\x48{_text(at) or _new_text(at)}"
        return _frame(envelope.seq, "\x12\x0back.message\x32", text)
    except (ValueError, IndexError):
        return None


def write_ack_notify(envelope: Envelope) -> bytes | None:
    """A delivery notice with everything set but, perhaps, `offline`."""
    data = envelope.data
    if type(data) is not AckNotify or envelope.extra or envelope.ver != _VERSION:
        return None
    common, sender = (data.mid, data.cli_mid, data.conv, data.seq), data.from_
    try:
        text = f"{_common(common) or _new_common(common)}\x28{_text(sender) or _new_text(sender)}"
        if data.offline:
            text += "\x30\x01"
        return _frame(envelope.seq, "\x12\x0aack.notify\x42", text)
    except (ValueError, IndexError):
        return None


WRITERS: dict[str, Callable[[Envelope], bytes | None]] = {
    "message.chat": write_message_chat,
    "ack.message": write_ack_message,
    "ack.request": write_ack_request,
    "ack.notify": write_ack_notify,
}
"""By action; None means that the case is not the usual one."""


# --- reading ------------------------------------------------------------------------------------
# A frame is parted at the action. Every length and tag is compared, and numbers must be one whole varint, so there
# is no other way to read what is read here.

_CHAT = b"\x12\x0cmessage.chat\x2a"
_ACK = b"\x12\x0back.request\x3a"


def _seq_of(head: bytes, size: int) -> int:
    """The `seq` of what stands before the action in a frame of this size. Raises ValueError."""
    start = 2
    length = head[1]
    if length > 127:
        start = 3
        length = length & 127 | head[2] << 7
        if head[2] > 127:
            raise ValueError(head)
    if head[0] != 0x0A or length != size - start:
        raise ValueError(head)
    if len(head) == start:
        return 0
    if head[start] != 0x08:
        raise ValueError(head)
    if len(head) == start + 3 and head[start + 1] > 127 >= head[start + 2]:
        return head[start + 1] & 127 | head[start + 2] << 7
    number = head[start + 1 :]
    return _value(number) or _new_value(number)


def _read_send(head: bytes, data: bytes, size: int) -> Envelope | None:
    length, at = data[0], 1
    if length > 127:
        length, at = length & 127 | data[1] << 7, 2
        if data[1] > 127:
            return None
    if length != len(data) - at or data[at] != 0x12 or data[at + 1] > 127:
        return None
    stop = at + 2 + data[at + 1]
    if data[stop] != 0x30:
        return None
    # The number may have this byte at its end: then it is not whole without it.
    kind = data.find(b"\x38", stop + 2)
    number = data[stop + 1 : kind]
    if data[kind + 1] > 127 or data[kind + 2] != 0x42:
        return None
    length, start = data[kind + 3], kind + 4
    if length > 127:
        length, start = length & 127 | data[start] << 7, start + 1
        if data[start - 1] > 127:
            return None
    if length != len(data) - start:
        return None
    cli_mid, content = data[at + 2 : stop].decode(), data[start:].decode()
    to = _value(number) or _new_value(number)
    record = Message(0, cli_mid, "", 0, 0, to, data[kind + 1], content)
    return Envelope("message.chat", _seq_of(head, size), record)


def _read_ack(head: bytes, data: bytes, size: int) -> Envelope | None:
    stop = 3 + data[2]
    if data[0] != len(data) - 1 or data[1] != 0x0A or data[stop] != 0x10:
        return None
    number = data[stop + 1 :]
    record = AckRequest(data[3:stop].decode(), _value(number) or _new_value(number))
    return Envelope("ack.request", _seq_of(head, size), record)


def read(frame: bytes) -> Envelope | None:
    """The envelope of a frame, if it is a send or a confirmation as they usually are."""
    try:
        head, found, data = frame.partition(_CHAT)
        if found:
            return _read_send(head, data, len(frame))
        head, found, data = frame.partition(_ACK)
        return _read_ack(head, data, len(frame)) if found else None
    except (ValueError, IndexError):
        # An id out of range, text that is not UTF-8, an end too early: the library says what is wrong.
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
