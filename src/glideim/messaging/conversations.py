"""What the owner of a conversation remembers of it between messages: a bounded cache, the database decides."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from operator import attrgetter

from glideim.protocol.codes import ErrorCode
from glideim.protocol.conversations import parse_key
from glideim.protocol.records import AckMessage

from .pacing import in_pieces
from .ports import Head, MessageStore, Position

UNWRITTEN_MOST = 100_000
"""Conversations, and as many groups, whose positions wait to be written while the database cannot."""
WAITING_PER_RECEIVER = 1024
"""Unconfirmed messages remembered per receiver and conversation; older ones are found in the database."""


class Place:
    """Where one member of a conversation stands, and what waits for them."""

    __slots__ = ("delivered", "offline_told", "read", "waiting")

    def __init__(self, delivered: int, read: int) -> None:
        self.delivered = delivered
        self.read = read
        self.waiting: list[AckMessage] = []
        """What was acknowledged to senders and not yet confirmed by this member, by `seq`. A list, though it is taken
        from at the front: a deque has room for 64 from its beginning, and most of a hundred thousand places hold
        nothing or one."""
        self.offline_told = 0
        """Highest `seq` for which the sender was told that this member is offline."""

    def await_confirmation(self, ack: AckMessage) -> None:
        """Note what was acknowledged to its sender, the newest of the conversation."""
        waiting = self.waiting
        waiting.append(ack)
        if len(waiting) > WAITING_PER_RECEIVER:
            del waiting[0]

    def await_again(self, ack: AckMessage) -> None:
        """Note what was acknowledged before, and may be forgotten."""
        waiting = self.waiting
        place = bisect_left(waiting, ack.seq, key=attrgetter("seq"))
        if waiting[place : place + 1] != [ack]:
            waiting.insert(place, ack)
            del waiting[:-WAITING_PER_RECEIVER]

    def take_confirmed(self, seq: int) -> AckMessage | None:
        """Forget what waits up to `seq`; the newest of it, if there was any."""
        waiting = self.waiting
        confirmed = 0
        for ack in waiting:
            if ack.seq > seq:
                break
            confirmed += 1
        if not confirmed:
            return None
        last = waiting[confirmed - 1]
        del waiting[:confirmed]
        return last


class Conversation:
    """A two-person conversation: its head and its members' places (one place for notes to oneself)."""

    __slots__ = (
        "barred", "expire_after", "key", "loaded_at", "open", "places", "relation", "send_at", "seq", "users",
    )  # fmt: skip

    def __init__(self, key: str, users: tuple[int, int], head: Head) -> None:
        self.key = key
        self.users = users
        self.seq, self.send_at, self.expire_after = head
        self.open = False
        """Known that both may write to each other. Otherwise it has to be asked, or one of them is barred."""
        self.barred: Mapping[int, ErrorCode] | None = None
        """Who may not write to the other, and why; None: not known."""
        self.relation = 0
        """Moves when that may have changed."""
        self.loaded_at = head.seq
        """`seq` when it was loaded: what is older is not in `waiting`."""
        self.places = {uid: Place(0, 0) for uid in users}

    def peer_of(self, uid: int) -> int:
        """The other person; oneself in notes to oneself."""
        first, second = self.users
        return second if uid == first else first

    def position(self, uid: int) -> Position:
        """Where a member stands, as it is stored."""
        place = self.places[uid]
        return Position(self.key, uid, place.delivered, place.read)


class ConversationCache:
    """Conversations in memory; beyond `limit` those that were loaded longest ago are forgotten.

    Forgetting is always safe: heads are in the database, positions are written behind (`dirty` keeps hold of
    conversations that are not written yet), and unconfirmed messages are found by their position.
    """

    def __init__(
        self, store: MessageStore, limit: int, *, unwritten_most: int = UNWRITTEN_MOST
    ) -> None:
        self._store = store
        self._limit = limit
        self._unwritten_most = unwritten_most
        self._known: OrderedDict[str, Conversation] = OrderedDict()
        self._of: dict[int, dict[int, Conversation]] = {}
        """The same by a person and the other one: two small keys are found sooner than a pair in one large table."""
        self._dirty: dict[str, Conversation] = {}
        self._writing: dict[str, Conversation] = {}
        """Whose positions are being written and are not stored yet."""
        self._written: dict[str, Conversation] = {}
        """Whose positions were stored a moment ago: who reads the store just then may not see them."""
        self.relation_changes = 0
        """Moves when it changes of any two people whether they may write to each other."""
        self.forgotten = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._known)

    @property
    def unwritten(self) -> int:
        """Conversations whose positions moved and are not stored yet."""
        return len(self._dirty) + len(self._writing)

    def get(self, key: str) -> Conversation | None:
        """A conversation if it is in memory."""
        return self._known.get(key)

    def between(self, uid: int, other: int) -> Conversation | None:
        """The conversation of two people if it is in memory: spares the message path to build its key."""
        of_uid = self._of.get(uid)
        return of_uid.get(other) if of_uid is not None else None

    def relations_changed(self, a: int, b: int) -> None:
        """Whether these two may write to each other has to be asked again."""
        self.relation_changes += 1
        conversation = self.between(a, b)
        if conversation is not None:
            conversation.relation += 1
            conversation.open = False
            conversation.barred = None

    def of_user(self, uid: int) -> Sequence[Conversation]:
        """The conversations of a person that are in memory."""
        return list(self._of.get(uid, {}).values())

    def is_unwritten(self, key: str) -> bool:
        """Whether positions of a conversation moved and are not known to be stored."""
        return self._moved(key) is not None

    def latest(self, key: str) -> Conversation | None:
        """A conversation if memory knows its positions, also one that is forgotten but for them."""
        return self._known.get(key) or self._moved(key)

    def _moved(self, key: str) -> Conversation | None:
        return self._dirty.get(key) or self._writing.get(key) or self._written.get(key)

    def mark(self, conversation: Conversation) -> None:
        """Note that a position moved and has to be written; too many that cannot be are dropped, which only repeats
        a push."""
        if conversation.key in self._dirty or self.unwritten < self._unwritten_most:
            self._dirty[conversation.key] = conversation
        else:
            self.dropped += 1

    async def load(self, keys: Collection[str]) -> None:
        """Bring conversations into memory; keys must be valid. None of them is forgotten meanwhile."""
        missing = [key for key in keys if key not in self._known]
        if missing:
            # Asked before the store is: what is written meanwhile may be in neither.
            moved = {key: self._moved(key) for key in missing}
            heads, positions = await self._store.standings(missing)
            for key in missing:
                if key not in self._known:
                    self._add(key, heads[key], moved[key] or self._moved(key))
            for position in positions:
                self._place(position)
        for key in keys:
            self._known.move_to_end(key)
        self._shrink(keep=len(keys))

    async def reload_heads(self, keys: Sequence[str]) -> None:
        """Learn from the database how far the conversations really are, after somebody else wrote to them."""
        for key, head in (await self._store.heads(keys)).items():
            if (conversation := self._known.get(key)) is not None:
                conversation.seq, conversation.send_at, conversation.expire_after = head

    async def write_positions(self, within: float = 0.0) -> None:
        """Store the positions that moved, spread over `within` seconds; those that cannot be written now stay for the
        next time. What was written counts as unwritten until the writing after."""
        self._writing, self._dirty, self._written = self._dirty, {}, {}
        save = partial(self._save_positions, patient=within > 0)
        try:
            await in_pieces(list(self._writing.values()), within, save)
        finally:
            self._dirty = self._writing | self._dirty
            self._writing = {}

    async def _save_positions(
        self, conversations: Sequence[Conversation], *, patient: bool
    ) -> None:
        positions = [c.position(uid) for c in conversations for uid in c.places]
        await self._store.save_positions(positions, patient=patient)
        for conversation in conversations:
            del self._writing[conversation.key]
            self._written[conversation.key] = conversation

    def _add(self, key: str, head: Head, moved: Conversation | None) -> None:
        users = parse_key(key)
        if users is None:
            raise ValueError(f"not a conversation key: {key!r}")
        conversation = self._known[key] = Conversation(key, users, head)
        if moved is not None:
            conversation.places = moved.places
        first, second = users
        self._of.setdefault(first, {})[second] = conversation
        self._of.setdefault(second, {})[first] = conversation

    def _place(self, position: Position) -> None:
        conversation = self._known.get(position.conv)
        place = conversation.places.get(position.uid) if conversation is not None else None
        if place is not None:
            place.delivered = max(place.delivered, position.delivered)
            place.read = max(place.read, position.read)

    def _shrink(self, keep: int) -> None:
        while len(self._known) > max(self._limit, keep):
            _, conversation = self._known.popitem(last=False)
            self.forgotten += 1
            first, second = conversation.users
            self._forget(first, second)
            if second != first:
                self._forget(second, first)

    def _forget(self, uid: int, other: int) -> None:
        of_uid = self._of[uid]
        del of_uid[other]
        if not of_uid:
            del self._of[uid]


Accepted = tuple[AckMessage, int]
"""What was answered to a send, and the fingerprint of what was sent: enough to answer it again and to refuse
another message under its `cli_mid`."""


class RecentSends:
    """Sends accepted lately, by (sender, cli_mid). Two generations: O(1), bounded, and never the last word:
    what is not here is decided by the database's unique constraint."""

    def __init__(self, limit: int) -> None:
        self._half = max(1, limit // 2)
        self._young: dict[tuple[int, str], Accepted] = {}
        self._old: Mapping[tuple[int, str], Accepted] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, key: tuple[int, str]) -> Accepted | None:
        """The answer given before, if it is remembered."""
        return self._young.get(key) or self._old.get(key)

    def put(self, key: tuple[int, str], accepted: Accepted) -> None:
        """Remember an answer."""
        self._young[key] = accepted

    def age(self) -> None:
        """Forget the old generation when the young one is full; called once per batch."""
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
