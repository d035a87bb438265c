"""Delivers to bots what waits for them, and sends what they answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.protocol.records import Message

from .bots import BotRegistry
from .courier import ATTEMPTS, Courier
from .follower import AFTER_FAILURE
from .ports import DeadLetter, Delivery, HookStore, Replies, Target

log = logging.getLogger("glideim.push")

READ_AT_ONCE = 20
"""Deliveries read at once for one bot."""


class Reply(Struct, frozen=True, rename="camel"):
    """What a bot says to the message it was told of."""

    content: str
    type: int = 1
    mentions: tuple[int, ...] = ()


class Answer(Struct, frozen=True):
    """The body of a bot's answer; with nothing in it nothing is said."""

    reply: Reply | None = None


class _Told(Struct, frozen=True):
    """What a delivery to a bot holds."""

    message: Message


_answer = msgspec.json.Decoder(Answer)
_told = msgspec.json.Decoder(_Told)


class BotOutbox:
    """One task per bot that has something waiting: a slow bot holds up nobody else."""

    def __init__(
        self, bots: BotRegistry, store: HookStore, courier: Courier, replies: Replies
    ) -> None:
        self._bots = bots
        self._store = store
        self._courier = courier
        self._replies = replies
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._news: set[int] = set()
        self.replies_sent = 0
        self.replies_refused = 0

    def __len__(self) -> int:
        """Bots that are delivered to now."""
        return len(self._tasks)

    async def begin(self) -> None:
        """Go on with what waits since the last run. Raises StoreUnavailableError."""
        self.wake(hook for hook in await self._store.waiting_counts() if hook > 0)

    def wake(self, hooks: Iterable[int]) -> None:
        """Something waits for these."""
        for hook in set(hooks):
            self._news.add(hook)
            if hook not in self._tasks:
                task = asyncio.get_running_loop().create_task(self._run(hook), name=f"bot-{hook}")
                self._tasks[hook] = task

    async def stop(self) -> None:
        """Stop; what is under way is delivered again after the next start."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, hook: int) -> None:
        try:
            while hook in self._news:
                self._news.discard(hook)
                try:
                    await self._drain(hook)
                except StoreUnavailableError as error:
                    log.warning("bot %d waits for the store: %s", hook, error)
                    self._news.add(hook)
                    await self._courier.pause(AFTER_FAILURE)
        finally:
            del self._tasks[hook]

    async def _drain(self, hook: int) -> None:
        while found := await self._store.waiting(hook, READ_AT_ONCE):
            for delivery in found:
                bot = self._bots.get(hook)
                if bot is None or not bot.url:
                    letter = self._courier.give_up(delivery, 0, "the bot has no webhook any more")
                    await self._store.settle(delivery.ident, letter)
                else:
                    target = Target(bot.url, bot.secret)
                    await self._store.settle(delivery.ident, await self._deliver(target, delivery))

    async def _deliver(self, target: Target, delivery: Delivery) -> DeadLetter | None:
        answer = await self._courier.deliver(target, delivery)
        if isinstance(answer, DeadLetter):
            return answer
        return await self.reply(delivery, answer)

    async def reply(self, delivery: Delivery, answer: bytes) -> DeadLetter | None:
        """Send what a bot answered; the dead letter if it could not be. Its `cliMid` follows from the delivery, so
        that however often a message is delivered, one answer is sent."""
        message = self._message(delivery, answer)
        if message is None:
            return None
        tries = 0
        while True:
            tries += 1
            try:
                await self._replies.send(delivery.hook, message)
            except RequestError as error:
                if error.retryable and tries < ATTEMPTS:
                    await self._courier.wait(tries)
                    continue
                self.replies_refused += 1
                text = f"the reply was not sent: {error.code}: {error.message}"
                return self._courier.give_up(delivery, tries, text)
            self.replies_sent += 1
            return None

    @staticmethod
    def _message(delivery: Delivery, answer: bytes) -> Message | None:
        try:
            reply = _answer.decode(answer).reply if answer.strip() else None
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            # Told again it would hardly say it better.
            log.warning("the answer of bot %d cannot be read: %s", delivery.hook, error)
            return None
        if reply is None:
            return None
        told = _told.decode(delivery.body).message
        in_group = told.conv.startswith("g:")
        return Message(
            cli_mid=f"reply-{delivery.ident}",
            conv=told.conv,
            to=told.to if in_group else told.from_,
            type=reply.type,
            content=reply.content,
            mentions=reply.mentions,
        )
