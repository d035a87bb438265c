"""A chat program without a screen: it follows the client, opens conversations and says what is shown of them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence

from glideim.client import (
    ClientError,
    Connected,
    Connecting,
    Disconnected,
    Event,
    GroupChanged,
    Kicked,
    SignedOut,
)  # fmt: skip
from glideim.protocol.conversations import chat_key
from glideim.protocol.records import Message, User

from .book import Book, Pending, people_in
from .lines import Line, Mark
from .messages import Chat
from .text import one_line
from .window import Window
from .words import EDITED, GROWING, people_of, says


class Model(Book):
    """One person's chats, alive."""

    signed_out: str | None = None
    """Why the session has ended, if it has."""
    selected: int | None = None
    """`seq` of the message that commands are about, if one was chosen."""
    _status = "not connected"
    _retry_at: int | None = None
    _learning = False

    # --- life -----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Show what is here, and follow the client. The client must be started and have an account."""
        self._tasks: set[asyncio.Task[None]] = set()
        self.chats.load()
        for message in self.client.waiting():
            self.queue(message)
        if self.client.is_connected:
            self._status = "connected"
        self.spawn(self._follow_events())
        self.spawn(self._follow_messages())
        self.spawn(self._learn_contacts())

    async def stop(self) -> None:
        """Stop following; does not close the client."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.file.close()

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Do something beside; it ends with the model at the latest."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow_messages(self) -> None:
        # The message is kept before the next one is asked for, which is what confirms it.
        async for message in self.client.messages():
            if self.listener.heard is not None:
                await self.people.learn(people_of(message))
                self.chats.get(message.conv)
                await self._learn_groups()
            self.received(message)
            self._look_up()

    async def _follow_events(self) -> None:
        async for event in self.client.events():
            if isinstance(event, GroupChanged) and self.chats.is_new(event.notice.gid):
                await self._learn_groups()
            if self.listener.heard is not None:
                await self.people.learn(people_in(event))
            self._connection_changed(event)
            self.happened(event)
            self.listener.changed()
            self._look_up()

    async def settled(self) -> None:
        """Wait until what was said in the open conversation is stored or refused, as long as there is a connection."""
        while self.client.is_connected and any(
            not p.failed and self.open is not None and p.conv == self.open.conv
            for p in self.pending.values()
        ):
            self.answered.clear()
            await self.answered.wait()

    def _connection_changed(self, event: Event) -> None:
        if isinstance(event, Connecting | Connected | Disconnected | Kicked | SignedOut):
            self.answered.set()
        match event:
            case Connecting():
                self._status, self._retry_at = "connecting", None
            case Connected():
                self._status, self._retry_at = "connected", None
            case Kicked():
                self._status = "signed in elsewhere: press Ctrl+R to take over"
                self._retry_at = None
            case SignedOut(_, reason):
                self.signed_out = reason or "signed out"
            case Disconnected(_, reason, will_retry, delay) if will_retry:
                self._status = f"not connected ({one_line(reason)})" if reason else "not connected"
                self._retry_at = self.now_ms() + round(delay * 1000)
            case _:
                return

    # --- names ----------------------------------------------------------------------------------------------

    def _look_up(self) -> None:
        if self.chats.fresh:
            self.chats.fresh = False
            self.people.watch(self.chats.people())
        if self.window is not None and self.window.sparse:
            self.spawn(self._fill())
        if (self.people.has_unknown or self.chats.unknown) and not self._learning:
            self._learning = True
            self.spawn(self._learn())

    async def _fill(self) -> None:
        await self.load_older()

    async def _learn(self) -> None:
        """What cannot be asked now is asked with the next thing that happens."""
        try:
            await self._learn_groups()
            await self.people.learn()
        finally:
            self._learning = False
        self.chats.named()
        self.people.watch(self.chats.people())
        self.listener.changed()

    async def _learn_groups(self) -> None:
        for gid in list(self.chats.unknown):
            self.chats.unknown.discard(gid)
            await self._learn_group(gid)

    async def _learn_group(self, gid: int) -> None:
        try:
            self.chats.group(await self.client.groups.info(gid))
        except ClientError as error:
            if getattr(error, "code", "") == "unavailable":
                self.chats.unknown.add(gid)

    async def _learn_contacts(self) -> None:
        """One's own names for people."""
        try:
            async for contact in self.client.contacts.list():
                if contact.user is not None:
                    self.people.remember([contact.user])
                self.people.remark(contact.uid, contact.remark)
        except ClientError:
            return
        self.chats.named()
        self.listener.changed()

    # --- what is shown --------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """The connection in words."""
        if self._retry_at is None:
            return self._status
        seconds = max(0, -(-(self._retry_at - self.now_ms()) // 1000))
        when = f" in {seconds} s" if seconds else ""
        return f"{self._status}; reconnecting{when}"

    def typing(self) -> str:
        """Who is typing in the open conversation, in words."""
        names = self.people.typing(self.open.conv) if self.open is not None else []
        if not names:
            return ""
        return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} typing…"

    def lines(self) -> list[Line]:
        """The open conversation, oldest first; what is still to be sent at the end."""
        window = self.window
        if window is None:
            return []
        by_mid = {m.mid: m for m in window.messages if m.mid}
        stored = [self.line(window.chat, message, by_mid) for message in window.messages]
        waiting = [self._waits(p) for p in self.pending.values() if p.conv == window.chat.conv]
        return stored + waiting

    def line(self, chat: Chat, message: Message, by_mid: dict[int, Message]) -> Line:
        """One message; those that it may answer are in `by_mid`."""
        mine = message.from_ == self.client.uid
        event = message.type < 0
        return Line(
            self.people.name(message.from_),
            mine,
            says(message, self.people.name, self.now_ms()),
            message.send_at,
            self._mark(chat, message) if mine and not event else Mark.NONE,
            seq=message.seq,
            event=event,
            quote=self._quote(message, by_mid),
            tags=_tags(message),
            named=not mine and self.client.uid in message.mentions,
            selected=message.seq == self.selected,
        )

    def _quote(self, message: Message, by_mid: dict[int, Message]) -> str:
        if not message.reply_to:
            return ""
        answered = by_mid.get(message.reply_to) or next(
            (m for m in self.file.latest(message.conv, 500) if m.mid == message.reply_to), None
        )
        return one_line(self.spoken(answered)) if answered is not None else "an earlier message"

    def _waits(self, pending: Pending) -> Line:
        return Line(
            "me",
            mine=True,
            text=says(pending.message, self.people.name, self.now_ms()),
            at=pending.at,
            mark=Mark.FAILED if pending.failed else Mark.PENDING,
            note=pending.failed,
        )

    def _mark(self, chat: Chat, message: Message) -> Mark:
        if chat.gid or chat.peer == self.client.uid:
            return Mark.SENT
        if self.client.read_up_to(chat.conv, chat.peer) >= message.seq:
            return Mark.READ
        if max(chat.delivered_seq, self.client.delivered_up_to(chat.conv)) >= message.seq:
            return Mark.DELIVERED
        return Mark.OFFLINE if chat.offline_seq >= message.seq else Mark.SENT

    # --- what the person does -------------------------------------------------------------------------------

    async def show(self, conv: str) -> None:
        """Open a conversation; what is missing here is asked of the server."""
        chat = self.chats.get(conv)
        window = self.window = Window(self.client, self.file, chat, self.now_ms)
        self.selected = None
        whole = window.begin()
        self.mark_read(chat)
        self.listener.changed()
        if not whole:
            await self.load_older()
        self._look_up()

    async def talk_to(self, user: User) -> None:
        """Open the conversation with a person, whether or not there is one."""
        self.people.remember([user])
        conv = chat_key(self.client.uid, user.uid)
        self.chats.get(conv).name = self.people.known(user.uid)
        await self.show(conv)

    async def load_older(self) -> bool:
        """Add a page of older messages to those shown; False when there is none or it cannot be had now."""
        window = self.window
        if window is None or not await window.older() or window is not self.window:
            return False
        self.listener.changed()
        self._look_up()
        return True

    async def select(self, seq: int | None) -> bool:
        """Choose the message that commands are about; it is loaded if need be. False when it is not to be had."""
        if seq is not None and (self.window is None or not await self.window.reach(seq)):
            return False
        self.selected = seq
        self.listener.changed()
        return True

    def move_selection(self, by: int) -> None:
        """Choose the message before (-1) or after (1) the chosen one; after the last: none."""
        seqs = [m.seq for m in self.window.messages] if self.window is not None else []
        if not seqs:
            return
        at = seqs.index(self.selected) if self.selected in seqs else len(seqs)
        at = max(0, at + by)
        self.selected = seqs[at] if at < len(seqs) else None
        self.listener.changed()

    def last_of_mine(self) -> Message | None:
        """The last text that one said oneself, of those shown."""
        shown = self.window.messages if self.window is not None else []
        mine = (m for m in reversed(shown) if m.from_ == self.client.uid and m.type == 1)
        return next((m for m in mine if m.content and m.status != GROWING), None)

    def say(
        self,
        text: str,
        *,
        kind: int = 1,
        reply_to: int = 0,
        mentions: Sequence[int] = (),
        chat: Chat | None = None,
    ) -> None:
        """Send to the open conversation, or to another. Raises ClientError when it cannot be."""
        chat = chat or self.open
        if chat is None:
            return
        submitted = self.client.submit(
            chat.target, text, type=kind, reply_to=reply_to, mentions=mentions
        )
        to = chat.gid or chat.peer
        message = Message(
            cli_mid=submitted.cli_mid, conv=chat.conv, to=to, from_=self.client.uid, type=kind,
            content=text, reply_to=reply_to, mentions=tuple(mentions),
        )  # fmt: skip
        self.queue(message)
        self.people.sent(chat.conv)
        chat.updated_at = max(chat.updated_at, self.now_ms())
        chat.preview = self.chats.preview(chat, message)
        self.listener.changed()

    async def find(self, text: str) -> list[User]:
        """People by the beginning of their name, or by uid. Raises ClientError."""
        found = list(await self.client.search_users(text)) if text else []
        if text.isdigit() and all(user.uid != int(text) for user in found):
            found += await self.client.users([int(text)])
        return found


def _tags(message: Message) -> str:
    tags = ["edited"] if message.status == EDITED else []
    if message.pinned:
        tags.append("pinned")
    tags += [f"{one_line(r.key, 32)}{r.count if r.count > 1 else ''}" for r in message.reactions]
    return " ".join(tags)
