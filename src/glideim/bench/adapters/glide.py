"""GlideIM: a message, its `ack.message`, the push, the receiver's `ack.request`, the sender's `ack.notify`."""

from __future__ import annotations

import ssl
import time

from glideim.bench.light import LightClient
from glideim.protocol.actions import Action
from glideim.protocol.records import AckRequest, Heartbeat, Message, Rejected

from .peer import Sink


class GlidePeer:
    """One signed-in guest."""

    def __init__(self, client: int, sink: Sink, codec: str, tls: ssl.SSLContext | None) -> None:
        self._number = client
        self._sink = sink
        self._client = LightClient(codec)
        self._tls = tls
        self._run = f"{time.time_ns():x}-{client}-"
        self._closing = False

    async def open(self, url: str) -> int:
        """Connect, become a guest, sign in."""
        await self._client.connect(url, self._tls)
        await self._client.guest()
        self._client.hand_over(self._frame, self._ended)
        return self._client.uid

    def send(self, to: int, content: str, number: int) -> None:
        """One `message.chat`."""
        message = Message(cli_mid=f"{self._run}{number}", to=to, type=1, content=content)
        self._client.tell(Action.MESSAGE_CHAT, message, number + 1)

    def close(self) -> None:
        """End the connection."""
        self._closing = True
        self._client.close()

    def _ended(self, code: int, reason: str) -> None:
        if not self._closing:
            self._sink.ended(self._number, f"{code} {reason}")

    def _frame(self, frame: bytes) -> None:
        for envelope in self._client.codec.decode(frame):
            if isinstance(envelope, Rejected):
                self._sink.refused(self._number, str(envelope))
                continue
            action, data = envelope.action, envelope.data
            if action == Action.MESSAGE_CHAT:
                self._sink.arrived(self._number, data.content or "")
                self._client.tell(Action.ACK_REQUEST, AckRequest(conv=data.conv, seq=data.seq))
            elif action == Action.ACK_MESSAGE:
                self._sink.acked(self._number, int(data.cli_mid.rpartition("-")[2]))
            elif action == Action.HEARTBEAT:
                self._client.tell(Action.HEARTBEAT, Heartbeat())
            elif action == Action.MESSAGE_FAILED_SEND:
                number = int(data.cli_mid.rpartition("-")[2])
                self._sink.refused(self._number, f"{data.code}: {data.message}", number)
            elif action in {Action.ERROR, Action.NOTIFY_CLOSE}:
                self._sink.refused(self._number, f"{action}: {data}")
