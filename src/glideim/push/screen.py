"""Asks the hook about messages before they are sent."""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from glideim.kernel.clock import Clock
from glideim.messaging.ports import Refused
from glideim.protocol.codes import ErrorCode
from glideim.protocol.limits import check_send
from glideim.protocol.records import Message

from .courier import Courier
from .events import envelope
from .ports import ANSWER_MOST, SERVER_HOOK, Delivery, Event, HookError, Target

log = logging.getLogger("glideim.push")

MESSAGES_MOST = 1000
"""Messages in one request; a larger batch is asked about in several, at the same time."""
BYTES_MOST = 1024 * 1024
"""Bytes of content in one request."""
_REFUSED = "the message was refused"


class Verdict(Struct, frozen=True):
    """What the hook says of one message; of those it does not name it says that they may pass."""

    index: int
    action: Literal["pass", "change", "refuse"]
    content: str | None = None
    type: int | None = None
    message: str = ""


class Verdicts(Struct, frozen=True):
    """The hook's answer."""

    results: tuple[Verdict, ...] = ()


_verdicts = msgspec.json.Decoder(Verdicts)


class HookScreen:
    """Implements `Screen`. One request for a batch: its order stays, and many messages cost one round trip."""

    def __init__(self, courier: Courier, target: Target, clock: Clock, *, refuse: bool) -> None:
        self._courier = courier
        self._target = target
        self._clock = clock
        self._refuse = refuse
        self._numbers = itertools.count(1)
        self._run = secrets.token_hex(4)
        self._failing = False
        self.refused = 0
        self.changed = 0

    async def screen(self, messages: Sequence[Message]) -> Sequence[Message | Refused]:
        """See Screen. When the hook fails, all pass or none does, as configured."""
        chunks = list(_chunks(messages))
        if len(chunks) == 1:
            return await self._ask(messages)
        answers = await asyncio.gather(*(self._ask(chunk) for chunk in chunks))
        return [answer for some in answers for answer in some]

    async def _ask(self, messages: Sequence[Message]) -> Sequence[Message | Refused]:
        ident = f"{Event.BEFORE_SEND}-{self._run}-{next(self._numbers)}"
        body = envelope(Event.BEFORE_SEND, ident, {"messages": messages})
        delivery = Delivery(SERVER_HOOK, ident, Event.BEFORE_SEND, body, self._clock.now_ms())
        try:
            # Room for an answer that changes every message.
            answer = await self._courier.once(
                self._target, delivery, answer_most=ANSWER_MOST + 2 * len(body)
            )
            decided = self._decide(messages, answer)
        except HookError as error:
            return self._without(messages, error)
        self._note(None)
        return decided

    def _decide(self, messages: Sequence[Message], answer: bytes) -> list[Message | Refused]:
        try:
            verdicts = _verdicts.decode(answer).results if answer.strip() else ()
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise HookError(f"its answer cannot be read: {error}") from None
        decided: list[Message | Refused] = list(messages)
        for verdict in verdicts:
            if not 0 <= verdict.index < len(messages):
                raise HookError(f"its answer names message {verdict.index} of {len(messages)}")
            decided[verdict.index] = self._apply(messages[verdict.index], verdict)
        return decided

    def _apply(self, message: Message, verdict: Verdict) -> Message | Refused:
        if verdict.action == "pass":
            return message
        if verdict.action == "refuse":
            self.refused += 1
            return Refused(ErrorCode.FORBIDDEN, verdict.message[:500] or _REFUSED)
        content = message.content if verdict.content is None else verdict.content
        kind = message.type if verdict.type is None else verdict.type
        changed = msgspec.structs.replace(message, type=kind, content=content)
        wrong = check_send(changed)
        if wrong is not None or kind >= 2**31:
            raise HookError(f"its answer changes a message to what may not be sent: {wrong}")
        self.changed += 1
        return changed

    def _without(
        self, messages: Sequence[Message], error: HookError
    ) -> Sequence[Message | Refused]:
        self._note(error)
        if not self._refuse:
            return messages
        refusal = Refused(ErrorCode.UNAVAILABLE, "messages cannot be checked now")
        return [refusal] * len(messages)

    def _note(self, error: HookError | None) -> None:
        """Say once that the hook fails, and once that it works again."""
        if (error is not None) == self._failing:
            return
        self._failing = error is not None
        if error is not None:
            fate = "refused" if self._refuse else "sent unchecked"
            log.error("the before_send hook fails, messages are %s: %s", fate, error)
        else:
            log.warning("the before_send hook works again")


def _chunks(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    start = size = 0
    for place, message in enumerate(messages):
        weight = len(message.content or "")
        if place > start and (place - start >= MESSAGES_MOST or size + weight > BYTES_MOST):
            yield messages[start:place]
            start, size = place, 0
        size += weight
    yield messages[start:]
