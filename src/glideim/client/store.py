"""What a client keeps: who is signed in, what it has of each conversation, and what it still has to send."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct, field

from glideim.protocol.records import Message


class Credentials(Struct, frozen=True, gc=False):
    """A signed-in account. `obtained_at` and `expires_at` in Unix milliseconds; `expires_at` 0: not known."""

    uid: int
    token: str
    obtained_at: int = 0
    expires_at: int = 0
    account: str = ""


class Saved(Struct, frozen=True):
    """What is kept of one account: `cursors` (everything up to there was taken by the application), `outbox` in the
    order of sending, and the cursor of the last synchronisation, None when there was none."""

    cursors: Mapping[str, int]
    outbox: Sequence[Message]
    sync_cursor: str | None


class Changes(Struct):
    """What changed since the last write. Gathered for a turn of the event loop and written as one."""

    cursors: dict[str, int] = field(default_factory=dict)
    added: dict[str, Message] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    sync_cursor: str | None = None

    def clear(self) -> None:
        """Everything was written."""
        self.cursors.clear()
        self.added.clear()
        self.removed.clear()
        self.sync_cursor = None

    def __bool__(self) -> bool:
        return bool(self.cursors or self.added or self.removed or self.sync_cursor is not None)


class Store(Protocol):
    """Keeps a client's state. Methods are called from the event loop and must be quick (a local file is).

    Accounts are kept apart: signing in as somebody else on the same store touches nothing of the first.
    """

    def instance(self) -> bytes:
        """Six random bytes, the same for the life of the store: they mark the messages that it sent."""
        ...

    def credentials(self) -> Credentials | None:
        """Who is signed in."""
        ...

    def save_credentials(self, credentials: Credentials | None) -> None:
        """Sign in or, with None, out."""
        ...

    def load(self, uid: int) -> Saved:
        """What is kept of an account."""
        ...

    def write(self, uid: int, changes: Changes) -> None:
        """Keep the changes, all or nothing, before returning."""
        ...

    def close(self) -> None:
        """Release the file, if there is one."""
        ...


class MemoryStore:
    """Keeps everything for the life of the process. Give the same one to the next client to go on where the last
    one stopped."""

    def __init__(self) -> None:
        self._instance = secrets.token_bytes(6)
        self._credentials: Credentials | None = None
        self._cursors: dict[int, dict[str, int]] = {}
        self._outboxes: dict[int, dict[str, Message]] = {}
        self._sync_cursors: dict[int, str] = {}

    def instance(self) -> bytes:
        return self._instance

    def credentials(self) -> Credentials | None:
        return self._credentials

    def save_credentials(self, credentials: Credentials | None) -> None:
        self._credentials = credentials

    def load(self, uid: int) -> Saved:
        return Saved(
            dict(self._cursors.get(uid, {})),
            tuple(self._outboxes.get(uid, {}).values()),
            self._sync_cursors.get(uid),
        )

    def write(self, uid: int, changes: Changes) -> None:
        self._cursors.setdefault(uid, {}).update(changes.cursors)
        outbox = self._outboxes.setdefault(uid, {})
        outbox.update(changes.added)
        for cli_mid in changes.removed:
            outbox.pop(cli_mid, None)
        if changes.sync_cursor is not None:
            self._sync_cursors[uid] = changes.sync_cursor

    def close(self) -> None:
        """Nothing to release: the contents stay for the next client."""
