"""The table of everything the API serves, and the one way to call it."""

from __future__ import annotations

from typing import Any

from glideim.account.ports import Caller
from glideim.account.service import AccountService
from glideim.kernel.errors import RequestError
from glideim.kernel.ratelimit import API, RateLimiter, network_of
from glideim.protocol.codes import ErrorCode

from .auth import AuthHandlers, limited
from .messages import MessageHandlers
from .ports import Endpoint, Messages
from .users import UserHandlers


class Api:
    """Implements `ApiService`: HTTP and the long connection both end here."""

    def __init__(self, accounts: AccountService, messages: Messages, limiter: RateLimiter) -> None:
        self._limiter = limiter
        self.endpoints: tuple[Endpoint, ...] = (
            *AuthHandlers(accounts, limiter).endpoints(),
            *UserHandlers(accounts).endpoints(),
            *MessageHandlers(messages, limiter).endpoints(),
        )
        self._by_action = {str(endpoint.action): endpoint for endpoint in self.endpoints}

    def is_public(self, action: str) -> bool:
        """Whether it may be called before sign-in."""
        endpoint = self._by_action.get(action)
        return endpoint is not None and endpoint.public

    async def handle(self, caller: Caller, action: str, data: Any) -> Any:
        """Run one request. Raises RequestError."""
        endpoint = self._by_action.get(action)
        if endpoint is None:
            raise RequestError(ErrorCode.UNSUPPORTED, f"unknown action {action[:64]!r}")
        if caller.principal is None and not endpoint.public:
            raise RequestError(ErrorCode.UNAUTHENTICATED, "sign in first")
        principal = caller.principal
        limited(
            self._limiter.allow(
                API, network_of(caller.address) if principal is None else principal.uid
            )
        )
        return await endpoint.handler(caller, data)
