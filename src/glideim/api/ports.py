"""What the API is made of, and what it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from msgspec import Struct

from glideim.account.ports import Caller
from glideim.dispatch.ports import Origin
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import (
    AckMessage,
    Conversation,
    ConversationList,
    Message,
    MessageList,
    Synced,
)
from glideim.protocol.social import (
    DeadLetterList,
    NotifyReact,
    Pin,
    React,
    Recall,
    UpdateConversation,
)

Handler = Callable[[Caller, Any], Awaitable[Any]]
"""Gets the caller and the request record, returns the result record. Raises RequestError."""


class Endpoint(Struct, frozen=True):
    """One request that the API serves, over HTTP and as an action on the long connection."""

    method: str
    path: str
    """Below `/api/v2`; `{name}` is a field of the request."""
    action: str
    request: type
    """Record of path, query and body fields merged."""
    result: type
    handler: Handler
    summary: str
    """One line."""
    group: str
    """Heading it stands under."""
    description: str = ""
    status: int = 200
    """HTTP status of success: 201 where something is created, which is then returned whole."""
    public: bool = False
    """Served before sign-in."""
    scope: str = ""
    """Scope that an API key needs; empty: that of the heading (`scopes.OF_GROUP`)."""
    keys_only: bool = False
    """Served to API keys only, which need not act as anybody for it."""
    errors: tuple[ErrorCode, ...] = ()
    """What it may be refused with, besides what any request may."""
    example: Mapping[str, Any] = {}
    """A request, as JSON."""
    example_result: Mapping[str, Any] = {}
    """What may come back."""


class Messages(Protocol):
    """Messaging, as the API uses it. Every method may raise RequestError."""

    async def history(
        self, uid: int, conv: str, after: int | None, before: int | None, limit: int
    ) -> MessageList: ...

    async def sync(self, uid: int, known: Mapping[str, int], cursor: str) -> Synced: ...

    async def send(self, uid: int, message: Message) -> AckMessage: ...

    async def recall(self, uid: int, conv: str, seq: int) -> Recall: ...

    async def edit(self, uid: int, conv: str, seq: int, content: str | None) -> Message: ...

    async def react(self, uid: int, asked: React) -> NotifyReact: ...

    async def pin(self, uid: int, asked: Pin) -> Pin: ...

    async def update_conversation(self, uid: int, asked: UpdateConversation) -> Conversation: ...

    async def read(self, uid: int, origin: Origin | None, conv: str, seq: int) -> None: ...

    @property
    def inbox(self) -> Conversations: ...


class Conversations(Protocol):
    """A person's list of conversations. Every method may raise RequestError."""

    async def list(self, uid: int, cursor: str, limit: int) -> ConversationList: ...

    async def hide(self, uid: int, origin: Origin | None, conv: str) -> None: ...

    async def pins(self, uid: int, conv: str) -> MessageList: ...


class DeadLetters(Protocol):
    """Webhook deliveries that were given up. Every method may raise RequestError."""

    async def dead(self, cursor: str, limit: int) -> DeadLetterList: ...

    async def retry(self, number: int) -> None: ...

    async def forget(self, number: int) -> None: ...


class Bots(Protocol):
    """Which accounts are bots, and their webhooks. Every method may raise RequestError."""

    def check_new(self, url: str, secret: str) -> None:
        """Whether there is room for another bot, with this webhook or ("") none."""
        ...

    async def add_bot(self, uid: int, url: str, secret: str) -> None:
        """The account is a bot from now on."""
        ...

    async def change_bot(self, uid: int, url: str | None, secret: str | None) -> None:
        """Change the webhook; None leaves as it is."""
        ...

    async def remove_bot(self, uid: int) -> None:
        """The account is no bot any more."""
        ...

    def bot_url(self, uid: int) -> str:
        """Where a bot's webhook is."""
        ...
