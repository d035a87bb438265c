"""Streams of bytes as clients write them, and what servers write, read back."""

from __future__ import annotations

from collections.abc import Iterator

from glideim.protocol.framing import build_preamble, frame_header
from glideim.protocol.json_codec import JsonCodec
from glideim.protocol.ports import Codec
from glideim.protocol.protobuf import ProtobufCodec
from glideim.protocol.records import Envelope

JSON = JsonCodec()
PROTOBUF = ProtobufCodec()
NO_MASK = bytes(4)


class Tcp:
    """Frames with their length before them."""

    name = "tcp"

    @staticmethod
    def opening(codec: Codec) -> bytes:
        """What the client says first."""
        return build_preamble(codec.tcp_byte)

    @staticmethod
    def frame(_codec: Codec, body: bytes) -> bytes:
        """One frame."""
        return frame_header(len(body)) + body

    @staticmethod
    def bodies(written: bytes) -> Iterator[bytes]:
        """The whole frames in what the server wrote."""
        start = 8
        while start + 4 <= len(written):
            end = start + 4 + int.from_bytes(written[start : start + 4], "big")
            if end > len(written):
                return
            yield bytes(written[start + 4 : end])
            start = end


class WebSocket:
    """Messages in frames with a mask of zeros."""

    name = "websocket"

    @staticmethod
    def opening(codec: Codec) -> bytes:
        """The request to change protocols."""
        return (
            "GET /ws HTTP/1.1\r\nHost: fuzz\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Sec-WebSocket-Protocol: {codec.subprotocol}\r\n\r\n"
        ).encode()

    @staticmethod
    def frame(codec: Codec, body: bytes) -> bytes:
        """One message in one frame."""
        first = 0x82 if codec.binary else 0x81
        size = len(body)
        if size < 126:
            return bytes((first, 0x80 | size)) + NO_MASK + body
        if size < 65536:
            return bytes((first, 0xFE)) + size.to_bytes(2, "big") + NO_MASK + body
        return bytes((first, 0xFF)) + size.to_bytes(8, "big") + NO_MASK + body

    @staticmethod
    def bodies(written: bytes) -> Iterator[bytes]:
        """The whole messages in what the server wrote; control frames are left out."""
        start = written.find(b"\r\n\r\n") + 4
        while start >= 4 and start + 2 <= len(written):
            kind, size = written[start] & 0x0F, written[start + 1]
            start += 2
            if size >= 126:
                wide = 2 if size == 126 else 8
                size = int.from_bytes(written[start : start + wide], "big")
                start += wide
            if start + size > len(written):
                return
            if kind < 8:
                yield bytes(written[start : start + size])
            start += size


Wire = type[Tcp] | type[WebSocket]


def answers(wire: Wire, codec: Codec, written: bytes) -> list[Envelope]:
    """What the server said. Raises ValueError when its own codec refuses it."""
    found: list[Envelope] = []
    for body in wire.bodies(written):
        for item in codec.decode(body):
            if not isinstance(item, Envelope):
                raise ValueError(f"the server sent what its codec refuses: {item}")
            found.append(item)
    return found
