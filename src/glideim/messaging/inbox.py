"""A person's conversations: the list, newest first, and one's own settings of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from glideim.dispatch.ports import Dispatch, Origin, Push
from glideim.group.ports import GroupStore
from glideim.group.views import group_view
from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.conversations import parse_group, parse_key
from glideim.protocol.records import (
    Conversation,
    ConversationList,
    Envelope,
    Group,
    Id,
    MessageList,
    User,
)
from glideim.protocol.social import NotifyConversation

from .access import Access, no_conversation
from .conversations import ConversationCache
from .groups import GroupCache
from .paging import PAGE_BYTES, decode_cursor, encode_cursor, page_size, size_of
from .ports import Directory, InboxEntry, MessageStore, Position
from .streams import Streams

INBOX_CHUNK = 500
"""Conversations read from the store at once."""
EXPIRE_MOST = 366 * 24 * 3600
"""Seconds after which messages may be erased, at most."""
_NOTIFY = str(Action.NOTIFY_CONVERSATION)


class ListCursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a list goes on: after the conversation `conv`, updated at `at`."""

    at: Id
    conv: str


def peer_of(uid: int, entry: InboxEntry) -> int:
    """The other person of a two-person conversation; oneself in notes to oneself; 0 in a group."""
    if parse_group(entry.conv) is not None:
        return 0
    return entry.others[0].uid if entry.others else uid


class Inbox:
    """Reads and changes it."""

    def __init__(  # noqa: PLR0913 - all by name, all from the one place that composes
        self,
        *,
        store: MessageStore,
        directory: Directory,
        group_store: GroupStore,
        dispatch: Dispatch,
        clock: Clock,
        access: Access,
        cache: ConversationCache,
        groups: GroupCache,
        streams: Streams,
    ) -> None:
        self._store = store
        self._directory = directory
        self._group_store = group_store
        self._dispatch = dispatch
        self._clock = clock
        self._access = access
        self._cache = cache
        self._groups = groups
        self._streams = streams

    async def list(self, uid: int, cursor: str, limit: int) -> ConversationList:
        """One page, newest first; hidden ones come back with their next message."""
        size = page_size(limit)
        start = decode_cursor(cursor, ListCursor) if cursor else None
        entries = [entry for entry in await self._all(uid) if not _hidden(entry)]
        entries.sort(key=_order)
        if start is not None:
            after = (-start.at, start.conv)
            entries = [entry for entry in entries if _order(entry) > after]
        page, taken = entries[:size], 0
        for n, entry in enumerate(page, 1):
            taken += 512 + (size_of(entry.last) if entry.last is not None else 0)
            if taken >= PAGE_BYTES:
                page = page[:n]
                break
        more = len(entries) > len(page)
        last = page[-1] if page else None
        following = encode_cursor(ListCursor(_at(last), last.conv)) if more and last else ""
        return ConversationList(tuple(await self.shown(uid, page)), following)

    async def _all(self, uid: int) -> Sequence[InboxEntry]:
        entries: list[InboxEntry] = []
        after = ""
        while True:
            chunk = await self._store.inbox(uid, after, INBOX_CHUNK)
            entries += chunk
            if len(chunk) < INBOX_CHUNK:
                return entries
            after = chunk[-1].conv

    async def shown(self, uid: int, entries: Sequence[InboxEntry]) -> Sequence[Conversation]:
        """Entries as clients see them."""
        peers = await self._directory.users(sorted({peer_of(uid, e) for e in entries} - {0}))
        gids = [gid for e in entries if (gid := parse_group(e.conv)) is not None]
        groups: dict[int, Group] = {}
        if gids:
            infos = await self._group_store.infos(gids)
            mine = await self._group_store.memberships(uid, gids)
            now = self._clock.now_ms()
            groups = {
                gid: group_view(group, count, mine.get(gid), now)
                for gid, (group, count) in infos.items()
            }
        return [self._shown(uid, entry, peers, groups) for entry in entries]

    def _shown(
        self, uid: int, entry: InboxEntry, peers: Mapping[int, User], groups: Mapping[int, Group]
    ) -> Conversation:
        mine, other = self._current(entry.mine), [self._current(p) for p in entry.others]
        last = entry.last
        if last is not None:
            (last,) = self._streams.overlay((last,))
        last_seq = last.seq if last is not None else 0
        return Conversation(
            conv=entry.conv,
            last_seq=last_seq,
            read_seq=mine.read,
            unread=max(0, last_seq - mine.read),
            updated_at=_at(entry),
            last_message=last,
            peer=peers.get(peer_of(uid, entry)),
            delivered_seq=mine.delivered,
            peer_delivered_seq=other[0].delivered if other else 0,
            peer_read_seq=other[0].read if other else 0,
            group=groups.get(parse_group(entry.conv) or 0),
            pinned=entry.settings.pinned,
            muted=entry.settings.muted,
            hidden=_hidden(entry),
            expire_after=entry.expire_after,
        )

    def _current(self, stored: Position) -> Position:
        """Positions are written behind: where memory knows more, memory is right."""
        conversation = self._cache.latest(stored.conv)
        if conversation is not None:
            return conversation.position(stored.uid)
        group = self._groups.by_key(stored.conv)
        return stored if group is None else group.current(stored)

    # --- settings -----------------------------------------------------------------------------------------

    async def update(
        self,
        uid: int,
        origin: Origin | None,
        conv: str,
        pinned: bool | None,
        muted: bool | None,
        expire_after: int | None,
    ) -> Conversation:
        """Change what is not None; the conversation as it is then. Groups change `expire_after` by their log. Whether
        `uid` may set `expire_after` was checked, and that it can be."""
        view = await self._access.view(uid, conv)
        if pinned is not None or muted is not None:
            found = await self._store.save_settings(uid, conv, pinned=pinned, muted=muted)
            if not found:
                raise no_conversation()
            self._notify((uid,), origin, NotifyConversation(conv, pinned, muted))
        if expire_after is not None and view.group is None:
            await self._store.set_expiry(conv, expire_after)
            await self._cache.load((conv,))
            await self._cache.reload_heads((conv,))
            at = self._clock.now_ms()
            notice = NotifyConversation(conv, expire_after=expire_after, by=uid, at=at)
            self._notify(view.users, origin, notice)
        return await self.one(uid, conv)

    async def one(self, uid: int, conv: str) -> Conversation:
        """One conversation. Raises RequestError `not_found` where nothing was ever said."""
        entry = await self._store.entry(uid, conv)
        if entry is None:
            await self._access.view(uid, conv)
            heads = await self._store.heads((conv,))
            if heads[conv].seq or not heads[conv].expire_after:
                raise no_conversation()
            others = tuple(Position(conv, u, 0, 0) for u in parse_key(conv) or () if u != uid)
            entry = InboxEntry(
                conv,
                None,
                Position(conv, uid, 0, 0),
                others,
                expire_after=heads[conv].expire_after,
            )
        (shown,) = await self.shown(uid, (entry,))
        return shown

    async def hide(self, uid: int, origin: Origin | None, conv: str) -> None:
        """Take a conversation out of the list until something new is said in it."""
        await self._access.view(uid, conv)
        entry = await self._store.entry(uid, conv)
        if entry is None:
            raise no_conversation()
        last = entry.last.seq if entry.last is not None else 0
        await self._store.save_settings(uid, conv, hidden=last)
        self._notify((uid,), origin, NotifyConversation(conv, hidden=True))

    async def pins(self, uid: int, conv: str) -> MessageList:
        """Pinned messages that somebody may see."""
        view = await self._access.view(uid, conv)
        messages = await self._store.pins(conv, uid)
        return MessageList(tuple(m for m in messages if m.seq > view.since))

    def _notify(
        self, uids: tuple[int, ...], origin: Origin | None, notice: NotifyConversation
    ) -> None:
        self._dispatch.post((Push(uids, Envelope(_NOTIFY, 0, notice), 0, origin),))


def check_expiry(seconds: int) -> None:
    """Raises RequestError unless messages may be erased after so long."""
    if seconds > EXPIRE_MOST:
        raise RequestError(ErrorCode.BAD_REQUEST, f"expireAfter: at most {EXPIRE_MOST} s")


def _hidden(entry: InboxEntry) -> bool:
    """Hidden until something new is said."""
    last = entry.last.seq if entry.last is not None else 0
    return entry.settings.hidden > 0 and last <= entry.settings.hidden


def _at(entry: InboxEntry) -> int:
    return entry.last.send_at if entry.last is not None else 0


def _order(entry: InboxEntry) -> tuple[int, str]:
    return -_at(entry), entry.conv
