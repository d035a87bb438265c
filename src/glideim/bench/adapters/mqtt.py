"""MQTT 3.1.1 with QoS 1 both ways: PUBLISH and PUBACK to the server, PUBLISH and PUBACK to the receiver.

Four packets, without a word to the sender that the receiver has it, and without storage unless the broker is told.
"""

from __future__ import annotations

import struct

from .stream import BroadcastPeer

KEEP_ALIVE = 0
"""Seconds; 0 asks for none."""
PACKET_IDS = 65_535
CONNACK, PUBLISH, PUBACK, SUBACK = 2, 3, 4, 9


def packet(head: int, body: bytes) -> bytes:
    """A packet: first byte, length in groups of seven bits, body."""
    length, left = bytearray(), len(body)
    while True:
        left, group = left >> 7, left & 0x7F
        length.append(group | (0x80 if left else 0))
        if not left:
            return bytes([head]) + length + body


def text(value: str) -> bytes:
    """A string with its length before it."""
    return struct.pack(">H", len(value.encode())) + value.encode()


def split(buffer: bytearray, start: int) -> tuple[int, int] | None:
    """Where the body of the packet that begins here starts and ends; None while it is not whole."""
    length = 0
    for place in range(4):
        at = start + 1 + place
        if at >= len(buffer):
            return None
        length |= (buffer[at] & 0x7F) << (7 * place)
        if not buffer[at] & 0x80:
            end = at + 1 + length
            return (at + 1, end) if end <= len(buffer) else None
    raise ValueError("a length of more than four bytes")


class MqttPeer(BroadcastPeer):
    """One connection."""

    _next_id = 0

    def hello(self) -> None:
        """CONNECT with a clean session."""
        self._under_way: dict[int, int] = {}
        head = text("MQTT") + bytes([4, 2]) + struct.pack(">H", KEEP_ALIVE)
        self.write(packet(0x10, head + text(f"bench-{self.address}")))

    def send(self, to: int, content: str, number: int) -> None:
        """PUBLISH, QoS 1."""
        self._next_id = self._next_id % PACKET_IDS + 1
        self._under_way[self._next_id] = number
        body = text(f"u/{to}") + struct.pack(">H", self._next_id) + content.encode()
        self.write(packet(0x32, body))

    def publish(self, to: int, content: str) -> None:
        """PUBLISH, QoS 0."""
        self.write(packet(0x30, text(f"u/{to}") + content.encode()))

    def read(self) -> None:
        """Whole packets."""
        start = 0
        while len(self.buffer) > start and (place := split(self.buffer, start)) is not None:
            begin, end = place
            self._packet(self.buffer[start], bytes(self.buffer[begin:end]))
            start = end
        del self.buffer[:start]

    def _packet(self, head: int, body: bytes) -> None:
        kind = head >> 4
        if kind == CONNACK:
            if body[1]:
                self.sink.refused(self.client, f"CONNACK {body[1]}")
            subscription = struct.pack(">H", 1) + text(f"u/{self.listens_to}")
            subscription += b"\x01" if self.confirms else b"\x00"
            self.write(packet(0x82, subscription))
        elif kind == SUBACK:
            self.ready()
        elif kind == PUBACK:
            self.sink.acked(self.client, self._under_way.pop(int.from_bytes(body[:2], "big")))
        elif kind == PUBLISH:
            topic = 2 + int.from_bytes(body[:2], "big")
            at_least_once = bool(head & 0x06)
            self.sink.arrived(self.client, body[topic + (2 if at_least_once else 0) :])
            if at_least_once:
                self.write(packet(0x40, body[topic : topic + 2]))
