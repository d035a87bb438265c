"""What a chat program knows, without a screen: conversations, the messages shown, the state of the connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import NamedTuple

from glideim.client import (
    Client,
    ClientError,
    Connected,
    Connecting,
    Delivered,
    Disconnected,
    Event,
    Failed,
    Kicked,
    Read,
    SignedOut,
    Stored,
    Synced,
)  # fmt: skip
from glideim.protocol.conversations import chat_key, parse_key
from glideim.protocol.records import Conversation, Message, User

from .lines import Line, Mark
from .messages import Chat, MessageFile
from .text import one_line

PAGE = 50
"""Messages loaded at a time."""
SHOWN = 2_000
"""Messages of the open conversation kept in memory; the oldest are let go (and loaded again on scrolling up)."""


class _Pending(NamedTuple):
    to: int
    text: str
    at: int
    failed: str = ""


class Model:
    """One person's chats. `changed` is called after every change, often; it should only note that there was one."""

    def __init__(
        self,
        client: Client,
        file: MessageFile,
        now_ms: Callable[[], int],
        changed: Callable[[], None],
    ) -> None:
        self.client = client
        self._file = file
        self._now_ms = now_ms
        self._changed = changed
        self.chats: dict[str, Chat] = {}
        self.open: Chat | None = None
        self._shown: list[Message] = []
        self._pending: dict[str, _Pending] = {}
        self._beginning = False
        """The first message of the open conversation is among the shown ones."""
        self._loading = False
        self._names: dict[int, str] = {}
        self._unnamed: set[int] = set()
        self._looking_up = False
        self._status = "not connected"
        self._retry_at: int | None = None
        self.signed_out: str | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # --- life -----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Show what is here, and follow the client. The client must be started and have an account."""
        for chat in self._file.chats():
            self.chats[chat.conv] = chat
            self._names[chat.peer] = chat.name
        for message in self.client.waiting():
            self._pending[message.cli_mid] = _Pending(
                message.to, message.content or "", self._now_ms()
            )
        if self.client.is_connected:
            self._status = "connected"
        self._spawn(self._follow_events())
        self._spawn(self._follow_messages())

    async def stop(self) -> None:
        """Stop following; does not close the client."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._file.close()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- what is shown --------------------------------------------------------------------------------------

    def listed(self) -> list[Chat]:
        """Conversations, newest first."""
        return sorted(self.chats.values(), key=lambda chat: -chat.updated_at)

    def lines(self) -> list[Line]:
        """The open conversation, oldest first; what is still to be sent at the end."""
        chat = self.open
        if chat is None:
            return []
        stored = [self._line(chat, message) for message in self._shown]
        waiting = [
            Line(
                "me",
                mine=True,
                text=p.text,
                at=p.at,
                mark=Mark.FAILED if p.failed else Mark.PENDING,
                note=p.failed,
            )
            for p in self._pending.values()
            if p.to == chat.peer
        ]
        return stored + waiting

    @property
    def status(self) -> str:
        """The connection in words."""
        if self._retry_at is None:
            return self._status
        seconds = max(0, -(-(self._retry_at - self._now_ms()) // 1000))
        return (
            f"{self._status}; reconnecting in {seconds} s"
            if seconds
            else f"{self._status}; reconnecting"
        )

    @property
    def unread(self) -> int:
        """Of all conversations."""
        return sum(chat.unread for chat in self.chats.values())

    def name_of(self, uid: int) -> str:
        """What a person is called; looked up when it is not known."""
        if uid == self.client.uid:
            return "me"
        if not self._names.get(uid):
            self._unnamed.add(uid)
            return f"#{uid}"
        return self._names[uid]

    def _line(self, chat: Chat, message: Message) -> Line:
        mine = message.from_ == self.client.uid
        text = message.content if message.content is not None else "(taken back)"
        return Line(
            self.name_of(message.from_),
            mine,
            text,
            message.send_at,
            self._mark(chat, message) if mine else Mark.NONE,
        )

    def _mark(self, chat: Chat, message: Message) -> Mark:
        if chat.peer == self.client.uid:
            return Mark.SENT
        if self.client.read_up_to(chat.conv, chat.peer) >= message.seq:
            return Mark.READ
        if max(chat.delivered_seq, self.client.delivered_up_to(chat.conv)) >= message.seq:
            return Mark.DELIVERED
        return Mark.OFFLINE if chat.offline_seq >= message.seq else Mark.SENT

    # --- what the person does -------------------------------------------------------------------------------

    async def show(self, conv: str) -> None:
        """Open a conversation; what is missing here is asked of the server."""
        chat = self._chat(conv)
        self.open = chat
        self._beginning = False
        self._shown = list(self._file.before(conv, chat.last_seq + 1, PAGE))
        self._mark_read(chat)
        self._changed()
        if len(self._shown) < min(PAGE, chat.last_seq):
            await self.load_older()

    async def talk_to(self, user: User) -> None:
        """Open the conversation with a person, whether or not there is one."""
        self._names[user.uid] = user.nickname or user.account or f"#{user.uid}"
        conv = chat_key(self.client.uid, user.uid)
        self._chat(conv).name = self._names[user.uid]
        await self.show(conv)

    async def load_older(self) -> bool:
        """Add a page of older messages to those shown; False when there is none or it cannot be had now."""
        chat = self.open
        if chat is None or self._loading or self._beginning or not chat.last_seq:
            return False
        self._loading = True
        try:
            first = self._shown[0].seq if self._shown else chat.last_seq + 1
            page = self._file.before(chat.conv, first, PAGE)
            if not page and first > 1:
                page = await self.client.history(chat.conv, before=first, limit=PAGE)
                self._file.add(page)
        except ClientError:
            return False
        finally:
            self._loading = False
        if self.open is not chat:
            return False
        self._shown = [*page, *self._shown]
        self._beginning = not page or page[0].seq == 1
        self._changed()
        return bool(page)

    def say(self, text: str) -> None:
        """Send to the open conversation. Raises ClientError when it cannot be."""
        chat = self.open
        if chat is None:
            return
        submitted = self.client.submit(chat.peer, text)
        self._pending[submitted.cli_mid] = _Pending(chat.peer, text, self._now_ms())
        chat.updated_at = max(chat.updated_at, self._now_ms())
        chat.preview = one_line(text)
        self._changed()

    async def find(self, text: str) -> list[User]:
        """People by the beginning of their name, or by uid. Raises ClientError."""
        found = list(await self.client.search_users(text)) if text else []
        if text.isdigit() and all(user.uid != int(text) for user in found):
            found += await self.client.users([int(text)])
        return found

    # --- what the client tells ------------------------------------------------------------------------------

    async def _follow_messages(self) -> None:
        # The message is kept before the next one is asked for, which is what confirms it.
        async for message in self.client.messages():
            self._received(message)
            self._look_up_names()

    async def _follow_events(self) -> None:
        async for event in self.client.events():
            self._happened(event)
            self._changed()
            self._look_up_names()

    def _received(self, message: Message) -> None:
        chat = self._chat(message.conv)
        self._take(chat, message)
        if self.open is chat:
            self._mark_read(chat)
        self._changed()

    def _take(self, chat: Chat, message: Message) -> None:
        """A message of a conversation became known: keep it, list it, show it."""
        self._file.add([message])
        if message.seq > chat.last_seq:
            chat.last_seq = message.seq
            chat.updated_at = message.send_at
            chat.preview = one_line(message.content or "")
        if message.from_ == self.client.uid:
            # Whoever answers has read what was there.
            chat.read_seq = max(chat.read_seq, message.seq)
        self._file.save_chat(chat)
        if self.open is chat:
            shown = {m.seq: m for m in self._shown}
            shown[message.seq] = message
            self._shown = self._without_holes(sorted(shown.values(), key=lambda m: m.seq))[-SHOWN:]

    @staticmethod
    def _without_holes(messages: list[Message]) -> list[Message]:
        """The newest ones that belong together; what is before a hole is loaded again when it is wanted."""
        start = len(messages) - 1
        while start > 0 and messages[start - 1].seq == messages[start].seq - 1:
            start -= 1
        return messages[start:]

    def _happened(self, event: Event) -> None:
        match event:
            case Stored():
                self._stored(event)
            case Failed():
                self._failed(event)
            case Delivered(conv, seq, _, offline):
                chat = self._chat(conv)
                if offline:
                    chat.offline_seq = max(chat.offline_seq, seq)
                else:
                    chat.delivered_seq = max(chat.delivered_seq, seq)
                self._file.save_chat(chat)
            case Read(conv, uid, seq) if uid == self.client.uid:
                chat = self._chat(conv)
                chat.read_seq = max(chat.read_seq, seq)
                self._file.save_chat(chat)
            case Synced(conversations):
                for conversation in conversations:
                    self._synced(conversation)
            case _:
                self._connection_changed(event)

    def _connection_changed(self, event: Event) -> None:
        match event:
            case Connecting():
                self._status, self._retry_at = "connecting", None
            case Connected():
                self._status, self._retry_at = "connected", None
            case Kicked():
                self._status, self._retry_at = (
                    "signed in elsewhere: press Ctrl+R to take over",
                    None,
                )
            case SignedOut(_, reason):
                self.signed_out = reason or "signed out"
            case Disconnected(_, reason, will_retry, delay) if will_retry:
                self._status = f"not connected ({one_line(reason)})" if reason else "not connected"
                self._retry_at = self._now_ms() + round(delay * 1000)
            case _:
                return

    def _stored(self, event: Stored) -> None:
        pending = self._pending.pop(event.cli_mid, None)
        if pending is None:
            return
        chat = self._chat(event.conv)
        message = Message(
            mid=event.mid, cli_mid=event.cli_mid, conv=event.conv, seq=event.seq, from_=self.client.uid,
            to=pending.to, type=1, content=pending.text, send_at=event.send_at,
        )  # fmt: skip
        self._take(chat, message)

    def _failed(self, event: Failed) -> None:
        pending = self._pending.get(event.cli_mid)
        if pending is not None:
            self._pending[event.cli_mid] = pending._replace(
                failed=one_line(event.message or event.code)
            )

    def _synced(self, conversation: Conversation) -> None:
        chat = self._chat(conversation.conv)
        peer, last = conversation.peer, conversation.last_message
        if peer is not None:
            self._names[peer.uid] = chat.name = peer.nickname or peer.account
        if last is not None and last.seq > chat.last_seq:
            chat.last_seq, chat.updated_at = last.seq, last.send_at
            chat.preview = one_line(last.content or "")
        chat.read_seq = max(chat.read_seq, conversation.read_seq)
        chat.delivered_seq = max(chat.delivered_seq, conversation.peer_delivered_seq)
        self._file.save_chat(chat)

    def _look_up_names(self) -> None:
        if self._unnamed and not self._looking_up:
            self._looking_up = True
            self._spawn(self._learn_names())

    async def _learn_names(self) -> None:
        wanted = list(self._unnamed)[:100]
        try:
            users = await self.client.users(wanted)
        except ClientError:
            # Asked again with the next thing that happens.
            return
        finally:
            self._looking_up = False
        self._unnamed.difference_update(wanted)
        for user in users:
            self._names[user.uid] = name = user.nickname or user.account
            chat = self.chats.get(chat_key(self.client.uid, user.uid))
            if chat is not None:
                chat.name = name
                self._file.save_chat(chat)
        self._changed()

    def _mark_read(self, chat: Chat) -> None:
        if chat.last_seq > chat.read_seq:
            chat.read_seq = chat.last_seq
            self.client.mark_read(chat.conv, chat.last_seq)
        self._file.save_chat(chat)

    def _chat(self, conv: str) -> Chat:
        chat = self.chats.get(conv)
        if chat is None:
            pair = parse_key(conv) or (0, 0)
            peer = pair[1] if pair[0] == self.client.uid else pair[0]
            chat = self.chats[conv] = Chat(conv, peer, name=self._names.get(peer, ""))
            if not chat.name:
                self._unnamed.add(peer)
        return chat
