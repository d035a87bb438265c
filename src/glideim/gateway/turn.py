"""What one turn of the event loop gathers: requests to hand on as one batch, frames to write as one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from glideim.messaging.ports import Confirm, MessagePath, Send
from glideim.protocol.codec import Codec
from glideim.protocol.states import State

from .connection import Connection
from .options import GatewayOptions

_CLOSING = State.CLOSING


class Turn:
    """Gathers until the loop comes round, then hands requests to messaging and writes every outbox once."""

    def __init__(
        self,
        messages: MessagePath,
        options: GatewayOptions,
        *,
        refuse: Callable[[Sequence[Send]], None],
        too_slow: Callable[[Connection], None],
    ) -> None:
        self._messages = messages
        self._options = options
        self._limit = options.outbox_bytes
        self._refuse = refuse
        self._too_slow = too_slow
        self._due = False
        self._sends: list[Send] = []
        self._confirms: list[Confirm] = []
        self._dirty: list[Connection] = []
        self._last_merged: dict[str, tuple[Sequence[bytes], list[bytes]]] = {}
        """Of each codec, for this turn only."""
        self.writes = 0

    def send(self, send: Send) -> None:
        """A message to be sent."""
        self._sends.append(send)
        if not self._due:
            self._schedule()

    def confirm(self, confirm: Confirm) -> None:
        """A receiver's confirmation."""
        self._confirms.append(confirm)
        if not self._due:
            self._schedule()

    def put(self, connection: Connection, frame: bytes) -> None:
        """A frame for a connection. Beyond its limit the connection is given up, never the limit (P7).

        One frame alone is never too much: whoever is closed for it would come back, ask again, and be closed again.
        """
        outbox = connection.outbox
        if not outbox and not connection.blocked:
            if connection.state >= _CLOSING:
                return
            self._dirty.append(connection)
            if not self._due:
                self._schedule()
        outbox.append(frame)
        waiting = connection.outbox_bytes + len(frame)
        connection.outbox_bytes = waiting
        if waiting > self._limit and len(outbox) > 1:
            self._too_slow(connection)

    def put_all(self, connection: Connection, frames: Sequence[bytes], size: int) -> None:
        """Several frames of `size` bytes together, as with `put` each."""
        outbox = connection.outbox
        if outbox or connection.outbox_bytes + size > self._limit:
            for frame in frames:
                self.put(connection, frame)
            return
        if not connection.blocked:
            if connection.state >= _CLOSING:
                return
            self._dirty.append(connection)
            if not self._due:
                self._schedule()
        outbox.extend(frames)
        connection.outbox_bytes += size

    def unblocked(self, connection: Connection) -> None:
        """The socket takes more again."""
        if connection.outbox:
            self._dirty.append(connection)
            if not self._due:
                self._schedule()

    def write(self, connection: Connection) -> None:
        """Write everything that waits for a connection, at once."""
        frames = connection.outbox
        if not frames:
            return
        connection.outbox = []
        connection.outbox_bytes = 0
        if connection.merges and len(frames) > 1:
            frames = self._merged(connection.codec, frames)
        self.writes += 1
        connection.wire.write(frames)

    def run(self) -> None:
        """The end of a turn."""
        self._due = False
        if self._confirms:
            confirms, self._confirms = self._confirms, []
            self._messages.confirm(confirms)
        if self._sends:
            sends, self._sends = self._sends, []
            taken = self._messages.submit(sends)
            if taken < len(sends):
                self._refuse(sends[taken:])
        dirty, self._dirty = self._dirty, []
        for connection in dirty:
            if not connection.blocked:
                self.write(connection)
        self._last_merged.clear()

    def _merged(self, codec: Codec, frames: Sequence[bytes]) -> list[bytes]:
        """As few batches as the largest frame allows. Members of a group have the same frames waiting, one after the
        other: what was merged last is remembered, and comparing the same objects costs next to nothing."""
        last = self._last_merged.get(codec.name)
        if last is not None and last[0] == frames:
            return last[1]
        merged: list[bytes] = []
        start = size = 0
        for n, frame in enumerate(frames):
            if size and size + len(frame) > self._options.max_frame:
                merged.append(codec.join(frames[start:n]))
                start, size = n, 0
            size += len(frame) + 1
        merged.append(codec.join(frames[start:]))
        self._last_merged[codec.name] = frames, merged
        return merged

    def _schedule(self) -> None:
        self._due = True
        asyncio.get_running_loop().call_soon(self.run)
