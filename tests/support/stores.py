"""Storage engines to test against, and values to put into them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from glideim.account.ports import Account, Session
from glideim.edge.memory import open_memory
from glideim.edge.sql.sqlite import open_sqlite
from glideim.edge.stores import Stores
from glideim.kernel.clock import ManualClock
from glideim.protocol.conversations import chat_key
from glideim.protocol.records import Message


async def _memory(_directory: Path) -> Stores:
    return await open_memory()


async def _sqlite(directory: Path) -> Stores:
    # Not synced: these tests ask what is stored, not what survives a power loss.
    return await open_sqlite(directory, durability="relaxed", clock=ManualClock())


ENGINES: dict[str, Callable[[Path], Awaitable[Stores]]] = {"memory": _memory, "sqlite": _sqlite}
"""Every engine that must keep the contracts, by name."""


@asynccontextmanager
async def opened(engine: str, directory: Path) -> AsyncIterator[Stores]:
    """An open engine, closed afterwards."""
    stores = await ENGINES[engine](directory)
    try:
        yield stores
    finally:
        await stores.close()


def message(mid: int, seq: int, sender: int = 1, to: int = 2, **fields: Any) -> Message:
    """A message as it is stored; what is not given follows from `mid`."""
    values: dict[str, Any] = {
        "cli_mid": f"cli-{mid}",
        "conv": chat_key(sender, to),
        "type": 1,
        "content": f"text {mid}",
        "send_at": 1_800_000_000_000 + mid,
    }
    return Message(mid=mid, seq=seq, from_=sender, to=to, **(values | fields))


def account(uid: int, name: str, **fields: Any) -> Account:
    """An account."""
    return Account(uid=uid, account=name, created_at=1_800_000_000_000, **fields)


def session(session_id: int, uid: int = 1, *, expires_at: int = 1000) -> Session:
    """A session that began at 0."""
    return Session(
        session_id, uid, device=2, device_id="browser", created_at=0, expires_at=expires_at
    )
