"""NATS: a subject for each client. Core NATS stores and confirms nothing: the receiver's own confirmation counts
as the acknowledgement. With JetStream the server's publish acknowledgement does, after it synced to disk."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from glideim.bench.ledger import read

from .stream import BroadcastPeer

STREAM = json.dumps({"name": "bench", "subjects": ["u.>"], "storage": "file"}).encode()
CREATE = b"PUB $JS.API.STREAM.CREATE.bench _INBOX.%d.setup %d\r\n%b\r\n"


class NatsPeer(BroadcastPeer):
    """One connection in the text protocol."""

    stored = False

    async def open(self, url: str) -> int:
        """Connect and subscribe; `nats+js://` for JetStream. The first client makes the stream."""
        self.stored = urlsplit(url).scheme == "nats+js"
        return await super().open(url)

    def hello(self) -> None:
        """The server speaks first."""
        me = self.address
        self.write(b'CONNECT {"verbose":false,"pedantic":false,"protocol":1}\r\n')
        self.write(b"SUB u.%d 1\r\nSUB c.%d 2\r\nSUB _INBOX.%d.* 3\r\n" % (self.listens_to, me, me))
        if self.stored and me == 0:
            self.write(CREATE % (me, len(STREAM), STREAM))
        else:
            self.write(b"PING\r\n")

    def send(self, to: int, content: str, number: int) -> None:
        """Publish; the answer's subject says for what it is."""
        if self.stored:
            reply = b"_INBOX.%d.%d " % (self.address, number)
        else:
            reply = b""
        self.write(b"PUB u.%d %b%d\r\n%b\r\n" % (to, reply, len(content), content.encode()))

    def publish(self, to: int, content: str) -> None:
        """Without an answer's subject."""
        self.write(b"PUB u.%d %d\r\n%b\r\n" % (to, len(content), content.encode()))

    def read(self) -> None:
        """Whole messages and lines."""
        start, buffer = 0, self.buffer
        while (end := buffer.find(b"\r\n", start)) >= 0:
            line = bytes(buffer[start:end])
            if not line.startswith(b"MSG "):
                self._line(line)
                start = end + 2
                continue
            parts = line.split()
            size = int(parts[-1])
            if len(buffer) < end + 4 + size:
                break
            self._message(parts[1], parts[2], bytes(buffer[end + 2 : end + 2 + size]))
            start = end + 4 + size
        del buffer[:start]

    def _line(self, line: bytes) -> None:
        if line == b"PING":
            self.write(b"PONG\r\n")
        elif line == b"PONG":
            self.ready()
        elif line.startswith(b"-ERR"):
            self.sink.refused(self.client, line.decode())

    def _message(self, subject: bytes, sid: bytes, payload: bytes) -> None:
        if sid == b"1":
            self.sink.arrived(self.client, payload)
            if self.confirms and not self.stored:
                sender, number, _ = read(payload)
                said = b"%d" % number
                self.write(b"PUB c.%d %d\r\n%b\r\n" % (sender, len(said), said))
        elif sid == b"2":
            self.sink.acked(self.client, int(payload))
        elif b'"error"' in payload:
            self.sink.refused(self.client, payload.decode())
        elif subject.endswith(b".setup"):
            self.ready()
        else:
            self.sink.acked(self.client, int(subject.rpartition(b".")[2]))
