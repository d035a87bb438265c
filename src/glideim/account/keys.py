"""API keys: what other servers sign their calls with."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode

from .ports import AccountStore, ApiKey, KeyStore, Principal
from .service import hash_token

KEY_PREFIX = "glk_"
SCOPES = ("act", "users", "messages", "groups", "webhooks", "admin")
"""What a key may be allowed. `act`: to call as any user."""
NAME_MOST = 64
KEYS_MOST = 1000
USED_EVERY_MS = 3_600_000
"""How exactly it is known when a key was last used: a write for every call would be too many."""


class KeyService:
    """Makes, knows and revokes keys. Implements `KeyAuthenticator`.

    Every call looks its key up in the store, so that a key revoked by another process is dead at once, too.
    """

    def __init__(self, store: KeyStore, accounts: AccountStore, clock: Clock) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock

    async def add(self, name: str, scopes: Sequence[str]) -> tuple[ApiKey, str]:
        """A new key, and its secret, which is never shown again. Raises RequestError."""
        name = name.strip()
        if not 1 <= len(name) <= NAME_MOST or not name.isprintable():
            text = f"name: must have 1 to {NAME_MOST} printable characters"
            raise RequestError(ErrorCode.BAD_REQUEST, text)
        chosen = tuple(scope for scope in SCOPES if scope in scopes)
        if not chosen or len(chosen) != len(set(scopes)):
            raise RequestError(ErrorCode.BAD_REQUEST, f"scopes: one or more of {', '.join(SCOPES)}")
        if len(await self._store.keys()) >= KEYS_MOST:
            raise RequestError(ErrorCode.CONFLICT, f"there are {KEYS_MOST} keys; revoke some")
        secret, now = KEY_PREFIX + secrets.token_urlsafe(32), self._clock.now_ms()
        key_id = await self._store.add_key(hash_token(secret), name, chosen, now)
        return ApiKey(key_id, name, chosen, now), secret

    async def list(self) -> Sequence[ApiKey]:
        """All keys, by id."""
        return await self._store.keys()

    async def revoke(self, key_id: int) -> None:
        """From now on the key is refused. Raises RequestError `not_found`."""
        if not await self._store.remove_key(key_id):
            raise RequestError(ErrorCode.NOT_FOUND, f"there is no key {key_id}")

    async def authenticate(self, token: str) -> ApiKey:
        """See KeyAuthenticator."""
        key = await self._store.key_by_hash(hash_token(token))
        if key is None:
            raise RequestError(ErrorCode.UNAUTHENTICATED, "this API key is not valid")
        now = self._clock.now_ms()
        if now - key.used_at >= USED_EVERY_MS:
            await self._store.key_used(key.key_id, now)
        return key

    async def acting_as(self, key: ApiKey, uid: int) -> Principal:
        """See KeyAuthenticator."""
        if "act" not in key.scopes:
            raise RequestError(ErrorCode.FORBIDDEN, "this API key lacks the scope act")
        account = (await self._accounts.accounts((uid,))).get(uid)
        if account is None:
            raise RequestError(ErrorCode.NOT_FOUND, f"there is no user {uid}")
        if account.banned:
            raise RequestError(ErrorCode.FORBIDDEN, "the account is banned")
        # Session 0 is nobody's: what ends or renews the caller's session finds none.
        return Principal(uid, 0)
