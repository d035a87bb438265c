"""Changes of messages as a device is told of them, and what each makes of a message that it holds."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from glideim.protocol.actions import Action
from glideim.protocol.records import Envelope, Message
from glideim.protocol.social import NotifyReact, Pin, Recall, Stream

from . import record as r
from .state import Held, State


class Change(Struct, frozen=True):
    """One message is another one now."""

    conv: str
    seq: int
    make: Callable[[Held], Held]


def change_of(envelope: Envelope, uid: int) -> Change | None:
    """The change that `uid` is told of; None if it is none."""
    data = envelope.data
    if isinstance(data, Recall):
        return Change(data.conv, data.seq, _erased)
    if isinstance(data, NotifyReact):
        return Change(data.conv, data.seq, lambda held: _reacted(held, data, uid))
    if isinstance(data, Pin):
        return Change(data.conv, data.seq, lambda held: replace(held, pinned=data.on))
    if isinstance(data, Message) and envelope.action == Action.MESSAGE_EDIT:
        content = r.said(data)[2]
        return Change(
            data.conv, data.seq, lambda held: replace(held, content=content, status=data.status)
        )
    if isinstance(data, Stream) and data.op == "finish":
        whole = r.digest(data.content or "")
        return Change(
            data.conv, data.seq, lambda held: replace(held, content=whole, status=r.NORMAL)
        )
    if isinstance(data, Stream) and data.op == "cancel":
        return Change(data.conv, data.seq, _erased)
    return None


def _erased(held: Held) -> Held:
    return Held(held.mid, "", r.RECALLED)


def _reacted(held: Held, told: NotifyReact, uid: int) -> Held:
    reactions = {key: (count, mine) for key, count, mine in held.reactions}
    _, mine = reactions.pop(told.key, (0, False))
    if told.count:
        reactions[told.key] = told.count, told.on if told.uid == uid else mine
    return replace(held, reactions=tuple(sorted((key, *rest) for key, rest in reactions.items())))


def reactions_of(message: Message) -> tuple[tuple[str, int, bool], ...]:
    """As `Held` and the record have them."""
    return tuple(sorted((item.key, item.count, item.mine) for item in message.reactions))


class Ledger:
    """What is told while something is fetched. A page shows a message as it was when the page was made, and changes told
    since then may have come before it: they are made once more."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._told: list[Change] = []
        self._fetching = 0

    def take(self, change: Change) -> None:
        """Make a change."""
        self._state.conv(change.conv).change(change.seq, change.make)
        if self._fetching:
            self._told.append(change)

    def begin(self) -> int:
        """Something is going to be fetched; hand the number to `end`."""
        self._fetching += 1
        return len(self._told)

    def end(self, mark: int) -> None:
        """It was fetched and is in the state, or will never come."""
        for change in self._told[mark:]:
            self._state.conv(change.conv).change(change.seq, change.make)
        self._fetching -= 1
        if not self._fetching:
            self._told.clear()
