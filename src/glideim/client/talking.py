"""What one does with messages besides sending and receiving them: `Client` is this and more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import NamedTuple, Protocol

from glideim.protocol.actions import Action
from glideim.protocol.conversations import parse_group, parse_key
from glideim.protocol.records import AckMessage, HistoryQuery, Message, MessageList
from glideim.protocol.social import (
    Edit,
    MessageSearch,
    NotifyPresence,
    NotifyReact,
    Pin,
    PresenceList,
    PresenceQuery,
    React,
    Recall,
    Stream,
    Transient,
)

from .account import Account
from .asking import paged
from .hub import Hub
from .sent import Sent
from .streaming import StreamWriter

TYPING = 1
"""`type` of a signal that says that somebody is typing; other numbers belong to the application."""


class Place(NamedTuple):
    """Where a message is, if nothing else of it is at hand."""

    conv: str
    seq: int


class Placed(Protocol):
    """Anything that says where a message is: a message, what `send` returned, a `Place`."""

    @property
    def conv(self) -> str:
        """Its conversation."""
        ...

    @property
    def seq(self) -> int:
        """Its number there."""
        ...


class Talking:
    """Changes of messages, signals, presence, search, messages that grow. Everything raises RequestFailed when the
    server refuses it. What one changes oneself comes as an event, too, like what others change."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def recall(self, message: Placed) -> Recall:
        """Take a message back: its content is erased everywhere."""
        wanted = Recall(message.conv, message.seq)
        return await self._hub.ask(Action.API_MESSAGES_RECALL, wanted, Recall)

    async def edit(self, message: Placed, content: str) -> Message:
        """Give a message of one's own another content."""
        wanted = Edit(message.conv, message.seq, content)
        return await self._hub.ask(Action.API_MESSAGES_EDIT, wanted, Message)

    async def react(self, message: Placed, key: str, *, on: bool = True) -> NotifyReact:
        """Set a reaction (an emoji or a name), or take it back."""
        wanted = React(message.conv, message.seq, key, on)
        return await self._hub.ask(Action.API_MESSAGES_REACT, wanted, NotifyReact)

    async def pin(self, message: Placed, *, on: bool = True) -> Pin:
        """Pin a message in its conversation, for everybody, or not any more."""
        wanted = Pin(message.conv, message.seq, on)
        return await self._hub.ask(Action.API_MESSAGES_PIN, wanted, Pin)

    def search(
        self,
        q: str = "",
        *,
        conv: str = "",
        sender: int = 0,
        type: int = 0,  # noqa: A002 - its name in the protocol
        after: int = 0,
        before: int = 0,
    ) -> AsyncIterator[Message]:
        """Messages of one's own conversations that contain all words of `q`, the newest first; `after` and `before`
        are times in Unix milliseconds."""
        return paged(
            self._hub.ask,
            Action.API_MESSAGES_SEARCH,
            lambda cursor: MessageSearch(q, conv, sender, type, after, before, cursor),
            MessageList,
        )

    def signal(self, conv: str, content: str = "", *, type: int = TYPING) -> bool:  # noqa: A002
        """Send something that is not kept to those who are connected; by default, that one is typing. False when one
        is not connected oneself. Raises SignedOutError."""
        to = _receiver(conv, self._hub.account().uid)
        signal = Transient(conv=conv, to=to, type=type, content=content)
        return self._hub.tell(Action.MESSAGE_CLI, signal)

    def stream(
        self,
        to: int | str,
        text: str = "",
        *,
        type: int = 1,  # noqa: A002 - its name in the protocol
    ) -> StreamWriter:
        """A message that grows, to a person (uid) or a group (`"g:<gid>"`): see `StreamWriter`."""
        account = self._hub.account()
        receiver, conv = addressed(to)
        opened = Stream(
            conv=conv,
            to=receiver,
            stream_id=account.new_cli_mid(),
            op="open",
            content=text,
            type=type,
        )

        def sent(ack: AckMessage) -> Sent:
            return Sent(account.receipts, ack.cli_mid, ack.mid, ack.conv, ack.seq, ack.send_at)

        return StreamWriter(_Channel(self._hub, account), opened, sent)

    def watch(self, uids: Iterable[int]) -> None:
        """Want to know when these people (at most 500), and nobody else, come and go: `Presence` events, now and
        after every reconnect, until others are named. Raises SignedOutError."""
        self._hub.core.watch(self._hub.account(), uids)
        self._hub.engine.wake()

    async def presence(self, uids: Iterable[int]) -> tuple[NotifyPresence, ...]:
        """How people are at this moment, as far as they let one see it."""
        query = PresenceQuery(tuple(uids))
        return (await self._hub.ask(Action.API_PRESENCE_LIST, query, PresenceList)).items


class _Channel:
    """Implements `streaming.Channel`."""

    def __init__(self, hub: Hub, account: Account) -> None:
        self._hub = hub
        self._writers = account.writers

    async def ask(self, step: Stream) -> AckMessage:
        """See `streaming.Channel`."""
        return await self._hub.ask(Action.MESSAGE_STREAM, step, AckMessage)

    def tell(self, step: Stream) -> bool:
        """See `streaming.Channel`."""
        return self._hub.tell(Action.MESSAGE_STREAM, step)

    async def is_whole(self, conv: str, seq: int) -> bool:
        """See `streaming.Channel`."""
        query = HistoryQuery(conv, seq - 1, None, 1)
        page = await self._hub.ask(Action.API_MESSAGES_LIST, query, MessageList)
        return any(m.seq == seq and m.status == 0 for m in page.items)

    def began(self, writer: StreamWriter) -> None:
        """See `streaming.Channel`."""
        self._writers[writer.stream_id] = writer

    def ended(self, stream_id: str) -> None:
        """See `streaming.Channel`."""
        self._writers.pop(stream_id, None)


def addressed(to: int | str) -> tuple[int, str]:
    """The receiver, and of a group the name of its conversation, which tells them apart."""
    if isinstance(to, int):
        return to, ""
    gid = parse_group(to)
    if gid is None:
        raise ValueError(f"not a group: {to!r}; groups are named g:<gid>")
    return gid, to


def _receiver(conv: str, me: int) -> int:
    gid = parse_group(conv)
    if gid is not None:
        return gid
    pair = parse_key(conv)
    if pair is None:
        raise ValueError(f"not a conversation: {conv!r}")
    return pair[1] if pair[0] == me else pair[0]
