"""The adapters' own readers of NATS and MQTT, fed whole and byte by byte."""

from __future__ import annotations

import pytest

from glideim.bench.adapters.brokers import NotAvailableError, find
from glideim.bench.adapters.mqtt import MqttPeer, packet, split, text
from glideim.bench.adapters.nats import NatsPeer
from glideim.bench.ledger import content

MESSAGE = content(4, 7, 1234)


class Seen:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.acks: list[int] = []
        self.messages: list[bytes] = []
        self.problems: list[str] = []

    def acked(self, client: int, number: int) -> None:
        self.acks.append(number)

    def arrived(self, client: int, content: str | bytes) -> None:
        self.messages.append(content.encode() if isinstance(content, str) else content)

    def refused(self, client: int, why: str, number: int | None = None) -> None:
        self.problems.append(why)

    def ended(self, client: int, why: str) -> None:
        self.problems.append(why)


class NatsWire(NatsPeer):
    """Keeps what it would write."""

    written = b""

    def write(self, data: bytes) -> None:
        self.written += data


class MqttWire(MqttPeer):
    """Keeps what it would write."""

    written = b""

    def write(self, data: bytes) -> None:
        self.written += data


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_nats_reads_messages_confirmations_and_acknowledgements(step: int) -> None:
    seen = Seen()
    peer = NatsWire(0, seen, 9)
    data = (
        b"INFO {}\r\nPING\r\nMSG u.9 1 29\r\n%b\r\nMSG c.9 2 2\r\n12\r\n" % MESSAGE.encode()
        + b'MSG _INBOX.9.31 3 13\r\n{"seq": 12345\r\n-ERR \'no\'\r\nMSG _INBOX.9.5 3 9\r\n{"error"}\r\n'
    )
    for start in range(0, len(data), step):
        peer.data_received(data[start : start + step])
    assert seen.messages == [MESSAGE.encode()]
    assert seen.acks == [12, 31]
    assert len(seen.problems) == 2
    assert peer.written == b"PONG\r\nPUB c.4 1\r\n7\r\n"
    assert not peer.buffer


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_mqtt_reads_messages_and_acknowledgements(step: int) -> None:
    seen = Seen()
    peer = MqttWire(0, seen, 9)
    peer.hello()
    peer.send(3, MESSAGE, 41)
    peer.written = b""
    publish = text("u/9") + b"\x00\x08" + MESSAGE.encode()
    data = packet(0x40, b"\x00\x01") + packet(0x32, publish) + packet(0x20, b"\x00\x05")
    for start in range(0, len(data), step):
        peer.data_received(data[start : start + step])
    assert seen.acks == [41]
    assert seen.messages == [MESSAGE.encode()]
    assert seen.problems == ["CONNACK 5"]
    assert peer.written.startswith(packet(0x40, b"\x00\x08"))


@pytest.mark.parametrize("size", [0, 127, 128, 16_383, 16_384, 100_000])
def test_mqtt_lengths_of_one_to_three_bytes(size: int) -> None:
    whole = bytearray(packet(0x32, b"x" * size))
    place = split(whole, 0)
    assert place is not None
    assert place[1] - place[0] == size
    assert split(whole[:-1], 0) is None


def test_a_length_that_never_ends_is_an_error() -> None:
    with pytest.raises(ValueError, match="four bytes"):
        split(bytearray(b"\x32\xff\xff\xff\xff\x01"), 0)


def test_what_has_no_adapter_is_said_to_be_unavailable() -> None:
    with pytest.raises(NotAvailableError, match="there is no adapter"):
        find("ejabberd")
