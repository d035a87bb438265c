"""What a device knows, built only from what it was told: messages by conversation, and who is in which group."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import Struct

from glideim.protocol.conversations import group_key
from glideim.protocol.records import Message
from glideim.protocol.social import NotifyGroup

_IN = frozenset({"created", "joined", "invited"})
_OUT = frozenset({"left", "removed"})


class Held(Struct, frozen=True, gc=False):
    """A message as the device holds it; `reactions` by key: how many, and whether one is among them."""

    mid: int
    content: str
    status: int = 0
    reactions: tuple[tuple[str, int, bool], ...] = ()
    pinned: bool = False


class Conv:
    """One conversation: `known` is the `seq` up to which nothing is missing, from `begin` on. `turn` counts the changes
    of messages that were told, `last` is the highest `seq` that is there, `changed` has the last one of each message. `out` is where one was put out or left, 0 while
    one is in."""

    def __init__(self) -> None:
        self.items: dict[int, Held] = {}
        self.begin = 0
        self.known = 0
        self.last = 0
        self.out = 0
        self.turn = 0
        self.changed: dict[int, int] = {}

    def put(self, seq: int, held: Held) -> None:
        """Take a message in. What was pushed has no `mid` when it is an event; one fetched completes it."""
        if seq not in self.items or held.mid:
            self.items[seq] = held
            self.last = max(self.last, seq)
        while self.known + 1 in self.items:
            self.known += 1

    def grow(self, seq: int, held: Held) -> None:
        """A message grows. It may be told again, without the reactions and the pin that it has got meanwhile."""
        if seq not in self.items or self.items[seq].status != held.status:
            self.put(seq, held)

    def change(self, seq: int, change: Callable[[Held], Held]) -> None:
        """A message is another one now; one that is not there will be the new one when it comes."""
        self.turn += 1
        self.changed[seq] = self.turn
        if seq in self.items:
            self.items[seq] = change(self.items[seq])

    def enter(self, seq: int) -> None:
        """One came in (again) at `seq`: nothing before it is awaited any more."""
        if seq <= self.begin:
            return
        self.begin = seq
        if seq > self.out:
            self.out = 0
        self.items = {at: held for at, held in self.items.items() if at >= seq}
        self.last = max(self.items, default=0)
        self.known = max(self.known, seq - 1)
        while self.known + 1 in self.items:
            self.known += 1

    def leave(self, seq: int) -> None:
        """One is out since `seq`: what is missing before it is not to be had any more."""
        if seq > self.begin:
            self.out = max(self.out, seq)

    @property
    def gap(self) -> bool:
        """Whether something is there that comes after something missing, and can still be fetched."""
        return not self.out and self.last > self.known


class State:
    """Everything one device knows."""

    def __init__(self, uid: int) -> None:
        self.uid = uid
        self.convs: dict[str, Conv] = {}
        self._notices: dict[str, dict[int, NotifyGroup]] = {}

    def conv(self, key: str) -> Conv:
        """A conversation, new if need be."""
        return self.convs.setdefault(key, Conv())

    def known(self) -> dict[str, int]:
        """Positions for `api.sync`."""
        return {key: conv.known for key, conv in self.convs.items() if conv.known}

    def notice(self, notice: NotifyGroup) -> None:
        """Take in a change of a group, in whatever order they come."""
        key = group_key(notice.gid)
        self._notices.setdefault(key, {})[notice.seq] = notice
        if notice.type in _IN and self.uid in notice.uids:
            self.conv(key).enter(notice.seq)
        elif notice.type in _OUT and self.uid in notice.uids:
            self.conv(key).leave(notice.seq)

    def members(self, key: str) -> set[int] | None:
        """Who is in a group by all that was told; None if its beginning was not told, or one is out of it."""
        inside: set[int] = set()
        notices = self._notices.get(key, {})
        if not notices or notices[min(notices)].type != "created":
            return None
        for _, notice in sorted(notices.items()):
            if notice.type in _IN:
                inside.update(notice.uids)
            elif notice.type in _OUT:
                inside.difference_update(notice.uids)
        return inside if self.uid in inside and self.conv(key).begin == min(notices) else None


def notice_of(message: Message) -> NotifyGroup | None:
    """The notice that a stored group event is; None for ordinary messages."""
    if message.type >= 0 or not message.content:
        return None
    notice = msgspec.json.decode(message.content, type=NotifyGroup)
    return msgspec.structs.replace(notice, seq=message.seq)
