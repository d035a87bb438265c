"""The storage engine that keeps everything in memory: for tests, trials and servers that need no past.

A real engine: it makes the same promises as the others but survives nothing. Nothing is ever removed, so its
size is that of what it was given.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from heapq import nsmallest

import msgspec

from glideim.account.ports import Account, AccountExistsError, Session
from glideim.kernel.errors import StoreUnavailableError
from glideim.messaging.ports import AppendConflictError, Head, InboxEntry, Position
from glideim.protocol.conversations import parse_key
from glideim.protocol.records import Message

from .stores import FIRST_UID, fold


class _Engine:
    """What the stores of one engine share: whether it is open."""

    def __init__(self) -> None:
        self.closed = False

    def check(self) -> None:
        if self.closed:
            raise StoreUnavailableError("the store is closed")


class MemoryMessages:
    """`MessageStore` in memory: a conversation is a list, `seq` is the place in it."""

    def __init__(self, engine: _Engine) -> None:
        self._engine = engine
        self._logs: dict[str, list[Message]] = {}
        self._by_mid: dict[int, Message] = {}
        self._by_cli_mid: dict[tuple[int, str], Message] = {}
        self._positions: dict[tuple[str, int], Position] = {}
        self._inboxes: dict[int, list[str]] = {}

    def __len__(self) -> int:
        return len(self._by_mid)

    async def append(self, messages: Sequence[Message], joins: Sequence[tuple[str, int]]) -> None:
        """See MessageStore."""
        self._engine.check()
        ordered = sorted(messages, key=lambda message: message.seq)
        self._check(ordered)
        for message in ordered:
            self._logs.setdefault(message.conv, []).append(message)
            self._by_mid[message.mid] = message
            self._by_cli_mid[message.from_, message.cli_mid] = message
        for conv, uid in joins:
            if (conv, uid) not in self._positions:
                self._positions[conv, uid] = Position(conv, uid, 0, 0)
                insort(self._inboxes.setdefault(uid, []), conv)

    def _check(self, messages: Sequence[Message]) -> None:
        """Nothing may be stored before all of it is known to fit."""
        heads: dict[str, int] = {}
        taken: set[int | tuple[int, str]] = set()
        for m in messages:
            head = heads.get(m.conv) or len(self._logs.get(m.conv, ()))
            name = (m.from_, m.cli_mid)
            known = (
                m.mid in self._by_mid or name in self._by_cli_mid or m.mid in taken or name in taken
            )
            if known or m.seq != head + 1:
                raise AppendConflictError(m.conv, m.seq)
            heads[m.conv] = m.seq
            taken |= {m.mid, name}

    async def heads(self, convs: Sequence[str]) -> Mapping[str, Head]:
        """See MessageStore."""
        self._engine.check()
        return {conv: self._head(conv) for conv in convs}

    def _head(self, conv: str) -> Head:
        log = self._logs.get(conv)
        return Head(log[-1].seq, log[-1].send_at) if log else Head(0, 0)

    async def find(self, keys: Sequence[tuple[int, str]]) -> Mapping[tuple[int, str], Message]:
        """See MessageStore."""
        self._engine.check()
        return {key: self._by_cli_mid[key] for key in keys if key in self._by_cli_mid}

    async def by_mid(self, mid: int) -> Message | None:
        """See MessageStore."""
        self._engine.check()
        return self._by_mid.get(mid)

    async def highest_mid(self) -> int:
        """See MessageStore."""
        self._engine.check()
        return max(self._by_mid, default=0)

    async def history(
        self, conv: str, after: int, before: int, limit: int, *, latest: bool
    ) -> Sequence[Message]:
        """See MessageStore."""
        self._engine.check()
        window = self._logs.get(conv, [])[max(after, 0) : max(before - 1, 0)]
        return window[max(len(window) - limit, 0) :] if latest else window[:limit]

    async def last_from(self, conv: str, sender: int, after: int, up_to: int) -> Message | None:
        """See MessageStore."""
        self._engine.check()
        window = self._logs.get(conv, [])[max(after, 0) : max(up_to, 0)]
        return next((message for message in reversed(window) if message.from_ == sender), None)

    async def positions(self, convs: Sequence[str]) -> Sequence[Position]:
        """See MessageStore."""
        self._engine.check()
        places = (
            (conv, uid)
            for conv in dict.fromkeys(convs)
            for uid in dict.fromkeys(parse_key(conv) or ())
        )
        return [self._positions[place] for place in places if place in self._positions]

    async def save_positions(self, positions: Sequence[Position]) -> None:
        """See MessageStore."""
        self._engine.check()
        for new in positions:
            old = self._positions.get((new.conv, new.uid))
            if old is not None:
                delivered, read = max(old.delivered, new.delivered), max(old.read, new.read)
                self._positions[new.conv, new.uid] = Position(new.conv, new.uid, delivered, read)

    async def inbox(self, uid: int, after: str, limit: int) -> Sequence[InboxEntry]:
        """See MessageStore."""
        self._engine.check()
        convs = self._inboxes.get(uid, [])
        start = bisect_right(convs, after)
        return [self._entry(conv, uid) for conv in convs[start : start + limit]]

    def _entry(self, conv: str, uid: int) -> InboxEntry:
        log = self._logs.get(conv)
        others = (
            self._positions.get((conv, other)) for other in parse_key(conv) or () if other != uid
        )
        return InboxEntry(
            conv=conv,
            last=log[-1] if log else None,
            mine=self._positions[conv, uid],
            others=tuple(position for position in others if position is not None),
        )


class MemoryAccounts:
    """`AccountStore` in memory."""

    def __init__(self, engine: _Engine) -> None:
        self._engine = engine
        self._accounts: dict[int, Account] = {}
        self._by_name: dict[str, int] = {}
        self._sessions: dict[int, Session] = {}
        self._tokens: dict[bytes, tuple[int, int]] = {}
        """Token hash to (session, when the token expires)."""

    async def add_account(self, account: Account) -> None:
        """See AccountStore."""
        self._engine.check()
        key = fold(account.account)
        if key in self._by_name or account.uid in self._accounts:
            raise AccountExistsError(account.account)
        self._by_name[key] = account.uid
        self._accounts[account.uid] = account

    async def account_by_name(self, name: str) -> Account | None:
        """See AccountStore."""
        self._engine.check()
        uid = self._by_name.get(fold(name))
        return None if uid is None else self._accounts[uid]

    async def accounts(self, uids: Sequence[int]) -> Mapping[int, Account]:
        """See AccountStore."""
        self._engine.check()
        return {uid: self._accounts[uid] for uid in uids if uid in self._accounts}

    async def search_accounts(self, prefix: str, after: int, limit: int) -> Sequence[Account]:
        """See AccountStore."""
        self._engine.check()
        start = fold(prefix)
        found = (
            account
            for account in self._accounts.values()
            if account.uid > after
            and (
                fold(account.account).startswith(start) or fold(account.nickname).startswith(start)
            )
        )
        return nsmallest(limit, found, key=lambda account: account.uid)

    async def update_account(
        self,
        uid: int,
        *,
        nickname: str | None = None,
        avatar: str | None = None,
        password_hash: str | None = None,
        banned: bool | None = None,
    ) -> None:
        """See AccountStore."""
        self._engine.check()
        account = self._accounts.get(uid)
        if account is None:
            return
        self._accounts[uid] = msgspec.structs.replace(
            account,
            nickname=account.nickname if nickname is None else nickname,
            avatar=account.avatar if avatar is None else avatar,
            password_hash=account.password_hash if password_hash is None else password_hash,
            banned=account.banned if banned is None else banned,
        )

    async def add_session(self, session: Session, token_hash: bytes) -> None:
        """See AccountStore."""
        self._engine.check()
        self._sessions[session.session_id] = session
        self._tokens[token_hash] = (session.session_id, session.expires_at)

    async def session_by_token(self, token_hash: bytes, now_ms: int) -> Session | None:
        """See AccountStore."""
        self._engine.check()
        session_id, expires_at = self._tokens.get(token_hash, (0, 0))
        session = self._sessions.get(session_id)
        if session is None or expires_at <= now_ms or session.expires_at <= now_ms:
            return None
        return session

    async def replace_token(
        self,
        session_id: int,
        old_hash: bytes,
        new_hash: bytes,
        *,
        old_expires_at: int,
        expires_at: int,
    ) -> None:
        """See AccountStore."""
        self._engine.check()
        session = self._sessions.get(session_id)
        of_session, old_until = self._tokens.get(old_hash, (0, 0))
        if session is None or of_session != session_id:
            return
        self._sessions[session_id] = msgspec.structs.replace(session, expires_at=expires_at)
        self._tokens[old_hash] = (session_id, min(old_until, old_expires_at))
        self._tokens[new_hash] = (session_id, expires_at)

    async def end_sessions(
        self, uid: int, *, only: int | None = None, keep: int | None = None
    ) -> Sequence[Session]:
        """See AccountStore."""
        self._engine.check()
        ended = [
            session
            for session in self._sessions.values()
            if session.uid == uid
            and only in {None, session.session_id}
            and keep != session.session_id
        ]
        self._forget({session.session_id for session in ended})
        return ended

    async def purge_expired(self, now_ms: int) -> int:
        """See AccountStore."""
        self._engine.check()
        tokens = [key for key, (_, expires_at) in self._tokens.items() if expires_at <= now_ms]
        for key in tokens:
            del self._tokens[key]
        sessions = {s.session_id for s in self._sessions.values() if s.expires_at <= now_ms}
        return len(tokens) + self._forget(sessions)

    def _forget(self, sessions: set[int]) -> int:
        """Remove sessions and their tokens; how many rows that were."""
        tokens = [key for key, (session_id, _) in self._tokens.items() if session_id in sessions]
        for key in tokens:
            del self._tokens[key]
        for session_id in sessions:
            del self._sessions[session_id]
        return len(tokens) + len(sessions)


class MemorySegments:
    """`SegmentStore` in memory."""

    def __init__(self, engine: _Engine) -> None:
        self._engine = engine
        self._next = {"uid": FIRST_UID}

    async def take_segment(self, name: str, count: int) -> tuple[int, int]:
        """See SegmentStore."""
        self._engine.check()
        if count < 1:
            raise ValueError("a segment holds at least one id")
        first = self._next.get(name, 1)
        self._next[name] = first + count
        return first, first + count - 1


class MemoryStore:
    """All stores of an engine in memory."""

    def __init__(self) -> None:
        self._engine = _Engine()
        self.messages = MemoryMessages(self._engine)
        self.accounts = MemoryAccounts(self._engine)
        self.segments = MemorySegments(self._engine)

    async def close(self) -> None:
        """Let go; later calls raise StoreUnavailableError."""
        self._engine.closed = True

    def statistics(self) -> Mapping[str, float]:
        """How much is held."""
        return {"messages": len(self.messages)}


async def open_memory() -> MemoryStore:
    """A new, empty engine."""
    return MemoryStore()
