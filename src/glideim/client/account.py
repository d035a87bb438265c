"""The state of one signed-in account: what it has, what it sends, how far its messages came. No I/O."""

from __future__ import annotations

import os
import uuid
from random import Random

from glideim.protocol.records import Message

from .inbox import Inbox
from .options import Options
from .outbox import Answer, Outbox
from .receipts import Receipts
from .store import Changes, Credentials, Store
from .streaming import StreamWriter


def marked_uuid(instance: bytes) -> str:
    """A UUID (version 8) that begins with the six bytes of a store: unique, and recognisable as its own."""
    return str(uuid.UUID(int=_with_version(instance + os.urandom(10))))


def _with_version(raw: bytes) -> int:
    number = int.from_bytes(raw, "big")
    number &= ~(0xF << 76) & ~(0x3 << 62)
    return number | (0x8 << 76) | (0x2 << 62)


class Account:
    """One person on this client. Everything that has to survive the process is in `changes` until it is written."""

    def __init__(
        self, credentials: Credentials, store: Store, options: Options, rng: Random
    ) -> None:
        self.credentials = credentials
        self.uid = credentials.uid
        self._store = store
        self._instance = store.instance()
        self._mark = self._instance.hex()
        self.changes = Changes()
        self.outbox = Outbox(options, rng, self.changes)
        self.inbox = Inbox(options, self.changes, self.is_own)
        self.receipts = Receipts()
        self.reads: dict[str, int] = {}
        """Read positions that the server may not know yet."""
        self.sync_cursor: str | None = None
        self.watched: frozenset[int] = frozenset()
        """Whose presence the application wants to know."""
        self.writers: dict[str, StreamWriter] = {}
        """Messages of one's own that grow, by `cli_mid`."""

    def load(self, answer: Answer) -> None:
        """Take back what the store keeps; `answer` hears of the messages in the outbox."""
        saved = self._store.load(self.uid)
        self.inbox.restore(saved.cursors)
        self.sync_cursor = saved.sync_cursor
        for message in saved.outbox:
            self.outbox.restore(message, answer)

    def save(self) -> None:
        """Write what changed. Raises what the store raises; the changes are then kept for the next time."""
        if self.changes:
            self._store.write(self.uid, self.changes)
            self.changes.clear()

    def new_cli_mid(self) -> str:
        """An id for a new message."""
        return marked_uuid(self._instance)

    def is_own(self, message: Message) -> bool:
        """Whether a message was sent by this very store: its sender need not be shown it."""
        return message.from_ == self.uid and message.cli_mid.replace("-", "").startswith(self._mark)
