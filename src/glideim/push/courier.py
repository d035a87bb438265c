"""Delivers: again and again with growing pauses, until it arrives or is given up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from glideim.kernel.clock import Clock

from .ports import ANSWER_MOST, DeadLetter, Delivery, HookClient, HookError, Target

ATTEMPTS = 8
"""Tries before a delivery becomes a dead letter; with the pauses below about a minute and a half."""
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
AT_ONCE = 32
"""Requests under way at one time, to all hooks together."""

Pause = Callable[[float], Awaitable[None]]


def backoff(tries: int, jitter: float) -> float:
    """Seconds to wait after so many tries; `jitter` from 0 to 1 shortens them by up to half, so that what
    failed together does not come back together."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (tries - 1)) * (1 - jitter / 2)


class Courier:
    """One for all hooks."""

    def __init__(
        self,
        client: HookClient,
        clock: Clock,
        timeout: float,
        *,
        attempts: int = ATTEMPTS,
        pause: Pause = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._clock = clock
        self._timeout = timeout
        self._attempts = attempts
        self._jitter = jitter
        self._room = asyncio.Semaphore(AT_ONCE)
        self.pause = pause
        self.delivered = 0
        self.failures = 0
        self.given_up = 0

    async def once(
        self, target: Target, delivery: Delivery, *, answer_most: int = ANSWER_MOST
    ) -> bytes:
        """One try; the answer's body. Raises HookError."""
        async with self._room:
            try:
                answer = await self._client.post(
                    target, delivery, self._timeout, answer_most=answer_most
                )
            except HookError:
                self.failures += 1
                raise
        self.delivered += 1
        return answer

    async def deliver(self, target: Target, delivery: Delivery) -> bytes | DeadLetter:
        """The answer's body, or what is left when every try failed."""
        tries = 0
        while True:
            tries += 1
            try:
                return await self.once(target, delivery)
            except HookError as error:
                if error.permanent or tries >= self._attempts:
                    return self.give_up(delivery, tries, str(error))
            await self.wait(tries)

    async def wait(self, tries: int) -> None:
        """Pause after so many tries."""
        await self.pause(backoff(tries, self._jitter()))

    def give_up(self, delivery: Delivery, tries: int, error: str) -> DeadLetter:
        """The dead letter of a delivery."""
        self.given_up += 1
        return DeadLetter(delivery, tries, error[:500], self._clock.now_ms())
