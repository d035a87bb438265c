"""Questions to the server and their answers, by request number. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from glideim.protocol.codes import ErrorCode

from .errors import RequestFailed
from .options import Options

Reply = Callable[[Any], None]
"""Told once: the result, or an exception (RequestFailed, SignedOutError, ClientClosedError)."""

PUBLIC = frozenset({"api.auth.register", "api.auth.login", "api.auth.guest"})
"""Actions that are allowed before anybody is signed in."""

REPEATABLE = frozenset(
    {
        "api.users.me",
        "api.users.list",
        "api.users.search",
        "api.users.update",
        "api.messages.list",
        "api.messages.search",
        "api.messages.pin",
        "api.messages.react",
        "api.contacts.list",
        "api.contacts.requests",
        "api.contacts.update",
        "api.blocks.list",
        "api.blocks.add",
        "api.blocks.remove",
        "api.groups.list",
        "api.groups.info",
        "api.groups.members",
        "api.groups.requests",
        "api.conversations.list",
        "api.conversations.pins",
        "api.conversations.update",
        "api.presence.list",
        "api.auth.sessions",
        "api.files.list",
        "api.files.info",
        "api.files.status",
    }
)
"""Actions that may be asked again when the connection broke before the answer."""

_FOREVER = float("inf")


class Call:
    """A question until it is answered."""

    __slots__ = ("action", "data", "due", "internal", "kind", "reply")

    def __init__(
        self,
        action: str,
        data: Any,
        kind: type,
        reply: Reply,
        due: float,
        *,
        internal: bool = False,
    ) -> None:
        self.action = action
        self.data = data
        self.kind = kind
        self.reply = reply
        self.due = due
        self.internal = internal
        """Asked by the client itself for this connection: worthless on another."""


class Calls:
    """Calls that wait to be sent or answered."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._waiting: list[Call] = []
        self._asked: dict[int, Call] = {}

    def __len__(self) -> int:
        return len(self._waiting) + len(self._asked)

    def wants_connection(self) -> bool:
        """Whether a call waits that needs nobody to be signed in."""
        calls = [*self._waiting, *self._asked.values()]
        return any(call.action in PUBLIC for call in calls)

    def add(self, call: Call) -> None:
        """Take a call. Raises RequestFailed when too many are waiting."""
        if not call.internal and len(self) >= self._options.calls_limit:
            raise RequestFailed(
                ErrorCode.UNAVAILABLE, f"{len(self)} calls are waiting for an answer"
            )
        self._waiting.append(call)

    def sendable(self, *, signed_in: bool) -> list[Call]:
        """The calls that may be sent now, no longer waiting: `asked` has to be told their numbers."""
        room = self._options.calls_in_flight - len(self._asked)
        allowed = [call for call in self._waiting if signed_in or call.action in PUBLIC][
            : max(0, room)
        ]
        if allowed:
            self._waiting = [call for call in self._waiting if call not in allowed]
        return allowed

    def asked(self, request: int, call: Call) -> None:
        """A call was sent under a number."""
        self._asked[request] = call

    def answered(self, request: int) -> Call | None:
        """The call that an answer belongs to; None when it is no longer waited for."""
        return self._asked.pop(request, None)

    def disconnected(self) -> None:
        """Ask again later what may be asked twice; the rest has failed."""
        asked, self._asked = list(self._asked.values()), {}
        again = [call for call in asked if call.action in REPEATABLE and not call.internal]
        self._waiting = [call for call in again + self._waiting if not call.internal]
        broken = RequestFailed(ErrorCode.UNAVAILABLE, "the connection broke before the answer came")
        self._fail((call for call in asked if call not in again and not call.internal), broken)

    def fail_private(self, error: Exception) -> None:
        """Nobody is signed in any more."""
        private = [call for call in self._waiting if call.action not in PUBLIC]
        self._waiting = [call for call in self._waiting if call.action in PUBLIC]
        self._fail(private, error)

    def fail_all(self, error: Exception) -> None:
        """Nothing will be answered any more."""
        calls = [*self._asked.values(), *self._waiting]
        self._asked, self._waiting = {}, []
        self._fail(calls, error)

    def deadline(self) -> float:
        """When the first call has waited long enough."""
        return min((call.due for call in [*self._waiting, *self._asked.values()]), default=_FOREVER)

    def tick(self, now: float) -> None:
        """Fail what was not answered in time."""
        late = [call for call in [*self._waiting, *self._asked.values()] if call.due <= now]
        if not late:
            return
        self._waiting = [call for call in self._waiting if call.due > now]
        self._asked = {number: call for number, call in self._asked.items() if call.due > now}
        self._fail(late, RequestFailed(ErrorCode.UNAVAILABLE, "no answer in time"))

    def _fail(self, calls: Iterable[Call], error: Exception) -> None:
        for call in calls:
            # The client's own calls belong to a connection, and go with it.
            if not call.internal or isinstance(error, RequestFailed):
                call.reply(error)
