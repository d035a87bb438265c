"""The list of conversations: people and groups, what is unread, how one wants them listed."""

from __future__ import annotations

from collections.abc import Callable

from glideim.protocol.conversations import parse_group, parse_key
from glideim.protocol.records import Conversation, Group, Message
from glideim.protocol.social import NotifyConversation, NotifyGroup

from .messages import Chat, MessageFile
from .people import People
from .text import one_line
from .words import says

_ENTERED = frozenset({"created", "joined", "invited"})
_CHANGED = frozenset({"renamed", "settings", "announcement"})


class ChatList:
    """All conversations of a person, kept in the file."""

    def __init__(
        self, file: MessageFile, people: People, me: Callable[[], int], now_ms: Callable[[], int]
    ) -> None:
        self._file = file
        self._people = people
        self._me = me
        self._now_ms = now_ms
        self.all: dict[str, Chat] = {}
        self.fresh = False
        """There are people in the list who were not."""
        self.unknown: set[int] = set()
        """Groups whose name is not known."""

    def load(self) -> None:
        """Take what is in the file."""
        for chat in self._file.chats():
            self.all[chat.conv] = chat
            if chat.peer and chat.name:
                self._people.call(chat.peer, chat.name)

    def listed(self) -> list[Chat]:
        """Those that are to be seen, pinned ones first, then the newest."""
        seen = (chat for chat in self.all.values() if not chat.hidden)
        return sorted(seen, key=lambda chat: (not chat.pinned, -chat.updated_at))

    def unread(self) -> int:
        """Messages that are to be noticed."""
        return sum(chat.unread for chat in self.all.values() if not (chat.muted or chat.hidden))

    def get(self, conv: str) -> Chat:
        """A conversation; it begins to exist when it did not."""
        chat = self.all.get(conv)
        if chat is None:
            pair = parse_key(conv) or (0, 0)
            peer = pair[1] if pair[0] == self._me() else pair[0]
            chat = self.all[conv] = Chat(conv, peer, name=self._people.known(peer))
            if chat.gid:
                self.unknown.add(chat.gid)
            else:
                self.fresh = True
                self._people.name(peer)
        return chat

    def save(self, chat: Chat) -> None:
        """Keep how it stands."""
        self._file.save_chat(chat)

    def named(self) -> None:
        """Names became known: those of the conversations are renewed."""
        for chat in self.all.values():
            name = self._people.known(chat.peer) if chat.peer else chat.name
            if name and name != chat.name:
                chat.name = name
                self.save(chat)

    def took(self, message: Message) -> None:
        """A message is there that was not, or one is another than it was."""
        chat, me = self.get(message.conv), self._me()
        if message.seq > chat.last_seq:
            chat.last_seq, chat.updated_at = message.seq, message.send_at
            chat.hidden = False
            if message.from_ != me and me in message.mentions:
                chat.mentioned = True
        if message.seq == chat.last_seq:
            chat.preview = self.preview(chat, message)
        if message.from_ == me and message.type >= 0:
            # Whoever answers has read what was there.
            chat.read_seq = max(chat.read_seq, message.seq)
        self.save(chat)

    def preview(self, chat: Chat, message: Message) -> str:
        """The beginning of a message; in a group with who said it."""
        text = one_line(says(message, self._people.name, self._now_ms()))
        if not chat.gid or message.type < 0:
            return text
        return one_line(f"{self._people.name(message.from_)}: {text}")

    def read(self, chat: Chat, seq: int) -> None:
        """Everything up to here is read."""
        chat.read_seq = max(chat.read_seq, seq)
        if not chat.unread:
            chat.mentioned = False
        self.save(chat)

    def synced(self, conversation: Conversation) -> None:
        """How the server sees it."""
        chat, peer, last = (
            self.get(conversation.conv),
            conversation.peer,
            conversation.last_message,
        )
        if peer is not None:
            self._people.remember([peer])
            chat.name = self._people.known(peer.uid)
        if last is not None and last.seq >= chat.last_seq:
            chat.last_seq, chat.updated_at = last.seq, last.send_at
            chat.preview = self.preview(chat, last)
        chat.read_seq = max(chat.read_seq, conversation.read_seq)
        chat.delivered_seq = max(chat.delivered_seq, conversation.peer_delivered_seq)
        chat.pinned, chat.muted = conversation.pinned, conversation.muted
        chat.hidden, chat.expire_after = conversation.hidden, conversation.expire_after
        if conversation.group is not None:
            self.group(conversation.group)
        self.save(chat)

    def group(self, group: Group) -> None:
        """What is known of a group one belongs to."""
        chat = self.get(group.conv or f"g:{group.gid}")
        chat.name, chat.closed = group.name, False
        chat.updated_at = chat.updated_at or group.created_at
        self.unknown.discard(group.gid)
        self.save(chat)

    def is_new(self, gid: int) -> bool:
        """Whether nothing is known of a group; from now on it is listed."""
        chat = self.get(f"g:{gid}")
        return not chat.name

    def entered(self, notice: NotifyGroup) -> bool:
        """Whether it says that somebody else brought oneself into a group."""
        return notice.type in _ENTERED and self._is_me(notice) and notice.by != self._me()

    def group_changed(self, notice: NotifyGroup) -> None:
        """Something happened to a group."""
        chat, me = self.get(f"g:{notice.gid}"), self._me()
        if notice.type == "dissolved" or (notice.type in {"left", "removed"} and me in notice.uids):
            self.closed(chat.conv)
            return
        if notice.type == "renamed" and notice.value:
            chat.name = notice.value
        elif notice.type in _CHANGED or (notice.type in _ENTERED and self._is_me(notice)):
            chat.closed = False
            self.unknown.add(notice.gid)
        self.save(chat)

    def _is_me(self, notice: NotifyGroup) -> bool:
        return self._me() in notice.uids or (not notice.uids and notice.by == self._me())

    def closed(self, conv: str) -> None:
        """One does not belong there any more: it can be read, and is not counted."""
        chat = self.all.get(conv)
        if chat is not None:
            chat.closed, chat.read_seq, chat.mentioned = True, chat.last_seq, False
            self.unknown.discard(parse_group(conv) or 0)
            self.save(chat)

    def settings(self, notice: NotifyConversation) -> None:
        """Settings of a conversation were changed, here or elsewhere."""
        chat = self.get(notice.conv)
        chat.pinned = chat.pinned if notice.pinned is None else notice.pinned
        chat.muted = chat.muted if notice.muted is None else notice.muted
        chat.hidden = chat.hidden if notice.hidden is None else notice.hidden
        if notice.expire_after is not None:
            chat.expire_after = notice.expire_after
        self.save(chat)

    def people(self) -> list[int]:
        """Those with whom one talks, the newest first."""
        return [c.peer for c in self.listed() if c.peer and c.peer != self._me()]
