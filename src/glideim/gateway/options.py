"""Named limits and times of a gateway."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Devices = Literal["class", "one", "unlimited"]
"""Which of a person's connections a new one replaces: those of the same device class, all, or none."""


class GatewayOptions(Struct, frozen=True):
    """Every queue, buffer and wait of a gateway is bounded by one of these."""

    node: str = "glideim-1"
    server: str = "glideim"
    codecs: tuple[str, ...] = ("json", "protobuf")
    max_frame: int = 64 * 1024
    """Bytes of the largest frame accepted, and of the largest batch written."""
    heartbeat: float = 30.0
    """Seconds of silence before a heartbeat."""
    heartbeat_misses: int = 3
    """Unanswered heartbeats before 4001."""
    auth_timeout: float = 10.0
    """Seconds to sign in before 4002."""
    devices: Devices = "class"
    max_connections: int = 200_000
    """Sockets held; further ones are told to come back later (4000)."""
    outbox_bytes: int = 1024 * 1024
    """Bytes that may wait for one connection before 4008."""
    blocked_timeout: float = 30.0
    """Seconds a socket may take nothing at all before 4008."""
    api_calls: int = 32
    """API calls under way per connection; more are refused with `rate_limited`."""
    drain_spread: float = 5.0
    """Seconds over which a large crowd is told to return after a drain."""
