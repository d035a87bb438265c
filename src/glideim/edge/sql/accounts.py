"""People, sessions and tokens in SQLite. Reads come out as one JSON text (see `connection.single`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import apsw
import msgspec

from glideim.account.ports import Account, AccountExistsError, Session
from glideim.edge.stores import fold

from .connection import Value, single
from .readers import Readers
from .writer import Refusal, Writer

_ACCOUNT = (
    "json_group_array(json_object('uid', uid, 'account', account, 'nickname', nickname, 'avatar', avatar,"
    " 'password_hash', password_hash, 'banned', json(iif(banned, 'true', 'false')), 'created_at', created_at))"
)
_SESSION = (
    "json_object('session_id', s.session_id, 'uid', uid, 'device', device, 'device_id', device_id,"
    " 'created_at', created_at, 'expires_at', s.expires_at)"
)

_ADD = """
INSERT INTO account
(uid, account, account_key, nickname, nickname_key, avatar, password_hash, banned, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_BY_NAME = f"SELECT {_ACCOUNT} FROM account WHERE account_key = ?"
_BY_UIDS = f"SELECT {_ACCOUNT} FROM account WHERE uid IN (SELECT value FROM json_each(?))"
# A range of keys, so that the indexes serve; ?2 sorts after every key that begins with ?1.
_SEARCH = f"""
SELECT {_ACCOUNT} FROM (
    SELECT * FROM account WHERE uid IN (
        SELECT uid FROM account WHERE account_key >= ?1 AND account_key < ?2
        UNION SELECT uid FROM account WHERE nickname_key >= ?1 AND nickname_key < ?2
    ) AND uid > ?3 ORDER BY uid LIMIT ?4
)
"""
_UPDATE = """
UPDATE account SET nickname = coalesce(?2, nickname), nickname_key = coalesce(?3, nickname_key),
avatar = coalesce(?4, avatar), password_hash = coalesce(?5, password_hash), banned = coalesce(?6, banned)
WHERE uid = ?1
"""
_ADD_SESSION = """
INSERT INTO session (session_id, uid, device, device_id, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)
"""
_ADD_TOKEN = "INSERT INTO token (hash, session_id, expires_at) VALUES (?, ?, ?)"
_BY_TOKEN = f"""
SELECT json_group_array({_SESSION}) FROM token AS t JOIN session AS s ON s.session_id = t.session_id
WHERE t.hash = ?1 AND t.expires_at > ?2 AND s.expires_at > ?2
"""
_END_TOKEN = "UPDATE token SET expires_at = min(expires_at, ?3) WHERE hash = ?1 AND session_id = ?2"
_EXTEND = "UPDATE session SET expires_at = ?2 WHERE session_id = ?1"
_MINE = f"""
SELECT json_group_array({_SESSION}) FROM session AS s
WHERE uid = ?1 AND (?2 IS NULL OR session_id = ?2) AND (?3 IS NULL OR session_id <> ?3)
"""
_LIST = f"""
SELECT json_group_array({_SESSION}) FROM (
    SELECT * FROM session WHERE uid = ?1 AND expires_at > ?2 AND session_id < ?3 ORDER BY session_id DESC LIMIT ?4
) AS s
"""
_DROP_TOKENS = "DELETE FROM token WHERE session_id IN (SELECT value FROM json_each(?))"
_DROP_SESSIONS = "DELETE FROM session WHERE session_id IN (SELECT value FROM json_each(?))"
_DROP_OLD = (
    "DELETE FROM token WHERE session_id IN (SELECT session_id FROM session WHERE expires_at <= ?)",
    "DELETE FROM session WHERE expires_at <= ?",
    "DELETE FROM token WHERE expires_at <= ?",
)

_LAST_CHARACTER = "\U0010ffff"

_accounts = msgspec.json.Decoder(list[Account])
_sessions = msgspec.json.Decoder(list[Session])


def _account_row(a: Account) -> tuple[int | str, ...]:
    return (
        a.uid, a.account, fold(a.account), a.nickname, fold(a.nickname), a.avatar, a.password_hash,
        int(a.banned), a.created_at,
    )  # fmt: skip


def _session_row(s: Session) -> tuple[int | str, ...]:
    return (s.session_id, s.uid, s.device, s.device_id, s.created_at, s.expires_at)


class SqliteAccounts:
    """`AccountStore` on SQLite."""

    def __init__(self, writer: Writer, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    async def add_account(self, account: Account) -> None:
        """See AccountStore."""
        row = _account_row(account)

        def work(connection: apsw.Connection) -> Refusal | None:
            connection.execute(_ADD, row)
            return None if connection.changes() else Refusal(AccountExistsError(account.account))

        await self._writer.run(work)

    async def add_guest(self, account: Account, session: Session, token_hash: bytes) -> None:
        """See AccountStore."""
        row, session_row = _account_row(account), _session_row(session)
        token_row = (token_hash, session.session_id, session.expires_at)

        def work(connection: apsw.Connection) -> Refusal | None:
            connection.execute(_ADD, row)
            if not connection.changes():
                return Refusal(AccountExistsError(account.account))
            connection.execute(_ADD_SESSION, session_row)
            connection.execute(_ADD_TOKEN, token_row)
            return None

        await self._writer.run(work, 3)

    async def account_by_name(self, name: str) -> Account | None:
        """See AccountStore."""
        found = await self._read(_BY_NAME, (fold(name),), 1)
        return found[0] if found else None

    async def accounts(self, uids: Sequence[int]) -> Mapping[int, Account]:
        """See AccountStore."""
        parameters = (msgspec.json.encode(uids).decode(),)
        found = await self._read(_BY_UIDS, parameters, len(uids))
        return {account.uid: account for account in found}

    async def search_accounts(self, prefix: str, after: int, limit: int) -> Sequence[Account]:
        """See AccountStore."""
        start = fold(prefix)
        return await self._read(_SEARCH, (start, start + _LAST_CHARACTER, after, limit), limit)

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
        key = None if nickname is None else fold(nickname)
        parameters = (
            uid,
            nickname,
            key,
            avatar,
            password_hash,
            None if banned is None else int(banned),
        )

        def work(connection: apsw.Connection) -> None:
            connection.execute(_UPDATE, parameters)

        await self._writer.run(work)

    async def add_session(self, session: Session, token_hash: bytes) -> None:
        """See AccountStore."""
        row = _session_row(session)

        def work(connection: apsw.Connection) -> None:
            connection.execute(_ADD_SESSION, row)
            connection.execute(_ADD_TOKEN, (token_hash, session.session_id, session.expires_at))

        await self._writer.run(work, 2)

    async def session_by_token(self, token_hash: bytes, now_ms: int) -> Session | None:
        """See AccountStore."""
        found = await self._readers.look_up(
            lambda c: _sessions.decode(single(c, _BY_TOKEN, (token_hash, now_ms))), 1
        )
        return found[0] if found else None

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

        def work(connection: apsw.Connection) -> None:
            connection.execute(_END_TOKEN, (old_hash, session_id, old_expires_at))
            # No such token: the session was ended meanwhile, and must not come back to life.
            if connection.changes():
                connection.execute(_EXTEND, (session_id, expires_at))
                connection.execute(_ADD_TOKEN, (new_hash, session_id, expires_at))

        await self._writer.run(work, 3)

    async def sessions(self, uid: int, now_ms: int, before: int, limit: int) -> Sequence[Session]:
        """See AccountStore."""
        parameters = (uid, now_ms, before, limit)
        return await self._readers.look_up(
            lambda c: _sessions.decode(single(c, _LIST, parameters)), limit
        )

    async def end_sessions(
        self, uid: int, *, only: int | None = None, keep: int | None = None
    ) -> Sequence[Session]:
        """See AccountStore."""

        def work(connection: apsw.Connection) -> list[Session]:
            ended = _sessions.decode(single(connection, _MINE, (uid, only, keep)))
            if ended:
                ids = msgspec.json.encode([session.session_id for session in ended]).decode()
                connection.execute(_DROP_TOKENS, (ids,))
                connection.execute(_DROP_SESSIONS, (ids,))
            return ended

        return await self._writer.run(work, 2)

    async def purge_expired(self, now_ms: int) -> int:
        """See AccountStore."""

        def work(connection: apsw.Connection) -> int:
            before = connection.total_changes()
            for sql in _DROP_OLD:
                connection.execute(sql, (now_ms,))
            return connection.total_changes() - before

        return await self._writer.run(work, large=True)

    async def _read(self, sql: str, parameters: Sequence[Value], rows: int) -> list[Account]:
        return await self._readers.look_up(
            lambda c: _accounts.decode(single(c, sql, parameters)), rows
        )
