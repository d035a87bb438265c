"""The adapters' own readers of NATS and MQTT, fed whole and byte by byte."""

from __future__ import annotations

import pytest

from glideim.bench.adapters.mqtt import MqttPeer, packet, split, text
from glideim.bench.adapters.nats import NatsPeer
from glideim.bench.adapters.programs import (
    PROGRAMS,
    Launch,
    NotAvailableError,
    Program,
    find,
)
from glideim.bench.adapters.xmpp import XmppPeer
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


class XmppWire(XmppPeer):
    """Keeps what it would write."""

    written = b""

    def write(self, data: bytes) -> None:
        self.written += data


@pytest.mark.parametrize("step", [1, 7, 5000])
def test_xmpp_signs_in_delivers_and_confirms(step: int) -> None:
    seen = Seen()
    peer = XmppWire(0, seen, 9)
    peer.hello()
    opened = b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='s' id='1'>"
    features = (
        b"<stream:features><mechanisms><mechanism>PLAIN</mechanism></mechanisms></stream:features>"
    )

    def feed(data: bytes) -> None:
        for start in range(0, len(data), step):
            peer.data_received(data[start : start + step])

    feed(opened + features)
    assert b"<username>u9</username>" in peer.written
    feed(b"<iq type='result' id='register'/>")
    assert peer.written.endswith(b"mechanism='PLAIN'>AHU5AGJlbmNo</auth>")
    feed(b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
    feed(opened + b"<stream:features><bind/></stream:features>")
    assert b"<resource>r</resource>" in peer.written
    feed(b"<iq type='result' id='bind'><bind><jid>u9@localhost/r</jid></bind></iq>")
    assert peer.written.endswith(b"<presence/>")
    feed(
        b"<message from='u4@localhost/r' id='7' type='chat'><body>%b</body>"
        b"<request xmlns='urn:xmpp:receipts'/></message>" % MESSAGE.encode()
    )
    assert seen.messages == [MESSAGE.encode()]
    assert peer.written.endswith(
        b"<message to='u4@localhost/r'><received xmlns='urn:xmpp:receipts' id='7'/></message>"
    )
    feed(b"<message from='u4@localhost/r'><received xmlns='urn:xmpp:receipts' id='3'/></message>")
    assert seen.acks == [3]
    feed(b"<message type='error' id='8'><error><service-unavailable/></error></message>")
    assert len(seen.problems) == 1


def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = Program("no-such-program", "apt-get install nowhere", "x", lambda *_: Launch([]))
    monkeypatch.setitem(PROGRAMS, "nowhere", nowhere)
    with pytest.raises(NotAvailableError, match="apt-get install nowhere"):
        find("nowhere")
