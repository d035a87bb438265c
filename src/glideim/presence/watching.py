"""Who watches whom: the index behind subscriptions."""

from __future__ import annotations

from collections.abc import Iterable

from glideim.dispatch.ports import Origin
from glideim.protocol.social import NotifyPresence


class Eye:
    """One connection that watches one person."""

    __slots__ = ("sees", "viewer")

    def __init__(self, viewer: int) -> None:
        self.viewer = viewer
        self.sees: bool | None = None
        """Whether it may see; None until that was looked up, when it is told for the first time."""


class Watch:
    """One person who is watched."""

    __slots__ = ("eyes", "told")

    def __init__(self) -> None:
        self.eyes: dict[Origin, Eye] = {}
        self.told: NotifyPresence | None = None
        """What those who may see were told last. Who subscribes between a change and its notice is told this,
        too, and then the change like everybody."""


class Watching:
    """Subscriptions by connection, and by whom they are about."""

    def __init__(self) -> None:
        self._subscriptions: dict[Origin, tuple[int, ...]] = {}
        self._watches: dict[int, Watch] = {}
        self.count = 0
        """Pairs of a connection and a person."""

    def replace(self, origin: Origin, viewer: int, uids: Iterable[int]) -> None:
        """The connection watches these, and nobody else any more. All of them count as not told yet."""
        self.drop(origin)
        subscription = tuple(dict.fromkeys(uids))
        if not subscription:
            return
        self._subscriptions[origin] = subscription
        self.count += len(subscription)
        for uid in subscription:
            watch = self._watches.get(uid)
            if watch is None:
                watch = self._watches[uid] = Watch()
            watch.eyes[origin] = Eye(viewer)

    def drop(self, origin: Origin) -> None:
        """The connection watches nobody any more."""
        subscription = self._subscriptions.pop(origin, ())
        self.count -= len(subscription)
        for uid in subscription:
            eyes = self._watches[uid].eyes
            del eyes[origin]
            if not eyes:
                del self._watches[uid]

    def held(self, origin: Origin) -> int:
        """How many a connection watches."""
        return len(self._subscriptions.get(origin, ()))

    def of(self, uid: int) -> Watch | None:
        """The watch on a person, if there is any."""
        return self._watches.get(uid)
