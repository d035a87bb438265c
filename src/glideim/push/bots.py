"""Who is a bot, and which messages each is told of."""

from __future__ import annotations

from collections.abc import Sequence

from glideim.kernel.clock import Clock
from glideim.protocol.records import Message

from .events import envelope
from .follower import Outcome
from .ports import Bot, DeadLetter, Delivery, Event, HookStore, Members

BOTS_MOST = 10_000
"""Bots of a server: all of them are in memory."""
WAITING_MOST = 10_000
"""Deliveries that may wait for one bot; further ones are dead letters at once."""
GROUP = "g:"


class BotRegistry:
    """Every bot, in memory: they are few, and each message asks for them."""

    def __init__(self, store: HookStore) -> None:
        self._store = store
        self._bots: dict[int, Bot] = {}
        self._with_hook: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self._bots)

    @property
    def with_hook(self) -> frozenset[int]:
        """Bots that have a webhook."""
        return self._with_hook

    def get(self, uid: int) -> Bot | None:
        """One bot."""
        return self._bots.get(uid)

    def is_bot(self, uid: int) -> bool:
        """Whether the account is a bot."""
        return uid in self._bots

    async def load(self) -> None:
        """Read all. Raises StoreUnavailableError."""
        self._set({bot.uid: bot for bot in await self._store.bots()})

    async def put(self, bot: Bot) -> None:
        """Add or change one. Raises StoreUnavailableError."""
        await self._store.put_bot(bot)
        self._set({**self._bots, bot.uid: bot})

    async def remove(self, uid: int) -> bool:
        """Remove one and what waits for it; whether there was one. Raises StoreUnavailableError."""
        removed = await self._store.remove_bot(uid)
        self._set({key: bot for key, bot in self._bots.items() if key != uid})
        return removed

    def _set(self, bots: dict[int, Bot]) -> None:
        self._bots = bots
        self._with_hook = frozenset(bot.uid for bot in bots.values() if bot.url)


class BotRouter:
    """Makes a delivery of every message that a bot is told of. A bot is never told what a bot says, so that two of
    them cannot talk for ever."""

    def __init__(self, bots: BotRegistry, store: HookStore, members: Members, clock: Clock) -> None:
        self._bots = bots
        self._store = store
        self._members = members
        self._clock = clock

    async def handle(self, batch: Sequence[Message]) -> Outcome:
        """See follower.Handle."""
        if not self._bots.with_hook:
            return Outcome()
        made: list[Delivery] = []
        known: dict[int, frozenset[int]] = {}
        for message in batch:
            made += [self._delivery(uid, message) for uid in await self._told(message, known)]
        return await self._bounded(made) if made else Outcome()

    async def _told(self, message: Message, known: dict[int, frozenset[int]]) -> Sequence[int]:
        """The bots that a message is for."""
        if message.type < 0 or message.content is None or self._bots.is_bot(message.from_):
            return ()
        if not message.conv.startswith(GROUP):
            return (message.to,) if message.to in self._bots.with_hook else ()
        if message.to not in known:
            members = await self._members.members(message.to)
            known[message.to] = self._bots.with_hook.intersection(members)
        return sorted(known[message.to])

    def _delivery(self, uid: int, message: Message) -> Delivery:
        ident = f"bot-{uid}-{message.mid}"
        body = envelope(Event.BOT_MESSAGE, ident, {"bot": uid, "message": message})
        return Delivery(uid, ident, Event.BOT_MESSAGE, body, self._clock.now_ms())

    async def _bounded(self, made: Sequence[Delivery]) -> Outcome:
        waiting = dict(await self._store.waiting_counts())
        queue: list[Delivery] = []
        bury: list[DeadLetter] = []
        for delivery in made:
            count = waiting[delivery.hook] = waiting.get(delivery.hook, 0) + 1
            if count <= WAITING_MOST:
                queue.append(delivery)
            else:
                text = f"{WAITING_MOST} deliveries wait for this bot already"
                bury.append(DeadLetter(delivery, 0, text, self._clock.now_ms()))
        return Outcome(queue, bury)
