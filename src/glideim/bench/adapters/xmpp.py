"""XMPP over plain TCP: in-band registration, SASL PLAIN, a message, and a receipt (XEP-0184) from the receiver.

The server acknowledges nothing by itself, so the receiver's receipt counts as the acknowledgement, as with NATS.
"""

from __future__ import annotations

import base64
from typing import Any
from xml.parsers import expat

from .stream import StreamPeer

HOST, RESOURCE, PASSWORD = "localhost", "r", "bench"
STREAM = (
    f"<stream:stream to='{HOST}' xmlns='jabber:client' version='1.0' "
    "xmlns:stream='http://etherx.jabber.org/streams'>"
)
REGISTER = (
    "<iq type='set' id='register'><query xmlns='jabber:iq:register'>"
    "<username>u{0}</username><password>" + PASSWORD + "</password></query></iq>"
)
PLAIN = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{}</auth>"
BIND = (
    "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
    f"<resource>{RESOURCE}</resource></bind></iq>"
)
MESSAGE = "<message to='{0}' id='{1}' type='chat'><body>{2}</body><request xmlns='urn:xmpp:receipts'/></message>"
RECEIPT = "<message to='{0}'><received xmlns='urn:xmpp:receipts' id='{1}'/></message>"


class XmppPeer(StreamPeer):
    """One connection, one new account."""

    def hello(self) -> None:
        """The first stream; after signing in there is a second one."""
        self._signed_in = False
        self._begin()

    def _begin(self) -> None:
        self._depth = 0
        self._stanza: dict[str, dict[str, str]] = {}
        self._body = ""
        self._in_body = False
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self.write(STREAM.encode())

    def send(self, to: int, content: str, number: int) -> None:
        """A chat message that asks for a receipt."""
        address = f"u{to}@{HOST}/{RESOURCE}"
        self.write(MESSAGE.format(address, number, content).encode())

    def read(self) -> None:
        """Whatever there is: a stanza is handled when its last byte is here."""
        data = bytes(self.buffer)
        self.buffer.clear()
        self._parser.Parse(data)

    # --- of the parser ----------------------------------------------------------------------------------------

    def _start(self, name: str, attributes: dict[str, Any]) -> None:
        self._depth += 1
        if self._depth > 1:
            # The stanza itself is the first; of its parts, the name says enough.
            self._stanza.setdefault(name, attributes)
            self._in_body = name == "body"

    def _text(self, text: str) -> None:
        if self._in_body:
            self._body += text

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._in_body = False
        if self._depth == 1:
            stanza, body = self._stanza, self._body
            self._stanza, self._body = {}, ""
            self._handle(name, stanza, body)

    def _handle(self, name: str, stanza: dict[str, dict[str, str]], body: str) -> None:
        if name == "message" and stanza["message"].get("type") != "error":
            self._message(stanza, body)
        elif name == "success":
            self._signed_in = True
            self._begin()
        elif name == "stream:features":
            self.write((BIND if self._signed_in else REGISTER.format(self.address)).encode())
        elif name == "iq" and (stanza["iq"].get("type") == "result" or "conflict" in stanza):
            # A conflict: the account is there already, from an earlier round.
            self._answered(stanza["iq"].get("id", ""))
        elif name != "presence":
            self.sink.refused(self.client, f"{name}: {', '.join(stanza)}")

    def _message(self, stanza: dict[str, dict[str, str]], body: str) -> None:
        if "received" in stanza:
            self.sink.acked(self.client, int(stanza["received"]["id"]))
            return
        self.sink.arrived(self.client, body)
        message = stanza["message"]
        self.write(RECEIPT.format(message["from"], message["id"]).encode())

    def _answered(self, request: str) -> None:
        if request == "register":
            who = base64.b64encode(f"\0u{self.address}\0{PASSWORD}".encode()).decode()
            self.write(PLAIN.format(who).encode())
        elif request == "bind":
            self.write(b"<presence/>")
            self.ready()
