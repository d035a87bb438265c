"""`api.messages.search`: finding what was said."""

from __future__ import annotations

from glideim.account.ports import Caller
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import MessageList
from glideim.protocol.social import MessageSearch
from glideim.search.service import SearchService

from .auth import signed_in
from .ports import Endpoint

GROUP = "Search"
_MESSAGE = {
    "mid": 71, "cliMid": "0b9a2c1e", "conv": "c:10001:10002", "seq": 12, "from": 10001, "to": 10002,
    "type": 1, "content": "see you on Monday", "sendAt": 1798675200000,
}  # fmt: skip


class SearchHandlers:
    """The handlers."""

    def __init__(self, search: SearchService) -> None:
        self._search = search

    async def search(self, caller: Caller, request: MessageSearch) -> MessageList:
        """Search in one's own conversations."""
        return await self._search.search(signed_in(caller).uid, request)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The table of this group."""
        return (
            Endpoint(
                "GET", "/messages/search", Action.API_MESSAGES_SEARCH, MessageSearch, MessageList,
                self.search, "Search in one's own conversations", GROUP,
                "Messages that have every word of `q`, newest first; the last word may be the beginning of a longer"
                ' one, and "what stands in quotes" must follow each other. Chinese, Japanese, Korean and Thai are found'
                " by any piece. `conv`, `from`, `type`, `after` and `before` (times in ms) narrow it; without `q` one of"
                " the first three is needed. At most `limit` (default 20, at most 50); while there is a `cursor` there"
                " may be more, even after an empty page. What was recalled or erased is not found.",
                errors=(ErrorCode.NOT_FOUND, ErrorCode.TOO_LARGE),
                example={"q": "monday", "conv": "c:10001:10002"},
                example_result={"items": [_MESSAGE], "cursor": "71"},
            ),
        )  # fmt: skip
