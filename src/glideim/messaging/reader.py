"""Giving back: history by `seq`, and everything a person missed (P5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from glideim.group.ports import GroupStore
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from glideim.protocol.conversations import parse_group, parse_key
from glideim.protocol.records import MAX_ID, Id, Message, MessageList, Synced

from .access import Access
from .conversations import ConversationCache
from .groups import GroupCache
from .inbox import Inbox
from .paging import (
    PAGE_BYTES,
    PAGE_MOST,
    beginning,
    decode_cursor,
    encode_cursor,
    ending,
    page_size,
    size_of,
)  # fmt: skip
from .ports import InboxEntry, MessageStore
from .streams import Streams

SYNC_CONVERSATIONS = 200
"""Conversations looked at per page of a sync."""
SYNC_MESSAGES = 500
"""Messages per page of a sync."""
SYNC_KNOWN = 10_000
"""Most entries of `known`."""
CONVERSATION_BYTES = 512
"""What an entry of a sync takes besides its last message, roughly."""


class SyncCursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a sync goes on: after conversation `done`; of the one named `part`, up to `seq` is delivered. The client
    has every change up to the number `since`; when the sync began, the last one was `until`."""

    done: str = ""
    part: str = ""
    seq: Id = 0
    since: Id = 0
    until: Id = 0


class Reader:
    """History and sync."""

    def __init__(
        self,
        *,
        store: MessageStore,
        group_store: GroupStore,
        access: Access,
        cache: ConversationCache,
        groups: GroupCache,
        streams: Streams,
        inbox: Inbox,
    ) -> None:
        self._store = store
        self._group_store = group_store
        self._access = access
        self._cache = cache
        self._groups = groups
        self._streams = streams
        self._inbox = inbox

    async def history(
        self, uid: int, conv: str, after: int | None, before: int | None, limit: int
    ) -> MessageList:
        """Messages with `after < seq < before`, ascending; the first ones if `after` is given, else the last.

        `limit` 0 means the default of 50; more than 200, or than fill a page of `PAGE_BYTES`, are never returned, but
        at least one if there is one. Raises RequestError.
        """
        view = await self._access.view(uid, conv)
        messages = await self._store.history(
            conv,
            max(after or 0, view.since),
            MAX_ID if before is None else before,
            page_size(limit),
            latest=after is None,
            viewer=uid,
        )
        messages = self._streams.overlay(messages)
        return MessageList(tuple(beginning(messages) if after is not None else ending(messages)))

    async def sync(self, uid: int, known: Mapping[str, int], cursor: str) -> Synced:
        """One page of everything after `known`, and of what changed since the cursor. The last page's cursor begins the
        next sync; without one, everything that was ever changed comes."""
        if len(known) > SYNC_KNOWN:
            raise RequestError(ErrorCode.TOO_LARGE, f"known: at most {SYNC_KNOWN} conversations")
        start = decode_cursor(cursor, SyncCursor) if cursor else SyncCursor()
        if not start.until:
            # Before anything is read: what changes meanwhile comes again, rather than never.
            start = msgspec.structs.replace(start, until=await self._store.last_change())
        entries = await self._store.inbox(uid, start.done, SYNC_CONVERSATIONS + 1)
        looked_at = entries[:SYNC_CONVERSATIONS]
        # Now: reading their messages takes time, in which what was not in these entries may be written.
        unwritten = {entry.conv for entry in looked_at if self._is_unwritten(entry.conv)}
        changed = await self._store.changed_among([e.conv for e in looked_at], start.since)
        page = _Page(known, start)
        for entry in looked_at:
            if page.full:
                break
            await self._collect(
                uid,
                entry,
                page,
                has_changes=entry.conv in changed,
                unwritten=entry.conv in unwritten,
            )
        more = page.part is not None or page.looked_at < len(entries)
        return Synced(
            tuple(await self._inbox.shown(uid, page.entries)),
            page.messages,
            encode_cursor(page.next_cursor() if more else SyncCursor(since=start.until)),
            more,
            () if more else await self._gone(uid, known),
        )

    async def _collect(
        self, uid: int, entry: InboxEntry, page: _Page, *, has_changes: bool, unwritten: bool
    ) -> None:
        conv, last = entry.conv, entry.last.seq if entry.last is not None else 0
        has, reached = page.has(conv), max(page.reached(conv), entry.since)
        messages: list[Message] = []
        if has_changes and reached < has:
            messages += await self._store.changed(
                conv, page.since, reached + 1, min(has, last), min(page.room, PAGE_MOST), uid
            )
        room = min(page.room, PAGE_MOST) - len(messages)
        after = max(has, reached)
        if room > 0 and after < last:
            messages += await self._store.history(
                conv, after, last + 1, room, latest=False, viewer=uid
            )
        whole = room > 0 and (not messages or messages[-1].seq == last or after >= last)
        taken = beginning(self._streams.overlay(messages), page.size)
        news = bool(messages) or has_changes or entry.changed > page.since
        if news or unwritten or page.knows_nothing_of(conv) or self._is_unwritten(conv):
            page.add(entry, taken, whole=whole and len(taken) == len(messages))
        else:
            page.skip(entry)

    def _is_unwritten(self, conv: str) -> bool:
        """Positions that moved have no number yet: they count as changed."""
        group = self._groups.by_key(conv)
        if group is not None:
            return bool(group.moved)
        return self._cache.is_unwritten(conv)

    async def _gone(self, uid: int, known: Mapping[str, int]) -> tuple[str, ...]:
        """Conversations that the client knows and the person does not belong to, whether or not they exist."""
        gids = {key: parse_group(key) for key in known}
        mine = await self._group_store.memberships(uid, [gid for gid in gids.values() if gid])
        return tuple(
            sorted(
                key
                for key, gid in gids.items()
                if (gid not in mine if gid else uid not in (parse_key(key) or ()))
            )
        )


class _Page:
    """A page of a sync while it fills."""

    def __init__(self, known: Mapping[str, int], start: SyncCursor) -> None:
        self._known = known
        self._start = start
        self._done = start.done
        self.since = start.since
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

    def has(self, conv: str) -> int:
        """Up to where the client said that it has a conversation."""
        return self._known.get(conv, 0)

    def reached(self, conv: str) -> int:
        """Up to where earlier pages brought it."""
        return self._start.seq if conv == self._start.part else 0

    def knows_nothing_of(self, conv: str) -> bool:
        """The client must be told of the conversation itself."""
        return not self.since or conv not in self._known

    def skip(self, entry: InboxEntry) -> None:
        """A conversation in which nothing is new."""
        self.looked_at += 1
        self._done = entry.conv

    def add(self, entry: InboxEntry, messages: Sequence[Message], *, whole: bool) -> None:
        """Take a conversation in; the page ends within it when it has more than there is room for."""
        self.looked_at += 1
        self.entries.append(entry)
        self.size += CONVERSATION_BYTES + (size_of(entry.last) if entry.last is not None else 0)
        if messages:
            self.messages[entry.conv] = tuple(messages)
            self.room -= len(messages)
            self.size += sum(map(size_of, messages))
        if whole or not messages:
            self._done = entry.conv
        else:
            self.part = (entry.conv, messages[-1].seq)
            self.room = 0

    def next_cursor(self) -> SyncCursor:
        """Where the next page begins."""
        part, seq = self.part or ("", 0)
        return SyncCursor(self._done, part, seq, self.since, self._start.until)
