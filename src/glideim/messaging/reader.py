"""Giving back: history by `seq`, and everything a person missed (P5)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence

import msgspec

from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import MAX_ID, Conversation, Message, MessageList, Synced, User

from .confirmations import member_key
from .conversations import ConversationCache
from .ports import Directory, InboxEntry, MessageStore, Position

PAGE_DEFAULT = 50
PAGE_MOST = 200
SYNC_CONVERSATIONS = 200
"""Conversations looked at per page of a sync."""
SYNC_MESSAGES = 500
"""Messages per page of a sync."""
SYNC_KNOWN = 10_000
"""Most entries of `known`."""
PAGE_BYTES = 256 * 1024
"""A page ends with the message that reaches this size. It must fit, several times over, into what may wait for one
connection: a client whose every answer is too much for its outbox would be closed as too slow for ever."""
MESSAGE_BYTES = 256
"""What a message takes besides its content, roughly."""
CONVERSATION_BYTES = 512
"""What an entry of a sync takes besides its last message, roughly."""


_encode = msgspec.json.encode


class SyncCursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a sync goes on: after conversation `done`; of the one named `part`, up to `seq` is delivered."""

    done: str = ""
    part: str = ""
    seq: int = 0


def encode_cursor(cursor: SyncCursor) -> str:
    """The opaque form of a cursor."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def decode_cursor(text: str) -> SyncCursor:
    """Raises RequestError for anything that was not given out."""
    try:
        return msgspec.json.decode(
            base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=SyncCursor
        )
    except (binascii.Error, ValueError):
        raise RequestError(
            ErrorCode.BAD_REQUEST, "cursor: not one that this server gave out"
        ) from None


class Reader:
    """Reads for members; whoever is not one cannot tell a conversation from none."""

    def __init__(self, store: MessageStore, directory: Directory, cache: ConversationCache) -> None:
        self._store = store
        self._directory = directory
        self._cache = cache

    async def history(
        self, uid: int, conv: str, after: int | None, before: int | None, limit: int
    ) -> MessageList:
        """Messages with `after < seq < before`, ascending; the first ones if `after` is given, else the last.

        `limit` 0 means the default of 50; more than 200, or than fill a page of `PAGE_BYTES`, are never returned, but
        at least one if there is one. Raises RequestError.
        """
        member_key(uid, conv)
        if limit < 0:
            raise RequestError(ErrorCode.BAD_REQUEST, "limit: must not be negative")
        messages = await self._store.history(
            conv,
            after or 0,
            MAX_ID if before is None else before,
            min(limit or PAGE_DEFAULT, PAGE_MOST),
            latest=after is None,
        )
        return MessageList(tuple(_beginning(messages) if after is not None else _ending(messages)))

    async def sync(self, uid: int, known: Mapping[str, int], cursor: str) -> Synced:
        """One page of everything after `known`. The last page's cursor begins the next sync."""
        if len(known) > SYNC_KNOWN:
            raise RequestError(ErrorCode.TOO_LARGE, f"known: at most {SYNC_KNOWN} conversations")
        start = decode_cursor(cursor) if cursor else SyncCursor()
        entries = await self._store.inbox(uid, start.done, SYNC_CONVERSATIONS + 1)
        page = _Page(known, start)
        for entry in entries[:SYNC_CONVERSATIONS]:
            if page.full:
                break
            await self._collect(entry, page)
        more = page.part is not None or page.looked_at < len(entries)
        peers = await self._directory.users(sorted({_peer_of(uid, e) for e in page.entries}))
        return Synced(
            tuple(self._conversation(uid, e, peers) for e in page.entries),
            page.messages,
            encode_cursor(page.next_cursor() if more else SyncCursor()),
            more,
        )

    async def _collect(self, entry: InboxEntry, page: _Page) -> None:
        after = page.after(entry.conv)
        last = entry.last.seq if entry.last is not None else 0
        messages: Sequence[Message] = ()
        if after < last:
            messages = await self._store.history(
                entry.conv, after, last + 1, min(page.room, PAGE_MOST), latest=False
            )
        page.add(entry, _beginning(messages, page.size), last)

    def _conversation(self, uid: int, entry: InboxEntry, peers: Mapping[int, User]) -> Conversation:
        mine, other = self._current(entry.mine), [self._current(p) for p in entry.others]
        last = entry.last
        last_seq = last.seq if last is not None else 0
        return Conversation(
            conv=entry.conv,
            last_seq=last_seq,
            read_seq=mine.read,
            unread=max(0, last_seq - mine.read),
            updated_at=last.send_at if last is not None else 0,
            last_message=last,
            peer=peers.get(_peer_of(uid, entry)),
            delivered_seq=mine.delivered,
            peer_delivered_seq=other[0].delivered if other else 0,
            peer_read_seq=other[0].read if other else 0,
        )

    def _current(self, stored: Position) -> Position:
        """Positions are written behind: where memory knows more, memory is right."""
        conversation = self._cache.get(stored.conv)
        return stored if conversation is None else conversation.position(stored.uid)


def _peer_of(uid: int, entry: InboxEntry) -> int:
    return entry.others[0].uid if entry.others else uid


def _size(message: Message) -> int:
    """Bytes of a message in JSON, roughly: escapes may make six bytes of one character."""
    content = message.content or ""
    return MESSAGE_BYTES + (len(content) if len(content) < MESSAGE_BYTES else len(_encode(content)))


def _beginning(messages: Sequence[Message], size: int = 0) -> Sequence[Message]:
    """The first messages, up to the one with which a page of `size` bytes is full; at least one."""
    for n, message in enumerate(messages, 1):
        size += _size(message)
        if size >= PAGE_BYTES:
            return messages[:n]
    return messages


def _ending(messages: Sequence[Message]) -> Sequence[Message]:
    """The same from the other end: the last messages."""
    return _beginning(messages[::-1])[::-1]


class _Page:
    """A page of a sync while it fills."""

    def __init__(self, known: Mapping[str, int], start: SyncCursor) -> None:
        self._known = known
        self._start = start
        self._done = start.done
        self.part: tuple[str, int] | None = None
        self.room = SYNC_MESSAGES
        self.size = 0
        self.looked_at = 0
        self.entries: list[InboxEntry] = []
        self.messages: dict[str, tuple[Message, ...]] = {}

    @property
    def full(self) -> bool:
        """No further conversation belongs on it."""
        return self.room == 0 or self.size >= PAGE_BYTES

    def after(self, conv: str) -> int:
        """What the client has of a conversation, from what it said and from earlier pages."""
        reached = self._start.seq if conv == self._start.part else 0
        return max(self._known.get(conv, 0), reached)

    def add(self, entry: InboxEntry, messages: Sequence[Message], last: int) -> None:
        """Take a conversation in; the page ends within it when it has more than there is room for."""
        self.looked_at += 1
        self.entries.append(entry)
        self.size += CONVERSATION_BYTES + (_size(entry.last) if entry.last is not None else 0)
        if messages:
            self.messages[entry.conv] = tuple(messages)
            self.room -= len(messages)
            self.size += sum(map(_size, messages))
        if messages and messages[-1].seq < last:
            self.part = (entry.conv, messages[-1].seq)
            self.room = 0
        else:
            self._done = entry.conv

    def next_cursor(self) -> SyncCursor:
        """Where the next page begins."""
        part, seq = self.part or ("", 0)
        return SyncCursor(self._done, part, seq)
