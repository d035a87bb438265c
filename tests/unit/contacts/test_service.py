"""Contacts over the in-memory engine: what becomes of requests, who is told, what is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from glideim.contacts.ports import ContactLimits
from glideim.contacts.service import ContactService
from glideim.dispatch.ports import Push
from glideim.edge.memory import MemoryStore
from glideim.kernel.clock import ManualClock
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import User
from glideim.protocol.social import NotifyContact
from tests.support.messaging import KeepingDispatch

ALICE, BOB, CAROL, BOT = 1, 2, 3, 90
NOW = 1_800_000_000_000
USER_BOB = User(BOB, "user-2", "User 2")


class World:
    """The service and what surrounds it; people 1 to 99 exist, those from 90 on are bots."""

    def __init__(self, *, friends_only: bool = False, **limits: int) -> None:
        self.store = MemoryStore()
        self.dispatch = KeepingDispatch()
        self.changes: list[tuple[int, int]] = []
        self.contacts = ContactService(
            store=self.store.contacts,
            people=self,
            dispatch=self.dispatch,
            clock=ManualClock(NOW),
            friends_only=friends_only,
            is_bot=lambda uid: 90 <= uid < 100,
            limits=ContactLimits(**limits),
        )
        self.contacts.listen(self)

    async def users(self, uids: Sequence[int]) -> Mapping[int, User]:
        return {uid: User(uid, f"user-{uid}", f"User {uid}") for uid in uids if 0 < uid < 100}

    def relations_changed(self, a: int, b: int) -> None:
        self.changes.append((a, b))

    def take(self) -> list[tuple[int, int, str, str]]:
        """Notices: to whom, about whom, of what type, with which remark."""
        taken = []
        for item in self.dispatch.take():
            assert isinstance(item, Push) and isinstance(item.envelope.data, NotifyContact)
            data = item.envelope.data
            assert data.at == NOW
            taken += [(to, data.uid, data.type, data.remark) for to in item.uids]
        return taken

    async def befriend(self, one: int, other: int) -> None:
        await self.contacts.request(one, other, "", "")
        await self.contacts.accept(other, one, "")
        self.take()
        self.changes.clear()

    async def names(self, uid: int) -> dict[int, str]:
        return {c.uid: c.remark for c in (await self.contacts.contacts(uid, "", 0)).items}


@pytest.fixture
def world() -> World:
    return World()


def refused(code: ErrorCode) -> Any:
    return pytest.raises(RequestError, check=lambda error: error.code == code)


# --- requests -----------------------------------------------------------------------------------------------


async def test_a_request_reaches_the_other_with_its_message_only(world: World) -> None:
    sent = await world.contacts.request(ALICE, BOB, " my bob ", "hello")
    assert (sent.uid, sent.remark, sent.message, sent.at) == (BOB, "my bob", "hello", NOW)
    assert (sent.outgoing, sent.state, sent.user) == (True, "pending", USER_BOB)
    assert world.take() == [(BOB, ALICE, "request", "hello")]
    (received,) = (await world.contacts.requests(BOB, "", 0)).items
    assert (received.uid, received.remark, received.message) == (ALICE, "", "hello")
    assert (received.outgoing, received.state, received.at) == (False, "pending", NOW)
    assert (await world.contacts.requests(ALICE, "", 0)).items == (sent,)
    assert await world.names(ALICE) == {}
    assert world.changes == []


async def test_acceptance_tells_each_their_own_remark(world: World) -> None:
    await world.contacts.request(ALICE, BOB, "my bob", "hello")
    world.take()
    contact = await world.contacts.accept(BOB, ALICE, "my alice")
    assert (contact.uid, contact.remark, contact.since) == (ALICE, "my alice", NOW)
    assert contact.user is not None and contact.user.account == "user-1"
    assert world.take() == [
        (BOB, ALICE, "accepted", "my alice"),
        (ALICE, BOB, "accepted", "my bob"),
    ]
    assert await world.names(ALICE) == {BOB: "my bob"}
    assert await world.names(BOB) == {ALICE: "my alice"}
    assert world.changes == [(BOB, ALICE)]
    assert (await world.contacts.accept(BOB, ALICE, "")).remark == "my alice"
    assert world.take() == []


async def test_asking_who_asked_is_accepting(world: World) -> None:
    await world.contacts.request(ALICE, BOB, "", "")
    world.take()
    answer = await world.contacts.request(BOB, ALICE, "my alice", "hello")
    assert (answer.state, answer.outgoing) == ("accepted", False)
    assert [notice[2] for notice in world.take()] == ["accepted", "accepted"]
    assert await world.names(BOB) == {ALICE: "my alice"}


async def test_asking_again_tells_nobody_again(world: World) -> None:
    for _ in range(3):
        await world.contacts.request(ALICE, BOB, "", "hello")
    assert world.take() == [(BOB, ALICE, "request", "hello")]
    await world.contacts.accept(BOB, ALICE, "")
    world.take()
    assert (await world.contacts.request(ALICE, BOB, "", "")).state == "accepted"
    assert world.take() == []


async def test_rejection(world: World) -> None:
    await world.contacts.request(ALICE, BOB, "", "hello")
    world.take()
    with refused(ErrorCode.NOT_FOUND):
        await world.contacts.reject(ALICE, BOB)
    await world.contacts.reject(BOB, ALICE)
    assert world.take() == [(BOB, ALICE, "rejected", ""), (ALICE, BOB, "rejected", "")]
    with refused(ErrorCode.NOT_FOUND):
        await world.contacts.accept(BOB, ALICE, "")
    await world.contacts.request(ALICE, BOB, "", "please")
    assert world.take() == [(BOB, ALICE, "request", "please")]


async def test_removal_ends_it_for_both(world: World) -> None:
    await world.befriend(ALICE, BOB)
    await world.contacts.remove(BOB, ALICE)
    assert world.take() == [(BOB, ALICE, "removed", ""), (ALICE, BOB, "removed", "")]
    assert world.changes == [(BOB, ALICE)]
    assert await world.names(ALICE) == await world.names(BOB) == {}
    with refused(ErrorCode.NOT_FOUND):
        await world.contacts.remove(BOB, ALICE)


async def test_a_request_can_be_taken_back_by_who_made_it(world: World) -> None:
    await world.contacts.request(ALICE, BOB, "", "")
    with refused(ErrorCode.NOT_FOUND):
        await world.contacts.remove(BOB, ALICE)
    await world.contacts.remove(ALICE, BOB)
    assert (await world.contacts.requests(BOB, "", 0)).items == ()


@pytest.mark.parametrize(
    ("uid", "code"),
    [
        (ALICE, ErrorCode.BAD_REQUEST),
        (500, ErrorCode.NOT_FOUND),
        (0, ErrorCode.NOT_FOUND),
    ],
)
async def test_who_cannot_be_asked_or_blocked(world: World, uid: int, code: ErrorCode) -> None:
    with refused(code):
        await world.contacts.request(ALICE, uid, "", "")
    with refused(code):
        await world.contacts.block(ALICE, uid)


@pytest.mark.parametrize(
    ("remark", "message"), [("x" * 65, ""), ("", "x" * 257), ("a\nb", ""), ("", "\0")]
)
async def test_texts_are_limited(world: World, remark: str, message: str) -> None:
    with refused(ErrorCode.BAD_REQUEST):
        await world.contacts.request(ALICE, BOB, remark, message)
    assert (await world.contacts.requests(BOB, "", 0)).items == ()


async def test_remarks(world: World) -> None:
    await world.befriend(ALICE, BOB)
    contact = await world.contacts.set_remark(ALICE, BOB, "Bobby")
    assert (contact.remark, contact.user) == ("Bobby", USER_BOB)
    assert await world.contacts.set_remark(ALICE, BOB, None) == contact
    assert await world.names(ALICE) == {BOB: "Bobby"}
    assert await world.names(BOB) == {ALICE: ""}
    with refused(ErrorCode.NOT_FOUND):
        await world.contacts.set_remark(ALICE, CAROL, "x")
    await world.contacts.request(ALICE, CAROL, "", "")
    with refused(ErrorCode.NOT_FOUND):
        await world.contacts.set_remark(ALICE, CAROL, None)
    with refused(ErrorCode.BAD_REQUEST):
        await world.contacts.set_remark(ALICE, BOB, "x" * 65)


async def test_pages(world: World) -> None:
    for peer in range(10, 17):
        await world.befriend(ALICE, peer)
    seen: list[int] = []
    cursor = ""
    for _ in range(4):
        page = await world.contacts.contacts(ALICE, cursor, 2)
        seen += [contact.uid for contact in page.items]
        cursor = page.cursor
    assert (seen, cursor) == (list(range(10, 17)), "")
    for bad in ("x", "-1", "²", "9" * 17):
        with refused(ErrorCode.BAD_REQUEST):
            await world.contacts.contacts(ALICE, bad, 2)
    with refused(ErrorCode.BAD_REQUEST):
        await world.contacts.contacts(ALICE, "", -1)


async def test_full_lists() -> None:
    world = World(contacts=1, requests=1, blocks=1)
    await world.contacts.request(CAROL, ALICE, "", "")
    with refused(ErrorCode.TOO_LARGE):
        await world.contacts.request(BOB, ALICE, "", "")
    await world.contacts.block(ALICE, BOB)
    with refused(ErrorCode.TOO_LARGE):
        await world.contacts.block(ALICE, CAROL)


# --- blocks -------------------------------------------------------------------------------------------------


async def test_who_is_blocked_is_told_so(world: World) -> None:
    await world.contacts.block(BOB, ALICE)
    with refused(ErrorCode.BLOCKED):
        await world.contacts.request(ALICE, BOB, "", "")
    assert await world.contacts.refusals([(ALICE, BOB), (BOB, ALICE), (CAROL, BOB)]) == {
        (ALICE, BOB): ErrorCode.BLOCKED
    }
    (blocked,) = (await world.contacts.blocks(BOB, "", 0)).items
    assert (blocked.uid, blocked.account) == (ALICE, "user-1")
    await world.contacts.block(BOB, ALICE)
    assert world.changes == [(BOB, ALICE)]
    await world.contacts.unblock(BOB, ALICE)
    await world.contacts.unblock(BOB, ALICE)
    assert world.changes == [(BOB, ALICE)] * 2
    assert await world.contacts.refusals([(ALICE, BOB)]) == {}
    assert world.take() == []


async def test_pages_of_blocks(world: World) -> None:
    for peer in (5, 6, 7):
        await world.contacts.block(ALICE, peer)
    first = await world.contacts.blocks(ALICE, "", 2)
    assert ([b.uid for b in first.items], first.cursor) == ([5, 6], "6")
    rest = await world.contacts.blocks(ALICE, first.cursor, 2)
    assert ([b.uid for b in rest.items], rest.cursor) == ([7], "")


# --- what messaging asks ------------------------------------------------------------------------------------


async def test_strangers_are_refused_only_where_friendship_is_asked_for() -> None:
    pairs = [(ALICE, BOB), (ALICE, CAROL), (CAROL, CAROL), (ALICE, BOT), (BOT, ALICE), (BOB, ALICE)]
    for friends_only in (False, True):
        world = World(friends_only=friends_only)
        await world.befriend(ALICE, BOB)
        await world.contacts.block(ALICE, BOB)
        await world.contacts.block(BOT, ALICE)
        expected = {(BOB, ALICE): ErrorCode.BLOCKED, (ALICE, BOT): ErrorCode.BLOCKED}
        if friends_only:
            expected[ALICE, CAROL] = ErrorCode.NOT_FRIEND
        assert await world.contacts.refusals(pairs) == expected
        assert await world.contacts.refusals([(ALICE, ALICE)]) == {}


async def test_a_mere_request_is_no_friendship() -> None:
    world = World(friends_only=True)
    await world.contacts.request(ALICE, BOB, "", "")
    assert set((await world.contacts.refusals([(ALICE, BOB), (BOB, ALICE)])).values()) == {
        ErrorCode.NOT_FRIEND
    }


async def test_those_who_blocked_one_are_barred_from_being_brought_along(world: World) -> None:
    await world.contacts.block(BOB, ALICE)
    await world.contacts.block(ALICE, CAROL)
    assert await world.contacts.barred(ALICE, (BOB, CAROL, BOT)) == {BOB}
    assert await world.contacts.barred(CAROL, (ALICE, BOB)) == {ALICE}
    assert await world.contacts.barred(ALICE, ()) == frozenset()
