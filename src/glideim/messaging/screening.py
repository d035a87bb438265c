"""Before messages get their place, somebody outside may refuse or change them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from msgspec.structs import replace

from glideim.dispatch.ports import Dispatch, Item
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.protocol.codes import ErrorCode
from glideim.protocol.conversations import chat_key, group_key
from glideim.protocol.limits import check_send
from glideim.protocol.records import Message

from .answers import failure, fingerprint
from .conversations import RecentSends
from .ports import MessageStore, Refused, Screen, Send

BATCH = 1000
"""Messages that the screen is asked about at once."""
CHANGED = "screened"
"""Key in a message's `extra`: it is not what its sender wrote, so a retry may differ from it."""


class Next(Protocol):
    """Whoever takes the sends that passed."""

    def submit(self, sends: Sequence[Send]) -> int:
        """Take over sends, in order; how many found room."""
        ...


class Screening:
    """Stands before the committer. While the screen is being asked, what comes gathers for the next time: so each
    batch costs one question, and order stays. What was accepted before passes unasked: its answer stands."""

    def __init__(
        self,
        screen: Screen,
        following: Next,
        dispatch: Dispatch,
        limit: int,
        *,
        recent: RecentSends,
        store: MessageStore,
    ) -> None:
        self._screen = screen
        self._following = following
        self._dispatch = dispatch
        self._limit = limit
        self._recent = recent
        self._store = store
        self._waiting: deque[Send] = deque()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def __len__(self) -> int:
        """Sends that wait for the question under way."""
        return len(self._waiting)

    def submit(self, sends: Sequence[Send]) -> int:
        """Take over sends in order; returns how many found room."""
        room = 0 if self._stopping else max(0, self._limit - len(self._waiting))
        taken = sends[:room]
        self._waiting.extend(taken)
        if self._waiting and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._run(), name="screening")
        return len(taken)

    async def stop(self) -> None:
        """Ask about what was submitted, then stop. Later sends find no room."""
        self._stopping = True
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH))]
            answers: list[Item] = []
            try:
                passed = await self._pass(batch, answers)
            except StoreUnavailableError:
                passed = []
                text = "the message store cannot be read now"
                answers = [failure(send, ErrorCode.UNAVAILABLE, text) for send in batch]
            except Exception as error:  # noqa: BLE001 - it must outlive any batch; the loop reports the cause
                passed = []
                text = "the server failed to check the message"
                answers = [failure(send, ErrorCode.INTERNAL, text) for send in batch]
                context = {"message": "a batch of sends was not screened", "exception": error}
                asyncio.get_running_loop().call_exception_handler(context)
            taken = self._following.submit(passed)
            text = "too many messages are waiting to be stored"
            answers += [failure(s, ErrorCode.UNAVAILABLE, text) for s in passed[taken:]]
            if answers:
                await self._dispatch.deliver(answers)

    async def _pass(self, batch: Sequence[Send], answers: list[Item]) -> list[Send]:
        """The sends that go on, as they go on; refusals go to `answers`."""
        known = await self._accepted(batch)
        asked = [send for send in batch if _to_be_asked(send) and _name(send) not in known]
        if not asked:
            return list(batch)
        verdicts = await self._screen.screen([_whole(send) for send in asked])
        decided = {id(send): verdict for send, verdict in zip(asked, verdicts, strict=True)}
        passed: list[Send] = []
        for send in batch:
            verdict = decided.get(id(send))
            if isinstance(verdict, Refused):
                answers.append(failure(send, verdict.code, verdict.message))
            else:
                passed.append(send if verdict is None else _as_decided(send, verdict))
        return passed

    async def _accepted(self, batch: Sequence[Send]) -> set[tuple[int, str]]:
        """Those that are in the log already."""
        names = [_name(send) for send in batch]
        known = {name for name in names if self._recent.get(name) is not None}
        rest = [name for name in names if name not in known]
        return known.union(await self._store.find(rest)) if rest else known


async def allowed(screen: Screen, message: Message) -> str | None:
    """The content that a stored message may get. Raises RequestError when it may not."""
    (verdict,) = await screen.screen((message,))
    if isinstance(verdict, Refused):
        raise RequestError(verdict.code, verdict.message)
    return verdict.content


def _name(send: Send) -> tuple[int, str]:
    return send.uid, send.message.cli_mid


def _to_be_asked(send: Send) -> bool:
    """Not what is refused anyway, nor a message that only begins to grow."""
    return check_send(send.message) is None and not send.message.status


def _whole(send: Send) -> Message:
    """The message with what its sender need not say: who writes, and where."""
    to = send.message.to
    conv = group_key(to) if send.group else chat_key(send.uid, to)
    return replace(send.message, from_=send.uid, conv=conv)


def _as_decided(send: Send, verdict: Message) -> Send:
    asked = send.message
    if (verdict.type, verdict.content) == (asked.type, asked.content):
        return send
    changed = replace(
        asked,
        type=verdict.type,
        content=verdict.content,
        extra={**asked.extra, CHANGED: "changed"},
    )
    return replace(send, message=changed, asked=fingerprint(asked, group=send.group))
