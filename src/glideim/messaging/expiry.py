"""Messages that disappear: erased when their time is over, and everybody is told."""

from __future__ import annotations

from glideim.dispatch.ports import Dispatch, Push
from glideim.kernel.clock import Clock
from glideim.protocol.actions import Action
from glideim.protocol.records import Envelope, Message

from .access import Access
from .changes import LIVE
from .ports import MessageStatus, MessageStore, Rewrite
from .streams import Streams

BATCH = 500
"""Messages erased at once."""


class Expiry:
    """Erases what is due."""

    def __init__(
        self,
        store: MessageStore,
        dispatch: Dispatch,
        access: Access,
        streams: Streams,
        clock: Clock,
    ) -> None:
        self._store = store
        self._dispatch = dispatch
        self._access = access
        self._streams = streams
        self._clock = clock
        self.expired = 0

    async def sweep(self) -> None:
        """Everything that is due now. Raises StoreUnavailableError."""
        while due := await self._store.due(self._clock.now_ms(), BATCH):
            rewrites = [Rewrite(m.conv, m.seq, None, MessageStatus.EXPIRED, LIVE) for m in due]
            for message in await self._store.rewrite(rewrites):
                if message is not None:
                    self.expired += 1
                    self._streams.recalled(message.mid)
                    await self._tell(message)

    async def _tell(self, message: Message) -> None:
        uids = await self._access.audience(message.conv, message.seq)
        envelope = Envelope(str(Action.MESSAGE_EDIT), 0, message)
        self._dispatch.post((Push(uids, envelope),))
