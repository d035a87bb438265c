"""What happens to messages that are there, and around them: recalls, edits, reactions, pins, text that grows. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from glideim.protocol.actions import Action
from glideim.protocol.records import Message, Reaction
from glideim.protocol.social import (
    NotifyContact,
    NotifyConversation,
    NotifyGroup,
    NotifyPresence,
    NotifyReact,
    Pin,
    Recall,
    Stream,
    Transient,
)

from . import events
from .account import Account

RECALLED = 1
"""`status` of a message that was taken back."""
GROWING_MOST = 1_000
"""Growing messages whose text is kept; of more, the oldest is forgotten, and known again when it is whole."""

Emit = Callable[[events.Event], None]


class Changes:
    """Takes in what the server tells of things that are there already, and of those that are never kept."""

    def __init__(self, account: Account, emit: Emit) -> None:
        self._account = account
        self._emit = emit
        self._texts: dict[int, str] = {}
        self.handlers: dict[str, Callable[[Any], None]] = {
            Action.MESSAGE_CHAT_RECALL: self._on_recall,
            Action.MESSAGE_GROUP_RECALL: self._on_recall,
            Action.MESSAGE_EDIT: self._on_edit,
            Action.NOTIFY_REACT: self._on_react,
            Action.NOTIFY_PIN: self._on_pin,
            Action.MESSAGE_CLI: self._on_signal,
            Action.NOTIFY_CONTACT: self._on_contact,
            Action.NOTIFY_CONVERSATION: self._on_conversation,
            Action.NOTIFY_PRESENCE: self._on_presence,
        }

    def group(self, notice: NotifyGroup) -> None:
        """An event of a group came as it happened."""
        self._emit(events.GroupChanged(notice))

    def grow(self, step: Stream) -> None:
        """A step of somebody's growing message."""
        text = self._grown(step)
        if step.op in {"finish", "cancel"}:
            self._texts.pop(step.mid, None)
            whole = step.op == "finish"
            self._change(
                step.conv,
                step.seq,
                lambda m: replace(m, content=text, status=0) if whole else _erased(m),
            )
        self._emit(events.Growing(step.conv, step.seq, step.stream_id, step.from_, step.op, text))

    def known_again(self, message: Message) -> None:
        """The server tells of a message that was here before, as it is now."""
        self._change(message.conv, message.seq, lambda _: message)
        self._emit(events.Changed(message))

    def _grown(self, step: Stream) -> str:
        text, content = self._texts.get(step.mid, ""), step.content or ""
        match step.op:
            case "cancel":
                return ""
            case "delta":
                text = text[: step.offset or 0] + content
            case _:
                text = content
        self._texts.pop(step.mid, None)
        self._texts[step.mid] = text
        if len(self._texts) > GROWING_MOST:
            del self._texts[next(iter(self._texts))]
        return text

    def _change(self, conv: str, seq: int, change: Callable[[Message], Message]) -> None:
        """What waits for the application is given to it as it is now."""
        self._account.inbox.change(conv, seq, change)

    def _on_recall(self, recall: Recall) -> None:
        self._change(recall.conv, recall.seq, _erased)
        self._emit(
            events.Recalled(recall.conv, recall.seq, recall.mid, recall.recall_by, recall.at)
        )

    def _on_edit(self, message: Message) -> None:
        # Whether one reacted oneself differs from person to person, so what all are told leaves reactions out.
        self._change(
            message.conv,
            message.seq,
            lambda m: replace(message, reactions=m.reactions, pinned=m.pinned),
        )
        self._emit(events.Edited(message))

    def _on_react(self, notice: NotifyReact) -> None:
        mine = notice.on if notice.uid == self._account.uid else None
        self._change(notice.conv, notice.seq, lambda m: with_reaction(m, notice, mine=mine))
        self._emit(
            events.Reacted(notice.conv, notice.seq, notice.key, notice.count, notice.uid, notice.on)
        )

    def _on_pin(self, pin: Pin) -> None:
        self._change(pin.conv, pin.seq, lambda m: replace(m, pinned=pin.on))
        self._emit(events.Pinned(pin.conv, pin.seq, pin.on, pin.by, pin.at))

    def _on_signal(self, signal: Transient) -> None:
        self._emit(events.Signal(signal.conv, signal.from_, signal.type, signal.content or ""))

    def _on_contact(self, notice: NotifyContact) -> None:
        self._emit(events.ContactChanged(notice.uid, notice.type, notice.remark, notice.at))

    def _on_conversation(self, notice: NotifyConversation) -> None:
        self._emit(events.ConversationChanged(notice))

    def _on_presence(self, notice: NotifyPresence) -> None:
        self._emit(events.Presence(notice.uid, notice.online, notice.devices, notice.at))


def _erased(message: Message) -> Message:
    """What is left of a message that was taken back: its place."""
    return replace(
        message, content=None, status=RECALLED, reply_to=0, mentions=(), extra={}, reactions=(),
        pinned=False, expire_at=0,
    )  # fmt: skip


def with_reaction(message: Message, notice: NotifyReact, *, mine: bool | None) -> Message:
    """A message with a reaction as it is now; `mine` None: it stays as it is whether one has it oneself."""
    others = tuple(r for r in message.reactions if r.key != notice.key)
    before = next((r.mine for r in message.reactions if r.key == notice.key), False)
    if not notice.count:
        return replace(message, reactions=others)
    now = Reaction(notice.key, notice.count, before if mine is None else mine)
    keys = [r.key for r in message.reactions]
    if notice.key not in keys:
        return replace(message, reactions=(*message.reactions, now))
    place = keys.index(notice.key)
    return replace(message, reactions=(*others[:place], now, *others[place:]))
