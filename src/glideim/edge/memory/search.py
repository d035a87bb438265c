"""The search index in memory: every document's terms, looked through from the newest down."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence

from glideim.kernel.errors import StoreUnavailableError
from glideim.protocol.conversations import parse_key
from glideim.search.ports import Cursors, Document, Found, Hit, Wanted
from glideim.search.text import found_in, terms_of

LOOKED_AT = 5_000
"""Documents looked at in one call."""


class MemorySearch:
    """`SearchIndex` in memory."""

    def __init__(self) -> None:
        self._documents: dict[int, tuple[Document, list[str]]] = {}
        self._mids: list[int] = []
        self._cursors = Cursors()
        self._closed = False

    async def cursors(self) -> Cursors:
        """See SearchIndex."""
        self._check()
        return self._cursors

    async def put(
        self, documents: Sequence[Document], gone: Sequence[int], cursors: Cursors
    ) -> None:
        """See SearchIndex."""
        self._check()
        for document in documents:
            if document.mid not in self._documents:
                insort(self._mids, document.mid)
            self._documents[document.mid] = (document, terms_of(document.text))
        for mid in gone:
            if self._documents.pop(mid, None) is not None:
                del self._mids[bisect_left(self._mids, mid)]
        self._cursors = cursors

    async def clear(self) -> None:
        """See SearchIndex."""
        self._check()
        self._documents.clear()
        self._mids.clear()
        self._cursors = Cursors()

    async def find(self, wanted: Wanted, below: int, limit: int) -> Found:
        """See SearchIndex."""
        self._check()
        hits: list[Hit] = []
        at = bisect_left(self._mids, below)
        lowest = max(at - LOOKED_AT, 0)
        while at > lowest and len(hits) < limit:
            at -= 1
            document, terms = self._documents[self._mids[at]]
            if _fits(wanted, document) and found_in(wanted.clauses, terms):
                hits.append(Hit(document.mid, document.conv, document.seq))
        return Found(hits, self._mids[at] if at else 0)

    async def close(self) -> None:
        """See SearchIndex."""
        self._closed = True

    def statistics(self) -> Mapping[str, float]:
        """How much is held."""
        return {"documents": len(self._mids)}

    def _check(self) -> None:
        if self._closed:
            raise StoreUnavailableError("the search index is closed")


def _fits(wanted: Wanted, document: Document) -> bool:
    return (
        _is_where(wanted, document.conv)
        and wanted.sender in (0, document.sender)
        and wanted.type in (0, document.type)
        and document.send_at > wanted.after
        and (not wanted.before or document.send_at < wanted.before)
    )


def _is_where(wanted: Wanted, conv: str) -> bool:
    if wanted.conv:
        return conv == wanted.conv
    return conv in wanted.groups or wanted.uid in (parse_key(conv) or ())
