"""What the gateway needs from above and below: a wire to write to, and the services behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from glideim.account.ports import Caller
from glideim.dispatch.ports import Origin


def _always(_uid: int) -> bool:
    return True


class Rates(NamedTuple):
    """What a person may do now, besides sending: each takes one from a bucket, False when it is empty."""

    act: Callable[[int], bool] = _always
    """Recall, edit, react, pin."""
    transient: Callable[[int], bool] = _always
    """Pass on what is not kept."""
    grow: Callable[[int], bool] = _always
    """Add to a message that grows."""


class Wire(Protocol):
    """The writing half of a connection's socket; implemented by each transport.

    One write per call; nothing is written after `close`.
    """

    def write(self, payloads: Sequence[bytes]) -> None:
        """Send each payload as one frame of the transport, all in a single write to the socket."""
        ...

    def close(self, code: int, reason: str) -> None:
        """End the connection in the transport's way after what was written has left, within a second or so."""
        ...

    def abort(self) -> None:
        """End the connection at once."""
        ...


class ApiService(Protocol):
    """Every request that is not the message path."""

    async def handle(self, caller: Caller, action: str, data: Any) -> Any:
        """Run one request; returns the result record. Raises RequestError."""
        ...

    def is_public(self, action: str) -> bool:
        """Whether the action may be called before sign-in."""
        ...


class PresenceSink(Protocol):
    """Told who comes and goes, and who wants to know. Nothing of it may block."""

    def came(self, uid: int, device: int, session_id: int, origin: Origin) -> None:
        """A connection has signed in."""
        ...

    def left(self, uid: int, origin: Origin) -> None:
        """A signed-in connection is gone, and its subscription with it."""
        ...

    def subscribe(self, uid: int, origin: Origin, uids: Sequence[int]) -> None:
        """The connection wants to be told of these people, and of nobody else. Raises RequestError."""
        ...
