"""Hooks without a network: what was posted is kept, what is answered is told in advance."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from glideim.edge.memory.engine import Engine
from glideim.edge.memory.hooks import MemoryHooks
from glideim.kernel.clock import ManualClock
from glideim.kernel.errors import RequestError
from glideim.protocol.records import AckMessage, Message
from glideim.push.courier import Courier
from glideim.push.ports import ANSWER_MOST, Delivery, HookError, Target
from glideim.push.service import HookOptions, Needs, PushService

HOOK = Target("https://hook.example/", "secret of the hook")


class FakeClient:
    """Implements HookClient. `answers` are given in turn, then `default`; an error among them is raised."""

    def __init__(self) -> None:
        self.posted: list[tuple[Target, Delivery]] = []
        self.answers: deque[bytes | HookError] = deque()
        self.default: bytes | HookError = b""
        self.by_url: dict[str, bytes | HookError] = {}
        self.answer_most = 0

    async def post(
        self, target: Target, delivery: Delivery, timeout: float, *, answer_most: int = ANSWER_MOST
    ) -> bytes:
        assert timeout > 0
        self.posted.append((target, delivery))
        self.answer_most = answer_most
        answer = self.by_url.get(target.url, self.default)
        if self.answers:
            answer = self.answers.popleft()
        if isinstance(answer, HookError):
            raise answer
        return answer

    def bodies(self, event: str = "") -> list[Any]:
        """What was posted, as JSON."""
        return [
            msgspec.json.decode(delivery.body)
            for _, delivery in self.posted
            if event in {"", delivery.event}
        ]


class ListLog:
    """Implements Log."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.failures: deque[Exception] = deque()

    async def log(self, after_mid: int, limit: int) -> Sequence[Message]:
        if self.failures:
            raise self.failures.popleft()
        return [message for message in self.messages if message.mid > after_mid][:limit]

    async def by_mids(self, mids: Sequence[int]) -> Sequence[Message]:
        return [message for message in self.messages if message.mid in mids]

    async def highest_mid(self) -> int:
        return max((message.mid for message in self.messages), default=0)


class Town:
    """Implements Members, Presence and Replies."""

    def __init__(self) -> None:
        self.groups: dict[int, list[int]] = {}
        self.present: set[int] = set()
        self.asked: list[list[int]] = []
        self.sent: list[tuple[int, Message]] = []
        self.refusals: deque[RequestError] = deque()

    async def members(self, gid: int) -> Sequence[int]:
        return self.groups.get(gid, [])

    async def online(self, uids: Sequence[int]) -> frozenset[int]:
        self.asked.append(list(uids))
        return frozenset(self.present & set(uids))

    async def send(self, uid: int, message: Message) -> AckMessage:
        if self.refusals:
            raise self.refusals.popleft()
        self.sent.append((uid, message))
        return AckMessage(message.cli_mid, len(self.sent), message.conv, len(self.sent))


class HookWorld:
    """Everything that hooks stand on; pauses take no time and are written down."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.client = FakeClient()
        self.log = ListLog()
        self.town = Town()
        self.store = MemoryHooks(Engine())
        self.pauses: list[float] = []
        self.courier = self.new_courier()

    def new_courier(self, attempts: int = 8) -> Courier:
        return Courier(
            self.client, self.clock, 5.0, attempts=attempts, pause=self.pause, jitter=no_jitter
        )

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)

    def service(self, *events: str, **options: Any) -> PushService:
        """A push service with the server's hook."""
        needs = Needs(
            self.store, self.log, self.client, self.town, self.town, self.town, self.clock
        )
        chosen = HookOptions(HOOK.url, HOOK.secret, frozenset(events), **options)
        return PushService(chosen, needs, pause=self.pause, jitter=no_jitter)


def no_jitter() -> float:
    """Pauses in full."""
    return 0.0


async def until(done: Callable[[], object], turns: int = 500) -> None:
    """Let the loop come round until it is so."""
    for _ in range(turns):
        if done():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not come to pass")


def said(mid: int, sender: int = 1, to: int = 2, **fields: Any) -> Message:
    """A stored two-person message; with `gid` one in a group."""
    gid = fields.pop("gid", 0)
    conv = f"g:{gid}" if gid else f"c:{min(sender, to)}:{max(sender, to)}"
    values: dict[str, Any] = {"type": 1, "content": f"text {mid}", "send_at": mid} | fields
    return Message(
        mid=mid, cli_mid=f"m{mid}", conv=conv, seq=mid, from_=sender, to=gid or to, **values
    )
