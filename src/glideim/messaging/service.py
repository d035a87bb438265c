"""The messaging role, put together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from glideim.dispatch.ports import Dispatch, Item, Origin, Reply
from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.kernel.ids import IdSource
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import AckMessage, Error, Message, MessageList, Synced

from .committer import Committer
from .confirmations import Confirmations
from .conversations import ConversationCache, RecentSends
from .ports import Confirm, Directory, MessageStore, Send
from .reader import Reader

API_NODE = ""
"""Node name of origins that are calls to `send`, not connections."""


class Limits:
    """Named limits of messaging."""

    queue = 50_000
    """Sends waiting to be committed; more are refused with `unavailable`."""
    batch = 2_048
    """Sends committed at once."""
    conversations = 100_000
    """Conversations in memory."""
    recent = 20_000
    """Accepted sends remembered for retries."""
    confirms = 50_000
    """Confirmations waiting for the database; more are dropped: the device will confirm later ones."""
    write_positions_every = 1.0
    """Seconds between writing positions behind; what a crash loses of them only repeats a push."""


class MessagingService:
    """The log of all conversations of this node: implements `MessagePath` and the reads of the API."""

    def __init__(
        self,
        *,
        store: MessageStore,
        ids: IdSource,
        dispatch: Dispatch,
        directory: Directory,
        clock: Clock,
        limits: Limits | None = None,
    ) -> None:
        limits = limits or Limits()
        self._limits = limits
        self._cache = ConversationCache(store, limits.conversations)
        self._recent = RecentSends(limits.recent)
        self._callers: dict[int, asyncio.Future[Item]] = {}
        self._caller_count = 0
        self._committer = Committer(
            store=store,
            ids=ids,
            dispatch=_AnswerCallers(dispatch, self._callers),
            directory=directory,
            clock=clock,
            cache=self._cache,
            recent=self._recent,
            queue_limit=limits.queue,
            batch_limit=limits.batch,
        )
        self._confirmations = Confirmations(store, dispatch, self._cache)
        self._reader = Reader(store, directory, self._cache)
        self._slow: list[Confirm] = []
        self._slow_task: asyncio.Task[None] | None = None
        self._writer: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work; needs a running loop."""
        self._committer.start()
        self._writer = asyncio.get_running_loop().create_task(
            self._write_behind(), name="positions"
        )

    async def stop(self) -> None:
        """Commit and answer what was submitted, write what is behind, then stop."""
        await self._committer.stop()
        if self._slow_task is not None:
            await self._slow_task
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        await self._cache.write_positions()

    def statistics(self) -> Mapping[str, int]:
        """Every queue and cache of this role, and what it did since it started."""
        return {
            "queue": self._committer.queued,
            "conversations": len(self._cache),
            "recent": len(self._recent),
            "positions_unwritten": self._cache.unwritten,
            "confirms_waiting": len(self._slow),
            "api_sends_waiting": len(self._callers),
            "batches_total": self._committer.batches,
            "committed_total": self._committer.committed,
            "conflicts_total": self._committer.conflicts,
            "confirmed_total": self._confirmations.confirmed,
        }

    # --- MessagePath --------------------------------------------------------------------------------------

    def submit(self, sends: Sequence[Send]) -> int:
        return self._committer.submit(sends)

    def confirm(self, confirms: Sequence[Confirm]) -> None:
        rest = self._confirmations.now(confirms)
        if not rest:
            return
        room = self._limits.confirms - len(self._slow)
        self._slow.extend(rest[:room])
        if self._slow_task is None or self._slow_task.done():
            self._slow_task = asyncio.get_running_loop().create_task(
                self._confirm_slow(), name="confirms"
            )

    async def read(self, uid: int, origin: Origin | None, conv: str, seq: int) -> None:
        await self._confirmations.read(uid, origin, conv, seq)

    def went_offline(self, uid: int) -> None:
        self._confirmations.went_offline(uid)

    # --- for the API --------------------------------------------------------------------------------------

    async def history(
        self, uid: int, conv: str, after: int | None, before: int | None, limit: int
    ) -> MessageList:
        """See `Reader.history`."""
        return await self._reader.history(uid, conv, after, before, limit)

    async def sync(self, uid: int, known: Mapping[str, int], cursor: str) -> Synced:
        """See `Reader.sync`."""
        return await self._reader.sync(uid, known, cursor)

    async def send(self, uid: int, message: Message) -> AckMessage:
        """Send for a caller of the API; returns when the message is stored (P1). Raises RequestError."""
        self._caller_count += 1
        number = self._caller_count
        answer = self._callers[number] = asyncio.get_running_loop().create_future()
        try:
            # As a retry: whoever repeats the call with the same cliMid gets the same answer.
            send = Send(uid, Origin(API_NODE, number), 0, Action.MESSAGE_CHAT_RETRY, message)
            if self._committer.submit((send,)) == 0:
                raise RequestError(
                    ErrorCode.UNAVAILABLE, "too many messages are waiting to be stored"
                )
            item = await answer
        finally:
            del self._callers[number]
        data = item.envelope.data
        if isinstance(data, Error):
            raise RequestError(ErrorCode(data.code), data.message)
        if not isinstance(data, AckMessage):
            raise TypeError(f"a send was answered with {type(data).__name__}")
        return data

    # --- background ---------------------------------------------------------------------------------------

    async def _confirm_slow(self) -> None:
        while self._slow:
            batch, self._slow = self._slow, []
            try:
                await self._confirmations.later(batch)
            except StoreUnavailableError:
                # Losing confirmations only delays notices: devices confirm cumulatively.
                continue

    async def _write_behind(self) -> None:
        while True:
            await asyncio.sleep(self._limits.write_positions_every)
            try:
                await self._cache.write_positions()
            except StoreUnavailableError:
                continue  # they stay marked


class _AnswerCallers:
    """Dispatch for the committer: replies to callers of the API go to their futures, the rest goes on."""

    def __init__(self, dispatch: Dispatch, callers: dict[int, asyncio.Future[Item]]) -> None:
        self._dispatch = dispatch
        self._callers = callers
        self.post = dispatch.post
        self.online = dispatch.online
        self.close = dispatch.close

    async def deliver(self, batch: Sequence[Item]) -> Sequence[int]:
        if self._callers:
            for item in batch:
                if type(item) is Reply and item.to.node == API_NODE:
                    caller = self._callers.get(item.to.conn)
                    if caller is not None and not caller.done():
                        caller.set_result(item)
        return await self._dispatch.deliver(batch)
