from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from glideim.protocol.social import FileInfo
from glideim.tui.book import Listener
from glideim.tui.commands import COMMANDS, Desk, Refusal, enter
from glideim.tui.do_files import _place
from glideim.tui.messages import MessageFile
from glideim.tui.model import Model
from tests.unit.client.world import ManualTimers, World, settle

DOCS = Path(__file__).parents[3] / "docs" / "chat.md"


class At(Desk):
    """Alice at the desk; `out` is what she is told."""

    out: io.StringIO


@pytest.fixture
async def desk(world: World, timers: ManualTimers, tmp_path: Path) -> AsyncIterator[At]:
    async with world.client(1) as client:
        await settle()
        file = MessageFile(tmp_path / "m.db")
        listener = Listener(changed=lambda: None, noted=lambda _: None)
        model = Model(client, file, timers.now_ms, listener)
        model.start()
        out = io.StringIO()
        desk = At(model, lambda text: print(text, file=out))
        desk.out = out
        yield desk
        await model.stop()


def test_the_page_has_every_command() -> None:
    page = DOCS.read_text("utf-8")
    for name, command in COMMANDS.items():
        usage = f" {command.usage}" if command.usage else ""
        escaped = usage.replace("|", "\\|")
        assert f"| `/{name}{escaped}` | {command.help} |" in page


async def test_messages_and_commands_are_told_apart(desk: At, world: World) -> None:
    await enter(desk, "/to bob")
    await enter(desk, "hello")
    await enter(desk, "//etc/hosts")
    await enter(desk, "   ")
    await desk.client.drained()
    assert world.stored(1, 2) == ["hello", "/etc/hosts"]
    await enter(desk, "/HELP pin")
    assert desk.out.getvalue() == "/pin [#N] — pin a message for everybody\n"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("/nonsense", "there is no /nonsense"),
        ("/help nonsense", "there is no /nonsense"),
        ("hello", "no conversation is open"),
        ("/to zoe", "nobody is called 'zoe'"),
        ("/to", "to whom"),
        ("/top maybe", "on or off"),
        ("/search", "what do you look for"),
        ("/done", "no message is growing"),
        ("/end x", "which one"),
        ("/file /no/such/file", "no conversation is open"),
        ("/group new", "what is it called"),
        ("/join somewhere", "which group"),
        ("/invite", "who"),
    ],
)
async def test_what_cannot_be_done_is_said(desk: At, line: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        await enter(desk, line)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("/members", "this is not a group"),
        ("/edit again", "there is no message to do that to"),
        ("/recall #7", "there is no message #7"),
        ("/reply #1", "what do you answer"),
        ("/save #1", "#1 is not a file"),
        ("/goto #9", "there is no such message"),
        ("/expire soon", "after how long"),
        ("/file /no/such/file", "No such file"),
        ("/list x", "how many"),
    ],
)
async def test_what_cannot_be_done_here_is_said(
    desk: At, world: World, line: str, why: str
) -> None:
    world.say(2, 1, "hi")
    await settle()
    await enter(desk, "/to bob")
    with pytest.raises(Refusal, match=why):
        await enter(desk, line)


def answered(desk: Desk, seq: int) -> str | None:
    """What a message of the conversation with Bob answers."""
    conv = desk.here().conv
    message = desk.model.message(conv, seq)
    assert message is not None
    return next(m.content for m in desk.model.file.latest(conv, 9) if m.mid == message.reply_to)


async def test_what_a_command_is_about(desk: At, world: World) -> None:
    world.say(2, 1, "first")
    world.say(2, 1, "second")
    await settle()
    await enter(desk, "/to bob")
    await enter(desk, "/reply yes")
    await desk.client.drained()
    await settle()
    assert answered(desk, 3) == "second", "their last message"
    await enter(desk, "/reply #1 no")
    await desk.client.drained()
    await settle()
    desk.model.move_selection(-1)
    desk.model.move_selection(-1)
    assert desk.model.selected == 3
    await enter(desk, "/reply me too")
    await desk.client.drained()
    await settle()
    assert [answered(desk, seq) for seq in (4, 5)] == ["first", "yes"]
    assert not [line for line in desk.model.lines() if line.selected]
    assert desk.model.lines()[-1].quote == "me: yes"


async def test_goto_selects_and_list_numbers(desk: At, world: World) -> None:
    for n in range(3):
        world.say(2, 1, f"n{n}")
    await settle()
    await enter(desk, "/to @bob")
    await enter(desk, "/goto #2")
    assert [line.seq for line in desk.model.lines() if line.selected] == [2]
    await enter(desk, "/list 2")
    rows = desk.out.getvalue().splitlines()
    assert rows[0].startswith("#2 ")
    assert [row.rsplit(" ", 1)[1] for row in rows] == ["n1", "n1", "n2"]


def test_a_sender_does_not_choose_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _place(FileInfo(name="../../etc/passwd"), "") == Path("passwd")
    assert _place(FileInfo(name=".bashrc"), "") == Path("bashrc")
    assert _place(FileInfo(name="a\n\\b"), str(tmp_path)) == tmp_path / "a_b"
    (tmp_path / "x.txt").touch()
    assert _place(FileInfo(name="x.txt"), "") == Path("x (1).txt")
    assert _place(FileInfo(name="x.txt"), "y.txt") == Path("y.txt")
