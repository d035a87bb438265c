"""Connections that sign in and never read again, while somebody writes to them without end."""

from __future__ import annotations

import asyncio
import itertools
import socket

from glideim.protocol.actions import Action
from glideim.protocol.codec import load_codec
from glideim.protocol.conversations import chat_key
from glideim.protocol.framing import build_preamble, frame_header
from glideim.protocol.records import AckMessage, Auth, Envelope, Message

from . import record as r
from .device import Device, Login

CONTENT = 16 * 1024
ROUNDS = 40
BURST = 10
"""Messages to each stuck connection in a round: with all rounds more than the buffers of sockets hold."""
ENDS_WITHIN = 20.0
_RECEIVE_BUFFER = 4096
_serial = itertools.count(1)


async def sign_in_and_freeze(port: int, token: str, device: int) -> socket.socket:
    """A TCP connection that signed in and has not read a byte. Raises OSError."""
    loop = asyncio.get_running_loop()
    codec = load_codec("json")
    auth = codec.encode(Envelope(Action.AUTH, 1, Auth(token=token, device=device)))
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
    connection.setblocking(False)
    try:
        await loop.sock_connect(connection, ("127.0.0.1", port))
        hello = build_preamble(codec.tcp_byte) + frame_header(len(auth)) + auth
        await loop.sock_sendall(connection, hello)
    except BaseException:
        connection.close()
        raise
    return connection


async def how_it_ended(connection: socket.socket, within: float) -> tuple[bool, int]:
    """Read at last: whether the server had ended the connection, and the code it gave if it still got through."""
    loop = asyncio.get_running_loop()
    tail = b""
    try:
        async with asyncio.timeout(within):
            while chunk := await loop.sock_recv(connection, 65536):
                tail = (tail + chunk)[-400:]
    except TimeoutError:
        return False, 0
    except OSError:
        return True, _code(tail)
    return True, _code(tail)


def _code(tail: bytes) -> int:
    _, found, rest = tail.rpartition(b'"notify.close"')
    _, named, number = rest.partition(b'"code":')
    digits = number[:4]
    return int(digits) if found and named and digits.isdigit() else 0


class Flood:
    """One who writes large messages to the stuck; everything is in the record."""

    def __init__(self, record: r.Record, uid: int, login: Login) -> None:
        self._record = record
        self._sent: dict[str, Message] = {}
        self._acks = asyncio.Event()
        self.device = Device(record, uid, login, self._pushed)

    async def write_to(self, uids: list[int]) -> None:
        """Several megabytes to each. What gets no answer stays unanswered until `settle`."""
        for _ in range(ROUNDS):
            for uid in uids:
                for _ in range(BURST):
                    cli = f"{self.device.uid}-flood-{next(_serial)}"
                    content = f"{cli} ".ljust(CONTENT, "y")
                    self._sent[cli] = Message(cli_mid=cli, to=uid, type=1, content=content)
                    self._send(cli, Action.MESSAGE_CHAT)
            await self.settle(within=5)

    async def settle(self, within: float) -> None:
        """Wait until everything sent is answered, and send again what is not."""
        deadline = self._record.now() + within * 1000
        while self._sent and self._record.now() < deadline:
            self._acks.clear()
            try:
                async with asyncio.timeout(1.0):
                    await self._acks.wait()
            except TimeoutError:
                await self._again()

    async def _again(self) -> None:
        if not self.device.connected:
            await self.device.arrive()
        for cli in list(self._sent):
            self._send(cli, Action.MESSAGE_CHAT_RETRY)

    def _send(self, cli: str, action: str) -> None:
        message, device = self._sent[cli], self.device
        conv = chat_key(device.uid, message.to)
        self._record.add(
            r.Sent(self._record.now(), device.uid, device.session, cli, conv, r.digest(message.content or ""))
        )  # fmt: skip
        if device.connected:
            device.link.tell(action, message)

    def _pushed(self, session: int, envelope: Envelope) -> None:
        data = envelope.data
        if isinstance(data, AckMessage):
            self._record.add(
                r.Acked(
                    self._record.now(), self.device.uid, session, data.cli_mid, data.conv, data.seq, data.mid
                )
            )  # fmt: skip
            self._sent.pop(data.cli_mid, None)
            self._acks.set()
