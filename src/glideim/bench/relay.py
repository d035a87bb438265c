"""The bare relay: what a confirmed message's five packets cost without decoding, storage or rules.

It is the yardstick of the server's CPU per message. Connections are senders or receivers, in pairs. What a sender
sends goes to its receiver, and a packet of the size of an `ack.message` back; what a receiver sends goes to its
sender. So a message is two packets read and three written, one write per packet, as in the real exchange.
"""

from __future__ import annotations

import json

import picows
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest

READ_BUFFER = 1024
ACK = b"a" * 118
"""As long as an `ack.message` of the server in JSON."""


class Relay(WSListener):
    """One connection. Its path names it: `/s/<pair>` sends, `/r/<pair>` receives."""

    def __init__(self, pairs: dict[str, Relay], path: str) -> None:
        super().__init__()
        self._pairs = pairs
        self._path = path
        self._sends = path.startswith("/s/")
        self._partner_path = ("/r/" if self._sends else "/s/") + path[3:]
        self._partner: Relay | None = None
        self.transport: WSTransport | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self._pairs[self._path] = self

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
            return
        payload = frame.get_payload_as_bytes()
        if self._partner is None:
            self._partner = self._pairs[self._partner_path]
        if self._sends:
            transport.send(WSMsgType.TEXT, ACK)
        partner = self._partner.transport
        if partner is not None and not partner.is_disconnected:
            partner.send(WSMsgType.TEXT, payload)


async def serve() -> None:
    """Listen on a free loopback port, say which as a line of JSON, relay until stopped."""
    pairs: dict[str, Relay] = {}

    def accept(request: WSUpgradeRequest) -> Relay:
        return Relay(pairs, request.path.decode())

    server = await picows.ws_create_server(
        accept, "127.0.0.1", 0, read_buffer_init_size=READ_BUFFER, use_aiofastnet=False
    )
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"ready": True, "ws": f"ws://127.0.0.1:{port}"}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
