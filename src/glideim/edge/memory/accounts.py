"""People, sessions and tokens in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import nlargest, nsmallest

import msgspec

from glideim.account.ports import Account, AccountExistsError, Session
from glideim.edge.stores import fold

from .engine import Engine


class MemoryAccounts:
    """`AccountStore` in memory."""

    def __init__(self, engine: Engine) -> None:
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

    async def add_guest(self, account: Account, session: Session, token_hash: bytes) -> None:
        """See AccountStore."""
        await self.add_account(account)
        await self.add_session(session, token_hash)

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

    async def sessions(self, uid: int, now_ms: int, before: int, limit: int) -> Sequence[Session]:
        """See AccountStore."""
        self._engine.check()
        mine = (
            session
            for session in self._sessions.values()
            if session.uid == uid and session.expires_at > now_ms and session.session_id < before
        )
        return nlargest(limit, mine, key=lambda session: session.session_id)

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
