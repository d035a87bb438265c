"""Changes of groups in the order of their streams: kept with their events, told, decided again after a lost race."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from glideim.dispatch.ports import Push
from glideim.edge.memory import MemoryStore
from glideim.group import decide
from glideim.group.ports import Group, GroupChange, GroupState, Kind, Member, Plan
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.messaging.commands import NAMED_MOST
from glideim.messaging.limits import Limits
from glideim.messaging.ports import AppendConflictError
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Message
from glideim.protocol.social import NotifyGroup
from tests.support.messaging import World, settle

GID, ANNA, BOB, CARL, DORA = 70, 1, 2, 3, 4
CONV = f"g:{GID}"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World() as world:
        yield world


def founded(*uids: int, **fields: Any) -> Plan:
    group = Group(GID, "g", ANNA, created_at=1, **fields)
    return lambda _, seq: decide.create(group, uids, seq)


def adding(uid: int, *uids: int) -> Plan:
    return lambda state, seq: decide.add(state, uid, uids, 5, seq)


def removing(uid: int, target: int) -> Plan:
    return lambda state, _: decide.remove(state, uid, target)


def refused(code: ErrorCode) -> Any:
    return pytest.raises(RequestError, check=lambda error: error.code == code)


async def told(world: World) -> list[tuple[tuple[int, ...], NotifyGroup]]:
    """Whom what was told since last asked."""
    await settle()
    notices = []
    for item in world.dispatch.take_named("notify.group"):
        assert isinstance(item, Push) and isinstance(item.envelope.data, NotifyGroup)
        notices.append((item.uids, item.envelope.data))
    return notices


async def stream(world: World) -> list[tuple[int, str]]:
    found = await world.messages.history(CONV, 0, 10**9, 100, latest=False)
    return [(m.seq, json.loads(m.content or "")["type"]) for m in found]


async def test_a_change_is_an_event_of_the_stream(world: World) -> None:
    decision = await world.service.change(GID, ANNA, founded(BOB))
    assert decision.kind is Kind.CREATED
    ((uids, notice),) = await told(world)
    assert uids == (ANNA, BOB)
    at = world.clock.now_ms()
    assert notice == NotifyGroup(GID, 1, "created", ANNA, (ANNA, BOB), "g", at)
    (event,) = await world.messages.history(CONV, 0, 9, 9, latest=False)
    assert (event.seq, event.type, event.from_, event.to, event.send_at) == (1, -1, ANNA, GID, at)
    assert json.loads(event.content or "") == {
        "gid": GID, "seq": 1, "type": "created", "by": ANNA, "uids": [ANNA, BOB], "value": "g",
        "at": at,
    }  # fmt: skip
    assert await world.store.groups.load(GID) == decision.state == await world.service.state(GID)
    assert await world.service.members(GID) == (ANNA, BOB)


async def test_those_who_are_out_hear_of_it_once_and_no_more(world: World) -> None:
    await world.service.change(GID, ANNA, founded(BOB, CARL))
    await world.service.change(GID, ANNA, removing(ANNA, BOB))
    await world.service.change(GID, ANNA, adding(ANNA, DORA))
    assert [(set(uids), notice.type) for uids, notice in await told(world)] == [
        ({ANNA, BOB, CARL}, "created"),
        ({ANNA, BOB, CARL}, "removed"),
        ({ANNA, CARL, DORA}, "invited"),
    ]


async def test_a_refused_change_leaves_no_trace(world: World) -> None:
    await world.service.change(GID, ANNA, founded(BOB))
    await told(world)
    with refused(ErrorCode.FORBIDDEN):
        await world.service.change(GID, BOB, removing(BOB, ANNA))
    with refused(ErrorCode.NOT_FOUND):
        await world.service.change(GID + 1, ANNA, removing(ANNA, BOB))
    assert await told(world) == []
    assert await stream(world) == [(1, "created")]
    assert await world.service.state(GID + 1) is None


async def test_a_refusal_is_no_garbage(world: World) -> None:
    """Neither the command nor whoever waited for it knows an error that knows them."""

    async def error() -> weakref.ref[RequestError]:
        try:
            await world.service.change(GID, BOB, removing(BOB, ANNA))
        except RequestError as error:
            return weakref.ref(error)
        raise AssertionError("nothing was refused")

    await world.service.change(GID, ANNA, founded(BOB))
    gc.collect()
    gc.disable()
    try:
        gone = await error()
        # The command before is known until the next one comes.
        await world.service.change(GID, ANNA, adding(ANNA, CARL))
        assert gone() is None
    finally:
        gc.enable()


async def test_nothing_to_do_is_no_event(world: World) -> None:
    await world.service.change(GID, ANNA, founded(BOB))
    await told(world)
    decision = await world.service.change(GID, ANNA, adding(ANNA, BOB))
    assert decision.kind is None and BOB in decision.state.members
    assert await told(world) == []
    assert await stream(world) == [(1, "created")]


async def test_of_two_owners_of_a_group_the_slower_decides_again(world: World) -> None:
    """Both know the group as it was; the second finds the `seq` taken, looks, and must not undo what happened."""
    other = world.new_service()
    other.start()
    await world.service.change(GID, ANNA, founded(BOB))
    assert await other.state(GID) == await world.service.state(GID)
    await world.service.change(GID, ANNA, adding(ANNA, CARL))
    await other.change(GID, BOB, adding(BOB, DORA))
    await world.service.change(GID, ANNA, removing(ANNA, BOB))
    with refused(ErrorCode.NOT_FOUND):
        await other.change(GID, BOB, adding(BOB, 9))
    assert await stream(world) == [
        (1, "created"), (2, "invited"), (3, "invited"), (4, "removed"),
    ]  # fmt: skip
    state = await world.store.groups.load(GID)
    assert state is not None and set(state.members) == {ANNA, CARL, DORA}
    assert state.members[DORA].since == 2
    await other.stop()


async def test_many_at_once_have_one_order(world: World) -> None:
    other = world.new_service()
    other.start()
    await world.service.change(GID, ANNA, founded())
    services = (world.service, other)
    await asyncio.gather(
        *(services[n % 2].change(GID, ANNA, adding(ANNA, 100 + n)) for n in range(30))
    )
    assert [seq for seq, _ in await stream(world)] == list(range(1, 32))
    state = await world.store.groups.load(GID)
    assert state is not None and set(state.members) == {ANNA, *range(100, 130)}
    sinces = sorted(member.since for uid, member in state.members.items() if uid != ANNA)
    assert sinces == list(range(1, 31))
    await other.stop()


async def test_an_event_names_no_more_people_than_fit(world: World) -> None:
    many = tuple(range(100, 100 + NAMED_MOST + 50))
    decision = await world.service.change(GID, ANNA, founded(*many))
    ((uids, notice),) = await told(world)
    assert len(uids) == len(decision.uids) == len(many) + 1
    assert notice.uids == (ANNA, *many[: NAMED_MOST - 1])


async def test_positions_of_those_who_left_do_not_come_back(world: World) -> None:
    await world.service.change(GID, ANNA, founded(BOB))
    await world.confirm(BOB, conv=CONV, seq=1)
    await world.service.change(GID, ANNA, removing(ANNA, BOB))
    await world.service.stop()
    assert await world.messages.entry(BOB, CONV) is None
    entry = await world.messages.entry(ANNA, CONV)
    assert entry is not None and entry.mine.read == 2


class Failing(MemoryStore):
    """Its log takes nothing."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error
        self.messages.append = self._append  # type: ignore[method-assign]

    async def _append(
        self,
        messages: Sequence[Message],
        joins: Sequence[tuple[str, int]],
        change: GroupChange | None = None,
    ) -> None:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [StoreUnavailableError("full"), AppendConflictError(CONV, 1)],
    ids=["down", "contended"],
)
async def test_a_change_that_cannot_be_kept_is_not_made(error: Exception) -> None:
    store = Failing(error)
    store.groups.apply(GroupChange(GID, Group(GID, "g", ANNA), (owner(), Member(BOB)), (ANNA, BOB)))
    async with World(store=store) as world:
        before = await world.service.state(GID)
        with refused(ErrorCode.UNAVAILABLE):
            await world.service.change(GID, ANNA, removing(ANNA, BOB))
        assert await world.service.state(GID) == before
        assert await told(world) == []


def owner() -> Member:
    return decide.create(Group(GID, "g", ANNA), (), 1).state.members[ANNA]


async def test_a_plan_that_breaks_stops_nobody_else(world: World) -> None:
    await world.service.change(GID, ANNA, founded(BOB))

    def broken(_state: GroupState | None, _seq: int) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await world.service.change(GID, ANNA, broken)
    assert (await world.service.change(GID, ANNA, removing(ANNA, BOB))).kind is Kind.REMOVED


async def test_changes_wait_in_the_same_bounded_queue() -> None:
    limits = Limits()
    limits.queue = 2
    world = World(limits=limits)  # not started: nothing leaves the queue
    waiting = [
        asyncio.ensure_future(world.service.change(GID, ANNA, founded(BOB))) for _ in range(2)
    ]
    await settle()
    with refused(ErrorCode.UNAVAILABLE):
        await world.service.change(GID, ANNA, founded(BOB))
    world.service.start()
    await asyncio.gather(*waiting)
    await world.service.stop()


async def test_what_somebody_causes_is_not_unread_for_them(world: World) -> None:
    async def unread(uid: int) -> int:
        (entry,) = (await world.service.inbox.list(uid, "", 0)).items
        return entry.unread

    await world.service.change(GID, ANNA, founded(BOB))
    assert [await unread(uid) for uid in (ANNA, BOB)] == [0, 0]
    await world.service.change(GID, BOB, adding(BOB, CARL))
    assert [await unread(uid) for uid in (ANNA, BOB, CARL)] == [1, 0, 0]
    await world.service.change(GID, ANNA, removing(ANNA, CARL))
    assert [await unread(uid) for uid in (ANNA, BOB)] == [0, 1]
