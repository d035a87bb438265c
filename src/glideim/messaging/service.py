"""The messaging role, put together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from glideim.contacts.ports import Relations
from glideim.dispatch.ports import Dispatch, Origin, Push
from glideim.group.decide import expire
from glideim.group.ports import Decision, GroupState, GroupStore, Plan
from glideim.kernel.clock import Clock
from glideim.kernel.errors import StoreUnavailableError
from glideim.kernel.ids import IdSource
from glideim.protocol.actions import Action
from glideim.protocol.conversations import parse_group
from glideim.protocol.records import (
    AckMessage,
    Conversation,
    Envelope,
    Message,
    MessageList,
    Synced,
)  # fmt: skip
from glideim.protocol.social import (
    NotifyGroup,
    NotifyReact,
    Pin,
    React,
    Recall,
    Stream,
    Transient,
    UpdateConversation,
)  # fmt: skip

from .access import Access, no_conversation
from .callers import Callers
from .changes import Changes, Windows
from .committer import Committer
from .confirmations import Confirmations
from .conversations import UNWRITTEN_MOST, ConversationCache, RecentSends
from .expiry import Expiry
from .groups import GroupCache
from .inbox import Inbox, check_expiry
from .intake import Intake
from .limits import Limits
from .ports import Confirm, Directory, MessageStore, Screen, Send
from .reader import Reader
from .recovery import read_what_one_said
from .screening import Screening
from .streams import Streams
from .transient import Transients

log = logging.getLogger("glideim.messaging")


class MessagingService:
    """The log of all conversations of this node: implements `MessagePath`, `GroupLog`, and what the API asks."""

    def __init__(  # noqa: PLR0913 - all by name, all from the one place that composes
        self,
        *,
        store: MessageStore,
        group_store: GroupStore,
        ids: IdSource,
        dispatch: Dispatch,
        directory: Directory,
        relations: Relations,
        clock: Clock,
        limits: Limits | None = None,
        windows: Windows | None = None,
    ) -> None:
        limits = limits or Limits()
        self._limits = limits
        self._clock = clock
        self._store = store
        self._dispatch = dispatch
        self._cache = ConversationCache(store, limits.conversations)
        self._groups = GroupCache(store, group_store, limits.members, most=limits.groups)
        self._recent = RecentSends(limits.recent)
        self._callers = Callers(dispatch)
        self._intake = Intake(
            store=store,
            directory=directory,
            relations=relations,
            clock=clock,
            cache=self._cache,
            groups=self._groups,
            recent=self._recent,
        )
        self._committer = Committer(
            store=store,
            ids=ids,
            dispatch=self._callers,
            intake=self._intake,
            clock=clock,
            cache=self._cache,
            groups=self._groups,
            recent=self._recent,
            queue_limit=limits.queue,
            batch_limit=limits.batch,
        )
        self._take = self._committer.submit
        self._screening: Screening | None = None
        self.access = Access(store, self._groups)
        self._confirmations = Confirmations(store, dispatch, self._cache, self._groups, self.access)
        self.changes = Changes(store, dispatch, self.access, relations, clock, windows or Windows())
        self._streams = Streams(
            store=store, dispatch=dispatch, access=self.access, clock=clock, send=self._open_stream,
            may_say=self.changes.may_say,
        )  # fmt: skip
        self.changes.recalled = self._streams.recalled
        self._directory = directory
        self._transients = Transients(
            dispatch, self.access, self._cache, self._intake, clock, limits.transients
        )
        self.inbox = Inbox(
            store=store,
            directory=directory,
            group_store=group_store,
            dispatch=dispatch,
            clock=clock,
            access=self.access,
            cache=self._cache,
            groups=self._groups,
            streams=self._streams,
        )
        self._reader = Reader(
            store=store,
            group_store=group_store,
            access=self.access,
            cache=self._cache,
            groups=self._groups,
            streams=self._streams,
            inbox=self.inbox,
        )
        self._slow: list[Confirm] = []
        self._slow_task: asyncio.Task[None] | None = None
        self._background: list[asyncio.Task[None]] = []
        self._expiry = Expiry(store, dispatch, self.access, self._streams, clock)

    @property
    def busy(self) -> bool:
        """Messages are being committed just now: what can wait should."""
        return self._committer.busy

    def tell_commits(self, listener: Callable[[], None]) -> None:
        """From now on the listener is called after each commit of messages; it must not block nor raise."""
        self._committer.listener = listener

    def screened_by(self, screen: Screen) -> None:
        """From now on messages pass this screen before they get their place, edits before they are made, and texts
        that grew before they stay."""
        self._screening = Screening(
            screen,
            self._committer,
            self._callers,
            self._limits.queue,
            recent=self._recent,
            store=self._store,
        )
        self._take = self._screening.submit
        self.changes.screen = self._streams.screen = screen

    def start(self) -> None:
        """Begin to work; needs a running loop."""
        self._committer.start()
        loop = asyncio.get_running_loop()
        self._background = [
            loop.create_task(self._write_behind(), name="positions"),
            loop.create_task(self._sweep(), name="sweep"),
        ]

    async def recover(self) -> int:
        """Put right what a crash left behind, before anybody connects; how many messages that were."""
        await read_what_one_said(self._store)
        return await self._streams.recover()

    async def stop(self) -> None:
        """Commit and answer what was submitted, write what is behind, then stop."""
        await self._streams.stop()
        if self._screening is not None:
            await self._screening.stop()
        await self._committer.stop()
        if self._slow_task is not None:
            await self._slow_task
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._write_positions(0.0)
        if left := self._cache.unwritten + self._groups.unwritten:
            log.warning("positions in %d conversations could not be written", left)

    def statistics(self) -> Mapping[str, int]:
        """Every queue and cache of this role, and what it did since it started."""
        return {
            "queue": self._committer.queued,
            "queue_limit": self._limits.queue,
            "screening": len(self._screening) if self._screening is not None else 0,
            "screening_limit": self._limits.queue,
            "conversations": len(self._cache),
            "conversations_limit": self._limits.conversations,
            "conversations_forgotten_total": self._cache.forgotten,
            "groups": len(self._groups),
            "groups_limit": self._limits.groups,
            "group_members": self._groups.members,
            "group_members_limit": self._limits.members,
            "groups_forgotten_total": self._groups.forgotten,
            "recent": len(self._recent),
            # Generations are changed once per batch.
            "recent_limit": self._limits.recent + 2 * self._limits.batch,
            "positions_unwritten": self._cache.unwritten + self._groups.unwritten,
            "positions_unwritten_limit": 2 * UNWRITTEN_MOST,
            "positions_dropped_total": self._cache.dropped + self._groups.dropped,
            "confirms_waiting": len(self._slow),
            "confirms_waiting_limit": self._limits.confirms,
            "api_sends_waiting": len(self._callers),
            "transients_waiting": len(self._transients),
            "transients_waiting_limit": self._limits.transients,
            "transients_dropped_total": self._transients.dropped,
            "batches_total": self._committer.batches,
            "committed_total": self._committer.committed,
            "conflicts_total": self._committer.conflicts,
            "confirmed_total": self._confirmations.confirmed,
            "expired_total": self._expiry.expired,
            **self._streams.statistics(),
        }

    # --- MessagePath --------------------------------------------------------------------------------------

    def submit(self, sends: Sequence[Send]) -> int:
        return self._take(sends)

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

    async def act(self, uid: int, origin: Origin, action: str, data: Any) -> Envelope | None:
        return await self.changes.act(uid, origin, action, data)

    def stream(self, uid: int, origin: Origin, request_seq: int, data: Stream) -> None:
        self._streams.handle(uid, origin, request_seq, data)

    def transient(self, uid: int, origin: Origin, data: Transient) -> None:
        self._transients.send(uid, origin, data)

    def signed_in(self, uid: int, origin: Origin) -> None:
        self._streams.signed_in(uid, origin)

    def relations_changed(self, a: int, b: int) -> None:
        """Whether these two may write to each other has to be asked again."""
        self._cache.relations_changed(a, b)

    # --- GroupLog -----------------------------------------------------------------------------------------

    async def change(self, gid: int, uid: int, plan: Plan) -> Decision:
        """See GroupLog."""
        return await self._committer.change(gid, uid, plan)

    async def state(self, gid: int) -> GroupState | None:
        """See GroupLog."""
        conversation = await self._groups.one(gid)
        return conversation.state if conversation is not None else None

    def tell(self, gid: int, uids: Sequence[int], kind: str, by: int, value: str) -> None:
        """See GroupLog."""
        notice = NotifyGroup(gid, 0, kind, by, (), value, self._clock.now_ms())
        self._dispatch.post((Push(tuple(uids), Envelope(str(Action.NOTIFY_GROUP), 0, notice)),))

    async def members(self, gid: int) -> Sequence[int]:
        """Everybody in a group; nobody when there is none."""
        conversation = await self._groups.one(gid)
        return conversation.receivers if conversation is not None else ()

    # --- for the API --------------------------------------------------------------------------------------

    async def recall(self, uid: int, conv: str, seq: int) -> Recall:
        """See `Changes.recall`."""
        return await self.changes.recall(uid, None, Recall(conv, seq), group=False)

    async def edit(self, uid: int, conv: str, seq: int, content: str | None) -> Message:
        """See `Changes.edit`."""
        return await self.changes.edit(uid, None, conv, seq, content)

    async def react(self, uid: int, asked: React) -> NotifyReact:
        """See `Changes.react`."""
        return await self.changes.react(uid, None, asked)

    async def pin(self, uid: int, asked: Pin) -> Pin:
        """See `Changes.pin`."""
        return await self.changes.pin(uid, None, asked)

    async def update_conversation(self, uid: int, asked: UpdateConversation) -> Conversation:
        """See `Inbox.update`. In a group the time after which messages are erased is an event."""
        gid, seconds = parse_group(asked.conv), asked.expire_after
        if seconds is not None:
            check_expiry(seconds)
            if gid is not None:
                await self.change(gid, uid, lambda state, _seq: expire(state, uid, seconds))
            else:
                # It is for both, so it is not for who may not write to the other.
                view = await self.access.view(uid, asked.conv)
                if len(await self._directory.exists(view.users)) < len(view.users):
                    raise no_conversation()
                await self.changes.may_say(uid, view)
        return await self.inbox.update(
            uid, None, asked.conv, asked.pinned, asked.muted, asked.expire_after
        )

    async def history(
        self, uid: int, conv: str, after: int | None, before: int | None, limit: int
    ) -> MessageList:
        """See `Reader.history`."""
        return await self._reader.history(uid, conv, after, before, limit)

    async def sync(self, uid: int, known: Mapping[str, int], cursor: str) -> Synced:
        """See `Reader.sync`."""
        return await self._reader.sync(uid, known, cursor)

    async def send(self, uid: int, message: Message) -> AckMessage:
        """Send for a caller of the API, to the group of `conv` or to the person `to`; returns when the message is
        stored (P1). Raises RequestError."""
        gid = parse_group(message.conv) if message.conv else None
        if gid is not None:
            message = msgspec.structs.replace(message, to=gid)
        # As a retry: whoever repeats the call with the same cliMid gets the same answer.
        action = Action.MESSAGE_CHAT_RETRY if gid is None else Action.MESSAGE_GROUP_RETRY
        return await self._send(
            uid, str(action), msgspec.structs.replace(message, status=0), gid is not None
        )

    async def _open_stream(
        self, uid: int, origin: Origin, message: Message, group: bool
    ) -> AckMessage:
        return await self._send(uid, str(Action.MESSAGE_STREAM), message, group, origin)

    async def _send(
        self, uid: int, action: str, message: Message, group: bool, source: Origin | None = None
    ) -> AckMessage:
        return await self._callers.send(self._take, uid, action, message, group, source)

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
            await asyncio.sleep(self._limits.write_positions_after)
            await self._write_positions(self._limits.write_positions_within)

    async def _write_positions(self, within: float) -> None:
        """What cannot be written stays marked."""
        outcomes = await asyncio.gather(
            self._cache.write_positions(within),
            self._groups.write_positions(within),
            return_exceptions=True,
        )
        for outcome in outcomes:
            if outcome is not None and not isinstance(outcome, StoreUnavailableError):
                log.error("positions could not be written", exc_info=outcome)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self._limits.sweep_every)
            try:
                await self.sweep()
            except StoreUnavailableError as error:
                log.warning("messages that are due could not be erased: %s", error)
            except Exception:
                # One that cannot be erased must not keep all others for ever.
                log.exception("erasing messages failed")

    async def sweep(self) -> None:
        """Erase what is due, and cancel what no longer grows."""
        await self._streams.sweep()
        await self._expiry.sweep()
