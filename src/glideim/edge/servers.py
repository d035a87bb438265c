"""What other servers meet: API keys, administration, webhooks and bots, built together."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from glideim.account.admin import AccountAdmin
from glideim.account.keys import KeyService
from glideim.account.passwords import Passwords
from glideim.account.service import AccountService
from glideim.api.admin import AdminHandlers
from glideim.api.bots import BotHandlers
from glideim.api.ports import Endpoint
from glideim.kernel.clock import Clock
from glideim.kernel.ids import IdSource
from glideim.messaging.ports import Screen
from glideim.push.admin import SECRET_LENGTHS, HookAdmin
from glideim.push.ports import Members, Presence, Replies
from glideim.push.service import HookOptions, Needs, PushService
from glideim.push.urls import check_url

from .stores import Stores
from .webhooks import HttpHookClient


class Around(Struct, frozen=True):
    """What they stand on."""

    stores: Stores
    clock: Clock
    uids: IdSource
    passwords: Passwords
    accounts: AccountService
    members: Members
    presence: Presence
    replies: Replies
    statistics: Callable[[], Mapping[str, Mapping[str, float]]]
    version: str


class ForServers:
    """Start it before the first message can come, stop it after the last."""

    def __init__(self, options: HookOptions, around: Around) -> None:
        stores, clock = around.stores, around.clock
        self._client = HttpHookClient(clock, around.version)
        needs = Needs(
            stores.hooks,
            stores.messages,
            self._client,
            around.members,
            around.presence,
            around.replies,
            clock,
        )
        self.push = PushService(options, needs)
        self.keys = KeyService(stores.keys, stores.accounts, clock)
        accounts = AccountAdmin(
            store=stores.accounts,
            uids=around.uids,
            passwords=around.passwords,
            clock=clock,
            accounts=around.accounts,
        )
        hooks = HookAdmin(self.push, clock)
        self.endpoints: tuple[Endpoint, ...] = (
            *AdminHandlers(accounts, self.keys, hooks, around.statistics).endpoints(),
            *BotHandlers(accounts, hooks).endpoints(),
        )

    @property
    def screen(self) -> Screen | None:
        """What messages pass before they are sent, if anything is configured."""
        return self.push.screen

    async def start(self) -> None:
        """Go on where the last run ended. Raises StoreUnavailableError."""
        await self.push.start()

    async def stop(self) -> None:
        """Stop following, close connections."""
        await self.push.stop()
        await self._client.close()


def check_hook(options: HookOptions) -> str | None:
    """Why the server's hook cannot be what the configuration says; None if it can."""
    if not options.url:
        return None
    wrong = check_url(options.url)
    if wrong is not None:
        return f"webhook_url: {wrong}"
    if len(options.secret) not in SECRET_LENGTHS:
        return f"webhook_secret: must have {SECRET_LENGTHS[0]} to {SECRET_LENGTHS[-1]} characters"
    return None
