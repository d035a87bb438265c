"""One target per parser (those of frames are here, the others in `texts`): a function of bytes that returns when all is well and raises when a promise is broken.

A promise is more than "does not crash": each target compares the parser with another way to the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from glideim.protocol import protobuf
from glideim.protocol.conversations import chat_key, parse_key
from glideim.protocol.framing import FrameReader, FrameTooLarge, build_preamble, parse_preamble
from glideim.protocol.json_codec import JsonCodec
from glideim.protocol.pb import fast
from glideim.protocol.protobuf import ProtobufCodec
from glideim.protocol.records import MAX_ID, Envelope, FrameError, Rejected
from glideim.protocol.websocket import MessageJoiner

from . import texts
from .promises import check

JSON = JsonCodec()
PROTOBUF = ProtobufCodec()
LIMIT = 256

Found = list[Envelope | Rejected]
Target = Callable[[bytes], None]


def json_codec(data: bytes) -> None:
    """The quick way and the slow way agree, and what was read survives both codecs."""
    found = attempt(JSON.decode, data)
    check(plain(found) == plain(attempt(JSON._slowly, data)), "quick and slow differ")
    check_found(found or [])


def protobuf_codec(data: bytes) -> None:
    """The hand-laid messages and the library agree, and what was read survives both codecs."""
    found = attempt(PROTOBUF.decode, data)
    check(found == attempt(by_library, data), "hand-laid and library differ")
    check_found(found or [])


def framing(data: bytes) -> None:
    """However a stream is cut, its frames and its fault are the same; and what is kept is bounded."""
    preamble = data[:8]
    codec = parse_preamble(preamble)
    check(codec is None or build_preamble(codec) == preamble, "another preamble")
    whole = feed(data, len(data) or 1)
    check(feed(data, 1) == whole, "byte by byte differs")
    check(feed(data, 1 + sum(data) % 31) == whole, "in pieces differs")


def joiner(data: bytes) -> None:
    """Fragments: a byte gives length and `fin`, then the payload. Against joining them all at the end."""
    subject, gathered = MessageJoiner(LIMIT), b""
    while data:
        length, fin = data[0] & 0x7F, bool(data[0] & 0x80)
        payload, data = data[1 : 1 + length], data[1 + length :]
        gathered += payload
        try:
            found = subject.add(payload, fin=fin)
        except FrameTooLarge:
            check(len(gathered) > LIMIT, "refused below the limit")
            gathered = b""
            continue
        check(len(gathered) <= LIMIT, "accepted beyond the limit")
        check(found == (gathered if fin else None), "joined wrongly")
        if fin:
            gathered = b""
        check(subject.joining is not fin, "state")


def conversation_key(data: bytes) -> None:
    """Only what `chat_key` makes is a name."""
    key = data.decode("utf-8", "surrogateescape")
    people = parse_key(key)
    if people is not None:
        check(chat_key(*people) == key and 0 < people[0] <= people[1] <= MAX_ID, key)


TARGETS: dict[str, Target] = {
    "json": json_codec,
    "protobuf": protobuf_codec,
    "framing": framing,
    "joiner": joiner,
    "keys": conversation_key,
    **texts.TARGETS,
}


# --- helpers ------------------------------------------------------------------------------------


def attempt(decode: Callable[[bytes], Sequence[Envelope | Rejected]], data: bytes) -> Found | None:
    """What is in a frame; None if it cannot be read, which is the only error there is."""
    try:
        return list(decode(data))
    except FrameError:
        return None


def plain(found: Found | None) -> list[object] | None:
    """Without the results of API calls: they stay raw JSON until their type is known, with or without nulls."""
    if found is None:
        return None
    return [
        (item.seq, item.ver, item.extra)
        if isinstance(item, Envelope) and item.action == "api.ok"
        else item
        for item in found
    ]


def by_library(frame: bytes) -> Found:
    """A frame as the Protobuf library reads it."""
    parsed = protobuf._parsed(frame)
    if parsed.WhichOneof("body") == "batch":
        return [protobuf._envelope(item) for item in parsed.batch.envelope]
    if parsed.WhichOneof("body") is None:
        raise FrameError("nothing")
    return [protobuf._envelope(parsed.envelope)]


def check_found(found: Found) -> None:
    """Everything that was read is well-formed, and the same after either codec, alone and in a batch."""
    good = []
    for item in found:
        check(0 <= item.seq <= MAX_ID, item)
        if isinstance(item, Rejected):
            check(item.code in ("bad_request", "unsupported"), item)
        elif item.action != "api.ok":
            good.append(item)
    for codec in (JSON, PROTOBUF):
        frames = [codec.encode(item) for item in good]
        for item, frame in zip(good, frames, strict=True):
            check(list(codec.decode(frame)) == [item], codec.name, item)
        check(not good or list(codec.decode(codec.join(frames))) == good, codec.name, "batch")
    for item in good:
        write = fast.WRITERS.get(item.action)
        check(write is None or write(item) in (None, PROTOBUF.encode(item)), item)


def feed(data: bytes, size: int) -> tuple[list[bytes], str]:
    """Frames and fault of a stream that arrives in pieces of a size."""
    reader, frames = FrameReader(LIMIT), list[bytes]()
    for start in range(0, len(data), size):
        try:
            frames += reader.feed(data[start : start + size])
        except FrameError as error:
            # Frames before the fault, in the same piece, are not handed out: compare the fault alone.
            return [], type(error).__name__
        check(len(reader._rest) < LIMIT + 4, "more kept than one frame")
    return frames, ""
