"""How the parts of a client ask the server, one answer or page after page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Item_co = TypeVar("Item_co", covariant=True)


class Ask(Protocol):
    """Asks the API. Raises RequestFailed, SignedOutError, ClientClosedError."""

    async def __call__(self, action: str, data: Any, kind: type[T], /) -> T:
        """`kind` is the record of the result."""
        ...


class Page(Protocol[Item_co]):
    """A part of a list; with a cursor there is more."""

    @property
    def items(self) -> tuple[Item_co, ...]:
        """In the order of the list."""
        ...

    @property
    def cursor(self) -> str:
        """Where the next page begins; empty: this was the last."""
        ...


async def paged(
    ask: Ask, action: str, query: Callable[[str], Any], kind: type[Page[Item_co]]
) -> AsyncIterator[Item_co]:
    """Everything of a list; `query` makes the request for the page at a cursor. A page is asked for when the one
    before is used up."""
    cursor = ""
    while True:
        page = await ask(action, query(cursor), kind)
        for item in page.items:
            yield item
        cursor = page.cursor
        if not cursor:
            return
