"""The chat's commands through a real server: two people in lines, who hear what the other does."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from glideim.client import Client
from glideim.config import Config
from glideim.server import Server
from glideim.tui.line import LineChat
from glideim.tui.messages import MessageFile

PASSWORD = "a good password"


class Person:
    """Somebody at a line chat."""

    def __init__(self, client: Client, chat: LineChat, out: io.StringIO) -> None:
        self.client = client
        self.chat = chat
        self._out = out

    @property
    def printed(self) -> str:
        return self._out.getvalue()

    async def types(self, *lines: str) -> None:
        for line in lines:
            await self.chat.typed(line)

    async def sees(self, text: str) -> None:
        await until(lambda: text in self.printed, lambda: f"{text!r} in {self.printed!r}")


async def until(condition: Callable[[], bool], what: Callable[[], str] = str) -> None:
    try:
        async with asyncio.timeout(15):
            while not condition():  # noqa: ASYNC110 - what happens comes from outside
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(what()) from None


@pytest.fixture
async def addresses(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    config = Config(
        data=str(tmp_path / "data"),
        durability="relaxed",
        limits="off",
        ws_port=0,
        tcp_port=0,
        http_port=0,
    )
    server = await Server.start(config)
    yield dict(server.addresses())
    await server.stop()


@pytest.fixture
async def three(addresses: dict[str, str], tmp_path: Path) -> AsyncIterator[list[Person]]:
    async with AsyncExitStack() as stack:
        people = []
        for name in ("ann", "bob", "cid"):
            client = await stack.enter_async_context(Client(addresses["ws"], api=addresses["http"]))
            await client.register(name, PASSWORD)
            await client.login(name, PASSWORD)
            out = io.StringIO()
            chat = LineChat(client, MessageFile(tmp_path / f"{name}.db"), out)
            chat.start()
            stack.push_async_callback(chat.stop)
            people.append(Person(client, chat, out))
        yield people


async def test_a_group_from_its_beginning_to_its_end(three: list[Person]) -> None:
    ann, bob, cid = three
    await ann.types("/group new The team @bob", "hello @bob")
    await bob.sees("ann brought you into The team.")
    await bob.sees("[The team] ann: hello @bob")
    await bob.types("/to The team", "/reply hello yourself")
    await ann.sees("[The team] bob: hello yourself")
    group = (await ann.client.groups.info(ann.chat.model.open.gid)).gid  # type: ignore[union-attr]
    found = await ann.client.history(f"g:{group}")
    assert found[1].mentions == (bob.client.uid,)
    assert found[2].reply_to == found[1].mid
    await ann.types("/invite @cid", "/role @bob admin", "/group name Crew", "/members")
    await cid.sees("ann brought you into The team.")
    await bob.sees("] * ann brought in cid")
    await bob.sees("ann made bob admin".replace("bob", "me"))
    await bob.sees("called the group “Crew”")
    await ann.sees("bob (bob) #")
    await bob.types("/mute @cid 10")
    await cid.sees("bob silenced me until")
    await cid.types("/to Crew", "hm")
    await bob.types("/unmute @cid")
    await cid.sees("bob let me write again")
    await cid.types("/leave")
    await ann.sees("cid left")
    await ann.types("/remove @bob")
    await bob.sees("You do not belong to Crew any more.")
    assert "hm" not in ann.printed


async def test_asking_to_join(three: list[Person], capsys: pytest.CaptureFixture[str]) -> None:
    ann, bob, _ = three
    await ann.types("/group new Club", "/group joining approval", "/group")
    await ann.sees("joining: approval")
    await bob.types(f"/join {ann.chat.model.open.gid} please")  # type: ignore[union-attr]
    await bob.sees("asked to join")
    await ann.sees("bob asks to join")
    await ann.types("/requests")
    await ann.sees("asks to join: please")
    await ann.types("/accept @bob")
    await bob.sees("ann brought you into Club.")
    await bob.types("/to Club", "thanks")
    await ann.sees("[Club] bob: thanks")
    assert capsys.readouterr().err == ""


async def test_what_is_done_to_messages_is_told(three: list[Person]) -> None:
    ann, bob, _ = three
    await ann.types("@bob helo")
    await bob.sees("ann: helo")
    await ann.types("/edit hello")
    await bob.sees("ann edited #1: hello")
    await bob.types("/to ann", "/react 🎉", "/pin #1")
    await ann.sees("bob reacted 🎉 to #1")
    await ann.sees("bob pinned #1")
    await ann.types("/pins", "/search hello")
    await ann.sees("bob: #1 ")
    await bob.types("/unreact")
    await ann.sees("bob took back 🎉 to #1")
    await ann.types("secret")
    await bob.sees("ann: secret")
    await ann.types("/recall")
    await bob.sees("ann took back #2")
    await bob.types("/list")
    await bob.sees("(taken back)")
    await ann.types("/expire 1d")
    await ann.sees("disappears after 1d")
    await until(lambda: bob.chat.model.open.expire_after == 86_400)  # type: ignore[union-attr]


async def test_a_message_that_grows_is_heard_once_it_is_whole(three: list[Person]) -> None:
    ann, bob, _ = three
    await bob.types("/to ann")
    await ann.types("@bob", "/stream to be", "or not")
    await until(lambda: any("or not …" in line.text for line in bob.chat.model.lines()))
    await ann.types("to be", "/done", "after")
    await bob.sees("ann: after")
    assert bob.printed == "ann: to be\nor not\nto be\nann: after\n"
    assert ann.chat.model.lines()[0].text == "to be\nor not\nto be"
    await ann.types("/stream oh", "/cancel")
    await until(lambda: bob.chat.model.lines()[-1].text == "(taken back)")


async def test_a_file_goes_there_and_is_kept(three: list[Person], tmp_path: Path) -> None:
    ann, bob, _ = three
    data = bytes(range(256)) * 300
    (tmp_path / "notes.bin").write_bytes(data)
    kept = tmp_path / "kept"
    kept.mkdir()
    await ann.types("@bob", f"/file {tmp_path / 'notes.bin'}")
    await bob.sees("ann: [file] notes.bin (75 KiB)")
    await bob.types("/to ann", f"/save {kept}", f"/save {kept}")
    assert (kept / "notes.bin").read_bytes() == data
    assert (kept / "notes (1).bin").read_bytes() == data, "nothing is written over"
    await ann.types("/files")
    await ann.sees("notes.bin, 76800 B")


async def test_contacts_blocks_and_sessions(
    three: list[Person], capsys: pytest.CaptureFixture[str]
) -> None:
    ann, bob, cid = three
    await ann.types("/add @bob it is me", "/add @cid")
    await bob.sees("ann wants to be a contact")
    await bob.types("/requests", "/accept @ann Annie", "/contacts")
    await bob.sees("ann #")
    await bob.sees("Annie #")
    await ann.sees("bob is a contact now.")
    await cid.sees("ann wants to be a contact")
    await cid.types("/reject @ann", "/block @ann", "/blocked")
    await cid.sees(f"ann #{ann.client.uid}")
    await ann.types("/sessions", "/who @bob", "/nick Anna", "/who")
    await ann.sees("(this one, connected)")
    await ann.sees("bob (bob) #")
    await ann.sees("Anna (ann) #")
    assert capsys.readouterr().err == ""
    await ann.types("@cid hello?")
    await ann.client.drained()
    await until(lambda: "not sent: " in capsys.readouterr().err)


async def test_typing_is_shown_and_lists_are_kept_in_order(three: list[Person]) -> None:
    ann, bob, cid = three
    await ann.types("@bob hi")
    await cid.types("@bob ho")
    await bob.sees("ann: hi")
    await bob.sees("cid: ho")
    await bob.types("/to ann", "/top")
    model = bob.chat.model
    assert [chat.title for chat in model.chats.listed()] == ["ann", "cid"]
    ann.chat.model.people.typed(ann.chat.model.open.conv)  # type: ignore[union-attr]
    await until(lambda: model.typing() == "ann is typing…")
    await until(lambda: model.people.is_there(ann.client.uid))
    await bob.types("/hide", "/chats")
    assert [chat.title for chat in model.chats.listed()] == ["cid"]
    await ann.types("again")
    await bob.sees("ann: again")
    assert [chat.title for chat in model.chats.listed()] == ["ann", "cid"]
    assert model.typing() == "", "who has sent it does not type"
