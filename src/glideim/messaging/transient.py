"""What passes from client to client and is kept nowhere: typing, call signalling."""

from __future__ import annotations

import asyncio

from glideim.dispatch.ports import Dispatch, Origin, Push
from glideim.group.rights import sending
from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.protocol.actions import Action
from glideim.protocol.conversations import chat_key, parse_group, parse_key
from glideim.protocol.limits import check_content
from glideim.protocol.records import Envelope
from glideim.protocol.social import Transient

from .access import Access, View, no_conversation
from .conversations import ConversationCache
from .intake import Intake

_CLI = str(Action.MESSAGE_CLI)


class Transients:
    """Hands them on to everybody else in the conversation."""

    def __init__(
        self,
        dispatch: Dispatch,
        access: Access,
        cache: ConversationCache,
        intake: Intake,
        clock: Clock,
        limit: int,
    ) -> None:
        self._dispatch = dispatch
        self._access = access
        self._cache = cache
        self._intake = intake
        self._clock = clock
        self._limit = limit
        self._tasks: set[asyncio.Task[None]] = set()
        self.dropped = 0

    def __len__(self) -> int:
        """How many are on their way."""
        return len(self._tasks)

    def send(self, uid: int, origin: Origin, asked: Transient) -> None:
        """Hand one on, in its own time; what may not go there, or finds no room, is dropped: nobody waits for it."""
        if len(self._tasks) >= self._limit:
            self.dropped += 1
            return
        task = asyncio.get_running_loop().create_task(self._try(uid, origin, asked))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _try(self, uid: int, origin: Origin, asked: Transient) -> None:
        try:
            await self._pass_on(uid, origin, asked)
        except (RequestError, StoreUnavailableError):
            self.dropped += 1

    async def _pass_on(self, uid: int, origin: Origin, asked: Transient) -> None:
        refused = check_content(asked.content or "")
        if refused is not None:
            raise RequestError(*refused)
        conv = asked.conv or chat_key(uid, asked.to)
        if parse_key(conv) is None and parse_group(conv) is None:
            raise no_conversation()
        view = await self._access.view(uid, conv)
        if not await self._may(uid, view):
            self.dropped += 1
            return
        passed = Transient(conv, asked.to, uid, asked.type, asked.content)
        self._dispatch.post((Push(view.users, Envelope(_CLI, 0, passed), 0, origin),))

    async def _may(self, uid: int, view: View) -> bool:
        """Whether somebody may send messages there: what they may not say they may not signal either."""
        if view.group is not None:
            return sending(view.group.state, uid, self._clock.now_ms()) is None
        conv = view.conv
        conversation = self._cache.get(conv)
        if conversation is None:
            await self._cache.load((conv,))
            conversation = self._cache.get(conv)
        if conversation is None:
            return False
        if conversation.barred is None:
            await self._intake.ask_relations((conversation,))
        return uid not in (conversation.barred or {})
