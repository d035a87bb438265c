from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from glideim.protocol.records import Conversation, Group, Message, User
from glideim.protocol.social import NotifyConversation, NotifyGroup
from glideim.tui.chatlist import ChatList
from glideim.tui.messages import MessageFile
from glideim.tui.people import People
from tests.unit.client.world import ManualTimers, World, settle

ME, BOB = 1, 2


@pytest.fixture
async def chats(world: World, timers: ManualTimers, tmp_path: Path) -> AsyncIterator[ChatList]:
    async with world.client(ME) as client:
        await settle()
        people = People(client, timers.now_ms)
        people.remember([User(BOB, "bob")])
        file = MessageFile(tmp_path / "m.db")
        yield ChatList(file, people, lambda: ME, timers.now_ms)
        file.close()


def said(conv: str, seq: int, uid: int = BOB, *mentions: int) -> Message:
    return Message(
        conv=conv, seq=seq, from_=uid, type=1, content=f"n{seq}", send_at=seq, mentions=mentions
    )


async def test_groups_and_people_are_listed_and_counted(chats: ChatList) -> None:
    chats.group(Group(7, "Team", conv="g:7"))
    chats.took(said("g:7", 1, BOB, ME))
    chats.took(said("c:1:2", 5))
    assert [(c.title, c.preview, c.unread, c.mentioned) for c in chats.listed()] == [
        ("bob", "n5", 5, False),
        ("Team", "bob: n1", 1, True),
    ]
    assert [c.target for c in chats.listed()] == [BOB, "g:7"]
    assert chats.unread() == 6
    chats.settings(NotifyConversation("g:7", pinned=True, muted=True))
    assert [c.title for c in chats.listed()] == ["Team", "bob"]
    assert chats.unread() == 5, "what is quiet is not counted"
    chats.read(chats.get("g:7"), 1)
    assert not chats.get("g:7").mentioned
    chats.settings(NotifyConversation("c:1:2", hidden=True))
    assert [c.title for c in chats.listed()] == ["Team"]
    chats.took(said("c:1:2", 6))
    assert [c.title for c in chats.listed()] == ["Team", "bob"], "something new is said there"


async def test_what_one_says_is_read(chats: ChatList) -> None:
    chats.took(said("c:1:2", 3))
    chats.took(said("c:1:2", 4, ME))
    assert chats.get("c:1:2").unread == 0


async def test_who_is_put_out_keeps_what_was_said(chats: ChatList) -> None:
    chats.group(Group(7, "Team", conv="g:7"))
    chats.took(said("g:7", 1))
    chats.group_changed(NotifyGroup(7, 2, "removed", BOB, (9,)))
    assert not chats.get("g:7").closed, "somebody else"
    chats.group_changed(NotifyGroup(7, 3, "removed", BOB, (ME,)))
    chat = chats.get("g:7")
    assert (chat.closed, chat.unread) == (True, 0)
    chats.group(Group(7, "Crew", conv="g:7"))
    assert (chat.closed, chat.name) == (False, "Crew"), "and may come back"
    chats.group_changed(NotifyGroup(7, 5, "dissolved", BOB))
    assert chat.closed


async def test_names_of_groups_are_wanted_until_they_are_known(chats: ChatList) -> None:
    assert chats.is_new(7)
    assert chats.get("g:7").title == "group 7"
    assert chats.unknown == {7}
    chats.group_changed(NotifyGroup(7, 2, "renamed", BOB, value="Crew"))
    assert not chats.is_new(7)
    entered = NotifyGroup(8, 1, "invited", BOB, (ME,))
    assert chats.entered(entered)
    assert not chats.entered(NotifyGroup(8, 1, "created", ME))


async def test_takes_over_how_the_server_sees_it(chats: ChatList) -> None:
    group = Group(7, "Team", conv="g:7")
    last = said("g:7", 4)
    chats.synced(
        Conversation("g:7", 4, 3, 1, last_message=last, group=group, pinned=True, expire_after=60)
    )
    chat = chats.get("g:7")
    assert (chat.name, chat.unread, chat.pinned, chat.expire_after) == ("Team", 1, True, 60)
    chats.all.clear()
    chats.load()
    assert chats.get("g:7").name == "Team", "kept in the file"
