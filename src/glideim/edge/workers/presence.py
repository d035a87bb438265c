"""Which connections the workers hold, as the owner of the log knows it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from glideim.dispatch.ports import Origin
from glideim.gateway.options import Devices


class Held(NamedTuple):
    """A signed-in connection of a worker."""

    origin: Origin
    device: int


class Holding:
    """All of them, by person."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._of: dict[int, tuple[Held, ...]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._of.values()))

    def of(self, uid: int) -> tuple[Held, ...]:
        """A person's connections."""
        return self._of.get(uid, ())

    def came(self, uid: int, device: int, origin: Origin) -> Collection[Held]:
        """A connection has signed in; those on other nodes whose place it takes. Its own gateway has seen to its own."""
        others = self.of(uid)
        self._of[uid] = (*others, Held(origin, device))
        if self._devices == "unlimited":
            return ()
        elsewhere = [held for held in others if held.origin.node != origin.node]
        if self._devices == "one":
            return elsewhere
        return [held for held in elsewhere if held.device == device]

    def left(self, uid: int, origin: Origin) -> bool:
        """A connection is gone; whether it was the person's last."""
        rest = tuple(held for held in self.of(uid) if held.origin != origin)
        if rest:
            self._of[uid] = rest
        else:
            self._of.pop(uid, None)
        return not rest

    def at(self, node: str) -> Iterable[tuple[int, Origin]]:
        """All connections of a node."""
        return [
            (uid, held.origin)
            for uid, helds in self._of.items()
            for held in helds
            if held.origin.node == node
        ]
