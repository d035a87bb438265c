"""Messaging over the in-memory engine, with a dispatch that keeps what it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from glideim.contacts.ports import Pair
from glideim.dispatch.ports import Item, Origin, Push, Reply
from glideim.edge.memory import MemoryMessages, MemoryStore
from glideim.kernel.clock import ManualClock
from glideim.kernel.ids import Leaf
from glideim.messaging.limits import Limits
from glideim.messaging.ports import Confirm, Send
from glideim.messaging.service import MessagingService
from glideim.protocol.codes import CloseCode, ErrorCode
from glideim.protocol.records import AckRequest, Message, User


class KeepingDispatch:
    """Keeps items in the order they came. People in `online` have one connection."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.present: set[int] = set()

    async def deliver(self, batch: Sequence[Item]) -> Sequence[int]:
        self.items.extend(batch)
        return [
            1 if isinstance(item, Reply) else len(self.present & set(item.uids)) for item in batch
        ]

    def post(self, batch: Sequence[Item]) -> None:
        self.items.extend(batch)

    async def online(self, uids: Sequence[int]) -> frozenset[int]:
        return frozenset(self.present & set(uids))

    async def close(
        self, uid: int, code: CloseCode, reason: str, *, session_id: int | None = None
    ) -> None:
        raise AssertionError(
            f"messaging never closes connections: {uid} {code} {reason} {session_id}"
        )

    def take(self) -> list[Item]:
        items, self.items = self.items, []
        return items

    def take_named(self, action: str) -> list[Item]:
        return [item for item in self.take() if item.envelope.action == action]


class Everybody:
    """People 1 to 999 exist; `known` knows those below 100 by heart."""

    def known(self, uid: int) -> bool:
        return 0 < uid < 100

    async def exists(self, uids: Sequence[int]) -> frozenset[int]:
        return frozenset(uid for uid in uids if 0 < uid < 1000)

    async def users(self, uids: Sequence[int]) -> Mapping[int, User]:
        return {uid: User(uid, f"u{uid}") for uid in await self.exists(uids)}


class Strangers:
    """Friendship is not asked for; nobody has blocked anybody, but for the pairs (writer, other) in `blocked`."""

    def __init__(self) -> None:
        self.blocked: set[Pair] = set()

    async def refusals(self, pairs: Sequence[Pair]) -> Mapping[Pair, ErrorCode]:
        return {pair: ErrorCode.BLOCKED for pair in pairs if pair in self.blocked}


class World:
    """A messaging service and everything it stands on. Use as an async context manager."""

    def __init__(self, *, limits: Limits | None = None, store: MemoryStore | None = None) -> None:
        self.clock = ManualClock()
        self.store = store or MemoryStore()
        self.dispatch = KeepingDispatch()
        self.limits = limits
        self.relations = Strangers()
        self.service = self.new_service()

    @property
    def messages(self) -> MemoryMessages:
        return self.store.messages

    def new_service(self) -> MessagingService:
        """Another owner of the same store: after a restart, or a second one that believes it owns all."""
        return MessagingService(
            store=self.messages,
            group_store=self.store.groups,
            ids=Leaf(self.store.segments, "mid", self.clock),
            dispatch=self.dispatch,
            directory=Everybody(),
            relations=self.relations,
            clock=self.clock,
            limits=self.limits,
        )

    async def __aenter__(self) -> World:
        self.service.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.service.stop()

    async def send(self, *sends: Send, service: MessagingService | None = None) -> list[Item]:
        """Submit one batch and wait until every send of it is answered; what went out meanwhile."""
        before = len(self.dispatch.items)
        chosen = service or self.service
        assert chosen.submit(sends) == len(sends)
        numbers = {send.origin.conn for send in sends}
        for _ in range(500):
            await asyncio.sleep(0)
            out = self.dispatch.items[before:]
            answered = [
                i for i in out if isinstance(i, Reply) and i.to.conn in numbers and i.envelope.seq
            ]
            if len(answered) >= len(sends):
                break
        else:
            raise AssertionError(f"{len(sends)} sends, answers: {self.dispatch.items[before:]}")
        await settle()
        return self.dispatch.take()

    async def confirm(self, uid: int, **ack: Any) -> list[Item]:
        """One confirmation; what went out because of it."""
        self.service.confirm([Confirm(uid, Origin("n", 900 + uid), 5, AckRequest(**ack))])
        await settle()
        return self.dispatch.take()


async def settle(turns: int = 30) -> None:
    """Let the loop come round until nothing is left to do."""
    for _ in range(turns):
        await asyncio.sleep(0)


_requests = iter(range(1, 1_000_000))


def send(
    uid: int,
    to: int,
    cli_mid: str,
    content: str = "hi",
    *,
    action: str = "message.chat",
    **more: Any,
) -> Send:
    """A send from its own connection."""
    number = next(_requests)
    message = Message(cli_mid=cli_mid, to=to, type=more.pop("type", 1), content=content, **more)
    return Send(uid, Origin("n", number), number, action, message)


def replies(items: Iterable[Item]) -> list[Any]:
    """`data` of the answers to sends, in order."""
    return [item.envelope.data for item in items if isinstance(item, Reply) and item.envelope.seq]


def pushes(items: Iterable[Item], action: str) -> list[Push]:
    """Pushes of one action, in order."""
    return [item for item in items if isinstance(item, Push) and item.envelope.action == action]
