"""What passes from client to client and is kept nowhere: typing, call signalling."""

from __future__ import annotations

from glideim.dispatch.ports import Dispatch, Origin, Push
from glideim.group.rights import sending
from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError
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
    ) -> None:
        self._dispatch = dispatch
        self._access = access
        self._cache = cache
        self._intake = intake
        self._clock = clock
        self.dropped = 0

    async def send(self, uid: int, origin: Origin, asked: Transient) -> None:
        """Raises RequestError only for what is not valid; where it may not go it is dropped: nobody waits for it."""
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
