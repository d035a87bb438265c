"""What administrators and other servers do with accounts."""

from __future__ import annotations

from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError
from glideim.kernel.ids import IdSource
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import LoggedIn, User

from .checks import check_account_name, check_device, check_password, check_profile
from .passwords import Passwords
from .ports import Account, AccountExistsError, AccountStore
from .service import AccountService, public


class AccountAdmin:
    """Beside AccountService, over the same store."""

    def __init__(
        self,
        *,
        store: AccountStore,
        uids: IdSource,
        passwords: Passwords,
        clock: Clock,
        accounts: AccountService,
    ) -> None:
        self._store = store
        self._uids = uids
        self._passwords = passwords
        self._clock = clock
        self._accounts = accounts

    async def create(
        self, name: str, password: str, nickname: str, avatar: str, *, if_missing: bool = False
    ) -> User:
        """A new account. Without a password nobody can sign in with one: the account's sessions come from
        `sign_in`. With `if_missing` the account that has the name already is the answer, as it is. Raises
        RequestError."""
        name = check_account_name(name)
        if password:
            check_password(password)
        check_profile(nickname, avatar)
        known = await self._store.account_by_name(name)
        if known is None:
            hashed = await self._passwords.hash(password) if password else ""
            now = self._clock.now_ms()
            uid = (self._uids.take(1) or await self._uids.reserve(1))[0]
            account = Account(uid, name, nickname or name, avatar, hashed, False, now)
            try:
                await self._store.add_account(account)
            except AccountExistsError:
                # Somebody was quicker: of two calls with `if_missing` both get the same account.
                known = await self._store.account_by_name(name)
            else:
                return public(account)
        if known is None or not if_missing:
            raise RequestError(ErrorCode.CONFLICT, "this account name is taken")
        return public(known)

    async def sign_in(self, uid: int, device: int, device_id: str) -> LoggedIn:
        """A new session for a person whom another server knows. Raises RequestError: `not_found`, or `forbidden`
        when banned."""
        check_device(device)
        account = (await self._store.accounts((uid,))).get(uid)
        if account is None:
            raise RequestError(ErrorCode.NOT_FOUND, f"there is no user {uid}")
        if account.banned:
            raise RequestError(ErrorCode.FORBIDDEN, "the account is banned")
        return await self._accounts.open_session(uid, device, device_id)

    async def update(self, uid: int, nickname: str | None, avatar: str | None) -> User:
        """Change a profile; None leaves a field as it is. Raises RequestError."""
        return await self._accounts.update(uid, nickname, avatar)

    async def user(self, uid: int) -> User:
        """One profile. Raises RequestError `not_found`."""
        return await self._accounts.user(uid)

    async def ban(self, uid: int, *, banned: bool) -> None:
        """Ban an account, which ends its sessions, or lift the ban. Raises RequestError."""
        await self._accounts.ban(uid, banned=banned)

    async def end_sessions(self, uid: int) -> None:
        """Sign somebody out everywhere. Raises RequestError `not_found`."""
        await self._accounts.user(uid)
        await self._accounts.end_sessions(uid)
