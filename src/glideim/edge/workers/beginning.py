"""What a worker is told when it starts."""

from __future__ import annotations

import ssl
from collections.abc import Mapping

from msgspec import Struct

from glideim.gateway.options import GatewayOptions


class Beginning(Struct, frozen=True, kw_only=True):
    """Everything that it does not have to ask for."""

    gateway: GatewayOptions
    """`node` is the worker's own name."""
    host: str
    ports: Mapping[str, int]
    """By transport; never 0: all workers listen on the same."""
    origins: tuple[str, ...] = ()
    tls_cert: str = ""
    tls_key: str = ""
    limits: bool = True
    """Limit what a person may do, in each worker by itself."""
    public: frozenset[str]
    """Actions of the API that anybody may call."""


def listen_tls(beginning: Beginning) -> ssl.SSLContext | None:
    """Certificate and key, if there are any; they were looked at before. Raises OSError."""
    if not beginning.tls_cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(beginning.tls_cert, beginning.tls_key)
    return context
