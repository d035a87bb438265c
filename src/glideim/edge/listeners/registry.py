"""The transports that a server has: the built-in ones and those that other packages bring."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points

from .ports import TransportFactory
from .tcp import TcpListener
from .websocket import WebSocketListener

GROUP = "glideim.transports"


def load_transports() -> Mapping[str, TransportFactory]:
    """Transports by name. A broken third-party one stops the start: nobody would miss it until it matters."""
    transports: dict[str, TransportFactory] = {"ws": WebSocketListener, "tcp": TcpListener}
    for entry in entry_points(group=GROUP):
        if entry.name in transports:
            raise ValueError(
                f"transport {entry.name!r} of {entry.value} would replace an existing one"
            )
        transports[entry.name] = entry.load()
    return transports
