"""What is done to a data directory from outside, whether or not a server runs on it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from .account.guard import BadTokens
from .account.keys import KeyService
from .account.passwords import Passwords
from .account.ports import ApiKey, EndReason, Session
from .account.service import AccountService
from .config import Config
from .edge.stores import Stores
from .kernel.clock import SystemClock
from .kernel.ratelimit import RateLimiter
from .opening import new_uids, open_stores
from .protocol.records import Gateways
from .settings import StartError

log = logging.getLogger("glideim")


class _Nowhere:
    """There are no connections here: nobody listens to ended sessions, and there is no gateway."""

    def addresses(self) -> Gateways:
        return Gateways()

    async def sessions_ended(self, sessions: Sequence[Session], reason: EndReason) -> None:
        log.info("%d sessions ended: %s", len(sessions), reason)


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Stores]:
    """The stores of a data directory. Raises StartError."""
    if config.store != "sqlite":
        raise StartError("this can be done from outside only to the sqlite store")
    stores = await open_stores(config, SystemClock(), exclusive=False)
    try:
        yield stores
    finally:
        await stores.close()


async def add_user(config: Config, account: str, password: str, nickname: str) -> int:
    """Add an account; returns its uid. Raises RequestError (name taken, not valid …) and StartError."""
    clock, passwords = SystemClock(), Passwords()
    try:
        async with opened(config) as stores:
            accounts = AccountService(
                store=stores.accounts,
                uids=new_uids(stores, clock),
                session_ids=new_uids(stores, clock),
                passwords=passwords,
                clock=clock,
                gateways=_Nowhere(),
                ended=_Nowhere(),
                bad_tokens=BadTokens(RateLimiter(clock)),
            )
            return (await accounts.register(account, password, nickname)).uid
    finally:
        passwords.close()


async def add_key(config: Config, name: str, scopes: Sequence[str]) -> str:
    """Make an API key; returns its secret. Raises RequestError and StartError."""
    async with opened(config) as stores:
        _, secret = await _keys(stores).add(name, scopes)
        return secret


async def list_keys(config: Config) -> Sequence[ApiKey]:
    """All API keys. Raises StartError."""
    async with opened(config) as stores:
        return await _keys(stores).list()


async def revoke_key(config: Config, key_id: int) -> None:
    """Refuse an API key from now on. Raises RequestError `not_found` and StartError."""
    async with opened(config) as stores:
        await _keys(stores).revoke(key_id)


def _keys(stores: Stores) -> KeyService:
    return KeyService(stores.keys, stores.accounts, SystemClock())
