"""Accept once, order, keep: sends are numbered and committed in batches (P1-P5).

One task owns the numbering. While a batch is being committed the next one gathers, so an idle server answers in
one commit and a busy one commits thousands at a time. Numbers are given optimistically from memory; the unique
constraints of the database decide, and the loser of one asks what is stored and tries again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from glideim.dispatch.ports import Dispatch, Item, Push, Reply
from glideim.group.ports import Decision, Plan
from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.kernel.ids import IdSource
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.conversations import chat_key
from glideim.protocol.records import AckMessage, AckNotify, Envelope, Message

from .answers import acknowledgement, failure, pushed, wanted
from .commands import GroupChanger, GroupCommand
from .conversations import Accepted, Conversation, ConversationCache, RecentSends
from .groups import GroupCache, GroupConversation
from .intake import Intake, Repeat
from .ports import AppendConflictError, MessageStore, Send

log = logging.getLogger("glideim.messaging")

ATTEMPTS = 8
"""Tries to append a batch whose numbers somebody else keeps taking, before it is refused."""

_MESSAGE_CHAT = str(Action.MESSAGE_CHAT)
_MESSAGE_GROUP = str(Action.MESSAGE_GROUP)
_ACK_MESSAGE = str(Action.ACK_MESSAGE)
_ACK_NOTIFY = str(Action.ACK_NOTIFY)
_RESEND = str(Action.MESSAGE_CHAT_RESEND)


Draft = tuple[Send, Conversation | GroupConversation, Message]
"""A send, its conversation, and the message it becomes."""


class Committer:
    """The queue of sends, and the task that turns them into messages."""

    def __init__(  # noqa: PLR0913 - all by name, all from the one place that composes
        self,
        *,
        store: MessageStore,
        ids: IdSource,
        dispatch: Dispatch,
        intake: Intake,
        clock: Clock,
        cache: ConversationCache,
        groups: GroupCache,
        recent: RecentSends,
        queue_limit: int,
        batch_limit: int,
    ) -> None:
        self._store = store
        self._ids = ids
        self._dispatch = dispatch
        self._intake = intake
        self._clock = clock
        self._cache = cache
        self._groups = groups
        self._changer = GroupChanger(store=store, ids=ids, clock=clock, groups=groups)
        self._recent = recent
        self._queue: deque[Send | GroupCommand] = deque()
        self._queue_limit = queue_limit
        self._batch_limit = batch_limit
        self._wake: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._commands = 0
        """Commands in the queue: a batch of sends ends before one."""
        self._store_failing = False
        self.batches = 0
        self.committed = 0
        self.conflicts = 0
        self.listener: Callable[[], None] | None = None
        """Told that messages were committed."""

    @property
    def queued(self) -> int:
        """Sends that wait for the batch under way."""
        return len(self._queue)

    @property
    def busy(self) -> bool:
        """Something is being committed or waits for it."""
        return self._task is not None and (self._wake is None or self._wake.done())

    def submit(self, sends: Sequence[Send]) -> int:
        """Take over sends in order; returns how many found room."""
        room = 0 if self._stopping else self._queue_limit - len(self._queue)
        taken = sends if len(sends) <= room else sends[:room]
        self._queue.extend(taken)
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
        return len(taken)

    async def change(self, gid: int, uid: int, plan: Plan) -> Decision:
        """Change a group, in order with the sends. Raises RequestError: what the plan raised, or `unavailable`."""
        if self._stopping or len(self._queue) >= self._queue_limit:
            raise RequestError(ErrorCode.UNAVAILABLE, "too many messages are waiting to be stored")
        done: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self._commands += 1
        self._queue.append(GroupCommand(gid, uid, plan, done))
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
        try:
            return await done
        finally:
            # Otherwise an error would know this frame, which knows it: garbage that only the collector finds.
            del done

    def start(self) -> None:
        """Begin to work; needs a running loop."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="messaging-committer")

    async def stop(self) -> None:
        """Finish what was submitted, then stop. Later sends find no room."""
        self._stopping = True
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._queue or not self._stopping:
            if not self._queue:
                self._wake = loop.create_future()
                await self._wake
                self._wake = None
                continue
            first = self._queue[0]
            if isinstance(first, GroupCommand):
                self._queue.popleft()
                self._commands -= 1
                await self._deliver(await self._changer.run(first))
            else:
                await self._handle(self._next_batch())

    def _next_batch(self) -> list[Send]:
        """The sends at the head of the queue, up to the first command."""
        queue = self._queue
        batch: list[Send] = []
        for _ in range(min(len(queue), self._batch_limit)):
            item = queue[0]
            if isinstance(item, GroupCommand):
                break
            batch.append(item)
            queue.popleft()
        return batch

    async def _handle(self, batch: list[Send]) -> None:
        """One batch, whatever happens: every send of it is answered."""
        self.batches += 1
        try:
            items = await self._accept(batch)
            self._note_store(None)
        except StoreUnavailableError as error:
            self._note_store(error)
            items = [
                failure(s, ErrorCode.UNAVAILABLE, "the message store cannot write now")
                for s in batch
            ]
        except Exception as error:  # noqa: BLE001 - it must outlive any batch; the loop reports the cause
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a batch of sends failed", "exception": error}
            )
            items = [
                failure(s, ErrorCode.INTERNAL, "the server failed to store the message")
                for s in batch
            ]
        await self._deliver(items)

    def _note_store(self, error: StoreUnavailableError | None) -> None:
        """Say once that the store fails, and once that it works again."""
        if (error is not None) == self._store_failing:
            return
        self._store_failing = error is not None
        if error is not None:
            log.error("messages cannot be stored, senders are refused: %s", error)
        else:
            log.warning("messages are stored again")

    async def _accept(self, batch: list[Send]) -> list[Item]:
        items: list[Item] = []
        fresh, repeats = await self._intake.sort(batch, items)
        for _ in range(ATTEMPTS):
            if not fresh:
                break
            drafts, twins = self._number(fresh, await self._take_ids(len(fresh)))
            try:
                await self._append(drafts)
            except AppendConflictError:
                self.conflicts += 1
                fresh = await self._settle(fresh, repeats, items)
                continue
            self._keep(drafts, items)
            repeats.extend(Repeat(send, self._remembered(send)) for send in twins)
            break
        else:
            items.extend(
                failure(s, ErrorCode.UNAVAILABLE, "the conversation is contended") for s in fresh
            )
        if repeats:
            await self._answer_repeats(repeats, items)
        self._recent.age()
        return items

    # --- before the commit --------------------------------------------------------------------------------

    async def _take_ids(self, count: int) -> range:
        return self._ids.take(count) or await self._ids.reserve(count)

    def _number(self, fresh: Sequence[Send], mids: range) -> tuple[list[Draft], list[Send]]:
        """Give every send its place; a send repeated within the batch is a twin and gets none of its own."""
        drafts: list[Draft] = []
        twins: list[Send] = []
        heads: dict[Conversation | GroupConversation, int] = {}
        seen: set[tuple[int, str]] = set()
        now = self._clock.now_ms()
        between, stream_of = self._cache.between, self._groups.get
        for send, mid in zip(fresh, mids, strict=False):
            asked = send.message
            uid, to, cli_mid = send.uid, asked.to, asked.cli_mid
            if (uid, cli_mid) in seen:
                twins.append(send)
                continue
            seen.add((uid, cli_mid))
            conversation = stream_of(to) if send.group else between(uid, to)
            if conversation is None:
                raise LookupError("a conversation was forgotten while it was in use")
            seq = heads[conversation] = heads.get(conversation, conversation.seq) + 1
            # The clock may step back; a conversation's times may not.
            send_at = max(now, conversation.send_at)
            expiry = conversation.expire_after
            message = Message(
                mid, cli_mid, conversation.key, seq, uid, to, asked.type, asked.content, send_at, asked.status,
                asked.reply_to, asked.mentions, asked.extra, (), False, send_at + 1000 * expiry if expiry else 0,
            )  # fmt: skip
            drafts.append((send, conversation, message))
        return drafts, twins

    # --- the commit ---------------------------------------------------------------------------------------

    async def _append(self, drafts: Sequence[Draft]) -> None:
        messages = [message for _, _, message in drafts]
        joins = [
            (message.conv, uid)
            for _, conversation, message in drafts
            if message.seq == 1 and isinstance(conversation, Conversation)
            for uid in conversation.places
        ]
        await self._store.append(messages, joins)

    async def _settle(
        self, fresh: Sequence[Send], repeats: list[Repeat], items: list[Item]
    ) -> list[Send]:
        """After a lost race: what is stored already is a repeat, the rest is numbered from the real heads."""
        rest = await self._intake.without_stored(fresh, repeats)
        keys = {chat_key(send.uid, send.message.to) for send in rest if not send.group}
        await self._cache.load(keys)
        await self._cache.reload_heads(sorted(keys))
        for gid in {send.message.to for send in rest if send.group}:
            await self._groups.reload(gid)
        return self._intake.refuse_outsiders(rest, items)

    # --- after the commit ---------------------------------------------------------------------------------

    def _keep(self, drafts: Sequence[Draft], items: list[Item]) -> None:
        """The batch is durable: move the heads, remember the answers, and say so to everybody."""
        remember, mark, put = self._recent.put, self._cache.mark, items.append
        for send, conversation, message in drafts:
            uid, to, seq = message.from_, message.to, message.seq
            conversation.seq = seq
            conversation.send_at = message.send_at
            ack = acknowledgement(message)
            remember((uid, message.cli_mid), (ack, wanted(send)))
            put(Reply(send.origin, Envelope(_ACK_MESSAGE, send.request_seq, ack)))
            envelope = pushed(message) if message.status else Envelope(_MESSAGE_CHAT, 0, message)
            # Whoever writes has read what stands above.
            if isinstance(conversation, GroupConversation):
                conversation.move(uid, read=seq)
                self._groups.mark(conversation)
                if not message.status:
                    envelope = Envelope(_MESSAGE_GROUP, 0, message)
                put(Push(conversation.receivers, envelope, 0, send.source or send.origin))
                continue
            places = conversation.places
            places[uid].read = seq
            places[to].await_confirmation(ack)
            mark(conversation)
            if uid == to:
                # Notes to oneself: every device of the receiver gets it, and this connection is one of them.
                put(Push((to,), envelope))
            else:
                put(Push((to,), envelope, uid, send.source or send.origin))
        self.committed += len(drafts)
        if self.listener is not None:
            self.listener()

    def _remembered(self, send: Send) -> Accepted:
        """The answer to the first of twins, just given."""
        accepted = self._recent.get((send.uid, send.message.cli_mid))
        if accepted is None:
            raise LookupError("an answer just given was forgotten")
        return accepted

    async def _answer_repeats(self, repeats: Sequence[Repeat], items: list[Item]) -> None:
        """Every try is answered with the same `mid` and `seq` (P2); another message under its name is refused."""
        # What is refused below may be of a group: its conversation is none that this memory has.
        await self._cache.load(
            {
                accepted[0].conv
                for send, accepted in repeats
                if not send.group and wanted(send) == accepted[1]
            }
        )
        for send, accepted in repeats:
            ack, print_of = accepted
            if wanted(send) != print_of:
                text = "this cliMid was used for another message"
                items.append(failure(send, ErrorCode.CONFLICT, text))
                continue
            self._recent.put((send.uid, ack.cli_mid), accepted)
            items.append(Reply(send.origin, Envelope(_ACK_MESSAGE, send.request_seq, ack)))
            if send.group:
                continue
            if send.action == _RESEND:
                await self._push_again(send, ack, items)
            else:
                await self._say_where(send, ack, items)

    async def _push_again(self, send: Send, ack: AckMessage, items: list[Item]) -> None:
        stored = await self._store.find([(send.uid, ack.cli_mid)])
        message = stored.get((send.uid, ack.cli_mid))
        conversation = self._cache.get(ack.conv)
        if message is None or conversation is None:
            return
        conversation.places[message.to].await_again(ack)
        items.append(Push((message.to,), Envelope(_MESSAGE_CHAT, 0, message)))

    async def _say_where(self, send: Send, ack: AckMessage, items: list[Item]) -> None:
        """Whoever retries has perhaps missed the delivery notice, too: say it again."""
        conversation = self._cache.get(ack.conv)
        to = send.message.to
        if conversation is None:
            return
        delivered = conversation.places[to].delivered >= ack.seq
        if delivered or not await self._dispatch.online((to,)):
            notice = AckNotify(ack.conv, ack.seq, ack.mid, ack.cli_mid, to, not delivered)
            items.append(Reply(send.origin, Envelope(_ACK_NOTIFY, 0, notice)))

    async def _deliver(self, items: Sequence[Item]) -> None:
        """Hand everything out; who reached nobody is told that the message waits (P6)."""
        reached = await self._dispatch.deliver(items)
        if 0 not in reached:
            return
        notices: list[Item] = []
        for item, count in zip(items, reached, strict=True):
            if count or type(item) is Reply or item.envelope.action != _MESSAGE_CHAT:
                continue
            message: Message = item.envelope.data
            conversation = self._cache.get(message.conv)
            if conversation is not None:
                conversation.places[message.to].offline_told = message.seq
            notice = AckNotify(
                message.conv, message.seq, message.mid, message.cli_mid, message.to, True
            )
            notices.append(Push((message.from_,), Envelope(_ACK_NOTIFY, 0, notice)))
        self._dispatch.post(notices)
