"""The part of a conversation that is shown: loaded from the file and the server, kept true by events."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from glideim.client import Client, ClientError
from glideim.protocol.records import Message, Reaction

from .messages import Chat, MessageFile
from .words import EXPIRED, RECALLED

PAGE = 50
"""Messages loaded at a time."""
SHOWN = 2_000
"""Messages kept in memory; the oldest are let go (and loaded again on scrolling up)."""


class Window:
    """Messages of one conversation, without a hole, ascending."""

    def __init__(
        self, client: Client, file: MessageFile, chat: Chat, now_ms: Callable[[], int]
    ) -> None:
        self._client = client
        self._file = file
        self.chat = chat
        self._now_ms = now_ms
        self.messages: list[Message] = []
        self._beginning = False
        self._loading = False

    def begin(self) -> bool:
        """Show what is here of the end; False when more of it has to be asked for."""
        self.messages = self._kept(self.chat.last_seq + 1, PAGE)
        return len(self.messages) >= min(PAGE, self.chat.last_seq)

    @property
    def sparse(self) -> bool:
        """Whether so few are shown that one cannot scroll up to ask for more, and there may be more."""
        few = len(self.messages) < PAGE // 2
        more = bool(self.messages) and self.messages[0].seq > 1
        return few and more and not (self._beginning or self._loading)

    async def older(self) -> bool:
        """Add a page of older messages; False when there is none or it cannot be had now."""
        if self._loading or self._beginning or not self.chat.last_seq:
            return False
        self._loading = True
        try:
            first = self.messages[0].seq if self.messages else self.chat.last_seq + 1
            page: Sequence[Message] = self._kept(first, PAGE)
            if not page and first > 1:
                page = await self._client.history(self.chat.conv, before=first, limit=PAGE)
                self._file.add(page)
        except ClientError:
            return False
        finally:
            self._loading = False
        known = {m.seq for m in self.messages}
        self.messages = [*(m for m in page if m.seq not in known), *self.messages]
        self._beginning = not page or page[0].seq == 1
        return bool(page)

    async def reach(self, seq: int) -> bool:
        """Load until a message is among those shown; False when it is not to be had."""
        while not any(m.seq == seq for m in self.messages):
            if len(self.messages) >= SHOWN or (self.messages and self.messages[0].seq < seq):
                return False
            if not await self.older():
                return False
        return True

    def put(self, message: Message) -> None:
        """A message is new, or another one than it was."""
        shown = {m.seq: m for m in self.messages}
        shown[message.seq] = message
        together = _without_holes(sorted(shown.values(), key=lambda m: m.seq))
        # Messages and events come on two ways: what fills a hole brings back what was before it.
        missing = max(len(shown), PAGE) - len(together)
        if together[0].seq > 1 and missing > 0:
            together = [*self._kept(together[0].seq, missing), *together]
        self.messages = together[-SHOWN:]

    def _kept(self, before: int, limit: int) -> list[Message]:
        """What is in the file, less what is to be erased by now."""
        found = []
        for message in self._file.before(self.chat.conv, before, limit):
            if 0 < message.expire_at <= self._now_ms() and message.status != EXPIRED:
                message = erased(message, EXPIRED)
                self._file.add([message])
            found.append(message)
        return found


def _without_holes(messages: list[Message]) -> list[Message]:
    """The newest ones that belong together; what is before a hole is loaded again when it is wanted."""
    start = len(messages) - 1
    while start > 0 and messages[start - 1].seq == messages[start].seq - 1:
        start -= 1
    return messages[start:]


def erased(message: Message, status: int = RECALLED) -> Message:
    """The message without what it said."""
    return replace(message, content=None, status=status, mentions=(), extra={}, reactions=())


def edited(old: Message | None, new: Message) -> Message:
    """An edited message does not say its reactions and pins: they are as before."""
    if new.status == EXPIRED:
        return erased(new, EXPIRED)
    return replace(new, reactions=old.reactions, pinned=old.pinned) if old else new


def reacted(message: Message, key: str, count: int, *, mine: bool | None) -> Message:
    """With `count` reactions of a kind; `mine` None: one's own is as before."""
    before = {r.key: r for r in message.reactions}
    if mine is None:
        mine = before[key].mine if key in before else False
    if count:
        before[key] = Reaction(key, count, mine)
    else:
        before.pop(key, None)
    return replace(message, reactions=tuple(before.values()))
