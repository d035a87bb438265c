"""Messages that grow: an assistant's answer, pushed as it comes, kept as one message in the end.

`open` takes a `mid` and a `seq` like any message, stored with the status "growing"; what grows is in memory and is
written once, at the end. A crash in the middle leaves a message that the next start takes back, not a hole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from msgspec.structs import replace

from glideim.dispatch.ports import Dispatch, Origin, Push, Reply
from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.conversations import chat_key, group_key, parse_key
from glideim.protocol.limits import MAX_CONTENT
from glideim.protocol.records import AckMessage, AckNotify, Envelope, Error, Message
from glideim.protocol.social import Stream

from .access import Access, View
from .answers import pushed
from .growing import (
    Growing,
    not_growing,
    numbered,
    offset_of,
    target_of,
    unavailable,
    with_text,
)
from .ports import MessageStatus, MessageStore, Rewrite, Screen
from .screening import allowed

STREAMS_MOST = 10_000
"""Messages that may grow at the same time."""
STREAMS_EACH = 16
"""The same for one person."""
STEPS_MOST = 1_000
"""Steps of one message that wait for their turn; more are refused."""
IDLE_MS = 120_000
"""A message that has not grown for so long is cancelled."""
RECOVER_BATCH = 500

SendStream = Callable[[int, Origin, Message, bool], Awaitable[AckMessage]]
"""Stores the message that opens a stream: uid, connection, message, whether it goes to a group. Raises RequestError."""
MaySay = Callable[[int, View], Awaitable[None]]
"""Raises RequestError unless a person may write there now."""

_STREAM = str(Action.MESSAGE_STREAM)
_ACK = str(Action.ACK_MESSAGE)
_ACK_NOTIFY = str(Action.ACK_NOTIFY)
_FAILED = str(Action.MESSAGE_FAILED_SEND)


class Streams:
    """All that grow on this node."""

    def __init__(
        self,
        *,
        store: MessageStore,
        dispatch: Dispatch,
        access: Access,
        clock: Clock,
        send: SendStream,
        may_say: MaySay,
    ) -> None:
        self._store = store
        self._dispatch = dispatch
        self._access = access
        self._clock = clock
        self._send = send
        self._may_say = may_say
        self._growing: dict[tuple[int, str], Growing] = {}
        self._by_mid: dict[int, Growing] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.opened = 0
        self.steps_refused = 0
        self.screen: Screen | None = None
        """Who is asked about whole texts, if anybody."""

    def __len__(self) -> int:
        return len(self._growing)

    # --- what clients ask ---------------------------------------------------------------------------------

    def handle(self, uid: int, origin: Origin, request_seq: int, data: Stream) -> None:
        """One step. In order for each stream, whatever of it waits for the database."""
        key = (uid, data.stream_id)
        growing = self._growing.get(key)
        try:
            if data.op == "open":
                self._open(uid, origin, request_seq, data)
            elif data.op not in {"delta", "finish", "cancel"}:
                raise RequestError(
                    ErrorCode.BAD_REQUEST, "op: must be open, delta, finish or cancel"
                )
            elif growing is None:
                raise not_growing()
            elif growing.ack is None:
                self._wait(growing, origin, request_seq, data)
            else:
                self._step(growing, origin, request_seq, data)
        except RequestError as error:
            self._refuse(origin, request_seq, data.stream_id, error)

    def _open(self, uid: int, origin: Origin, request_seq: int, data: Stream) -> None:
        key = (uid, data.stream_id)
        if key in self._growing:
            raise RequestError(ErrorCode.CONFLICT, "this streamId is in use")
        mine = sum(1 for owner, _ in self._growing if owner == uid) if self._growing else 0
        if len(self._growing) >= STREAMS_MOST or mine >= STREAMS_EACH:
            raise RequestError(ErrorCode.RATE_LIMITED, "too many messages grow at once")
        to, group = target_of(uid, data)
        conv = group_key(to) if group else chat_key(uid, to)
        message = Message(
            cli_mid=data.stream_id, to=to, type=data.type or 1, content=data.content or "",
            status=MessageStatus.GROWING,
        )  # fmt: skip
        growing = self._growing[key] = Growing(uid, conv, message, self._clock.now_ms())
        self._start(self._store_opened(growing, origin, request_seq, group))

    async def _store_opened(
        self, growing: Growing, origin: Origin, request_seq: int, group: bool
    ) -> None:
        key = (growing.uid, growing.message.cli_mid)
        try:
            ack = await self._send(growing.uid, origin, growing.message, group)
            is_growing = await self._is_growing(ack)
        except RequestError as error:
            self._drop(growing)
            self._refuse(origin, request_seq, key[1], error)
            return
        except StoreUnavailableError:
            # It may be stored: the client opens it again and finds it growing.
            self._drop(growing)
            self._refuse(origin, request_seq, key[1], unavailable())
            return
        except BaseException:
            self._growing.pop(key, None)
            raise
        self._dispatch.post((Reply(origin, Envelope(_ACK, request_seq, ack)),))
        if not is_growing:
            # The answer to a repeated open of what is finished: nothing grows any more.
            self._drop(growing)
            return
        growing.ack = ack
        growing.message = numbered(growing.message, growing.uid, ack)
        self._by_mid[ack.mid] = growing
        self.opened += 1
        waiting, growing.later, growing.waiting = growing.later, [], 0
        for step in waiting:
            self._step(growing, *step)

    def _count(self, growing: Growing) -> None:
        """One more step waits. Raises RequestError when there are too many: each may have to ask the database, and
        empty ones would cost their sender nothing."""
        if growing.waiting >= STEPS_MOST:
            self.steps_refused += 1
            raise RequestError(ErrorCode.RATE_LIMITED, "too many steps of this message wait")
        growing.waiting += 1

    def _drop(self, growing: Growing) -> None:
        """It does not grow: whoever waits for steps that came meanwhile is told."""
        self._forget(growing)
        for origin, request_seq, step in growing.later:
            self._refuse(origin, request_seq, step.stream_id, not_growing())

    async def _is_growing(self, ack: AckMessage) -> bool:
        stored = await self._store.by_mid(ack.mid)
        return stored is not None and stored.status == MessageStatus.GROWING

    def _wait(self, growing: Growing, origin: Origin, request_seq: int, data: Stream) -> None:
        if sum(len(step.content or "") for *_, step in growing.later) > MAX_CONTENT:
            raise RequestError(ErrorCode.TOO_LARGE, f"content: at most {MAX_CONTENT} bytes")
        self._count(growing)
        growing.later.append((origin, request_seq, data))

    def _step(self, growing: Growing, origin: Origin, request_seq: int, data: Stream) -> None:
        self._count(growing)
        growing.active_at = self._clock.now_ms()
        self._start(self._take_step(growing, origin, request_seq, data))

    async def _take_step(
        self, growing: Growing, origin: Origin, request_seq: int, data: Stream
    ) -> None:
        """In its turn. Whoever may not write there any more has said nothing: the message is taken back."""
        try:
            async with growing.turn:
                if growing.over:
                    raise not_growing()
                if data.op != "cancel":
                    await self._check(growing)
                    await self._grow(growing, origin, data)
                if data.op != "delta":
                    await self._end(growing, origin, data.op)
                    self._dispatch.post((Reply(origin, Envelope(_ACK, request_seq, growing.ack)),))
        except StoreUnavailableError:
            # It is still growing as far as the database knows: the client may do it again.
            self._refuse(origin, request_seq, data.stream_id, unavailable())
        except RequestError as error:
            self._refuse(origin, request_seq, data.stream_id, error)
        finally:
            growing.waiting -= 1

    async def _check(self, growing: Growing) -> None:
        """Raises RequestError, and ends it, when its writer may not write there any more."""
        try:
            await self._may_say(growing.uid, await self._access.view(growing.uid, growing.conv))
        except RequestError as error:
            await self._close(growing, "cancel", None)
            if error.code == ErrorCode.NOT_FOUND:
                # Only a group can be out of sight; it is the same as sending to it.
                raise RequestError(ErrorCode.NOT_MEMBER, "you are no member of it") from None
            raise

    async def _grow(self, growing: Growing, origin: Origin, data: Stream) -> None:
        content, have = data.content or "", len(growing.text)
        if not content:
            return
        offset = offset_of(growing.text, data)
        if offset > have:
            raise RequestError(ErrorCode.BAD_REQUEST, f"offset: there are {have} characters")
        new = content[have - offset :]
        if not new:
            return
        size = growing.size + len(new.encode("utf-8", "replace"))
        if size > MAX_CONTENT:
            raise RequestError(ErrorCode.TOO_LARGE, f"content: at most {MAX_CONTENT} bytes")
        growing.text += new
        growing.size = size
        await self._tell(growing, "delta", new, have, origin)

    async def _end(self, growing: Growing, origin: Origin, op: str) -> None:
        refused = await self._refused(growing) if op == "finish" else None
        if refused is not None:
            await self._close(growing, "cancel", None)
            raise refused
        if not await self._close(growing, op, origin):
            raise not_growing()

    async def _refused(self, growing: Growing) -> RequestError | None:
        """Why the whole text may not stay; None if it may, perhaps changed."""
        if self.screen is None:
            return None
        whole = replace(growing.message, content=growing.text, status=0)
        try:
            growing.text = await allowed(self.screen, whole) or ""
        except RequestError as error:
            return error
        return None

    async def _close(self, growing: Growing, op: str, origin: Origin | None) -> bool:
        """Store and tell how it ends; False when somebody else ended it before."""
        message = growing.message
        finished = op == "finish"
        rewrite = Rewrite(
            growing.conv, message.seq, growing.text if finished else None,
            MessageStatus.NORMAL if finished else MessageStatus.RECALLED, (MessageStatus.GROWING,),
        )  # fmt: skip
        (changed,) = await self._store.rewrite((rewrite,))
        self._forget(growing)
        if changed is None:
            return False  # It was recalled or expired, and that was told.
        await self._tell(growing, op, growing.text if finished else "", 0, origin)
        if finished:
            await self._say_if_nobody_is_there(growing)
        return True

    async def _say_if_nobody_is_there(self, growing: Growing) -> None:
        users = parse_key(growing.conv)
        message = growing.message
        if users is None or message.to == growing.uid:
            return
        if not await self._dispatch.online((message.to,)):
            notice = AckNotify(
                growing.conv, message.seq, message.mid, message.cli_mid, message.to, True
            )
            self._dispatch.post((Push((growing.uid,), Envelope(_ACK_NOTIFY, 0, notice)),))

    async def _tell(
        self, growing: Growing, op: str, content: str, offset: int, origin: Origin | None
    ) -> None:
        m = growing.message
        users = await self._access.audience(growing.conv, m.seq)
        step = Stream(
            growing.conv, m.to, m.cli_mid, op, content, offset, growing.uid, m.mid, m.seq, m.type
        )
        self._dispatch.post((Push(users, Envelope(_STREAM, 0, step), 0, origin),))

    def recalled(self, mid: int) -> None:
        """A message was taken back, or has expired: if it was growing, it does not any more."""
        growing = self._by_mid.get(mid)
        if growing is not None:
            self._forget(growing)

    def _forget(self, growing: Growing) -> None:
        growing.over = True
        key = growing.uid, growing.message.cli_mid
        if self._growing.get(key) is growing:
            del self._growing[key]
        self._by_mid.pop(growing.message.mid, None)

    def _refuse(
        self, origin: Origin, request_seq: int, stream_id: str, error: RequestError
    ) -> None:
        data = Error(error.code, error.message, error.retryable, stream_id)
        self._dispatch.post((Reply(origin, Envelope(_FAILED, request_seq, data)),))

    # --- for those who come late --------------------------------------------------------------------------

    def overlay(self, messages: Sequence[Message]) -> Sequence[Message]:
        """Messages with the text so far in those that grow."""
        if not self._by_mid:
            return messages
        return [
            with_text(m, self._by_mid[m.mid].text)
            if m.mid in self._by_mid and m.status == MessageStatus.GROWING
            else m
            for m in messages
        ]

    def signed_in(self, uid: int, origin: Origin) -> None:
        """A device has come: it gets what grows in its person's conversations, then what follows."""
        for growing in list(self._by_mid.values()):
            users = parse_key(growing.conv)
            if users is None or uid in users:
                self._start(self._catch_up(growing, uid, origin))

    async def _catch_up(self, growing: Growing, uid: int, origin: Origin) -> None:
        try:
            view = await self._access.view(uid, growing.conv)
        except RequestError:
            return
        if growing.message.seq > view.since and growing.message.mid in self._by_mid:
            envelope = pushed(with_text(growing.message, growing.text))
            self._dispatch.post((Reply(origin, envelope),))

    # --- the end of those that nobody ends ----------------------------------------------------------------

    async def sweep(self) -> None:
        """Cancel what has not grown for long."""
        now = self._clock.now_ms()
        for growing in list(self._growing.values()):
            if growing.ack is not None and now - growing.active_at >= IDLE_MS:
                await self._cancel(growing)

    async def _cancel(self, growing: Growing) -> None:
        async with growing.turn:
            if not growing.over:
                await self._close(growing, "cancel", None)

    async def recover(self) -> int:
        """Take back what a crash left growing; how many."""
        total = 0
        while messages := await self._store.growing(RECOVER_BATCH):
            rewrites = [
                Rewrite(m.conv, m.seq, None, MessageStatus.RECALLED, (MessageStatus.GROWING,))
                for m in messages
            ]
            await self._store.rewrite(rewrites)
            total += len(messages)
        return total

    async def stop(self) -> None:
        """End what is under way; what still grows is cancelled."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)
        for growing in list(self._growing.values()):
            if growing.ack is not None:
                await self._cancel(growing)
        self._growing.clear()

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def statistics(self) -> Mapping[str, int]:
        """How many grow, and how many did."""
        return {
            "streams": len(self._growing),
            "streams_limit": STREAMS_MOST,
            "streams_total": self.opened,
            "stream_steps": len(self._tasks),
            "stream_steps_refused_total": self.steps_refused,
        }
