"""`api.auth.*`: accounts come, sign in and go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from glideim.account.checks import same_name
from glideim.account.ports import Caller, Principal
from glideim.account.service import AccountService
from glideim.kernel.errors import RequestError
from glideim.kernel.ratelimit import LOGIN, LOGIN_FAILED, REGISTER, RateLimiter, network_of
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import (
    ChangePassword,
    Empty,
    Guest,
    LoggedIn,
    Login,
    Register,
    Registered,
)  # fmt: skip

from .ports import Endpoint

GROUP = "Accounts"
_LOGGED_IN = {
    "token": "glt_…",
    "uid": 10001,
    "expiresAt": 1798675200000,
    "gateways": {"ws": ["ws://127.0.0.1:8080/ws"], "tcp": ["127.0.0.1:8082"]},
}


def signed_in(caller: Caller) -> Principal:
    """Who calls. Raises RequestError `unauthenticated` before sign-in."""
    if caller.principal is None:
        raise RequestError(ErrorCode.UNAUTHENTICATED, "sign in first")
    return caller.principal


def limited(allowed: bool) -> None:
    """Raises RequestError `rate_limited` unless allowed."""
    if not allowed:
        raise RequestError(ErrorCode.RATE_LIMITED, "too many tries; wait a little and try again")


class AuthHandlers:
    """The handlers, and the limits on guessing and flooding."""

    def __init__(self, accounts: AccountService, limiter: RateLimiter) -> None:
        self._accounts = accounts
        self._limiter = limiter

    async def register(self, caller: Caller, request: Register) -> Registered:
        """A new account."""
        limited(self._limiter.allow(REGISTER, network_of(caller.address)))
        return await self._accounts.register(request.account, request.password, request.nickname)

    async def login(self, caller: Caller, request: Login) -> LoggedIn:
        """Account and password for a token. Only failures count against an account."""
        network = network_of(caller.address)
        limited(self._limiter.allow(LOGIN, network))
        with self._guess((same_name(request.account), network), ErrorCode.UNAUTHENTICATED):
            return await self._accounts.login(
                request.account, request.password, request.device, request.device_id
            )

    @contextmanager
    def _guess(self, key: tuple[int | str, str], wrong: ErrorCode) -> Iterator[None]:
        """Counts a password that was wrong. Taken first and given back, so that guesses made at the same time
        cannot all pass before the first one is counted."""
        limited(self._limiter.allow(LOGIN_FAILED, key))
        try:
            yield
        except RequestError as error:
            if error.code != wrong:
                self._limiter.give_back(LOGIN_FAILED, key)
            raise
        except BaseException:
            self._limiter.give_back(LOGIN_FAILED, key)
            raise
        self._limiter.give_back(LOGIN_FAILED, key)

    async def guest(self, caller: Caller, request: Guest) -> LoggedIn:
        """A new account without a password."""
        limited(self._limiter.allow(REGISTER, network_of(caller.address)))
        return await self._accounts.guest(request.nickname, request.device, request.device_id)

    async def refresh(self, caller: Caller, request: Empty) -> LoggedIn:
        """A new token for the one that signed this call in."""
        signed_in(caller)
        return await self._accounts.refresh(caller.token)

    async def logout(self, caller: Caller, request: Empty) -> Empty:
        """The end of this session."""
        await self._accounts.logout(signed_in(caller))
        return Empty()

    async def password(self, caller: Caller, request: ChangePassword) -> Empty:
        """A new password, which ends all other sessions."""
        principal = signed_in(caller)
        guess = (principal.uid, network_of(caller.address))
        with self._guess(guess, ErrorCode.FORBIDDEN):
            await self._accounts.change_password(
                principal, request.old_password, request.new_password
            )
        return Empty()

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The table of this group."""
        return (
            Endpoint(
                "POST", "/auth/register", Action.API_AUTH_REGISTER, Register, Registered, self.register,
                "Make an account", GROUP,
                "Account: 3 to 64 letters, digits and `. _ - @ +`, unique without regard to case. Password: 6 to 256"
                " characters. Nickname: at most 64; the account name if none is given.",
                status=201, public=True, errors=(ErrorCode.CONFLICT,),
                example={"account": "alice", "password": "correct horse", "nickname": "Alice"},
                example_result={"uid": 10001},
            ),
            Endpoint(
                "POST", "/auth/login", Action.API_AUTH_LOGIN, Login, LoggedIn, self.login,
                "Sign in", GROUP,
                "`device` is the class of device: 1 Android, 2 web, 3 iOS, 4 desktop, 5 bot, 6-99 free. The result"
                " names the gateways to connect to.",
                public=True, errors=(ErrorCode.UNAUTHENTICATED, ErrorCode.FORBIDDEN),
                example={"account": "alice", "password": "correct horse", "device": 2},
                example_result=_LOGGED_IN,
            ),
            Endpoint(
                "POST", "/auth/guest", Action.API_AUTH_GUEST, Guest, LoggedIn, self.guest,
                "Sign in as a guest", GROUP,
                "An account without a password: it is usable as long as its token is kept and refreshed.",
                status=201, public=True,
                example={"nickname": "Visitor", "device": 2}, example_result=_LOGGED_IN,
            ),
            Endpoint(
                "POST", "/auth/refresh", Action.API_AUTH_REFRESH, Empty, LoggedIn, self.refresh,
                "Renew the token", GROUP,
                "Gives the session a new token and more time. The old token stays good for a minute.",
                example_result=_LOGGED_IN,
            ),
            Endpoint(
                "POST", "/auth/logout", Action.API_AUTH_LOGOUT, Empty, Empty, self.logout,
                "Sign out", GROUP, "Ends the session; its token and its connections end with it.",
            ),
            Endpoint(
                "POST", "/auth/password", Action.API_AUTH_PASSWORD, ChangePassword, Empty, self.password,
                "Change the password", GROUP, "Ends every other session of the account.",
                errors=(ErrorCode.FORBIDDEN,),
                example={"oldPassword": "correct horse", "newPassword": "battery staple"},
            ),
        )  # fmt: skip
