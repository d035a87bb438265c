"""Webhooks and bots, put together."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from msgspec import Struct

from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError
from glideim.messaging.ports import Screen
from glideim.protocol.codes import ErrorCode

from .bots import BOTS_MOST, BotRegistry, BotRouter
from .courier import Courier, Pause
from .follower import Follower, Outcome
from .hooks import LOGINS_MOST, AfterSend, Logins, OfflinePush, ServerHook
from .outbox import BotOutbox
from .ports import (
    SERVER_HOOK,
    Bot,
    DeadLetter,
    Event,
    HookClient,
    HookError,
    HookStore,
    Log,
    Members,
    Presence,
    Replies,
    Target,
)  # fmt: skip
from .screen import HookScreen

BOTS = "bots"
"""Name of the follower that works for bots."""
PAGE_MOST = 100
"""Dead letters in one page."""


class HookOptions(Struct, frozen=True):
    """The server's hook. Without a `url` there is none."""

    url: str = ""
    secret: str = ""
    events: frozenset[str] = frozenset()
    timeout: float = 5.0
    """Seconds that one request may take."""
    refuse: bool = False
    """Whether messages are refused when the `before_send` hook fails; else they are sent unchecked."""


class Needs(Struct, frozen=True):
    """What the rest of the server does for hooks."""

    store: HookStore
    log: Log
    client: HookClient
    members: Members
    presence: Presence
    replies: Replies
    clock: Clock


class PushService:
    """Start it before the first message can come, stop it after the last."""

    def __init__(
        self,
        options: HookOptions,
        needs: Needs,
        *,
        pause: Pause = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._options = options
        self._needs = needs
        self._target = Target(options.url, options.secret)
        self._courier = Courier(
            needs.client, needs.clock, options.timeout, pause=pause, jitter=jitter
        )
        hook = ServerHook(self._courier, self._target, needs.clock)
        self._pause = pause
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.bots = BotRegistry(needs.store)
        self._outbox = BotOutbox(self.bots, needs.store, self._courier, needs.replies)
        self._logins = Logins(hook, needs.store, needs.clock)
        self._screen = HookScreen(self._courier, self._target, needs.clock, refuse=options.refuse)
        self._followers = self._follow(hook)

    def _follow(self, hook: ServerHook) -> dict[str, Follower]:
        needs = self._needs
        router = BotRouter(self.bots, needs.store, needs.members, needs.clock)
        offline = OfflinePush(hook, needs.presence, needs.members, self.bots)
        handlers = {BOTS: router.handle}
        if self._wanted(Event.AFTER_SEND):
            handlers["after_send"] = AfterSend(hook).handle
        if self._wanted(Event.OFFLINE):
            handlers["offline"] = offline.handle
        return {
            name: Follower(
                name,
                needs.log,
                needs.store,
                handle,
                stored=self._wake_bots if name == BOTS else None,
                pause=self._pause,
            )
            for name, handle in handlers.items()
        }

    def _wanted(self, event: Event) -> bool:
        return bool(self._options.url) and event in self._options.events

    def _wake_bots(self, outcome: Outcome) -> None:
        self._outbox.wake(delivery.hook for delivery in outcome.queue)

    @property
    def screen(self) -> Screen | None:
        """Who is asked about messages before they are sent; None: nobody."""
        return self._screen if self._wanted(Event.BEFORE_SEND) else None

    async def start(self) -> None:
        """Read where everything stands, then follow. Raises StoreUnavailableError."""
        await self.bots.load()
        for name, follower in self._followers.items():
            if name != BOTS or self.bots.with_hook:
                await follower.begin()
                self._run(name, follower.run())
        self._run(Event.LOGIN, self._logins.run())
        await self._outbox.begin()

    def _run(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks[name] = asyncio.get_running_loop().create_task(work, name=f"hook-{name}")

    async def stop(self) -> None:
        """Stop following; the next start goes on where this one ended."""
        for name in list(self._tasks):
            await self._end(name)
        await self._outbox.stop()
        await self._logins.finish()

    async def _end(self, name: str) -> None:
        task = self._tasks.pop(name)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def put_bot(self, bot: Bot) -> None:
        """Add a bot or change it. Raises StoreUnavailableError."""
        await self.bots.put(bot)
        await self._follow_for_bots()

    async def remove_bot(self, uid: int) -> bool:
        """Remove a bot and what waits for it; whether there was one. Raises StoreUnavailableError."""
        removed = await self.bots.remove(uid)
        await self._follow_for_bots()
        return removed

    async def _follow_for_bots(self) -> None:
        """Nobody reads the log for bots while none has a webhook: for the first of them it begins now."""
        if self.bots.with_hook and BOTS not in self._tasks:
            follower = self._followers[BOTS]
            await follower.begin(at_end=True)
            # Another call may have begun it meanwhile.
            if BOTS not in self._tasks:
                self._run(BOTS, follower.run())
        elif not self.bots.with_hook and BOTS in self._tasks:
            await self._end(BOTS)

    def committed(self) -> None:
        """Messages were committed: look at the log now rather than soon."""
        for follower in self._followers.values():
            follower.poke()

    def signed_in(self, uid: int, device: int, device_id: str) -> None:
        """Somebody signed in."""
        if self._wanted(Event.LOGIN):
            self._logins.put(uid, device, device_id)

    def statistics(self) -> Mapping[str, float]:
        """Queues and counters."""
        return {
            "delivered_total": self._courier.delivered,
            "failures_total": self._courier.failures,
            "dead_letters_total": self._courier.given_up,
            "logins_waiting": len(self._logins),
            "logins_waiting_limit": LOGINS_MOST,
            "logins_dropped_total": self._logins.dropped,
            "bots": len(self.bots),
            "bots_limit": BOTS_MOST,
            "bots_under_way": len(self._outbox),
            "bot_replies_total": self._outbox.replies_sent,
            "screened_refused_total": self._screen.refused,
            "screened_changed_total": self._screen.changed,
            **{f"{name}_mid": follower.cursor for name, follower in self._followers.items()},
        }

    # --- for administrators -------------------------------------------------------------------------------

    async def dead(self, after: int, limit: int) -> tuple[Sequence[DeadLetter], int]:
        """A page of dead letters by number, and where the next begins (0: there is none)."""
        most = min(limit, PAGE_MOST) if limit > 0 else PAGE_MOST
        found = await self._needs.store.dead(after, most + 1)
        return found[:most], found[most - 1].number if len(found) > most else 0

    async def retry(self, number: int) -> None:
        """Deliver a dead letter now; it is forgotten when that works. Raises RequestError: `not_found`, or
        `unavailable` with the reason."""
        letter = await self._needs.store.dead_letter(number)
        if letter is None:
            raise RequestError(ErrorCode.NOT_FOUND, f"there is no dead letter {number}")
        delivery = letter.delivery
        try:
            answer = await self._courier.once(self._target_of(delivery.hook), delivery)
        except HookError as error:
            raise RequestError(ErrorCode.UNAVAILABLE, f"it failed again: {error}") from None
        if delivery.hook != SERVER_HOOK:
            again = await self._outbox.reply(delivery, answer)
            if again is not None:
                raise RequestError(ErrorCode.UNAVAILABLE, again.error)
        await self._needs.store.forget_dead(number)

    def _target_of(self, hook: int) -> Target:
        if not self.url_of(hook):
            raise RequestError(ErrorCode.UNAVAILABLE, "this hook has no URL any more")
        bot = self.bots.get(hook)
        return self._target if bot is None else Target(bot.url, bot.secret)

    def url_of(self, hook: int) -> str:
        """Where a hook is now; empty: nowhere."""
        if hook == SERVER_HOOK:
            return self._target.url
        bot = self.bots.get(hook)
        return "" if bot is None else bot.url

    async def forget(self, number: int) -> None:
        """Delete a dead letter. Raises RequestError `not_found`."""
        if not await self._needs.store.forget_dead(number):
            raise RequestError(ErrorCode.NOT_FOUND, f"there is no dead letter {number}")
