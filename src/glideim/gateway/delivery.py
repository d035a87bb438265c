"""From items to outboxes: what goes to many people is encoded once per codec, and what goes to the same many people
at the same time is handed to each of them at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from glideim.dispatch.ports import Item, Push, Reply
from glideim.protocol.codec import Codec

from .connection import Connection
from .registry import NOBODY, Registry
from .turn import Turn

CROWD = 16
"""So many receivers make it worth looking for more that goes to the same ones."""


class Delivery:
    """Puts items into the outboxes of this node's connections."""

    def __init__(self, node: str, registry: Registry, turn: Turn) -> None:
        self._node = node
        self._registry = registry
        self._turn = turn
        self.pushed = 0
        """Frames put for people, `echo` not counted."""

    def deliver(self, batch: Sequence[Item]) -> Sequence[int]:
        """See `dispatch.ports.GatewayLink`."""
        push, reply = self._push, self._reply
        counts: list[int] = []
        for item in batch:
            if not isinstance(item, Push):
                counts.append(reply(item))
            elif len(item.uids) < CROWD:
                counts.append(push(item))
            else:
                # Only from here on is it worth looking: most batches have nothing for many.
                counts.extend(self._in_crowds(batch[len(counts) :]))
                break
        return counts

    def _reply(self, reply: Reply) -> int:
        connection = self._registry.by_number.get(reply.to.conn)
        if connection is None:
            return 0
        self._turn.put(connection, connection.codec.encode(reply.envelope))
        return 1

    def _push(self, push: Push) -> int:
        """Encode once per codec; the same bytes go to every outbox."""
        skip = push.skip
        skipped = skip.conn if skip is not None and skip.node == self._node else 0
        of_user, put = self._registry.of_user, self._turn.put
        codec: Codec | None = None
        frame = b""
        encoded: dict[str, bytes] = {}
        reached = 0
        for uid in push.uids:
            for connection in of_user.get(uid, NOBODY):
                if connection.number != skipped:
                    if connection.codec is not codec:
                        codec = connection.codec
                        frame = _encoded(push, codec, encoded)
                    put(connection, frame)
                    reached += 1
        if push.echo:
            for connection in of_user.get(push.echo, NOBODY):
                if connection.number != skipped:
                    put(connection, _encoded(push, connection.codec, encoded))
        self.pushed += reached
        return reached

    def _in_crowds(self, batch: Sequence[Item]) -> Sequence[int]:
        """In order for every connection: those that something else in the batch is for, or that one of the pushes
        is not for, get every item in its turn, all others a crowd's pushes together with the first of them."""
        crowds, apart = _crowds(batch), self._apart(batch)
        counts: list[int] = []
        served: dict[int, tuple[int, Sequence[Connection]]] = {}
        for item in batch:
            if isinstance(item, Reply):
                counts.append(self._reply(item))
            elif id(item.uids) not in crowds:
                counts.append(self._push(item))
            else:
                key = id(item.uids)
                if key not in served:
                    served[key] = self._together(crowds[key], apart)
                reached, others = served[key]
                counts.append(reached + self._push_to(item, others))
        return counts

    def _apart(self, batch: Sequence[Item]) -> frozenset[int]:
        """The connections that are named, by number."""
        numbers = {
            item.to.conn if isinstance(item, Reply) else self._skipped(item) for item in batch
        }
        return frozenset(numbers - {0})

    def _together(
        self, pushes: Sequence[Push], apart: Collection[int]
    ) -> tuple[int, Sequence[Connection]]:
        """Give all pushes to each of their receivers at once. Returns how many connections each push reached, and
        those that were left out."""
        of_user, put_all = self._registry.of_user, self._turn.put_all
        codec: Codec | None = None
        frames: Sequence[bytes] = ()
        size = reached = 0
        encoded: dict[str, tuple[Sequence[bytes], int]] = {}
        left: list[Connection] = []
        for uid in pushes[0].uids:
            for connection in of_user.get(uid, NOBODY):
                if connection.number in apart:
                    left.append(connection)
                    continue
                if connection.codec is not codec:
                    codec = connection.codec
                    frames, size = _all_encoded(pushes, codec, encoded)
                put_all(connection, frames, size)
                reached += 1
        self.pushed += reached * len(pushes)
        return reached, left

    def _push_to(self, push: Push, connections: Sequence[Connection]) -> int:
        skipped = self._skipped(push)
        encoded: dict[str, bytes] = {}
        reached = 0
        for connection in connections:
            if connection.number != skipped:
                self._turn.put(connection, _encoded(push, connection.codec, encoded))
                reached += 1
        self.pushed += reached
        return reached

    def _skipped(self, push: Push) -> int:
        """The number of the connection here that a push is not for; 0: there is none."""
        skip = push.skip
        return skip.conn if skip is not None and skip.node == self._node else 0


def _crowds(batch: Sequence[Item]) -> Mapping[int, Sequence[Push]]:
    """Pushes for the very same many people, where there are several. Receivers of a group are one object for as long
    as its members are the same, so identity tells without comparing thousands of uids."""
    found: dict[int, list[Push]] = {}
    for item in batch:
        if isinstance(item, Push) and len(item.uids) >= CROWD and not item.echo:
            found.setdefault(id(item.uids), []).append(item)
    return {key: pushes for key, pushes in found.items() if len(pushes) > 1}


def _encoded(push: Push, codec: Codec, encoded: dict[str, bytes]) -> bytes:
    frame = encoded.get(codec.name)
    if frame is None:
        frame = encoded[codec.name] = codec.encode(push.envelope)
    return frame


def _all_encoded(
    pushes: Sequence[Push], codec: Codec, encoded: dict[str, tuple[Sequence[bytes], int]]
) -> tuple[Sequence[bytes], int]:
    known = encoded.get(codec.name)
    if known is None:
        frames = [codec.encode(push.envelope) for push in pushes]
        known = encoded[codec.name] = frames, sum(map(len, frames))
    return known
