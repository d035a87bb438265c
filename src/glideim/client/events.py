"""What happens besides messages, and how the application hears of it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from msgspec import Struct

from glideim.protocol.records import Conversation, Message
from glideim.protocol.social import NotifyConversation, NotifyGroup

if TYPE_CHECKING:
    from collections.abc import Callable


class Event(Struct, frozen=True):
    """Base of all events."""


class Connecting(Event, frozen=True):
    """A connection is being opened."""


class Connected(Event, frozen=True):
    """Connected and signed in."""

    uid: int
    server: str
    node: str


class Disconnected(Event, frozen=True):
    """The connection is gone, or could not be opened. `delay`: seconds until the next try, if there is one."""

    code: int
    reason: str
    will_retry: bool
    delay: float = 0.0


class Kicked(Event, frozen=True):
    """Another client signed in as the same class of device. No reconnect until `Client.connect`."""

    reason: str


class SignedOut(Event, frozen=True):
    """The session has ended: signed out, token not valid, or banned. Sign in again to go on."""

    code: int
    reason: str


class Synced(Event, frozen=True):
    """Everything missed has been asked for; the person's conversations, as the server sees them."""

    conversations: tuple[Conversation, ...]


class Stored(Event, frozen=True):
    """A message from the outbox is stored by the server."""

    cli_mid: str
    mid: int
    conv: str
    seq: int
    send_at: int


class Failed(Event, frozen=True):
    """A message from the outbox was refused for good."""

    cli_mid: str
    to: int
    code: str
    message: str


class Delivered(Event, frozen=True):
    """A device of the receiver has everything of mine up to `seq`; with `offline`, none is connected and the
    messages wait for it."""

    conv: str
    seq: int
    cli_mid: str
    offline: bool


class Read(Event, frozen=True):
    """`uid` has read everything up to `seq`: the other person, or oneself on another device."""

    conv: str
    uid: int
    seq: int


class DeviceChanged(Event, frozen=True):
    """Another device of the same person signed in or out."""

    device: int
    online: bool
    at: int


class Skipped(Event, frozen=True):
    """Messages that exist but that the server will not give: `first` … `last` of a conversation."""

    conv: str
    first: int
    last: int
    code: str


class Recalled(Event, frozen=True):
    """A message was taken back by `by`; its content is erased."""

    conv: str
    seq: int
    mid: int
    by: int
    at: int


class Edited(Event, frozen=True):
    """A message is another one now: edited by its sender, or, by its `status`, erased because its time was over.
    Reactions and pins are as before: the message does not say them."""

    message: Message


class Changed(Event, frozen=True):
    """A message that is known here is another one than it was, since the connection before: recalled, edited,
    expired, finished, or with other reactions or pins. Take it in the place of the one with its `conv` and `seq`."""

    message: Message


class Reacted(Event, frozen=True):
    """`uid` set a reaction or took it back; `count` people have it now."""

    conv: str
    seq: int
    key: str
    count: int
    uid: int
    on: bool


class Pinned(Event, frozen=True):
    """A message was pinned, or is not any more."""

    conv: str
    seq: int
    on: bool
    by: int
    at: int


class Signal(Event, frozen=True):
    """Something that is not kept, from another client: typing, call signalling."""

    conv: str
    uid: int
    type: int
    content: str


class Growing(Event, frozen=True):
    """A message grows. `text` is what is there of it so far; `op` is open, delta, finish or cancel. When it is
    finished it comes as a message, too, unless it came before as one that grows (`status` 4)."""

    conv: str
    seq: int
    stream_id: str
    uid: int
    op: str
    text: str


class GroupChanged(Event, frozen=True):
    """Something happened to a group, or (type `request`, to its admins) somebody asks to join."""

    notice: NotifyGroup


class ContactChanged(Event, frozen=True):
    """`type` is request, accepted, rejected or removed; `uid` is the other person."""

    uid: int
    type: str
    remark: str
    at: int


class ConversationChanged(Event, frozen=True):
    """Settings of a conversation, from another device of one's own or (`expire_after`) from others."""

    notice: NotifyConversation


class Presence(Event, frozen=True):
    """Somebody whom one watches came or went. `at` is since when, or when they were last seen."""

    uid: int
    online: bool
    devices: tuple[int, ...]
    at: int


class Gone(Event, frozen=True):
    """One does not belong to these conversations any more, and missed being told."""

    convs: tuple[str, ...]


class EventStream(AsyncIterator[Event]):
    """One subscriber's events, in order. Keeps at most `limit`; beyond, the oldest is dropped and counted."""

    def __init__(self, limit: int, closed: Callable[[EventStream], None]) -> None:
        self._waiting: deque[Event] = deque()
        self._limit = limit
        self._closed = closed
        self._wake = asyncio.Event()
        self._ended = False
        self.dropped = 0

    def put(self, event: Event) -> None:
        """Add an event; called by the client."""
        if len(self._waiting) >= self._limit:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(event)
        self._wake.set()

    def end(self) -> None:
        """End the iteration after what is waiting."""
        self._ended = True
        self._wake.set()

    def close(self) -> None:
        """Stop listening."""
        self._closed(self)
        self.end()

    def __aiter__(self) -> EventStream:
        return self

    async def __anext__(self) -> Event:
        while not self._waiting:
            if self._ended:
                raise StopAsyncIteration
            self._wake.clear()
            await self._wake.wait()
        return self._waiting.popleft()
