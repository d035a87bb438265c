"""Commands on groups: decided, kept and told where the order of the stream is decided."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from glideim.dispatch.ports import Item, Push
from glideim.group.ports import EVENT_TYPES, Decision, GroupState, Plan
from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.kernel.ids import IdSource
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.conversations import group_key
from glideim.protocol.records import Envelope, Message
from glideim.protocol.social import NotifyGroup

from .groups import GroupCache, GroupConversation
from .ports import AppendConflictError, Head, MessageStore

ATTEMPTS = 8
"""Tries to keep a change that somebody else keeps overtaking, before it is refused."""
NAMED_MOST = 200
"""People named in one event; of more, the first ones: an event must fit into a frame."""
_NOTIFY_GROUP = str(Action.NOTIFY_GROUP)


class GroupCommand:
    """A plan on its way, and who waits for what it comes to."""

    __slots__ = ("done", "gid", "plan", "uid")

    def __init__(self, gid: int, uid: int, plan: Plan, done: asyncio.Future[Decision]) -> None:
        self.gid = gid
        self.uid = uid
        self.plan = plan
        self.done = done


class GroupChanger:
    """Runs commands, one at a time."""

    def __init__(
        self, *, store: MessageStore, ids: IdSource, clock: Clock, groups: GroupCache
    ) -> None:
        self._store = store
        self._ids = ids
        self._clock = clock
        self._groups = groups

    async def run(self, command: GroupCommand) -> Sequence[Item]:
        """Do it, whatever happens: who waits is answered. Returns what the members are told."""
        try:
            decision, items = await self._run(command)
        except RequestError as error:
            _answer(command, error)
            return ()
        except StoreUnavailableError:
            _answer(command, RequestError(ErrorCode.UNAVAILABLE, "the store cannot write now"))
            return ()
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            _answer(command, error)
            return ()
        if not command.done.done():
            command.done.set_result(decision)
        return items

    async def _run(self, command: GroupCommand) -> tuple[Decision, Sequence[Item]]:
        conversation = await self._groups.one(command.gid)
        for _ in range(ATTEMPTS):
            state = conversation.state if conversation is not None else None
            seq = conversation.seq + 1 if conversation is not None else 1
            decision = command.plan(state, seq)
            if decision.kind is None:
                return decision, ()
            message, notice = await self._event(command, decision, conversation, seq)
            try:
                await self._store.append((message,), (), decision.change)
            except AppendConflictError:
                conversation = await self._groups.reload(command.gid)
                continue
            self._keep(command.gid, decision, message, conversation)
            self._has_read(command, message.seq)
            told = dict.fromkeys((*decision.state.members, *decision.tell))
            return decision, (Push(tuple(told), Envelope(_NOTIFY_GROUP, 0, notice)),)
        raise RequestError(ErrorCode.UNAVAILABLE, "the group is contended")

    async def _event(
        self,
        command: GroupCommand,
        decision: Decision,
        conversation: GroupConversation | None,
        seq: int,
    ) -> tuple[Message, NotifyGroup]:
        kind, gid, uid = decision.kind, command.gid, command.uid
        if kind is None:
            raise ValueError("a decision without an event is not kept")
        (mid,) = self._ids.take(1) or await self._ids.reserve(1)
        now = self._clock.now_ms()
        at = max(now, conversation.send_at) if conversation is not None else now
        named = decision.uids[:NAMED_MOST]
        notice = NotifyGroup(gid, seq, str(kind), uid, named, decision.value, at)
        content = msgspec.json.encode(notice).decode()
        message = Message(
            mid, f"event-{mid}", group_key(gid), seq, uid, gid, EVENT_TYPES[kind], content, at
        )
        return message, notice

    def _keep(
        self,
        gid: int,
        decision: Decision,
        message: Message,
        conversation: GroupConversation | None,
    ) -> None:
        state: GroupState = decision.state
        if conversation is None:
            self._groups.add(gid, Head(message.seq, message.send_at), state)
            return
        conversation.seq, conversation.send_at = message.seq, message.send_at
        change = decision.change
        if change is not None:
            if change.expire_after is not None:
                conversation.expire_after = change.expire_after
            for uid in change.leaving:
                # Their position is gone with them: it must not come back when positions are written.
                conversation.moved.pop(uid, None)
        self._groups.replace(conversation, state)

    def _has_read(self, command: GroupCommand, seq: int) -> None:
        """Whoever acts has read what stands above, as whoever writes has; those who left have no position."""
        conversation = self._groups.get(command.gid)
        if conversation is not None and command.uid in conversation.state.members:
            conversation.move(command.uid, read=seq)
            self._groups.mark(conversation)


def _answer(command: GroupCommand, error: Exception) -> None:
    if not command.done.done():
        # The way here knows the command, and would be known to its future: garbage that only the collector finds.
        known = isinstance(error, RequestError)
        command.done.set_exception(error.with_traceback(None) if known else error)
