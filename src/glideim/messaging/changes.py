"""What people do to messages that are there: recall, edit, react, pin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from glideim.contacts.ports import Relations
from glideim.dispatch.ports import Dispatch, Origin, Push
from glideim.group.rights import refusal, sending
from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.limits import check_content
from glideim.protocol.records import Envelope, Message
from glideim.protocol.social import NotifyReact, Pin, React, Recall

from .access import Access, View, no_message
from .ports import ERASED, MessageErasedError, MessageStatus, MessageStore, Rewrite, Screen
from .screening import allowed

KEY_MOST = 32
"""Characters of a reaction."""
KEYS_MOST = 50
"""Different reactions of one message."""
PINS_MOST = 50
"""Pinned messages of a conversation."""
LIVE = (MessageStatus.NORMAL, MessageStatus.EDITED, MessageStatus.GROWING)
"""What a message is before it is erased."""


class Windows(Struct, frozen=True):
    """How long after sending a message may be changed, in milliseconds."""

    recall: int = 120_000
    edit: int = 900_000


def _nobody(_mid: int) -> None:
    """Nothing grows."""


class Changes:
    """The handlers. Each returns what the caller is answered, and has told everybody else."""

    def __init__(
        self,
        store: MessageStore,
        dispatch: Dispatch,
        access: Access,
        relations: Relations,
        clock: Clock,
        windows: Windows,
    ) -> None:
        self._store = store
        self._dispatch = dispatch
        self._access = access
        self._relations = relations
        self._clock = clock
        self._windows = windows
        self.screen: Screen | None = None
        """Who is asked about edits, if anybody."""
        self.recalled: Callable[[int], None] = _nobody
        """Told the `mid` of each message that is taken back: it may be growing."""

    async def recall(
        self, uid: int, origin: Origin | None, asked: Recall, *, group: bool
    ) -> Recall:
        """Take a message back: its content is erased for everybody."""
        if asked.conv:
            view, message = await self._access.message(uid, asked.conv, asked.seq)
        else:
            view, message = await self._access.addressed(uid, asked.to, asked.mid, group=group)
        at = self._clock.now_ms()
        recalled = Recall(view.conv, message.seq, 0, message.mid, uid, at)
        if message.status == MessageStatus.RECALLED:
            return recalled
        self._may_recall(uid, view, message, at)
        rewrite = Rewrite(view.conv, message.seq, None, MessageStatus.RECALLED, LIVE)
        (changed,) = await self._store.rewrite((rewrite,))
        if changed is not None:
            action = (
                Action.MESSAGE_CHAT_RECALL if view.group is None else Action.MESSAGE_GROUP_RECALL
            )
            self._tell(view, message.seq, Envelope(str(action), 0, recalled), origin)
            self.recalled(message.mid)
        return recalled

    def _may_recall(self, uid: int, view: View, message: Message, now: int) -> None:
        if message.type < 0 or message.status == MessageStatus.EXPIRED:
            raise no_message()
        if view.group is not None and refusal("recall_others", view.group.state, uid) is None:
            return
        if message.from_ != uid:
            raise RequestError(ErrorCode.FORBIDDEN, "only who sent a message may take it back")
        if now - message.send_at > self._windows.recall:
            raise RequestError(
                ErrorCode.RECALL_EXPIRED,
                f"messages can be taken back for {self._windows.recall // 1000} s",
            )

    async def edit(
        self, uid: int, origin: Origin | None, conv: str, seq: int, content: str | None
    ) -> Message:
        """Another content. The message keeps its place."""
        refused = check_content(content)
        if refused is not None:
            raise RequestError(*refused)
        view, message = await self._access.message(uid, conv, seq)
        if message.type < 0 or message.status in ERASED:
            raise no_message()
        if message.from_ != uid:
            raise RequestError(ErrorCode.FORBIDDEN, "only who sent a message may edit it")
        await self.may_say(uid, view)
        if self._clock.now_ms() - message.send_at > self._windows.edit:
            raise RequestError(
                ErrorCode.RECALL_EXPIRED,
                f"messages can be edited for {self._windows.edit // 1000} s",
            )
        if self.screen is not None:
            content = await allowed(self.screen, replace(message, content=content))
        rewrite = Rewrite(view.conv, message.seq, content, MessageStatus.EDITED)
        (changed,) = await self._store.rewrite((rewrite,))
        if changed is None:
            raise RequestError(ErrorCode.CONFLICT, "the message cannot be edited now")
        # Reactions are not told here: whose they are differs for every reader, and they stay as they were.
        self._tell(view, message.seq, Envelope(str(Action.MESSAGE_EDIT), 0, changed), origin)
        return changed

    async def may_say(self, uid: int, view: View) -> None:
        """Whoever may not send may not change what both have either: edit, react, pin, let disappear. Raises
        RequestError."""
        if view.group is not None:
            refused = sending(view.group.state, uid, self._clock.now_ms())
            if refused is not None:
                raise RequestError(*refused)
            return
        pairs = [(uid, other) for other in view.users if other != uid]
        for code in (await self._relations.refusals(pairs)).values():
            raise RequestError(code, "you may not write to this person")

    async def react(self, uid: int, origin: Origin | None, asked: React) -> NotifyReact:
        """Set or take back a reaction."""
        if not 1 <= len(asked.key) <= KEY_MOST:
            raise RequestError(ErrorCode.BAD_REQUEST, f"key: must have 1 to {KEY_MOST} characters")
        view, message = await self._access.message(uid, asked.conv, asked.seq)
        if message.type < 0 or message.status in ERASED:
            raise no_message()
        await self.may_say(uid, view)
        try:
            count, moved = await self._store.react(
                view.conv, message.seq, uid, asked.key, on=asked.on, most=KEYS_MOST
            )
        except MessageErasedError:
            raise no_message() from None
        if count < 0:
            raise RequestError(ErrorCode.TOO_LARGE, f"at most {KEYS_MOST} different reactions")
        notice = NotifyReact(view.conv, message.seq, asked.key, count, uid, asked.on)
        if moved:
            self._tell(view, message.seq, Envelope(str(Action.NOTIFY_REACT), 0, notice), origin)
        return notice

    async def pin(self, uid: int, origin: Origin | None, asked: Pin) -> Pin:
        """Pin a message, or take it down; in groups for admins."""
        view, message = await self._access.message(uid, asked.conv, asked.seq)
        if view.group is not None:
            code = refusal("pin", view.group.state, uid)
            if code is not None:
                raise RequestError(code, "only admins pin messages in a group")
        else:
            await self.may_say(uid, view)
        if asked.on and message.status in ERASED:
            raise no_message()
        at = self._clock.now_ms()
        try:
            moved = await self._store.pin(
                view.conv, message.seq, at=at if asked.on else 0, most=PINS_MOST
            )
        except MessageErasedError:
            raise no_message() from None
        if moved is None:
            raise RequestError(ErrorCode.TOO_LARGE, f"at most {PINS_MOST} pinned messages")
        notice = Pin(view.conv, message.seq, asked.on, uid, at)
        if moved:
            self._tell(view, message.seq, Envelope(str(Action.NOTIFY_PIN), 0, notice), origin)
        return notice

    async def act(self, uid: int, origin: Origin, action: str, data: Any) -> Envelope:
        """One of these, as a connection asks for it."""
        if action == Action.MESSAGE_EDIT:
            edited = await self.edit(uid, origin, data.conv, data.seq, data.content)
            return Envelope(action, 0, edited)
        if action == Action.MESSAGE_REACT:
            return Envelope(str(Action.NOTIFY_REACT), 0, await self.react(uid, origin, data))
        if action == Action.MESSAGE_PIN:
            return Envelope(str(Action.NOTIFY_PIN), 0, await self.pin(uid, origin, data))
        group = action == Action.MESSAGE_GROUP_RECALL
        return Envelope(action, 0, await self.recall(uid, origin, data, group=group))

    def _tell(self, view: View, seq: int, envelope: Envelope, origin: Origin | None) -> None:
        """To those who may see the message: not to members who came later and see from their joining on."""
        users = view.users if view.group is None else view.group.audience(seq)
        self._dispatch.post((Push(users, envelope, 0, origin),))
