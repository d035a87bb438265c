"""The list of conversations, settings, disappearing messages, and syncs that bring changes."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import pytest

from glideim.dispatch.ports import Origin
from glideim.group import decide
from glideim.group.ports import Group
from glideim.kernel.errors import RequestError
from glideim.messaging.ports import InboxEntry
from glideim.protocol.records import Message
from glideim.protocol.social import React, Recall, Transient, UpdateConversation
from tests.support.messaging import World, pushes, send, settle

CONV = "c:1:2"


async def found(world: World, gid: int, owner: int, *uids: int, history: str = "join") -> None:
    group = Group(gid=gid, name="Team", owner=owner, history=history)
    await world.service.change(gid, owner, lambda _s, seq: decide.create(group, uids, seq))


async def test_newest_first_in_pages() -> None:
    async with World() as world:
        for other in (2, 3, 4):
            world.clock.advance(1)
            await world.send(send(1, other, f"to{other}"))
        await found(world, 5, 1, 2)
        first = await world.service.inbox.list(1, "", 2)
        second = await world.service.inbox.list(1, first.cursor, 2)
        convs = [c.conv for c in (*first.items, *second.items)]
        assert sorted(convs[:2]) == ["c:1:4", "g:5"]
        assert convs[2:] == ["c:1:3", "c:1:2"]
        assert second.cursor == ""
        by_conv = {c.conv: c for c in (*first.items, *second.items)}
        assert by_conv["g:5"].group is not None and by_conv["g:5"].group.role == "owner"
        assert by_conv["c:1:3"].peer is not None and by_conv["c:1:3"].peer.uid == 3
        with pytest.raises(RequestError, match="cursor"):
            await world.service.inbox.list(1, "nonsense", 2)


async def test_unread_is_what_others_said_since_one_read() -> None:
    async with World() as world:
        await world.send(send(1, 2, "a"), send(1, 2, "b"))
        (of_two,) = (await world.service.inbox.list(2, "", 0)).items
        (of_one,) = (await world.service.inbox.list(1, "", 0)).items
        assert (of_two.unread, of_one.unread) == (2, 0)
        await world.service.read(2, None, CONV, 1)
        (of_two,) = (await world.service.inbox.list(2, "", 0)).items
        assert (of_two.unread, of_two.read_seq) == (1, 1)


async def test_reading_in_a_group_is_told_to_ones_own_devices_only() -> None:
    async with World() as world:
        await found(world, 5, 1, 2, 3)
        await world.service.send(1, Message(cli_mid="x", conv="g:5", type=1, content="hi"))
        world.dispatch.take()
        await world.service.read(2, None, "g:5", 2)
        (push,) = pushes(world.dispatch.take(), "notify.read")
        assert push.uids == (2,)
        (entry,) = (await world.service.inbox.list(2, "", 0)).items
        assert (entry.read_seq, entry.unread) == (2, 0)
        (entry,) = (await world.service.inbox.list(3, "", 0)).items
        assert (entry.read_seq, entry.unread) == (1, 1)


async def test_a_hidden_conversation_comes_back_with_its_next_message() -> None:
    async with World() as world:
        await world.send(send(1, 2, "a"))
        await world.service.inbox.hide(1, None, CONV)
        assert (await world.service.inbox.list(1, "", 0)).items == ()
        assert len((await world.service.inbox.list(2, "", 0)).items) == 1
        await world.send(send(2, 1, "b"))
        assert len((await world.service.inbox.list(1, "", 0)).items) == 1
        with pytest.raises(RequestError, match="no such conversation"):
            await world.service.inbox.hide(3, None, CONV)


async def test_messages_disappear_after_the_time_that_was_set() -> None:
    async with World() as world:
        await world.send(send(1, 2, "stays"))
        await world.service.update_conversation(2, UpdateConversation(CONV, expire_after=60))
        (push,) = pushes(world.dispatch.take(), "notify.conversation")
        assert set(push.uids) == {1, 2}
        await world.send(send(1, 2, "goes"))
        world.clock.advance(59)
        await world.service.sweep()
        items = (await world.service.history(1, CONV, 0, None, 0)).items
        assert [m.status for m in items] == [0, 0]
        world.clock.advance(1)
        await world.service.sweep()
        stays, goes = (await world.service.history(1, CONV, 0, None, 0)).items
        assert stays.content is not None
        assert (goes.content, goes.status, goes.seq) == (None, 3, 2)
        assert pushes(world.dispatch.take(), "message.edit")[-1].envelope.data == goes


async def test_in_a_group_admins_let_messages_disappear_and_that_is_an_event() -> None:
    async with World() as world:
        await found(world, 5, 1, 2)
        with pytest.raises(RequestError, match="role"):
            await world.service.update_conversation(2, UpdateConversation("g:5", expire_after=9))
        shown = await world.service.update_conversation(
            1, UpdateConversation("g:5", expire_after=9)
        )
        assert shown.expire_after == 9
        ack = await world.service.send(2, Message(cli_mid="x", conv="g:5", type=1, content="hi"))
        (message,) = (await world.service.history(2, "g:5", 2, None, 0)).items
        assert message.expire_at == ack.send_at + 9000


async def test_a_sync_brings_what_changed_since_its_cursor_and_nothing_else() -> None:
    async with World() as world:
        await world.send(send(1, 2, "a"), send(1, 2, "b"), send(1, 3, "c"))
        first = await world.service.sync(2, {}, "")
        assert [m.seq for m in first.messages[CONV]] == [1, 2]
        known = {CONV: 2}
        await world.service.read(2, None, CONV, 2)
        await settle()
        calm = await world.service.sync(2, known, first.cursor)
        calm = await world.service.sync(2, known, calm.cursor)
        await world.service.changes.recall(1, None, Recall(CONV, 1), group=False)
        news = await world.service.sync(2, known, calm.cursor)
        assert [(m.seq, m.status) for m in news.messages[CONV]] == [(1, 1)]
        await world.service.react(1, React(CONV, 2, "+", True))
        more = await world.service.sync(2, known, news.cursor)
        assert [(m.seq, len(m.reactions)) for m in more.messages[CONV]] == [(2, 1)]
        ever = await world.service.sync(2, known, "")
        assert [m.seq for m in ever.messages[CONV]] == [1, 2]


async def test_a_sync_in_pages_goes_on_within_changes() -> None:
    async with World() as world:
        for start in range(0, 600, 100):
            await world.send(*(send(1, 2, f"m{n}") for n in range(start, start + 100)))
        for seq in range(1, 551):
            await world.service.react(2, React(CONV, seq, "+", True))
        seen: list[int] = []
        cursor, more = "", True
        while more:
            page = await world.service.sync(2, {CONV: 555}, cursor)
            seen += [m.seq for m in page.messages.get(CONV, ())]
            cursor, more = page.cursor, page.more
        assert seen == [*range(1, 551), *range(556, 601)]


async def test_a_sync_names_what_one_does_not_belong_to() -> None:
    async with World() as world:
        await found(world, 5, 1, 2)
        await world.service.change(5, 1, lambda state, _s: decide.remove(state, 1, 2))
        synced = await world.service.sync(2, {"g:5": 1, "g:77": 3, "c:8:9": 1, "c:2:9": 1}, "")
        assert synced.gone == ("c:8:9", "g:5", "g:77")
        assert synced.conversations == ()


async def test_who_joins_sees_from_there_on_or_everything() -> None:
    async with World() as world:
        for gid, history in ((5, "join"), (6, "all")):
            await found(world, gid, 1, 2, history=history)
            conv = f"g:{gid}"
            await world.service.send(1, Message(cli_mid=conv, conv=conv, type=1, content="old"))
            await world.service.change(
                gid, 1, lambda state, seq: decide.add(state, 1, [3], world.clock.now_ms(), seq)
            )
            await world.service.send(1, Message(cli_mid=conv + "n", conv=conv, type=1, content="n"))
        joined = (await world.service.history(3, "g:5", 0, None, 0)).items
        assert [m.seq for m in joined] == [3, 4]
        everything = (await world.service.history(3, "g:6", 0, None, 0)).items
        assert [m.seq for m in everything] == [1, 2, 3, 4]
        synced = await world.service.sync(3, {}, "")
        assert [m.seq for m in synced.messages["g:5"]] == [3, 4]
        assert [m.seq for m in synced.messages["g:6"]] == [1, 2, 3, 4]


async def test_transients_go_to_the_others_and_are_kept_nowhere() -> None:
    async with World() as world:
        await found(world, 5, 1, 2)
        world.dispatch.take()
        origin = Origin("n", 3)
        world.service.transient(1, origin, Transient(to=2, type=1, content="typing"))
        world.service.transient(1, origin, Transient(conv="g:5", type=1))
        world.service.transient(9, origin, Transient(conv="g:5", type=1))
        world.service.transient(9, origin, Transient(conv="nonsense", type=1))
        await settle()
        sent = pushes(world.dispatch.take(), "message.cli")
        # In whatever order: there is none between conversations.
        assert sorted((p.envelope.data.conv, sorted(p.uids), p.skip == origin) for p in sent) == [
            (CONV, [1, 2], True), ("g:5", [1, 2], True),
        ]  # fmt: skip
        assert world.service.statistics()["transients_dropped_total"] == 2


@pytest.mark.parametrize("conv", ["c:1:2", "g:5"])
async def test_a_sync_finds_positions_that_are_written_while_it_reads(
    conv: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World() as world:
        if conv == "g:5":
            await found(world, 5, 1, 2)
        message = Message(cli_mid="m", conv=conv, to=2, type=1, content="hi")
        seq = (await world.service.send(1, message)).seq
        # Devices that know nothing, or begin before the first change, are told of every conversation anyway.
        await world.service.edit(1, conv, seq, "hi there")
        cursor = (await world.service.sync(2, {}, "")).cursor
        await world.service.read(2, None, conv, seq)
        read_the_store = world.messages.inbox

        async def overtaken(uid: int, after: str, limit: int) -> Sequence[InboxEntry]:
            entries = await read_the_store(uid, after, limit)
            await world.service._cache.write_positions()
            await world.service._groups.write_positions()
            return entries

        monkeypatch.setattr(world.messages, "inbox", overtaken)
        (entry,) = (await world.service.sync(2, {conv: seq}, cursor)).conversations
        assert (entry.read_seq, entry.unread) == (seq, 0)


async def test_a_cursor_with_numbers_beyond_the_database_is_refused() -> None:
    async with World() as world:
        await world.send(send(1, 2, "a"))
        for number in (-1, 2**53, 10**30):
            forged = base64.urlsafe_b64encode(f'["","",0,{number},{number}]'.encode()).decode()
            with pytest.raises(RequestError, match="cursor"):
                await world.service.sync(1, {}, forged)


async def test_expiry_is_for_people_who_exist_and_names_the_other() -> None:
    async with World() as world:
        for conv, code in (("c:1:5000", "not_found"), ("c:1:3", "blocked")):
            world.relations.blocked.add((1, 3))
            with pytest.raises(RequestError) as refused:
                await world.service.update_conversation(1, UpdateConversation(conv, expire_after=9))
            assert refused.value.code == code
        begun = await world.service.update_conversation(1, UpdateConversation(CONV, expire_after=9))
        assert begun.peer is not None and begun.peer.uid == 2
