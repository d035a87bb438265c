"""The table of everything the API serves, and the one way to call it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glideim.account.ports import Caller
from glideim.account.service import AccountService
from glideim.contacts.service import ContactService
from glideim.group.service import GroupService
from glideim.kernel.errors import RequestError
from glideim.kernel.ratelimit import API, KEY, RateLimiter, network_of
from glideim.media.service import MediaService
from glideim.presence.service import PresenceService
from glideim.protocol.codes import ErrorCode
from glideim.search.service import SearchService

from .auth import AuthHandlers, limited
from .contacts import ContactHandlers
from .conversations import ConversationHandlers
from .files import FileHandlers
from .groups import GroupHandlers
from .messages import MessageHandlers
from .ports import Endpoint, Messages
from .presence import PresenceHandlers
from .scopes import check_key
from .search import SearchHandlers
from .sessions import SessionHandlers
from .users import UserHandlers


class Api:
    """Implements `ApiService`: HTTP and the long connection both end here."""

    def __init__(  # noqa: PLR0913 - all by name, all from the one place that composes
        self,
        accounts: AccountService,
        messages: Messages,
        limiter: RateLimiter,
        *,
        contacts: ContactService,
        groups: GroupService,
        media: MediaService,
        presence: PresenceService,
        search: SearchService,
        for_servers: Sequence[Endpoint] = (),
    ) -> None:
        self._limiter = limiter
        self.endpoints: tuple[Endpoint, ...] = (
            *AuthHandlers(accounts, limiter).endpoints(),
            *SessionHandlers(accounts, presence).endpoints(),
            *UserHandlers(accounts, presence).endpoints(),
            *ContactHandlers(contacts).endpoints(),
            *GroupHandlers(groups).endpoints(),
            *PresenceHandlers(presence).endpoints(),
            *ConversationHandlers(messages).endpoints(),
            *MessageHandlers(messages, limiter).endpoints(),
            *SearchHandlers(search).endpoints(),
            *FileHandlers(media).endpoints(),
            *for_servers,
        )
        self._by_action = {str(endpoint.action): endpoint for endpoint in self.endpoints}

    def is_public(self, action: str) -> bool:
        """Whether it may be called before sign-in."""
        endpoint = self._by_action.get(action)
        return endpoint is not None and endpoint.public

    @property
    def public_actions(self) -> frozenset[str]:
        """All that may be called before sign-in."""
        return frozenset(action for action in self._by_action if self.is_public(action))

    async def handle(self, caller: Caller, action: str, data: Any) -> Any:
        """Run one request. Raises RequestError."""
        endpoint = self._checked(caller, action)
        return await endpoint.handler(caller, data)

    def admit(self, caller: Caller, action: str) -> None:
        """What is checked before a request is run, for what does the same in another way. Raises RequestError."""
        self._checked(caller, action)

    def _checked(self, caller: Caller, action: str) -> Endpoint:
        endpoint = self._by_action.get(action)
        if endpoint is None:
            raise RequestError(ErrorCode.UNSUPPORTED, f"unknown action {action[:64]!r}")
        if caller.principal is None and caller.scopes is None and not endpoint.public:
            raise RequestError(ErrorCode.UNAUTHENTICATED, "sign in first")
        check_key(caller, endpoint)
        limited(self._allowed(caller))
        return endpoint

    def _allowed(self, caller: Caller) -> bool:
        """A key has one bucket, whoever it calls as."""
        if caller.scopes is not None:
            return self._limiter.allow(KEY, caller.key_id)
        principal = caller.principal
        who = network_of(caller.address) if principal is None else principal.uid
        return self._limiter.allow(API, who)
