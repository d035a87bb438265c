"""Opens what the configuration names: stores, sources of numbers, ports."""

from __future__ import annotations

from pathlib import Path

from .config import Config
from .edge.http.server import HttpServer
from .edge.listeners.ports import Listener
from .edge.memory import open_memory
from .edge.sql.sqlite import open_sqlite
from .edge.stores import StoreOpenError, Stores
from .kernel.clock import Clock
from .kernel.ids import IdSource, Leaf, Snowflake
from .settings import StartError


def new_uids(stores: Stores, clock: Clock) -> IdSource:
    """Uids one by one while few people register: they are seen by people, and a restart shall not waste many."""
    return Leaf(stores.segments, "uid", clock, step=1, smallest=1, largest=1000)


async def open_stores(config: Config, clock: Clock, *, exclusive: bool = True) -> Stores:
    """The storage engine of the configuration; `exclusive` keeps other servers out. Raises StartError."""
    if config.store == "memory":
        return await open_memory()
    try:
        return await open_sqlite(
            Path(config.data),
            durability=config.durability,
            clock=clock,
            exclusive=exclusive,
            pages_mib=config.pages_mib,
        )
    except StoreOpenError as error:
        raise StartError(str(error)) from None


async def message_ids(config: Config, stores: Stores, clock: Clock) -> IdSource:
    """Where messages get their `mid` from."""
    if config.ids == "snowflake":
        return Snowflake(clock, config.node_number, floor=await stores.messages.highest_mid())
    return Leaf(stores.segments, "mid", clock)


async def bind(name: str, port: int, listener: Listener | HttpServer) -> str:
    """Begin to listen; host and port as clients write them. Raises StartError."""
    try:
        host, bound = await listener.start()
    except OSError as error:
        raise StartError(
            f"cannot listen on port {port} for {name}: {error.strerror or error}."
            f" Choose another with --{name}-port, or 0 for a free one"
        ) from None
    return address_of(host, bound)


def address_of(host: str, port: int) -> str:
    """As it is written in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
