"""`api.messages.search`: who asks, what they may see, and the messages themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from glideim.protocol.conversations import parse_group, parse_key
from glideim.protocol.records import MAX_ID, Message, MessageList
from glideim.protocol.social import MessageSearch

from .indexer import Indexer, Pause, document
from .ports import Hit, Log, SearchIndex, Span, Visible, Wanted
from .text import Clause, found_in, parse, terms_of

PAGE_DEFAULT = 20
PAGE_MOST = 50
QUERY_MOST = 256
"""Characters of `q`."""
CANDIDATES = 200
"""Candidates asked of the index at once."""
ROUNDS = 10
"""Times that the index is asked for one page; after that the page ends, full or not, with a cursor."""
CATCH_UP_BATCHES = 10
CATCH_UP_SECONDS = 0.5
"""How much a search indexes first, so that it finds what was just said."""
AT_ONCE = 32
"""Searches under way; one more is refused (`unavailable`) rather than queued."""


class SearchService:
    """Start it to index in the background; searches work without."""

    def __init__(
        self,
        index: SearchIndex,
        messages: Log,
        visible: Visible,
        clock: Clock,
        busy: Callable[[], bool],
        *,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._index = index
        self._messages = messages
        self._visible = visible
        self._clock = clock
        self._indexer = Indexer(index, messages, busy, pause=pause)
        self._task: asyncio.Task[None] | None = None
        self._under_way = 0
        self._searches = 0

    def start(self) -> None:
        """Begin to follow the log."""
        self._task = asyncio.get_running_loop().create_task(self._indexer.run(), name="search")

    async def stop(self) -> None:
        """Stop following and close the index."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._index.close()

    def statistics(self) -> Mapping[str, float]:
        """Queues and counters."""
        return {
            "searches_total": self._searches,
            "searches_under_way": self._under_way,
            "searches_under_way_limit": AT_ONCE,
            "indexed_total": self._indexer.indexed,
            "rebuilt_total": self._indexer.rebuilt,
            **self._index.statistics(),
        }

    async def search(self, uid: int, query: MessageSearch) -> MessageList:
        """A page of what a person may see and looks for, newest first. An empty page with a cursor is not the
        last. Raises RequestError."""
        clauses, below, limit = _check(query)
        spans = await self._spans(uid, query.conv)
        wanted = Wanted(
            uid,
            clauses,
            query.conv,
            tuple(spans) if not query.conv else (),
            query.from_,
            query.type,
            query.after,
            query.before,
        )
        if self._under_way >= AT_ONCE:
            raise RequestError(ErrorCode.UNAVAILABLE, "too many searches are under way, try again")
        self._under_way += 1
        self._searches += 1
        try:
            await self._catch_up()
            return await self._page(wanted, spans, below, limit)
        finally:
            self._under_way -= 1

    async def _spans(self, uid: int, conv: str) -> Mapping[str, Span]:
        """What of which groups may be seen."""
        if not conv:
            return await self._visible.groups(uid)
        if parse_group(conv) is not None:
            span = await self._visible.group(uid, conv)
            if span is not None:
                return {conv: span}
        elif uid in (parse_key(conv) or ()):
            return {}
        raise RequestError(ErrorCode.NOT_FOUND, f"no conversation {conv[:64]!r}")

    async def _catch_up(self) -> None:
        end = self._clock.monotonic() + CATCH_UP_SECONDS
        for _ in range(CATCH_UP_BATCHES):
            if not await self._indexer.step() or self._clock.monotonic() >= end:
                return

    async def _page(
        self, wanted: Wanted, spans: Mapping[str, Span], below: int, limit: int
    ) -> MessageList:
        items: list[Message] = []
        for _ in range(ROUNDS):
            found = await self._index.find(wanted, below, CANDIDATES)
            seen = [hit for hit in found.hits if _shown(hit, wanted.uid, spans)]
            for start in range(0, len(seen), limit):
                hits = seen[start : start + limit]
                items += await self._true(wanted, hits, spans)
                if len(items) >= limit:
                    last = items[limit - 1].mid
                    more = found.end or len(items) > limit or start + limit < len(seen)
                    return MessageList(tuple(items[:limit]), str(last) if more else "")
            if not found.end:
                return MessageList(tuple(items))
            below = found.end
        return MessageList(tuple(items), str(below))

    async def _true(
        self, wanted: Wanted, hits: Sequence[Hit], spans: Mapping[str, Span]
    ) -> list[Message]:
        """The messages as they are now, as far as they still are what is wanted."""
        messages = await self._messages.by_mids([hit.mid for hit in hits], wanted.uid)
        return [
            m
            for m in messages
            if _shown(Hit(m.mid, m.conv, m.seq), wanted.uid, spans) and matches(wanted, m)
        ]


def matches(wanted: Wanted, message: Message) -> bool:
    """Whether a message is what is wanted, whoever asks."""
    found = document(message)
    return (
        found is not None
        and wanted.conv in ("", found.conv)
        and wanted.sender in (0, found.sender)
        and wanted.type in (0, found.type)
        and found.send_at > wanted.after
        and (not wanted.before or found.send_at < wanted.before)
        and found_in(wanted.clauses, terms_of(found.text))
    )


def _shown(hit: Hit, uid: int, spans: Mapping[str, Span]) -> bool:
    span = spans.get(hit.conv)
    return uid in (parse_key(hit.conv) or ()) if span is None else span.shows(hit.seq)


def _check(query: MessageSearch) -> tuple[tuple[Clause, ...], int, int]:
    """The clauses, the `mid` to begin below, and the size of the page. Raises RequestError."""
    if len(query.q) > QUERY_MOST:
        raise RequestError(ErrorCode.TOO_LARGE, f"q: at most {QUERY_MOST} characters")
    if min(query.from_, query.type, query.after, query.before, query.limit) < 0:
        raise RequestError(ErrorCode.BAD_REQUEST, "from, type, after, before, limit: not below 0")
    try:
        clauses = parse(query.q)
    except ValueError as error:
        raise RequestError(ErrorCode.BAD_REQUEST, f"q: {error}") from None
    if query.q.strip() and not clauses:
        raise RequestError(ErrorCode.BAD_REQUEST, "q: nothing in it that could be searched for")
    if not (clauses or query.conv or query.from_ or query.type):
        raise RequestError(ErrorCode.BAD_REQUEST, "q, conv, from or type is needed")
    return clauses, _position(query.cursor), min(query.limit or PAGE_DEFAULT, PAGE_MOST)


def _position(cursor: str) -> int:
    if not cursor:
        return MAX_ID + 1
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 16):
        raise RequestError(ErrorCode.BAD_REQUEST, "cursor: not one that this server gave out")
    return int(cursor)
