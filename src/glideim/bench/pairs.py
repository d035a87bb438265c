"""The load of `bench-quick`: pairs of connections exchanging confirmed messages as fast as the server answers.

Each sender keeps a fixed number of messages under way. A message is over when the sender has its `ack.notify`
(which comes after its `ack.message`); the relay's packets are counted the same way.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence

import msgspec
import picows
from msgspec import Struct
from picows import WSFrame, WSListener, WSMsgType, WSTransport

CONTENT = "x" * 29
"""29 bytes, as in version 1's published cases."""
READ_BUFFER = 4096


class Tally:
    """What happened so far."""

    def __init__(self) -> None:
        self.done = 0
        self.acked = 0
        self.failed = 0
        self.running = True


class _Data(Struct, frozen=True):
    conv: str = ""
    seq: int = 0
    token: str = ""
    uid: int = 0


class _Frame(Struct, frozen=True):
    action: str = ""
    data: _Data = _Data()


_decode = msgspec.json.Decoder(_Frame).decode
_encode = msgspec.json.Encoder().encode


class _Client(WSListener):
    """A connection to either server."""

    def __init__(self, tally: Tally) -> None:
        super().__init__()
        self.tally = tally
        self.transport: WSTransport | None = None
        self.replies: asyncio.Queue[_Frame] = asyncio.Queue()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        self.on_text(frame.get_payload_as_bytes())

    def on_text(self, payload: bytes) -> None:
        self.replies.put_nowait(_decode(payload))

    def send(self, payload: bytes) -> None:
        if self.transport is not None:
            self.transport.send(WSMsgType.TEXT, payload)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if self.tally.running:
            self.tally.failed += 1


class Sender(_Client):
    """Sends; a confirmed message makes room for the next."""

    def __init__(self, tally: Tally, name: str) -> None:
        super().__init__(tally)
        self._names = (f"{name}-{n}" for n in itertools.count())
        self._to = 0
        self.started = False

    def begin(self, to: int, window: int) -> None:
        """Put the first messages under way."""
        self._to = to
        self.started = True
        for _ in range(window):
            self._next()

    def _next(self) -> None:
        cli_mid = next(self._names)
        self.send(
            b'{"action":"message.chat","seq":1,"data":{"cliMid":"%s","to":%d,"type":1,"content":"%s"}}'
            % (cli_mid.encode(), self._to, CONTENT.encode())
        )

    def on_text(self, payload: bytes) -> None:
        if not self.started:
            super().on_text(payload)
            return
        # The server says which it is near the front; the relay's acks begin with its filler.
        head = payload[:40]
        if b"ack.notify" in head or head.startswith(b"R"):
            self.tally.done += 1
            if self.tally.running:
                self._next()
        elif b"ack.message" in head or head.startswith(b"a"):
            self.tally.acked += 1
        elif b"heartbeat" not in head and b"notify.login" not in head:
            self.tally.failed += 1


class Receiver(_Client):
    """Confirms what it gets."""

    def __init__(self, tally: Tally, *, relay: bool) -> None:
        super().__init__(tally)
        self._relay = relay
        self.started = relay

    def on_text(self, payload: bytes) -> None:
        if not self.started:
            super().on_text(payload)
        elif self._relay:
            self.send(RELAY_ACK)
        else:
            frame = _decode(payload)
            if frame.action == "message.chat":
                data = frame.data
                self.send(
                    b'{"action":"ack.request","data":{"conv":"%s","seq":%d}}'
                    % (data.conv.encode(), data.seq)
                )


RELAY_ACK = b"R" * 66
"""As long as an `ack.request` in JSON."""


async def _login(client: _Client, uid_of: list[int]) -> None:
    """Become a guest and sign in, over the connection."""
    client.send(_encode({"action": "api.auth.guest", "seq": 1, "data": {"device": 2}}))
    token = ""
    while not token:
        token = (await client.replies.get()).data.token
    client.send(_encode({"action": "auth", "seq": 2, "data": {"token": token, "device": 2}}))
    while (reply := await client.replies.get()).action != "auth.ok":
        if reply.action == "error":
            raise RuntimeError("the server refused to sign in a guest")
    uid_of.append(reply.data.uid)


class Pair(Struct):
    """A sender, its receiver, and whom the sender writes to."""

    sender: Sender
    receiver: Receiver
    to: int


async def connect(url: str, pairs: int, tally: Tally, *, relay: bool) -> Sequence[Pair]:
    """Open and sign in all connections."""
    made: list[Pair] = []
    for number in range(pairs):
        receiver, sender = (
            Receiver(tally, relay=relay),
            Sender(tally, f"{time.time_ns():x}-{number}"),
        )
        to: list[int] = []
        for client, half in ((receiver, "r"), (sender, "s")):
            where = f"{url}/{half}/{number}" if relay else url
            await picows.ws_connect(
                lambda client=client: client,
                where,
                read_buffer_init_size=READ_BUFFER,
                extra_headers=None if relay else {"Sec-WebSocket-Protocol": "glide.v2.json"},
            )
            if not relay:
                await _login(client, to)
        receiver.started = True
        made.append(Pair(sender, receiver, to[0] if to else 1))
    return made


def disconnect(pairs: Sequence[Pair]) -> None:
    """Close all connections."""
    for pair in pairs:
        for client in (pair.sender, pair.receiver):
            if client.transport is not None:
                client.transport.disconnect(graceful=False)
