"""Accounts: people, guests, their sessions and tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError
from glideim.kernel.ids import IdSource
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import MAX_ID, LoggedIn, Registered, User, UserList

from .checks import (
    PASSWORD_MOST,
    check_account_name,
    check_device,
    check_page,
    check_password,
    check_profile,
    normal_name,
)  # fmt: skip
from .guard import BadTokens
from .passwords import WAITING, Passwords
from .ports import (
    Account,
    AccountExistsError,
    AccountStore,
    EndReason,
    GatewayDirectory,
    Principal,
    Session,
    SessionEndListener,
)  # fmt: skip
from .tokens import TokenCache

TOKEN_PREFIX = "glt_"
DAY_MS = 86_400_000
USERS_MOST = 100
SEARCH_MOST = 50
SESSIONS_MOST = 50
"""Sessions of a page."""

_WRONG = "wrong account or password"

SignedIn = Callable[[int, int, str], None]
"""Told of each sign-in: uid, device class and device id."""


class AccountOptions(Struct, frozen=True):
    """Named limits and times."""

    session_days: int = 30
    """Days until a session ends unless its token is refreshed."""
    refresh_grace_ms: int = 60_000
    """How long the old token stays good after a refresh, so that a lost reply signs nobody out."""
    sessions: int = 100
    """Sessions of a person; one more ends the oldest."""
    tokens_cached: int = 100_000
    """Sessions remembered by token."""
    people_cached: int = 200_000
    """Uids remembered to exist."""


def hash_token(token: str) -> bytes:
    """What is stored of a token: it is random, so a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _taken() -> RequestError:
    return RequestError(ErrorCode.CONFLICT, "this account name is taken")


def public(account: Account, *, bot: bool = False) -> User:
    """What others see."""
    return User(account.uid, account.account, account.nickname, account.avatar, bot)


class AccountService:
    """Implements `Authenticator` for gateways and what messaging asks of its directory."""

    def __init__(  # noqa: PLR0913 - all by name, all from the one place that composes
        self,
        *,
        store: AccountStore,
        uids: IdSource,
        session_ids: IdSource,
        passwords: Passwords,
        clock: Clock,
        gateways: GatewayDirectory,
        ended: SessionEndListener,
        bad_tokens: BadTokens,
        signed_in: SignedIn | None = None,
        is_bot: Callable[[int], bool] | None = None,
        options: AccountOptions | None = None,
    ) -> None:
        self._store = store
        self._bad_tokens = bad_tokens
        self._uids = uids
        self._session_ids = session_ids
        self._passwords = passwords
        self._clock = clock
        self._gateways = gateways
        self._ended = ended
        self._signed_in = signed_in
        self._is_bot = is_bot
        self._options = options or AccountOptions()
        self._tokens = TokenCache(self._options.tokens_cached)
        self._known: dict[int, None] = {}
        self._endings = 0

    def statistics(self) -> Mapping[str, int]:
        """Sizes of the caches, and hashing under way."""
        return {
            "tokens_cached": len(self._tokens),
            "tokens_cached_limit": self._options.tokens_cached,
            "people_cached": len(self._known),
            "people_cached_limit": self._options.people_cached,
            "hashes_under_way": self._passwords.under_way,
            "hashes_under_way_limit": WAITING,
        }

    # --- people -------------------------------------------------------------------------------------------

    async def register(self, name: str, password: str, nickname: str) -> Registered:
        """A new account. Raises RequestError: `bad_request`, or `conflict` when the name is taken."""
        name = check_account_name(name)
        check_password(password)
        check_profile(nickname, None)
        if await self._store.account_by_name(name) is not None:
            raise _taken()
        password_hash = await self._passwords.hash(password)
        uid = await self._next(self._uids)
        now = self._clock.now_ms()
        try:
            await self._store.add_account(
                Account(uid, name, nickname or name, "", password_hash, False, now)
            )
        except AccountExistsError:
            raise _taken() from None
        return Registered(uid)

    async def guest(self, nickname: str, device: int, device_id: str) -> LoggedIn:
        """A new account without a password, signed in: it is usable as long as its token is kept."""
        check_device(device)
        check_profile(nickname, None)
        uid = await self._next(self._uids)
        name = f"guest-{uid}"
        account = Account(uid, name, nickname or name, "", "", False, self._clock.now_ms())
        session, token = await self._new_session(uid, device, device_id)
        try:
            await self._store.add_guest(account, session, hash_token(token))
        except AccountExistsError:
            raise _taken() from None
        return self._opened(session, token)

    def _public(self, account: Account) -> User:
        return public(account, bot=self._is_bot is not None and self._is_bot(account.uid))

    async def users(self, uids: Sequence[int]) -> Mapping[int, User]:
        """Public profiles of those who exist."""
        return {
            uid: self._public(account)
            for uid, account in (await self._store.accounts(uids)).items()
        }

    async def user(self, uid: int) -> User:
        """One profile. Raises RequestError `not_found`."""
        account = (await self._store.accounts((uid,))).get(uid)
        if account is None:
            raise RequestError(ErrorCode.NOT_FOUND, f"there is no user {uid}")
        return self._public(account)

    async def list_users(self, uids: Sequence[int]) -> UserList:
        """Profiles in the order asked for; unknown uids are left out."""
        if len(uids) > USERS_MOST:
            raise RequestError(ErrorCode.TOO_LARGE, f"uids: at most {USERS_MOST}")
        found = await self.users(uids)
        return UserList(tuple(found[uid] for uid in dict.fromkeys(uids) if uid in found))

    async def search(self, text: str, cursor: str, limit: int) -> UserList:
        """People whose account or nickname begins with `text`; an exact account name comes first."""
        text = text.strip()
        if not 1 <= len(text) <= 64:
            raise RequestError(ErrorCode.BAD_REQUEST, "q: must have 1 to 64 characters")
        check_page(cursor, limit)
        most = min(limit or 20, SEARCH_MOST)
        found = list(await self._store.search_accounts(text, int(cursor or 0), most + 1))
        more = len(found) > most
        page = found[:most]
        exact = await self._store.account_by_name(text) if not cursor else None
        if exact is not None:
            page = [exact, *(account for account in page if account.uid != exact.uid)]
        return UserList(
            tuple(self._public(a) for a in page), str(found[most - 1].uid) if more else ""
        )

    async def update(self, uid: int, nickname: str | None, avatar: str | None) -> User:
        """Change one's profile; None leaves a field as it is."""
        check_profile(nickname, avatar)
        await self._store.update_account(uid, nickname=nickname, avatar=avatar)
        return await self.user(uid)

    def known(self, uid: int) -> bool:
        """Whether the person is known to exist without asking the store."""
        return uid in self._known

    async def exists(self, uids: Sequence[int]) -> frozenset[int]:
        """Those of the people who exist."""
        found = frozenset(await self._store.accounts(uids))
        if len(self._known) + len(found) > self._options.people_cached:
            self._known = {}
        self._known.update(dict.fromkeys(found))
        return found

    # --- sessions -----------------------------------------------------------------------------------------

    async def login(self, name: str, password: str, device: int, device_id: str) -> LoggedIn:
        """Sign in. Raises RequestError: `unauthenticated` whether account or password is wrong, `forbidden` when
        banned."""
        check_device(device)
        account = await self._store.account_by_name(normal_name(name))
        stored = account.password_hash if account is not None else ""
        right = await self._passwords.verify(stored, password[:PASSWORD_MOST])
        if account is None or not right or len(password) > PASSWORD_MOST:
            raise RequestError(ErrorCode.UNAUTHENTICATED, _WRONG)
        renewed = await self._passwords.hash(password) if self._passwords.outdated(stored) else None
        # Hashing takes its time: the password may have been changed, or the account banned, meanwhile.
        account = (await self._store.accounts((account.uid,)))[account.uid]
        if account.password_hash != stored:
            raise RequestError(ErrorCode.UNAUTHENTICATED, _WRONG)
        if account.banned:
            raise RequestError(ErrorCode.FORBIDDEN, "the account is banned")
        if renewed is not None:
            await self._store.update_account(account.uid, password_hash=renewed)
        return await self.open_session(account.uid, device, device_id)

    async def authenticate(self, token: str, address: str = "") -> Principal:
        """See `Authenticator`. Tokens that are remembered are not limited."""
        key = hash_token(token)
        session = self._tokens.get(key, self._clock.now_ms())
        if session is None:
            with self._bad_tokens.guard(address):
                session = await self._session_of(key)
        return Principal(session.uid, session.session_id)

    async def refresh(self, token: str) -> LoggedIn:
        """A new token for the session of an old one, which stays good for a minute."""
        now = self._clock.now_ms()
        old = hash_token(token)
        session = await self._session_of(old)
        new_token, expires_at = self._new_token(), now + self._options.session_days * DAY_MS
        until = now + self._options.refresh_grace_ms
        await self._store.replace_token(
            session.session_id,
            old,
            hash_token(new_token),
            old_expires_at=until,
            expires_at=expires_at,
        )
        self._tokens.replaced(old, until)
        return LoggedIn(new_token, session.uid, expires_at, self._gateways.addresses())

    async def logout(self, principal: Principal) -> None:
        """End the session: its tokens and connections with it."""
        ended = await self._store.end_sessions(principal.uid, only=principal.session_id)
        await self._forget(ended, EndReason.LOGOUT)

    async def sessions(self, uid: int, cursor: str, limit: int) -> tuple[Sequence[Session], str]:
        """A page of a person's sessions, the newest first, and the cursor of the next. Raises RequestError."""
        check_page(cursor, limit)
        most = min(limit or SESSIONS_MOST, SESSIONS_MOST)
        before = int(cursor) if cursor else MAX_ID + 1
        found = await self._store.sessions(uid, self._clock.now_ms(), before, most + 1)
        page = found[:most]
        return page, str(page[-1].session_id) if len(found) > most else ""

    async def end_sessions(self, uid: int) -> None:
        """End every session of a person."""
        await self._forget(await self._store.end_sessions(uid), EndReason.LOGOUT)

    async def end_session(self, uid: int, session_id: int) -> None:
        """End one of a person's own sessions, as signing out there would. Raises RequestError `not_found`."""
        ended = await self._store.end_sessions(uid, only=session_id)
        if not ended:
            raise RequestError(ErrorCode.NOT_FOUND, "you have no such session")
        await self._forget(ended, EndReason.LOGOUT)

    async def change_password(self, principal: Principal, old: str, new: str) -> None:
        """Every other session ends. Raises RequestError."""
        check_password(new)
        account = (await self._store.accounts((principal.uid,))).get(principal.uid)
        if account is None or not await self._passwords.verify(
            account.password_hash, old[:PASSWORD_MOST]
        ):
            raise RequestError(ErrorCode.FORBIDDEN, "the old password is wrong")
        await self._store.update_account(
            principal.uid, password_hash=await self._passwords.hash(new)
        )
        ended = await self._store.end_sessions(principal.uid, keep=principal.session_id)
        await self._forget(ended, EndReason.PASSWORD)

    async def ban(self, uid: int, *, banned: bool) -> None:
        """Ban an account, which ends its sessions, or lift the ban. Raises RequestError."""
        await self.user(uid)
        await self._store.update_account(uid, banned=banned)
        if banned:
            await self._forget(await self._store.end_sessions(uid), EndReason.BAN)

    async def purge(self) -> int:
        """Delete sessions and tokens that expired; how many."""
        return await self._store.purge_expired(self._clock.now_ms())

    async def open_session(self, uid: int, device: int, device_id: str) -> LoggedIn:
        """Sign somebody in who was found to be who they are. Raises RequestError."""
        session, token = await self._new_session(uid, device, device_id)
        # Not remembered yet: its person may have been banned meanwhile, which is seen when it is shown.
        await self._store.add_session(session, hash_token(token))
        await self._end_the_oldest(uid, session.created_at)
        return self._opened(session, token)

    async def _new_session(self, uid: int, device: int, device_id: str) -> tuple[Session, str]:
        """A session that is not stored yet, and its token. Raises RequestError."""
        if len(device_id) > 128:
            raise RequestError(ErrorCode.BAD_REQUEST, "deviceId: at most 128 characters")
        now = self._clock.now_ms()
        expires_at = now + self._options.session_days * DAY_MS
        session_id = await self._next(self._session_ids)
        return Session(session_id, uid, device, device_id, now, expires_at), self._new_token()

    def _opened(self, session: Session, token: str) -> LoggedIn:
        """Tell of a session that was stored."""
        if self._signed_in is not None:
            self._signed_in(session.uid, session.device, session.device_id)
        return LoggedIn(token, session.uid, session.expires_at, self._gateways.addresses())

    async def _end_the_oldest(self, uid: int, now: int) -> None:
        """Whoever signs in again and again, and never out, does not fill the store."""
        most = self._options.sessions
        held = await self._store.sessions(uid, now, MAX_ID + 1, most + 1)
        for session in held[most:]:
            ended = await self._store.end_sessions(uid, only=session.session_id)
            await self._forget(ended, EndReason.LOGOUT)

    async def _session_of(self, key: bytes) -> Session:
        now = self._clock.now_ms()
        remembered = self._tokens.get(key, now)
        if remembered is not None:
            return remembered
        while True:
            endings = self._endings
            session = await self._stored_session(key, now)
            # A session that ended during the look-up was told to whom it concerns before this caller is one of
            # them: it must not come out of here, nor into the cache.
            if endings == self._endings:
                break
        # A replaced token may end before its session: nothing is remembered for longer than that.
        self._tokens.put(
            key, session, min(session.expires_at, now + self._options.refresh_grace_ms)
        )
        return session

    async def _stored_session(self, key: bytes, now: int) -> Session:
        session = await self._store.session_by_token(key, now)
        if session is None:
            raise RequestError(
                ErrorCode.UNAUTHENTICATED, "the token is not valid (any more); sign in again"
            )
        account = (await self._store.accounts((session.uid,))).get(session.uid)
        if account is None or account.banned:
            raise RequestError(ErrorCode.FORBIDDEN, "the account is banned")
        return session

    async def _forget(self, ended: Sequence[Session], reason: EndReason) -> None:
        self._endings += 1
        for session in ended:
            self._tokens.drop_session(session.session_id)
        if ended:
            await self._ended.sessions_ended(ended, reason)

    @staticmethod
    async def _next(ids: IdSource) -> int:
        return (ids.take(1) or await ids.reserve(1))[0]

    @staticmethod
    def _new_token() -> str:
        return TOKEN_PREFIX + secrets.token_urlsafe(32)
