"""Clients that are not ours, one for each way to connect: JSON by hand, Protobuf by Google's runtime.

Tests speak in JSON-like envelopes whatever the way.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
from collections import deque
from typing import Any, Protocol

from google.protobuf import json_format
from google.protobuf.message import Message as ProtoMessage
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from glideim.protocol.pb import glide_pb2 as pb
from tests.support.processes import ServerProcess

Way = tuple[str, str]
WAYS: list[Way] = [("ws", "json"), ("ws", "protobuf"), ("tcp", "json"), ("tcp", "protobuf")]
PATIENCE = 20.0


class Pipe(Protocol):
    """Frames to and from a server."""

    async def send(self, frame: bytes) -> None: ...

    async def receive(self) -> bytes:
        """Raises EOFError when the server closed."""
        ...

    async def close(self) -> None: ...

    @property
    def close_code(self) -> int | None:
        """What the transport said at the end, if it can."""
        ...


class WebSocketPipe:
    """The `websockets` package."""

    def __init__(self, socket: ClientConnection, *, binary: bool) -> None:
        self.socket = socket
        self._binary = binary

    async def send(self, frame: bytes) -> None:
        await self.socket.send(frame if self._binary else frame.decode())

    async def receive(self) -> bytes:
        try:
            frame = await self.socket.recv()
        except ConnectionClosed:
            raise EOFError from None
        assert isinstance(frame, bytes) == self._binary, (
            "text frames carry JSON, binary ones Protobuf"
        )
        return frame if isinstance(frame, bytes) else frame.encode()

    async def close(self) -> None:
        await self.socket.close()

    @property
    def close_code(self) -> int | None:
        return self.socket.close_code


class TcpPipe:
    """Length-prefixed frames over a plain socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, frame: bytes) -> None:
        self._writer.write(struct.pack(">I", len(frame)) + frame)

    async def receive(self) -> bytes:
        try:
            (length,) = struct.unpack(">I", await self._reader.readexactly(4))
            return await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise EOFError from None

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    @property
    def close_code(self) -> int | None:
        return None


async def open_pipe(server: ServerProcess, way: Way) -> Pipe:
    """Connect."""
    transport, codec = way
    if transport == "ws":
        wanted = Subprotocol(f"glide.v2.{codec}")
        socket = await connect(server.ws, subprotocols=[wanted], max_size=None)
        assert socket.subprotocol == wanted
        return WebSocketPipe(socket, binary=codec == "protobuf")
    host, _, port = server.tcp.removeprefix("tcp://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=2**22)
    preamble = b"GLIM\x02" + (b"\x01" if codec == "json" else b"\x02") + b"\0\0"
    writer.write(preamble)
    assert await reader.readexactly(8) == preamble
    return TcpPipe(reader, writer)


def to_protobuf(envelopes: list[dict[str, Any]]) -> bytes:
    """JSON-like envelopes as one frame."""
    made = []
    for envelope in envelopes:
        message = pb.Envelope(seq=envelope.get("seq", 0), action=envelope["action"])
        field = envelope["action"].replace(".", "_")
        if field in pb.Envelope.DESCRIPTOR.fields_by_name:
            getattr(message, field).SetInParent()
            json_format.ParseDict(
                envelope.get("data", {}), getattr(message, field), ignore_unknown_fields=True
            )
        made.append(message)
    frame = (
        pb.Frame(envelope=made[0]) if len(made) == 1 else pb.Frame(batch=pb.Batch(envelope=made))
    )
    return bytes(frame.SerializeToString())


def from_protobuf(frame: bytes) -> list[dict[str, Any]]:
    """One frame as JSON-like envelopes: integers as numbers, zeros left out, the oneof as `data`."""
    parsed = pb.Frame.FromString(frame)
    batch = parsed.batch.envelope if parsed.HasField("batch") else [parsed.envelope]
    envelopes = []
    for message in batch:
        envelope: dict[str, Any] = {"action": message.action, "data": {}}
        if message.seq:
            envelope["seq"] = message.seq
        which = message.WhichOneof("data")
        if which is not None:
            assert which == message.action.replace(".", "_")
            data = getattr(message, which)
            if which == "api_ok":
                data = getattr(data, data.WhichOneof("result"))
            envelope["data"] = as_json(data)
        envelopes.append(envelope)
    return envelopes


def as_json(message: ProtoMessage) -> dict[str, Any]:
    """A message as the JSON codec would have it, with empty lists and maps filled in."""
    values: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            inner = field.message_type.fields_by_name["value"]
            values[field.json_name] = {k: _plain(inner, value[k]) for k in value}
        elif field.is_repeated:
            values[field.json_name] = [_plain(field, item) for item in value]
        elif message.HasField(field.name) if field.has_presence else value != field.default_value:
            values[field.json_name] = _plain(field, value)
    return values


def _plain(field: Any, value: Any) -> Any:
    if field.message_type is None:
        return value
    if field.message_type.name == "MessageList":  # a list as the value of a map
        return as_json(value)["items"]
    return as_json(value)


class Peer:
    """A person at a connection."""

    def __init__(self, pipe: Pipe, codec: str) -> None:
        self.pipe = pipe
        self._codec = codec
        self._heard: deque[dict[str, Any]] = deque()
        self.uid = 0
        self.token = ""

    async def say(self, *envelopes: dict[str, Any]) -> None:
        """One frame: an envelope, or several as a batch."""
        if self._codec == "protobuf":
            await self.pipe.send(to_protobuf(list(envelopes)))
        else:
            value: Any = envelopes[0] if len(envelopes) == 1 else envelopes
            await self.pipe.send(json.dumps(value, ensure_ascii=False).encode())

    async def hear(self, action: str | None = None) -> dict[str, Any]:
        """The next envelope; with `action` the next of that name, others being passed over."""
        while True:
            if not self._heard:
                frame = await asyncio.wait_for(self.pipe.receive(), PATIENCE)
                if self._codec == "protobuf":
                    self._heard.extend(from_protobuf(frame))
                else:
                    value = json.loads(frame)
                    self._heard.extend(value if isinstance(value, list) else [value])
            envelope = self._heard.popleft()
            envelope.setdefault("data", {})
            if action is None or envelope["action"] == action:
                return envelope

    async def nothing(self) -> None:
        """Nothing is waiting: what is asked next is answered next."""
        await self.say({"seq": 999, "action": "no.such.action"})
        envelope = await self.hear()
        assert envelope.get("seq") == 999, f"unexpected {envelope}"

    async def closed_with(self) -> int:
        """The code of `notify.close`, which is the last frame and the close code of the transport."""
        notice = await self.hear("notify.close")
        assert notice["data"]["reason"]
        try:
            await asyncio.wait_for(self.pipe.receive(), PATIENCE)
        except EOFError:
            code = int(notice["data"]["code"])
            assert self.pipe.close_code in (None, code)
            return code
        raise AssertionError("a frame after notify.close")

    async def close(self) -> None:
        await self.pipe.close()
