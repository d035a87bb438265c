"""Everything about a client that can be set, with the limits and policies in one place."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Start = Literal["all", "delivered", "now"]
"""Where conversations begin that the store does not know at the very first synchronisation: at the first message,
after the last one that any device of the person confirmed, or after the newest."""


class Options(Struct, frozen=True, kw_only=True):
    """Settings of a client; the defaults are right for most programs. Times in seconds."""

    codec: str = "json"
    """`json` or `protobuf`."""
    device: int = 4
    """The class of device: 1 Android, 2 web, 3 iOS, 4 desktop, 5 bot, 6-99 free. One connection per class."""
    start: Start = "all"

    connect_timeout: float = 10.0
    """To open a connection, to be greeted, and to be signed in: each may take this long."""
    backoff_base: float = 0.5
    """Reconnecting waits a random time up to `backoff_base * 2**attempts`, at most `backoff_cap` (full jitter)."""
    backoff_cap: float = 30.0

    ack_timeout: float = 5.0
    """Without an answer for this long a message is sent again; doubles with every try up to `backoff_cap`."""
    refusal_deadline: float = 60.0
    """How long a message refused as retryable (`unavailable`, `rate_limited`, `internal`) is tried again."""
    window: int = 32
    """Messages to one receiver on their way at a time. With 1, order holds even when the server refuses one."""
    in_flight: int = 256
    """Messages to all receivers on their way at a time."""
    outbox_limit: int = 10_000
    """Unanswered and waiting messages; one more raises SendFailed (`unavailable`)."""

    inbox_limit: int = 1_000
    """Messages waiting for the application; more are dropped here and pulled from the server when there is room."""
    ahead_limit: int = 1_000
    """Messages that wait for one before them; more are dropped and pulled when it has come."""
    gap_grace: float = 0.1
    """How long a hole in a conversation may fill by itself before it is pulled."""
    pulls: int = 4
    """Pulls under way at a time."""

    events_limit: int = 1_000
    """Events waiting in one iterator; beyond, the oldest is dropped (and counted)."""
    call_timeout: float = 10.0
    """For the answer to an `api.*` call, the wait for a connection included, unless the call says otherwise."""
    calls_limit: int = 1_000
    """Calls waiting for an answer; one more raises RequestFailed (`unavailable`)."""
    calls_in_flight: int = 16
    """Calls asked at a time; the others wait their turn."""
    linger: float = 1.0
    """How long `close` waits for what was written to leave."""
