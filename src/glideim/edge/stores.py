"""What every storage engine gives to the server: one store per port, opened and closed together."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Protocol

from glideim.account.ports import AccountStore, KeyStore
from glideim.contacts.ports import ContactStore
from glideim.group.ports import GroupStore
from glideim.kernel.ids import SegmentStore
from glideim.media.ports import FileStore
from glideim.messaging.ports import MessageStore
from glideim.presence.ports import PresenceStore
from glideim.push.ports import HookStore


class Stores(Protocol):
    """An open storage engine."""

    @property
    def messages(self) -> MessageStore: ...

    @property
    def accounts(self) -> AccountStore: ...

    @property
    def contacts(self) -> ContactStore: ...

    @property
    def files(self) -> FileStore: ...

    @property
    def groups(self) -> GroupStore: ...

    @property
    def presence(self) -> PresenceStore: ...

    @property
    def segments(self) -> SegmentStore: ...

    @property
    def keys(self) -> KeyStore: ...

    @property
    def hooks(self) -> HookStore: ...

    async def close(self) -> None:
        """Finish what was begun, then let go. Later calls raise StoreUnavailableError."""
        ...

    def statistics(self) -> Mapping[str, float]:
        """Counters and depths of queues, by name."""
        ...


class StoreOpenError(Exception):
    """A storage engine cannot be opened; the text says why and what to do."""


FIRST_UID = 10_001
"""Where the sequence `uid` starts: short numbers stay free for the system's own accounts."""


def fold(text: str) -> str:
    """The form in which names are compared: case, width and composition of characters do not matter."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
