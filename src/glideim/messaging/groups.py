"""What the owner of a group's stream remembers of it: members, head, and positions that are not written yet."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from functools import partial

from glideim.group.ports import GroupState, GroupStore
from glideim.protocol.conversations import group_key

from .conversations import UNWRITTEN_MOST
from .pacing import in_pieces
from .ports import Head, MessageStore, Position

Moved = tuple[int, int]
"""How far a member came, delivered and read, since positions were written."""


GROUPS_KEPT = 100_000
"""Groups in memory."""


class GroupConversation:
    """The stream of a group."""

    __slots__ = (
        "expire_after", "gid", "key", "moved", "newest_since", "receivers", "send_at", "seq", "state",
    )  # fmt: skip

    def __init__(self, gid: int, head: Head, state: GroupState) -> None:
        self.gid = gid
        self.key = group_key(gid)
        self.seq, self.send_at, self.expire_after = head
        self.moved: dict[int, Moved] = {}
        """Positions to be written. Members who rest cost nothing here, however many they are."""
        self.hold(state)

    def hold(self, state: GroupState) -> None:
        """Take over a new state."""
        self.state = state
        self.receivers = tuple(state.members)
        """Everybody in the group: made once per change, not once per message."""
        self.newest_since = max((m.since for m in state.members.values()), default=0)
        """Everybody may see messages behind this one."""

    def audience(self, seq: int) -> tuple[int, ...]:
        """Those who may see the message with this `seq`."""
        if seq > self.newest_since:
            return self.receivers
        return tuple(uid for uid, m in self.state.members.items() if seq > m.since)

    def move(self, uid: int, delivered: int = 0, read: int = 0) -> None:
        """A member came further; values only grow."""
        had_delivered, had_read = self.moved.get(uid, (0, 0))
        self.moved[uid] = (max(had_delivered, delivered), max(had_read, read))

    def current(self, stored: Position) -> Position:
        """Positions are written behind: where memory knows more, memory is right."""
        delivered, read = self.moved.get(stored.uid, (0, 0))
        return Position(
            stored.conv, stored.uid, max(stored.delivered, delivered), max(stored.read, read)
        )


class GroupCache:
    """Streams of groups in memory; beyond `limit` members together, or `most` groups, the ones used longest ago are
    forgotten, except those whose positions are still to be written. Dissolved groups have no members, but take room."""

    def __init__(
        self,
        store: MessageStore,
        groups: GroupStore,
        limit: int,
        *,
        most: int = GROUPS_KEPT,
        unwritten_most: int = UNWRITTEN_MOST,
    ) -> None:
        self._store = store
        self._groups = groups
        self._limit = limit
        self._most = most
        self._unwritten_most = unwritten_most
        self._known: OrderedDict[int, GroupConversation] = OrderedDict()
        self._by_key: dict[str, GroupConversation] = {}
        self._dirty: dict[int, GroupConversation] = {}
        self._writing: dict[int, GroupConversation] = {}
        self._written: list[tuple[GroupConversation, dict[int, Moved]]] = []
        self._members = 0
        self.forgotten = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._known)

    @property
    def members(self) -> int:
        """Memberships in memory."""
        return self._members

    @property
    def unwritten(self) -> int:
        """Streams whose positions moved and are not stored yet."""
        return len(self._dirty) + len(self._writing)

    def get(self, gid: int) -> GroupConversation | None:
        """A stream if it is in memory."""
        return self._known.get(gid)

    def by_key(self, key: str) -> GroupConversation | None:
        """The same by the key of the conversation."""
        return self._by_key.get(key)

    async def load(self, gids: Collection[int]) -> None:
        """Bring streams into memory, as far as the groups exist."""
        for gid in gids:
            if gid in self._known:
                self._known.move_to_end(gid)
            elif (state := await self._groups.load(gid)) is not None:
                heads = await self._store.heads((group_key(gid),))
                # Somebody else may have loaded it meanwhile, and moved it: theirs is right.
                if gid not in self._known:
                    self._add(GroupConversation(gid, heads[group_key(gid)], state))
        self._shrink(set(gids))

    async def one(self, gid: int) -> GroupConversation | None:
        """A stream; None when there is no such group."""
        found = self._known.get(gid)
        if found is None:
            await self.load((gid,))
            found = self._known.get(gid)
        return found

    async def reload(self, gid: int) -> GroupConversation | None:
        """Learn from the database how far a group really is, after somebody else wrote to it."""
        state = await self._groups.load(gid)
        heads = await self._store.heads((group_key(gid),))
        if state is None:
            return None
        found = self._known.get(gid)
        if found is None:
            self._add(GroupConversation(gid, heads[group_key(gid)], state))
            return self._known[gid]
        found.seq, found.send_at, found.expire_after = heads[group_key(gid)]
        self.replace(found, state)
        return found

    def add(self, gid: int, head: Head, state: GroupState) -> GroupConversation:
        """A new group."""
        self._add(GroupConversation(gid, head, state))
        self._shrink((gid,))
        return self._known[gid]

    def replace(self, conversation: GroupConversation, state: GroupState) -> None:
        """Another state of a group."""
        self._members += len(state.members) - len(conversation.state.members)
        conversation.hold(state)

    def mark(self, conversation: GroupConversation) -> None:
        """Note that positions moved and have to be written; of too many groups they are dropped."""
        if conversation.gid in self._dirty or self.unwritten < self._unwritten_most:
            self._dirty[conversation.gid] = conversation
        else:
            self.dropped += 1

    async def write_positions(self, within: float = 0.0) -> None:
        """Store the positions that moved, spread over `within` seconds; those that cannot be written now stay for the
        next time.

        Memory keeps them until the writing after: a sync that read the store just before must find them still.
        """
        self._forget_written()
        if not self._dirty:
            return
        self._writing, self._dirty = self._dirty, {}
        moved = [(c, dict(c.moved)) for c in self._writing.values()]
        rows = [
            Position(c.key, uid, delivered, read)
            for c, places in moved
            for uid, (delivered, read) in places.items()
        ]
        save = partial(self._store.save_positions, patient=within > 0)
        try:
            await in_pieces(rows, within, save)
        except BaseException:
            self._dirty = self._writing | self._dirty
            raise
        finally:
            self._writing = {}
        self._written = moved

    def _forget_written(self) -> None:
        written, self._written = self._written, []
        for conversation, places in written:
            if conversation.gid in self._dirty:
                continue  # they are written again
            for uid, place in places.items():
                if conversation.moved.get(uid) == place:
                    del conversation.moved[uid]

    def _add(self, conversation: GroupConversation) -> None:
        self._known[conversation.gid] = self._by_key[conversation.key] = conversation
        self._members += len(conversation.state.members)

    def _shrink(self, keep: Collection[int]) -> None:
        if self._members <= self._limit and len(self._known) <= self._most:
            return
        for gid in list(self._known):
            if self._members <= self._limit and len(self._known) <= self._most:
                return
            if gid not in keep and gid not in self._dirty and gid not in self._writing:
                conversation = self._known.pop(gid)
                self.forgotten += 1
                del self._by_key[conversation.key]
                self._members -= len(conversation.state.members)
