"""One connection: what is known of it, and what waits to be written to it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping

from glideim.dispatch.ports import Origin
from glideim.protocol.codec import Codec
from glideim.protocol.records import Envelope
from glideim.protocol.states import State

from .ports import Wire

Handler = Callable[["Connection", Envelope], None]


class Connection:
    """State of one connection. Only the gateway changes it; one instance per socket, so its size matters."""

    __slots__ = (
        "address", "api_calls", "bad_frames", "blocked", "blocked_since", "codec", "device", "device_id",
        "handlers", "heard", "merges", "misses", "number", "opened", "order", "origin", "outbox", "outbox_bytes", "session_id",
        "state", "token", "uid", "wire",
    )  # fmt: skip

    def __init__(
        self, node: str, number: int, wire: Wire, codec: Codec, address: str, tick: int
    ) -> None:
        self.number = number
        self.origin = Origin(node, number)
        self.wire = wire
        self.codec = codec
        self.address = address
        self.state = State.GREETED
        self.handlers: Mapping[str, Handler] = {}
        """What the state serves at once, by action."""
        self.uid = 0
        self.device = 0
        self.device_id = ""
        self.session_id = 0
        self.token = ""
        self.merges = False
        """The client accepts batches."""
        self.outbox: list[bytes] = []
        self.outbox_bytes = 0
        self.blocked = False
        """The socket takes no more for now: what is written waits in the outbox."""
        self.blocked_since = 0
        self.opened = tick
        self.heard = tick
        self.misses = 0
        self.api_calls = 0
        self.order: asyncio.Lock | None = None
        """Made by the first change of a message; the others wait for it in the order in which they came."""
        self.bad_frames: deque[int] | None = None

    @property
    def ready(self) -> bool:
        """Signed in and not closing."""
        return self.state is State.READY
