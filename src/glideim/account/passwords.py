"""Passwords: argon2id, off the event loop, no more at a time than the machine can bear."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode

T = TypeVar("T")

THREADS = 2
"""argon2 gives up the GIL; more threads than cores only make everyone wait longer."""
WAITING = 500
"""Hashes that may wait; at about 20 ms each the last one waits five seconds."""


class Passwords:
    """Hashes and checks passwords (OWASP's profile for argon2id: 19 MiB, two passes)."""

    def __init__(self, *, memory_kib: int = 19 * 1024, passes: int = 2) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._under_way = 0
        self._dummy = ""

    @property
    def under_way(self) -> int:
        """Hashes being computed or waiting."""
        return self._under_way

    async def hash(self, password: str) -> str:
        """The argon2id string to store."""
        return await self._off_loop(lambda: self._hasher.hash(password))

    async def verify(self, stored: str, password: str) -> bool:
        """Whether it is the password. An empty `stored` costs the same and is never right, so that nobody learns
        from the time it takes which accounts exist."""
        if not stored:
            if not self._dummy:
                self._dummy = await self.hash("nobody's password")
            await self._off_loop(lambda: self._matches(self._dummy, password))
            return False
        return await self._off_loop(lambda: self._matches(stored, password))

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _off_loop(self, work: Callable[[], T]) -> T:
        if self._under_way >= WAITING:
            raise RequestError(
                ErrorCode.UNAVAILABLE, "too many people are signing in; try again in a few seconds"
            )
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._under_way -= 1
