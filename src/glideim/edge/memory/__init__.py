"""The storage engine that keeps everything in memory: for tests, trials and servers that need no past.

A real engine: it makes the same promises as the others but survives nothing. Nothing is ever removed, so its
size is that of what it was given.
"""

from __future__ import annotations

from collections.abc import Mapping

from .accounts import MemoryAccounts
from .contacts import MemoryContacts
from .engine import Engine
from .files import MemoryFiles
from .groups import MemoryGroups
from .hooks import MemoryHooks, MemoryKeys
from .messages import MemoryMessages
from .presence import MemoryPresence
from .segments import MemorySegments

__all__ = ["MemoryAccounts", "MemoryMessages", "MemoryStore", "open_memory"]


class MemoryStore:
    """All stores of an engine in memory."""

    def __init__(self) -> None:
        self._engine = Engine()
        self.files = MemoryFiles(self._engine)
        self.groups = MemoryGroups(self._engine)
        self.messages = MemoryMessages(self._engine, self.groups)
        self.accounts = MemoryAccounts(self._engine)
        self.contacts = MemoryContacts(self._engine)
        self.presence = MemoryPresence(self._engine)
        self.segments = MemorySegments(self._engine)
        self.keys = MemoryKeys(self._engine)
        self.hooks = MemoryHooks(self._engine)

    async def close(self) -> None:
        """Let go; later calls raise StoreUnavailableError."""
        self._engine.closed = True

    def statistics(self) -> Mapping[str, float]:
        """How much is held."""
        return {"messages": len(self.messages)}


async def open_memory() -> MemoryStore:
    """A new, empty engine."""
    return MemoryStore()
