"""Accounts over the in-memory engine, with passwords that are cheap to hash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glideim.account.guard import BadTokens
from glideim.account.passwords import Passwords
from glideim.account.ports import EndReason, Session
from glideim.account.service import AccountOptions, AccountService
from glideim.edge.memory import MemoryStore
from glideim.kernel.clock import ManualClock
from glideim.kernel.errors import RequestError
from glideim.kernel.ids import Leaf
from glideim.kernel.ratelimit import RateLimiter
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Gateways, LoggedIn

PASSWORD = "correct horse"
GATEWAYS = Gateways(("ws://here/ws",), ("here:8082",))


class House:
    """An account service and everything it stands on; remembers which sessions ended and why."""

    def __init__(self, store: MemoryStore | None = None, **options: Any) -> None:
        self.clock = ManualClock()
        self.store = store or MemoryStore()
        self.passwords = cheap_passwords()
        self.ended: list[tuple[tuple[int, ...], EndReason]] = []
        self.accounts = AccountService(
            store=self.store.accounts,
            uids=Leaf(self.store.segments, "uid", self.clock),
            session_ids=Leaf(self.store.segments, "session", self.clock),
            passwords=self.passwords,
            clock=self.clock,
            gateways=self,
            ended=self,
            bad_tokens=BadTokens(RateLimiter(self.clock)),
            options=AccountOptions(**options),
        )

    def addresses(self) -> Gateways:
        """Implements GatewayDirectory."""
        return GATEWAYS

    async def sessions_ended(self, sessions: Sequence[Session], reason: EndReason) -> None:
        """Implements SessionEndListener."""
        self.ended.append((tuple(sorted(s.session_id for s in sessions)), reason))

    async def register(self, name: str = "alice") -> int:
        return (await self.accounts.register(name, PASSWORD, "")).uid

    async def login(
        self, name: str = "alice", password: str = PASSWORD, device: int = 2
    ) -> LoggedIn:
        return await self.accounts.login(name, password, device, "")

    async def refusal(self, token: str) -> ErrorCode | None:
        """Why a token is refused; None if it is good."""
        try:
            await self.accounts.authenticate(token)
        except RequestError as error:
            return error.code
        return None

    def close(self) -> None:
        self.passwords.close()


def cheap_passwords(passes: int = 1) -> Passwords:
    """The real thing, with parameters that no server would use."""
    return Passwords(memory_kib=8, passes=passes)
