"""The terminal client as a person uses it, in textual's pilot, against a server in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from glideim.tui.app import ChatApp
from glideim.tui.login import LoginScreen
from glideim.tui.screens import ChatScreen
from tests.unit.client.world import ManualTimers, World, settle


@asynccontextmanager
async def running(
    world: World, home: Path, account: str | None = None, password: str | None = None
) -> AsyncIterator[Pilot[None]]:
    app = ChatApp(
        "ws://test/ws", account, password, home, connect=world.connect, timers=world.timers
    )
    async with app.run_test(size=(100, 30)) as pilot:
        await quiet(pilot)
        yield pilot


async def quiet(pilot: Pilot[None]) -> None:
    """Until nothing more happens by itself."""
    for _ in range(3):
        await settle()
        await pilot.pause()


def shown(pilot: Pilot[None], selector: str) -> str:
    return str(pilot.app.screen.query_one(selector, Static).render())


def listed(pilot: Pilot[None]) -> list[str]:
    options = pilot.app.screen.query_one("#chats", OptionList)
    return [str(options.get_option_at_index(n).prompt) for n in range(options.option_count)]


async def say(pilot: Pilot[None], text: str) -> None:
    pilot.app.screen.query_one("#entry", Input).value = text
    await pilot.press("enter")
    await quiet(pilot)


async def start_chat(pilot: Pilot[None], name: str) -> None:
    await pilot.press("ctrl+n")
    await quiet(pilot)
    pilot.app.screen.query_one("#name", Input).value = name
    await quiet(pilot)
    await pilot.press("enter")
    await quiet(pilot)


async def test_asks_who_one_is_and_signs_in(world: World, tmp_path: Path) -> None:
    async with running(world, tmp_path) as pilot:
        assert isinstance(pilot.app.screen, LoginScreen)
        pilot.app.screen.query_one("#account", Input).value = "alice"
        pilot.app.screen.query_one("#password", Input).value = "wrong"
        await pilot.click("#sign-in")
        await quiet(pilot)
        assert "not right" in shown(pilot, "#error")
        # By the keyboard: a button ignores whoever presses it again within a fifth of a second.
        password = pilot.app.screen.query_one("#password", Input)
        password.value = "secret"
        password.focus()
        await pilot.press("enter")
        await quiet(pilot)
        assert isinstance(pilot.app.screen, ChatScreen)
        assert shown(pilot, "#status") == "alice: connected"
    async with running(world, tmp_path) as pilot:
        assert shown(pilot, "#status") == "alice: connected", "still signed in after a restart"


async def test_registers(world: World, tmp_path: Path) -> None:
    async with running(world, tmp_path) as pilot:
        pilot.app.screen.query_one("#account", Input).value = "dave"
        pilot.app.screen.query_one("#password", Input).value = "secret"
        await pilot.click("#register")
        await quiet(pilot)
        assert shown(pilot, "#status") == "dave: connected"
        assert "dave" in world.passwords


async def test_a_message_goes_out_and_its_ticks_come_back(
    world: World, tmp_path: Path, timers: ManualTimers
) -> None:
    async with running(world, tmp_path, "alice", "secret") as pilot:
        await start_chat(pilot, "bob")
        assert shown(pilot, "#title") == "bob"
        world.silent.add("message.chat")
        await say(pilot, "hello [b]bob[/b] \x1b[31m")
        assert "me: hello [b]bob[/b] \ufffd[31m  ◷" in shown(pilot, "#messages")
        world.silent.clear()
        await timers.advance(6)
        await quiet(pilot)
        assert shown(pilot, "#messages").endswith("✓")
        async with world.client(2) as bob:
            await settle()
            stream = bob.messages(confirm="taken")
            message = await anext(stream)
            await quiet(pilot)
            assert shown(pilot, "#messages").endswith("✓✓")
            bob.mark_read(message.conv, message.seq)
            await quiet(pilot)
            assert shown(pilot, "#messages").endswith("✓✓ read")


async def test_what_others_say_arrives_and_is_counted_until_it_is_read(
    world: World, tmp_path: Path, timers: ManualTimers
) -> None:
    world.say(2, 1, "first")
    async with running(world, tmp_path, "alice", "secret") as pilot:
        await timers.advance(1)
        world.say(3, 1, "from carol")
        await quiet(pilot)
        entries = listed(pilot)
        assert "(1)" in entries[0]
        assert "from carol" in entries[0]
        assert "first" in entries[1]
        assert shown(pilot, "#status").endswith("2 unread")
        pilot.app.screen.query_one("#chats", OptionList).focus()
        await pilot.press("home", "enter")
        await quiet(pilot)
        assert "from carol" in shown(pilot, "#messages")
        assert shown(pilot, "#status").endswith("1 unread")
        assert world.reads["c:1:3", 1] == 1
        world.say(3, 1, "and more")
        await quiet(pilot)
        assert "and more" in shown(pilot, "#messages")
        assert world.reads["c:1:3", 1] == 2
        assert shown(pilot, "#status").endswith("1 unread"), "what is seen is read"


async def test_older_messages_come_when_scrolling_up(world: World, tmp_path: Path) -> None:
    for n in range(120):
        world.say(2, 1, f"number {n:03}")
    async with running(world, tmp_path, "alice", "secret") as pilot:
        await start_chat(pilot, "bob")
        assert "number 119" in shown(pilot, "#messages")
        assert "number 069" not in shown(pilot, "#messages")
        for _ in range(12):
            await pilot.press("pageup")
            await quiet(pilot)
        assert "number 000" in shown(pilot, "#messages")
        texts = [line.rsplit(" ", 1)[1] for line in shown(pilot, "#messages").splitlines()]
        assert texts == [f"{n:03}" for n in range(120)]


async def test_lives_through_a_restart_of_the_server(
    world: World, tmp_path: Path, timers: ManualTimers
) -> None:
    async with running(world, tmp_path, "alice", "secret") as pilot:
        await start_chat(pilot, "bob")
        world.refusing_connections = True
        world.of(1)[0].end(4000, "restarting", 3000)
        await quiet(pilot)
        assert "restarting); reconnecting in" in shown(pilot, "#status")
        await say(pilot, "while away")
        assert shown(pilot, "#messages").endswith("while away  ◷")
        world.say(2, 1, "missed you")
        world.refusing_connections = False
        await timers.advance(60)
        await quiet(pilot)
        assert shown(pilot, "#status").startswith("alice: connected")
        text = shown(pilot, "#messages")
        assert "missed you" in text
        assert text.endswith("while away  ✓")


async def test_what_was_seen_is_there_without_a_server(world: World, tmp_path: Path) -> None:
    async with running(world, tmp_path, "alice", "secret") as pilot:
        await start_chat(pilot, "bob")
        await say(pilot, "kept")
        world.say(2, 1, "answer")
        await quiet(pilot)
    world.refusing_connections = True
    async with running(world, tmp_path) as pilot:
        assert "bob" in listed(pilot)[0]
        pilot.app.screen.query_one("#chats", OptionList).focus()
        await pilot.press("home", "enter")
        await quiet(pilot)
        text = shown(pilot, "#messages")
        assert "kept" in text
        assert "answer" in text
        assert "not connected" in shown(pilot, "#status")


async def test_a_refused_message_says_why(world: World, tmp_path: Path) -> None:
    async with running(world, tmp_path, "alice", "secret") as pilot:
        await start_chat(pilot, "2")
        world.refuse_sends = ["blocked"]
        await say(pilot, "hello?")
        assert "✗ refused" in shown(pilot, "#messages")


async def test_who_is_kicked_may_take_over_again(world: World, tmp_path: Path) -> None:
    async with running(world, tmp_path, "alice", "secret") as pilot:
        world.of(1)[0].end(4100, "elsewhere")
        await quiet(pilot)
        assert "signed in elsewhere" in shown(pilot, "#status")
        await pilot.press("ctrl+r")
        await quiet(pilot)
        assert shown(pilot, "#status") == "alice: connected"


async def test_signing_out_leads_back_to_the_login(world: World, tmp_path: Path) -> None:
    async with running(world, tmp_path, "alice", "secret") as pilot:
        await pilot.press("ctrl+l")
        await quiet(pilot)
        assert isinstance(pilot.app.screen, LoginScreen)
        assert world.connections == []
