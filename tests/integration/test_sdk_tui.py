"""The terminal client against a real server process, through a restart of the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input, Static

from glideim.client import Client
from glideim.tui.app import ChatApp
from tests.support.processes import ServerProcess

PASSWORD = "a good password"


def text(pilot: Pilot[None], selector: str) -> str:
    return str(pilot.app.screen.query_one(selector, Static).render())


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await pilot.pause()


async def say(pilot: Pilot[None], words: str) -> None:
    pilot.app.screen.query_one("#entry", Input).value = words
    await pilot.press("enter")


async def test_two_people_chat_and_the_server_restarts(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data") as server, Client(server.tcp) as bob:
        await bob.register("bob", PASSWORD, "Bob")
        await bob.login("bob", PASSWORD)
        heard = bob.messages(confirm="taken")
        app = ChatApp(server.ws, None, None, tmp_path / "home")
        async with app.run_test(size=(100, 30)) as pilot:
            app.screen.query_one("#account", Input).value = "alice"
            app.screen.query_one("#password", Input).value = PASSWORD
            await pilot.click("#register")
            await until(pilot, lambda: bool(app.screen.query("#status")))
            await until(pilot, lambda: text(pilot, "#status") == "alice: connected")
            await pilot.press("ctrl+n")
            await until(pilot, lambda: bool(app.screen.query("#name")))
            app.screen.query_one("#name", Input).value = "bob"
            await until(pilot, lambda: app.screen.query_one("#people").option_count == 1)  # type: ignore[attr-defined]
            await pilot.press("enter")
            await until(
                pilot, lambda: bool(app.screen.query("#title")) and text(pilot, "#title") == "Bob"
            )
            await say(pilot, "hello")
            message = await anext(heard)
            assert message.content == "hello"
            await until(pilot, lambda: text(pilot, "#messages").endswith("me: hello  ✓✓"))
            bob.mark_read(message.conv, message.seq)
            await until(pilot, lambda: text(pilot, "#messages").endswith("✓✓ read"))
            await server.kill()
            await until(pilot, lambda: "not connected" in text(pilot, "#status"))
            await say(pilot, "are you there?")
            await until(pilot, lambda: text(pilot, "#messages").endswith("◷"))
            await server.start()
            assert (await anext(heard)).content == "are you there?"
            await until(pilot, lambda: text(pilot, "#messages").endswith("are you there?  ✓✓"))
            await bob.send(message.from_, "yes")
            await until(pilot, lambda: text(pilot, "#messages").endswith("Bob: yes"))
            assert text(pilot, "#status") == "alice: connected"


async def test_a_group_on_the_screen(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data") as server, Client(server.tcp) as bob:
        await bob.register("bob", PASSWORD, "Bob")
        await bob.login("bob", PASSWORD)
        async with Client(server.tcp) as other:
            await other.register("alice", PASSWORD)
        app = ChatApp(server.ws, "alice", PASSWORD, tmp_path / "home")
        async with app.run_test(size=(100, 30)) as pilot:
            await until(pilot, lambda: bool(app.screen.query("#status")))
            await say(pilot, "/group new Team @bob")
            await until(pilot, lambda: text(pilot, "#title") == "Team")
            await say(pilot, "hello @bob")
            await until(pilot, lambda: text(pilot, "#messages").endswith("me: hello @bob  ✓"))
            assert "me made the group" in text(pilot, "#messages")
            assert app.model is not None
            assert app.model.open is not None
            conv = app.model.open.conv
            (message,) = [m for m in await bob.history(conv) if m.type == 1]
            assert message.mentions == (bob.uid,)
            await bob.react(message, "+1")
            await until(pilot, lambda: "hello @bob  [+1]  ✓" in text(pilot, "#messages"))
            bob.signal(conv)
            pane = app.screen.query_one("#pane")
            await until(pilot, lambda: str(pane.border_subtitle) == "Bob is typing…")
            async with bob.stream(conv) as answer:
                await answer.write("slowly")
                await until(pilot, lambda: text(pilot, "#messages").endswith("Bob: slowly …"))
            await until(pilot, lambda: text(pilot, "#messages").endswith("Bob: slowly"))
            await pilot.press("up")
            entry = app.screen.query_one("#entry", Input)
            assert entry.value == f"/edit #{message.seq} hello @bob"
            entry.value += "!"
            await pilot.press("enter")
            await until(pilot, lambda: "hello @bob!  [edited +1]  ✓" in text(pilot, "#messages"))
            await pilot.press("ctrl+up")
            await until(pilot, lambda: f"▶ #{message.seq + 1} " in text(pilot, "#messages"))
            await pilot.press("r", "o", "k", "enter")
            await until(pilot, lambda: "↳ Bob: slowly" in text(pilot, "#messages"))
            await pilot.press("ctrl+f")
            await until(pilot, lambda: bool(app.screen.query("#words")))
            app.screen.query_one("#words", Input).value = "hello"
            await pilot.press("enter")
            await until(pilot, lambda: app.screen.query_one("#found").option_count == 1)  # type: ignore[attr-defined]
            await pilot.press("enter")
            await until(pilot, lambda: bool(app.screen.query("#messages")))
            await until(pilot, lambda: f"▶ #{message.seq} " in text(pilot, "#messages"))
            await pilot.press("escape", "f1")
            await until(pilot, lambda: "/help [COMMAND]" in text(pilot, "#answer-text"))
            await bob.groups.leave(app.model.open.gid)
            await until(pilot, lambda: text(pilot, "#messages").endswith("— Bob left"))
            await say(pilot, "/group dissolve yes")
            await until(pilot, lambda: "do not belong" in str(pane.border_title))
