from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from glideim.edge.memory.search import MemorySearch
from glideim.kernel.clock import ManualClock
from glideim.kernel.errors import RequestError
from glideim.protocol.social import MessageSearch
from glideim.search import service
from glideim.search.ports import Span
from glideim.search.service import QUERY_MOST, SearchService
from tests.support.search import Messages

ANNE, BEN = 1, 2


class Groups:
    """Who sees what of which groups."""

    def __init__(self) -> None:
        self.spans: dict[tuple[int, str], Span] = {}

    async def groups(self, uid: int) -> Mapping[str, Span]:
        return {conv: span for (who, conv), span in self.spans.items() if who == uid}

    async def group(self, uid: int, conv: str) -> Span | None:
        return self.spans.get((uid, conv))


class Case:
    def __init__(self) -> None:
        self.messages = Messages()
        self.groups = Groups()
        self.index = MemorySearch()
        self.search = SearchService(
            self.index, self.messages, self.groups, ManualClock(), lambda: False
        )

    async def find(self, q: str = "", uid: int = ANNE, **fields: Any) -> list[int]:
        found = await self.search.search(uid, MessageSearch(q, **fields))
        assert found.cursor == ""
        return [m.mid for m in found.items]


@pytest.fixture
async def case() -> AsyncIterator[Case]:
    made = Case()
    yield made
    await made.search.stop()


async def test_what_was_just_said_is_found(case: Case) -> None:
    case.messages.add(1)
    case.messages.add(2, "something else")
    assert await case.find("hello") == [1]
    case.messages.add(3, "hello again")
    assert await case.find("hello") == [3, 1]
    assert await case.find("hello", uid=BEN) == [3, 1]
    assert await case.find("hello", uid=3) == []


async def test_what_was_taken_back_is_not_found(case: Case) -> None:
    for mid in range(1, 6):
        case.messages.add(mid)
    assert await case.find("hello") == [5, 4, 3, 2, 1]
    case.messages.change(1, content=None, status=1)
    case.messages.change(2, content=None, status=3)
    case.messages.change(3, content="changed", status=2)
    assert await case.find("hello") == [5, 4]
    assert await case.find("changed") == [3]


async def test_an_index_that_is_behind_is_not_believed(case: Case) -> None:
    case.messages.add(1)
    case.messages.add(2)
    case.messages.add(3)
    assert await case.find("hello") == [3, 2, 1]
    # Changed in the store without a number that would tell the index.
    case.messages.change(1, content="changed")
    case.messages.change(2, content=None, status=1)
    case.messages.numbers.clear()
    del case.messages.by_mid[3]
    assert await case.find("hello") == []


async def test_groups_only_as_far_as_they_may_be_seen(case: Case) -> None:
    for seq in range(1, 6):
        case.messages.add(seq, conv="g:7", seq=seq)
    assert await case.find("hello") == []
    case.groups.spans[ANNE, "g:7"] = Span(since=2)
    case.groups.spans[BEN, "g:7"] = Span(since=0, until=2)
    assert await case.find("hello") == [5, 4, 3]
    assert await case.find("hello", conv="g:7") == [5, 4, 3]
    assert await case.find("hello", uid=BEN, conv="g:7") == [2, 1]
    case.groups.spans.clear()
    assert await case.find("hello") == []


@pytest.mark.parametrize("conv", ["c:2:3", "g:7", "g:0", "x", "c:3:1", "c:1:2:3"])
async def test_others_conversations_do_not_exist(case: Case, conv: str) -> None:
    case.messages.add(1, sender=2, to=3)
    case.messages.add(2, conv="g:7")
    with pytest.raises(RequestError, match="no conversation") as refused:
        await case.find("hello", conv=conv)
    assert refused.value.code == "not_found"


async def test_filters(case: Case) -> None:
    case.messages.add(1, sender=ANNE, to=BEN)
    case.messages.add(2, sender=BEN, to=ANNE, type=2)
    case.messages.add(3, sender=BEN, to=ANNE)
    case.messages.add(4, "an event", conv="c:1:2", type=-3)
    at = [case.messages.by_mid[mid].send_at for mid in (1, 2, 3)]
    assert await case.find("hello", from_=BEN) == [3, 2]
    assert await case.find(type=2) == [2]
    assert await case.find(conv="c:1:2") == [3, 2, 1]
    assert await case.find("hello", after=at[0], before=at[2]) == [2]
    assert await case.find("event") == []


async def test_pages(case: Case) -> None:
    for mid in range(1, 12):
        case.messages.add(mid)
    mids: list[int] = []
    cursor = ""
    sizes = []
    while True:
        page = await case.search.search(ANNE, MessageSearch("hello", cursor=cursor, limit=4))
        mids += [m.mid for m in page.items]
        sizes.append(len(page.items))
        if not (cursor := page.cursor):
            break
    assert mids == list(range(11, 0, -1))
    assert sizes == [4, 4, 3]


async def test_a_page_may_be_empty_before_the_end(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CANDIDATES", 2)
    monkeypatch.setattr(service, "ROUNDS", 2)
    case.messages.add(1, conv="g:7", seq=99)
    for mid in range(2, 8):
        case.messages.add(mid, conv="g:7")
    case.groups.spans[ANNE, "g:7"] = Span(since=50)
    page = await case.search.search(ANNE, MessageSearch("hello"))
    assert page.items == ()
    page = await case.search.search(ANNE, MessageSearch("hello", cursor=page.cursor))
    assert [m.mid for m in page.items] == [1]
    assert page.cursor == ""


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("bad_request", {}),
        ("bad_request", {"q": "  "}),
        ("bad_request", {"q": "?!"}),
        ("bad_request", {"q": "x " * 20}),
        ("too_large", {"q": "x" * (QUERY_MOST + 1)}),
        ("bad_request", {"q": "x", "cursor": "abc"}),
        ("bad_request", {"q": "x", "cursor": "-1"}),
        ("bad_request", {"q": "x", "limit": -1}),
        ("bad_request", {"q": "x", "type": -1}),
    ],
)
async def test_refused(case: Case, code: str, fields: dict[str, Any]) -> None:
    with pytest.raises(RequestError) as refused:
        await case.search.search(ANNE, MessageSearch(**fields))
    assert refused.value.code == code
    assert case.search.statistics()["searches_under_way"] == 0


async def test_no_more_than_some_at_once(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "AT_ONCE", 0)
    with pytest.raises(RequestError, match="too many") as refused:
        await case.find("hello")
    assert refused.value.code == "unavailable"
