"""What a chat program knows, and what every message and event makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from glideim.client import (
    TYPING,
    Changed,
    Client,
    ContactChanged,
    ConversationChanged,
    Delivered,
    Edited,
    Event,
    Failed,
    Gone,
    GroupChanged,
    Growing,
    Pinned,
    Presence,
    Reacted,
    Read,
    Recalled,
    Signal,
    Stored,
    Synced,
)  # fmt: skip
from glideim.protocol.conversations import chat_key, group_key
from glideim.protocol.records import Message

from .chatlist import ChatList
from .messages import Chat, MessageFile
from .people import People
from .text import one_line
from .window import Window, edited, erased, reacted
from .words import GROWING, event_words, people_of, says

UNFINISHED = 1_000
"""Messages that grow whose end is waited for; of more, the beginning is what is heard."""


class Listener(NamedTuple):
    """Who is told. `changed`: something is to be shown anew; called often, it should only note that. `heard`: something
    was said or done in a conversation. `noted`: something that has no place in a conversation."""

    changed: Callable[[], None]
    noted: Callable[[str], None]
    heard: Callable[[Chat, str], None] | None = None


class Pending(NamedTuple):
    """A message that is not stored yet, or was refused (`failed` says why)."""

    message: Message
    conv: str
    at: int
    failed: str = ""


class Book:
    """One person's chats."""

    def __init__(
        self,
        client: Client,
        file: MessageFile,
        now_ms: Callable[[], int],
        listener: Listener,
    ) -> None:
        self.client = client
        self.file = file
        self.now_ms = now_ms
        self.listener = listener
        self.people = People(client, now_ms)
        self.chats = ChatList(file, self.people, lambda: client.uid, now_ms)
        self.window: Window | None = None
        self.pending: dict[str, Pending] = {}
        self.answered = asyncio.Event()
        """Set when a message was stored or refused, or the connection changed."""
        self._unfinished: set[tuple[str, int]] = set()

    @property
    def open(self) -> Chat | None:
        """The conversation that is shown."""
        return self.window.chat if self.window is not None else None

    def queue(self, message: Message) -> None:
        """A message is in the outbox."""
        conv = message.conv or chat_key(self.client.uid, message.to)
        self.pending[message.cli_mid] = Pending(message, conv, self.now_ms())

    def received(self, message: Message) -> None:
        """A message that this program did not send."""
        self.people.said(message.conv, message.from_)
        self.took(message)
        if message.status == GROWING and len(self._unfinished) < UNFINISHED:
            self._unfinished.add((message.conv, message.seq))
        elif message.from_ != self.client.uid or message.type < 0:
            # What one says oneself on another device is shown, but it is no news.
            self._heard(message.conv, self.spoken(message))
        self.listener.changed()

    def took(self, message: Message) -> None:
        """A message is new, or another one than it was: keep it, list it, show it."""
        self.file.add([message])
        self.chats.took(message)
        if self.window is not None and self.window.chat.conv == message.conv:
            self.window.put(message)
            self.mark_read(self.window.chat)

    def mark_read(self, chat: Chat) -> None:
        """What is shown is read."""
        if chat.last_seq > chat.read_seq and not chat.closed:
            self.chats.read(chat, chat.last_seq)
            self.client.mark_read(chat.conv, chat.last_seq)

    def spoken(self, message: Message) -> str:
        """A message with who said it."""
        text = says(message, self.people.name, self.now_ms())
        return f"* {text}" if message.type < 0 else f"{self.people.name(message.from_)}: {text}"

    def _heard(self, conv: str, text: str) -> None:
        if self.listener.heard is not None:
            self.listener.heard(self.chats.get(conv), text)

    # --- events ---------------------------------------------------------------------------------------------

    def happened(self, event: Event) -> None:
        """An event, other than of the connection."""
        match event:
            case Stored():
                self._stored(event)
            case Failed():
                self._failed(event)
            case Delivered(conv, seq, _, offline):
                chat = self.chats.get(conv)
                if offline:
                    chat.offline_seq = max(chat.offline_seq, seq)
                else:
                    chat.delivered_seq = max(chat.delivered_seq, seq)
                self.chats.save(chat)
            case Read(conv, uid, seq) if uid == self.client.uid:
                self.chats.read(self.chats.get(conv), seq)
            case Signal(conv, uid, kind, _) if kind == TYPING:
                self.people.types(conv, uid)
            case Presence():
                self.people.came_or_went(event)
            case Synced(conversations):
                for conversation in conversations:
                    self.chats.synced(conversation)
                self.people.watch(self.chats.people())
            case _:
                self._said_or_done(event)

    def _said_or_done(self, event: Event) -> None:
        match event:
            case Edited(message):
                self._edited(message)
            case Changed(message):
                self.took(message)
                self._finished(message)
            case Recalled(conv, seq, _, by, _):
                self._change(conv, seq, erased)
                self._heard(conv, f"* {self.people.name(by)} took back #{seq}")
            case Reacted():
                self._reacted(event)
            case Pinned(conv, seq, on, by, _):
                self._change(conv, seq, lambda m: replace(m, pinned=on))
                verb = "pinned" if on else "unpinned"
                self._heard(conv, f"* {self.people.name(by)} {verb} #{seq}")
            case Growing():
                self._grows(event)
            case _:
                self._circles(event)

    def _circles(self, event: Event) -> None:
        match event:
            case GroupChanged():
                self._group(event)
            case ConversationChanged(notice):
                self.chats.settings(notice)
            case ContactChanged():
                self._contact(event)
            case Gone(convs):
                for conv in convs:
                    self.chats.closed(conv)
            case _:
                return

    def _change(self, conv: str, seq: int, how: Callable[[Message], Message]) -> None:
        """Change a message that is here; what is not here is fetched as it is then."""
        message = self.message(conv, seq)
        if message is not None:
            self.took(how(message))

    def message(self, conv: str, seq: int) -> Message | None:
        """A message that is here: as it is shown, which may be ahead of the file."""
        if self.window is not None and self.window.chat.conv == conv:
            for message in self.window.messages:
                if message.seq == seq:
                    return message
        return self.file.get(conv, seq)

    def _edited(self, message: Message) -> None:
        before = self.message(message.conv, message.seq)
        if before is not None:
            self.took(edited(before, message))
        if message.content is not None:
            text = says(message, self.people.name, self.now_ms())
            who = self.people.name(message.from_)
            self._heard(message.conv, f"* {who} edited #{message.seq}: {text}")

    def _reacted(self, event: Reacted) -> None:
        mine = event.on if event.uid == self.client.uid else None
        self._change(event.conv, event.seq, lambda m: reacted(m, event.key, event.count, mine=mine))
        done = "reacted" if event.on else "took back"
        who = self.people.name(event.uid)
        self._heard(event.conv, f"* {who} {done} {event.key} to #{event.seq}")

    def _grows(self, event: Growing) -> None:
        self.people.said(event.conv, event.uid)
        known = self.message(event.conv, event.seq) or Message(
            conv=event.conv,
            seq=event.seq,
            from_=event.uid,
            type=1,
            send_at=self.now_ms(),
            status=GROWING,
        )
        if event.op == "cancel":
            self._unfinished.discard((event.conv, event.seq))
            self.took(erased(known))
            return
        whole = event.op == "finish"
        grown = replace(known, content=event.text, status=0 if whole else GROWING)
        if event.op == "delta" and self.window is not None and self.window.chat.conv == event.conv:
            # Not written with every word: the file has its beginning, and gets it whole.
            self.window.put(grown)
            return
        self.took(grown)
        self._finished(grown)

    def _finished(self, message: Message) -> None:
        """What came as a message that grows does not come again as a whole one; everything else does."""
        place = (message.conv, message.seq)
        if message.status != GROWING and place in self._unfinished:
            self._unfinished.discard(place)
            if message.from_ != self.client.uid:
                self._heard(message.conv, self.spoken(message))

    def _group(self, event: GroupChanged) -> None:
        notice = event.notice
        if notice.type == "request":
            name = self.chats.get(group_key(notice.gid)).title
            words = event_words(notice, self.people.name, self.now_ms())
            self.listener.noted(f"{name}: {words} (/requests, /accept)")
            return
        if self.chats.entered(notice):
            name = self.chats.get(group_key(notice.gid)).title
            self.listener.noted(f"{self.people.name(notice.by)} brought you into {one_line(name)}.")
        self.chats.group_changed(notice)
        if self.chats.get(group_key(notice.gid)).closed:
            name = self.chats.get(group_key(notice.gid)).title
            self.listener.noted(f"You do not belong to {one_line(name)} any more.")

    def _contact(self, event: ContactChanged) -> None:
        who = self.people.name(event.uid)
        match event.type:
            case "request":
                said = f": {event.remark}" if event.remark else ""
                self.listener.noted(f"{who} wants to be a contact{said} (/accept {who})")
            case "accepted":
                self.listener.noted(f"{who} is a contact now.")
            case "rejected":
                self.listener.noted(f"{who} does not want to be a contact.")
            case _:
                self.people.remark(event.uid, "")
                self.listener.noted(f"{who} is not a contact any more.")

    def _stored(self, event: Stored) -> None:
        self.answered.set()
        pending = self.pending.pop(event.cli_mid, None)
        if pending is not None:
            self.took(
                replace(
                    pending.message,
                    mid=event.mid,
                    conv=event.conv,
                    seq=event.seq,
                    from_=self.client.uid,
                    send_at=event.send_at,
                )
            )

    def _failed(self, event: Failed) -> None:
        self.answered.set()
        pending = self.pending.get(event.cli_mid)
        if pending is not None:
            why = one_line(event.message or event.code)
            self.pending[event.cli_mid] = pending._replace(failed=why)


def people_in(event: Event) -> set[int]:
    """Whose names an event needs."""
    match event:
        case Edited(message) | Changed(message):
            return people_of(message)
        case Recalled(_, _, _, by, _) | Pinned(_, _, _, by, _):
            return {by}
        case Reacted() | Growing() | ContactChanged():
            return {event.uid}
        case GroupChanged(notice):
            return {notice.by, *notice.uids} - {0}
        case _:
            return set()
