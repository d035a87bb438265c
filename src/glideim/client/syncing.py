"""Catching up after signing in: pages of `api.sync`. No I/O."""

from __future__ import annotations

from typing import Protocol

from glideim.protocol.actions import Action
from glideim.protocol.records import Conversation, Sync, Synced

from .account import Account
from .errors import RequestFailed
from .options import Options

KNOWN_LIMIT = 2_000
"""Conversations named in a synchronisation, so that it fits into a frame; of others the server sends what is here
already, which costs time and nothing else."""

_FOREVER = float("inf")


class Asker(Protocol):
    """How a synchronisation asks the server."""

    def ask(self, action: str, data: Sync) -> None:
        """Ask; the answer comes back to `Syncing.page` or `Syncing.failed`."""
        ...


class Syncing:
    """One synchronisation at a time. Done when `conversations` is handed out."""

    def __init__(self, account: Account, options: Options, asker: Asker) -> None:
        self._account = account
        self._options = options
        self._asker = asker
        self._conversations: dict[str, Conversation] = {}
        self._cursor = ""
        self._failures = 0
        self._due = _FOREVER
        self.done = False

    def begin(self) -> None:
        """Ask for the first page."""
        self._cursor = self._account.sync_cursor or ""
        self._ask()

    def page(self, result: Synced, now: float) -> tuple[Conversation, ...] | None:
        """Take a page in, except its messages. Returns all conversations when it was the last one."""
        self._failures = 0
        for conversation in result.conversations:
            self._place(conversation, now)
            self._conversations[conversation.conv] = conversation
        self._cursor = result.cursor
        if result.more:
            self._ask()
            return None
        self._finish(result.cursor)
        return tuple(self._conversations.values())

    def failed(self, error: RequestFailed, now: float) -> bool:
        """A page could not be had. Returns True if it never will: holes are then pulled one by one."""
        if error.retryable:
            self._failures += 1
            self._due = now + min(0.5 * 2**self._failures, self._options.backoff_cap)
        elif self._cursor:
            # The server does not know this cursor (any more): begin anew.
            self._cursor = ""
            self._ask()
        else:
            self.done = True
        return self.done

    def deadline(self) -> float:
        """When `tick` should be called."""
        return self._due

    def tick(self, now: float) -> None:
        """Ask again if it is time."""
        if now >= self._due:
            self._due = _FOREVER
            self._ask()

    def _ask(self) -> None:
        inbox = self._account.inbox
        # An inbox that is full pulls later; the server must not send now what would be dropped.
        known = inbox.known(claim=not inbox.roomy)
        newest = dict(list(known.items())[-KNOWN_LIMIT:])
        self._asker.ask(Action.API_SYNC, Sync(newest, self._cursor))

    def _place(self, conversation: Conversation, now: float) -> None:
        inbox, conv = self._account.inbox, conversation.conv
        if self._account.sync_cursor is None and self._options.start != "all":
            delivered = self._options.start == "delivered"
            inbox.begin(conv, conversation.delivered_seq if delivered else conversation.last_seq)
        inbox.exists(conv, conversation.last_seq, now)
        if conversation.delivered_seq < inbox.taken(conv):
            # Our confirmation did not arrive last time.
            inbox.acks[conv] = inbox.taken(conv)
        read = self._account.reads.get(conv, 0)
        if read and read <= conversation.read_seq:
            del self._account.reads[conv]

    def _finish(self, cursor: str) -> None:
        self.done = True
        self._account.sync_cursor = cursor
        self._account.changes.sync_cursor = cursor
