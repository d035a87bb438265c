"""The server's hook: what follows the log, and what follows sign-ins."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence

from glideim.kernel.clock import Clock
from glideim.kernel.errors import StoreUnavailableError
from glideim.protocol.records import Message

from .bots import BotRegistry
from .courier import Courier
from .events import BODY_EVENTS, Login, Offline, deliveries, offline_events
from .follower import Outcome
from .ports import DeadLetter, Delivery, Event, HookStore, Members, Presence, Target

log = logging.getLogger("glideim.push")

LOGINS_MOST = 1000
"""Sign-ins that wait to be told; further ones are dropped and counted."""


class ServerHook:
    """Delivers to the hook of the configuration."""

    def __init__(self, courier: Courier, target: Target, clock: Clock) -> None:
        self._courier = courier
        self._target = target
        self._clock = clock

    async def deliver(
        self, event: Event, name: str, items: Sequence[tuple[str, object]]
    ) -> list[DeadLetter]:
        """Deliver (id, event) pairs in order; what was given up."""
        made = deliveries(event, name, items, self._clock.now_ms())
        answers = [await self._courier.deliver(self._target, delivery) for delivery in made]
        return [answer for answer in answers if isinstance(answer, DeadLetter)]

    async def again(self, delivery: Delivery) -> None:
        """One more try. Raises HookError."""
        await self._courier.once(self._target, delivery)


class AfterSend:
    """Tells of every message that was sent."""

    def __init__(self, hook: ServerHook) -> None:
        self._hook = hook

    async def handle(self, batch: Sequence[Message]) -> Outcome:
        """See follower.Handle."""
        items = [(str(message.mid), message) for message in batch]
        return Outcome(bury=await self._hook.deliver(Event.AFTER_SEND, "messages", items))


class OfflinePush:
    """Tells whom a push service should wake: receivers without a connected device."""

    def __init__(
        self, hook: ServerHook, presence: Presence, members: Members, bots: BotRegistry
    ) -> None:
        self._hook = hook
        self._presence = presence
        self._members = members
        self._bots = bots

    async def handle(self, batch: Sequence[Message]) -> Outcome:
        """See follower.Handle."""
        groups: dict[int, Sequence[int]] = {}
        receivers = [(message, await self._receivers(message, groups)) for message in batch]
        everybody = {uid for _, uids in receivers for uid in uids}
        if not everybody:
            return Outcome()
        online = await self._presence.online(sorted(everybody))
        items: list[tuple[str, Offline]] = []
        for message, uids in receivers:
            away = [uid for uid in uids if uid not in online]
            for part, event in enumerate(offline_events(message, away)):
                items.append((f"{message.mid}.{part}", event))
        if not items:
            return Outcome()
        return Outcome(bury=await self._hook.deliver(Event.OFFLINE, "pushes", items))

    async def _receivers(self, message: Message, groups: dict[int, Sequence[int]]) -> Sequence[int]:
        """People who should see the message: not its sender, nor bots, which need nobody to wake them."""
        if message.type < 0 or message.content is None:
            return ()
        uids: Sequence[int] = (message.to,)
        if message.conv.startswith("g:"):
            if message.to not in groups:
                groups[message.to] = await self._members.members(message.to)
            uids = groups[message.to]
        return [uid for uid in uids if uid != message.from_ and not self._bots.is_bot(uid)]


class Logins:
    """Tells of sign-ins. What waits is in memory; when the server stops, it is kept as dead letters."""

    def __init__(self, hook: ServerHook, store: HookStore, clock: Clock) -> None:
        self._hook = hook
        self._store = store
        self._clock = clock
        self._waiting: deque[tuple[str, Login]] = deque()
        self._news = asyncio.Event()
        self._count = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, uid: int, device: int, device_id: str) -> None:
        """Somebody signed in."""
        if len(self._waiting) >= LOGINS_MOST:
            if not self.dropped:
                log.warning("sign-ins are not told: %d wait already", LOGINS_MOST)
            self.dropped += 1
            return
        now = self._clock.now_ms()
        self._count += 1
        self._waiting.append((f"{now}.{self._count}", Login(uid, device, device_id, now)))
        self._news.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                await self.step()

    async def step(self) -> None:
        """Deliver what waits, up to one delivery."""
        some = [self._waiting[place] for place in range(min(len(self._waiting), BODY_EVENTS))]
        buried = await self._hook.deliver(Event.LOGIN, "logins", some)
        for _ in some:
            self._waiting.popleft()
        if buried:
            await self._bury(buried)

    async def finish(self) -> None:
        """Keep what still waits as dead letters."""
        if self._waiting:
            now = self._clock.now_ms()
            left = deliveries(Event.LOGIN, "logins", list(self._waiting), now)
            self._waiting.clear()
            await self._bury(
                [DeadLetter(delivery, 0, "the server stopped", now) for delivery in left]
            )

    async def _bury(self, letters: Sequence[DeadLetter]) -> None:
        try:
            await self._store.bury(letters)
        except StoreUnavailableError as error:
            log.error("%d undelivered sign-in events are lost: %s", len(letters), error)
