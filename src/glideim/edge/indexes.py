"""Which search index goes with which storage engine."""

from __future__ import annotations

from pathlib import Path

from glideim.search.ports import SearchIndex

from .memory.search import MemorySearch
from .sql.search import open_search


async def open_index(store: str, data: Path, pages_mib: int) -> SearchIndex:
    """The index beside the store of a data directory, whose lock is held. Raises StoreOpenError."""
    return MemorySearch() if store == "memory" else await open_search(data, pages_mib)
