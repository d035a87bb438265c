from __future__ import annotations

from pathlib import Path

import pytest

from glideim.protocol.records import Message, Reaction
from glideim.tui.messages import Chat, MessageFile
from glideim.tui.window import Window, edited, erased, reacted
from tests.unit.client.world import ManualTimers, World, settle


def message(seq: int, **more: object) -> Message:
    return Message(mid=seq, conv="c:1:2", seq=seq, from_=2, type=1, content=f"m{seq}", **more)  # type: ignore[arg-type]


async def test_holes_are_filled_from_the_file_and_the_server(
    world: World, timers: ManualTimers, tmp_path: Path
) -> None:
    for n in range(8):
        world.say(2, 1, f"said {n + 1}")
    async with world.client(1) as client:
        await settle()
        file = MessageFile(tmp_path / "m.db")
        file.add([message(n) for n in (5, 6)])
        window = Window(client, file, Chat("c:1:2", 2, last_seq=6), timers.now_ms)
        assert not window.begin()
        assert [m.seq for m in window.messages] == [5, 6]
        sparse = window.sparse
        assert sparse
        window.put(message(8))
        assert [m.seq for m in window.messages] == [8], "what is before a hole is let go"
        file.add([message(7)])
        window.put(message(7))
        assert [m.seq for m in window.messages] == [5, 6, 7, 8], "and comes back with it"
        assert await window.reach(2)
        assert [m.seq for m in window.messages] == list(range(1, 9))
        assert not window.sparse
        assert not await window.older()
        assert not await window.reach(99)
        file.close()


async def test_what_was_to_disappear_is_gone_from_the_file(
    world: World, timers: ManualTimers, tmp_path: Path
) -> None:
    async with world.client(1) as client:
        file = MessageFile(tmp_path / "m.db")
        file.add([message(1), message(2, expire_at=timers.now_ms())])
        window = Window(client, file, Chat("c:1:2", 2, last_seq=2), timers.now_ms)
        assert window.begin()
        assert [(m.content, m.status) for m in window.messages] == [("m1", 0), (None, 3)]
        kept = file.get("c:1:2", 2)
        assert kept is not None
        assert kept.content is None
        file.close()


def test_an_edit_leaves_reactions_and_pins() -> None:
    before = message(1, reactions=(Reaction("+", 1),), pinned=True)
    after = edited(before, message(1, status=2))
    assert (after.status, after.reactions, after.pinned) == (2, before.reactions, True)
    assert edited(None, message(1)) == message(1)
    assert edited(before, message(1, status=3)).content is None


def test_recalled_messages_say_nothing() -> None:
    gone = erased(message(1, mentions=(1,), reactions=(Reaction("+", 1),)))
    assert (gone.content, gone.status, gone.mentions, gone.reactions) == (None, 1, (), ())


@pytest.mark.parametrize(
    ("count", "mine", "then"),
    [(2, None, (Reaction("+", 2, True),)), (2, False, (Reaction("+", 2),)), (0, False, ())],
)
def test_reactions(count: int, mine: bool | None, then: tuple[Reaction, ...]) -> None:
    one = reacted(message(1), "+", 1, mine=True)
    assert one.reactions == (Reaction("+", 1, True),)
    assert reacted(one, "+", count, mine=mine).reactions == then
