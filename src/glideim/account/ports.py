"""What accounts offer and need: people, their sessions and tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from msgspec import Struct

from glideim.protocol.records import Gateways


class Account(Struct, frozen=True, gc=False):
    """A person, guest or bot. `password_hash` is an argon2id string, empty for guests."""

    uid: int
    account: str
    nickname: str = ""
    avatar: str = ""
    password_hash: str = ""
    banned: bool = False
    created_at: int = 0


class Session(Struct, frozen=True, gc=False):
    """A signed-in device. It lives until it expires or is ended; its tokens die with it at once."""

    session_id: int
    uid: int
    device: int
    device_id: str
    created_at: int
    expires_at: int


class EndReason(StrEnum):
    """Why sessions ended; decides the close code of their connections."""

    LOGOUT = "logout"
    PASSWORD = "password"
    BAN = "ban"


class AccountExistsError(Exception):
    """The account name is taken (compared case-insensitively)."""


class AccountStore(Protocol):
    """People, sessions and tokens, kept durably. Every method may raise
    `glideim.kernel.errors.StoreUnavailableError`."""

    async def add_account(self, account: Account) -> None:
        """Raises AccountExistsError."""
        ...

    async def add_guest(self, account: Account, session: Session, token_hash: bytes) -> None:
        """Store an account together with its first session and that one's token: all of it or nothing. Raises
        AccountExistsError."""
        ...

    async def account_by_name(self, name: str) -> Account | None:
        """By account name, case-insensitively."""
        ...

    async def accounts(self, uids: Sequence[int]) -> Mapping[int, Account]:
        """Those of the accounts that exist."""
        ...

    async def search_accounts(self, prefix: str, after: int, limit: int) -> Sequence[Account]:
        """Accounts whose name or nickname starts with `prefix` (case-insensitive), by uid, uid > `after`."""
        ...

    async def update_account(
        self,
        uid: int,
        *,
        nickname: str | None = None,
        avatar: str | None = None,
        password_hash: str | None = None,
        banned: bool | None = None,
    ) -> None:
        """Change what is not None."""
        ...

    async def add_session(self, session: Session, token_hash: bytes) -> None:
        """Store a session and its first token."""
        ...

    async def session_by_token(self, token_hash: bytes, now_ms: int) -> Session | None:
        """The session of a token, unless the token or the session has expired or was ended."""
        ...

    async def replace_token(
        self,
        session_id: int,
        old_hash: bytes,
        new_hash: bytes,
        *,
        old_expires_at: int,
        expires_at: int,
    ) -> None:
        """Give the session a new token; the old one is good until `old_expires_at`, the session until
        `expires_at`."""
        ...

    async def sessions(self, uid: int, now_ms: int, before: int, limit: int) -> Sequence[Session]:
        """Sessions of a person that have not expired, the newest (largest id) first, those with ids < `before`."""
        ...

    async def end_sessions(
        self, uid: int, *, only: int | None = None, keep: int | None = None
    ) -> Sequence[Session]:
        """End one (`only`), all but one (`keep`) or all sessions of a person; returns those that were ended."""
        ...

    async def purge_expired(self, now_ms: int) -> int:
        """Delete sessions and tokens that expired; how many."""
        ...


class Principal(NamedTuple):
    """Who signed a connection or a request in."""

    uid: int
    session_id: int


class Authenticator(Protocol):
    """Tokens to people."""

    async def authenticate(self, token: str, address: str = "") -> Principal:
        """Raises RequestError: `unauthenticated`, `forbidden` when the account is banned, or `rate_limited` when too
        many bad tokens came from this address."""
        ...


class ApiKey(Struct, frozen=True):
    """What another server may do here. Of the key itself only a hash is kept. `used_at` is coarse, 0: never."""

    key_id: int
    name: str
    scopes: tuple[str, ...]
    created_at: int
    used_at: int = 0


class KeyStore(Protocol):
    """API keys, kept durably. Every method may raise StoreUnavailableError."""

    async def add_key(
        self, key_hash: bytes, name: str, scopes: Sequence[str], created_at: int
    ) -> int:
        """Add a key; its id, which is never given again."""
        ...

    async def key_by_hash(self, key_hash: bytes) -> ApiKey | None:
        """The key with this hash, unless it was removed."""
        ...

    async def keys(self) -> Sequence[ApiKey]:
        """All keys, by id."""
        ...

    async def key_used(self, key_id: int, at: int) -> None:
        """Note when a key was used."""
        ...

    async def remove_key(self, key_id: int) -> bool:
        """Remove a key; whether there was one."""
        ...


class KeyAuthenticator(Protocol):
    """API keys to what they allow."""

    async def authenticate(self, token: str) -> ApiKey:
        """Raises RequestError `unauthenticated`."""
        ...

    async def acting_as(self, key: ApiKey, uid: int) -> Principal:
        """The person that a key's call runs as. Raises RequestError: `forbidden` without the scope or when the
        account is banned, `not_found`."""
        ...


class Caller(NamedTuple):
    """Who asks the API: `principal` is None before sign-in; `address` is the peer's, for limits; `token` is the
    one that signed the caller in, empty before. With `scopes` an API key calls, as `principal` if there is one."""

    principal: Principal | None
    address: str
    token: str = ""
    device: int = 0
    scopes: frozenset[str] | None = None
    key_id: int = 0


class SessionEndListener(Protocol):
    """Told when sessions end, so that their connections end, too."""

    async def sessions_ended(self, sessions: Sequence[Session], reason: EndReason) -> None:
        """These sessions are over; their tokens are not valid any more."""
        ...


class GatewayDirectory(Protocol):
    """Knows where clients connect."""

    def addresses(self) -> Gateways:
        """What a sign-in names to its client."""
        ...
