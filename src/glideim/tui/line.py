"""Chat without a screen: one message, all messages, or a conversation on standard input and output."""

from __future__ import annotations

import asyncio
import getpass
import secrets
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TextIO

import msgspec

from glideim.client import (
    Client,
    ClientError,
    Credentials,
    EventStream,
    Failed,
    Kicked,
    MemoryStore,
    Options,
    SignedOut,
    Store,
)
from glideim.client.timers import LoopTimers
from glideim.protocol.records import User

from .book import Listener
from .commands import Desk, enter, said
from .home import Home, api_of
from .messages import Chat, MessageFile
from .model import Model
from .text import clean

TAIL_DEVICE = 5
LINE_DEVICE = 4
"""The same as the chat with a screen: one of the two at a time."""
PATIENCE = 30.0
"""Seconds to get a connection and an answer before a command fails."""


class Failure(ClientError):  # noqa: N818 - the end of a command, with the reason for the person
    """A command cannot be carried out."""


def send_once(
    server: str, account: str | None, password: str | None, home: Path, to: str, content: str
) -> None:
    """Send one message to an account name or uid; prints its acknowledgement as a line of JSON once the server
    stored it. Raises ClientError."""
    asyncio.run(_send_once(server, account, password, home, to, content))


def tail(server: str, account: str | None, password: str | None, home: Path) -> None:
    """Print messages as they arrive, one line of JSON each, until interrupted: each once, going on after a restart
    where it stopped. Begins with those that no device of the person has yet. Raises ClientError."""
    asyncio.run(_tail(server, account, password, home))


def run_line_chat(
    server: str, account: str | None, password: str | None, home: Path, api: str = ""
) -> None:
    """Chat on standard input and output. `@name text` speaks to somebody, further lines go to the same, `/help` shows
    what else there is; what others say is printed as `name: text`, in groups after `[group]`. Ends when the input ends
    and everything is stored. `api` is the address of the HTTP API. Raises ClientError."""
    asyncio.run(_line_chat(server, account, password, home, sys.stdin, sys.stdout, api))


async def _send_once(
    server: str, account: str | None, password: str | None, home: Path, to: str, content: str
) -> None:
    # A class of device of its own, so that nobody who is signed in is thrown out.
    device = 7 + secrets.randbelow(93)
    async with _signed_in(
        server, account, password, home, lambda _: MemoryStore(), device
    ) as client:
        receiver = await _find(client, to)
        try:
            async with asyncio.timeout(PATIENCE):
                sent = await client.send(receiver.uid, content)
        except TimeoutError:
            raise Failure(
                "the message was not acknowledged in time; it may have been stored"
            ) from None
    answer = {
        "mid": sent.mid,
        "conv": sent.conv,
        "seq": sent.seq,
        "cliMid": sent.cli_mid,
        "sendAt": sent.send_at,
    }
    _print(sys.stdout, msgspec.json.encode(answer).decode())


async def _tail(server: str, account: str | None, password: str | None, home: Path) -> None:
    def state(place: Home) -> Store:
        return place.state(_account(place, account), "tail")

    async with _signed_in(server, account, password, home, state, TAIL_DEVICE) as client:
        stream = client.messages()
        _on_interrupt(stream.close)
        watching = asyncio.create_task(_until_put_out(client.events()))
        watching.add_done_callback(lambda _: stream.close())
        async for message in stream:
            _print(sys.stdout, msgspec.json.encode(message).decode())
        if watching.done():
            raise Failure(watching.result())
        watching.cancel()


async def _line_chat(
    server: str,
    account: str | None,
    password: str | None,
    home: Path,
    source: TextIO,
    out: TextIO,
    api: str = "",
) -> None:
    def state(place: Home) -> Store:
        return place.state(_account(place, account), "line")

    async with _signed_in(
        server, account, password, home, state, LINE_DEVICE, api=api or api_of(server)
    ) as client:
        place = Home(home, server)
        chat = LineChat(client, MessageFile(place.messages(_account(place, account), "line")), out)
        chat.start()
        try:
            async for line in _lines(source):
                await chat.typed(line)
            await chat.finish()
        finally:
            await chat.stop()


class LineChat:
    """A conversation in lines."""

    def __init__(self, client: Client, file: MessageFile, out: TextIO) -> None:
        self._client = client
        self._out = out
        listener = Listener(changed=lambda: None, noted=self._noted, heard=self._heard)
        self.model = Model(client, file, LoopTimers().now_ms, listener)
        self._desk = Desk(self.model, self._tell)
        self._failures: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Print what happens."""
        self._failures = asyncio.create_task(self._print_failures())
        self.model.start()

    async def stop(self) -> None:
        """Stop printing."""
        if self._failures is not None:
            self._failures.cancel()
            await asyncio.gather(self._failures, return_exceptions=True)
        await self.model.stop()

    async def typed(self, line: str) -> None:
        """One line of input."""
        text = line.strip()
        try:
            if text.startswith("@"):
                name, _, text = text[1:].partition(" ")
                await enter(self._desk, f"/to {name}")
            if text and not text.startswith("/") and self.model.open is None:
                raise Failure("to whom? begin with @name")
            await enter(self._desk, text)
        except ClientError as error:
            _print(sys.stderr, said(error))

    async def finish(self) -> None:
        """End what grows, and wait until everything is stored."""
        if self._desk.writer is not None:
            await self.typed("/done")
        try:
            async with asyncio.timeout(PATIENCE):
                await self._client.drained()
        except TimeoutError:
            left = len(self._client.waiting())
            raise Failure(
                f"{left} messages are not stored yet; they will be sent the next time"
            ) from None

    def _heard(self, chat: Chat, text: str) -> None:
        where = f"[{chat.title}] " if chat.gid else ""
        _print(self._out, clean(f"{where}{text}"))

    def _noted(self, text: str) -> None:
        _print(self._out, clean(f"* {text}"))

    def _tell(self, text: str) -> None:
        _print(self._out, clean(text))

    async def _print_failures(self) -> None:
        """What was refused."""
        async for event in self._client.events():
            if isinstance(event, Failed):
                _print(sys.stderr, f"not sent: {event.message or event.code}")


@asynccontextmanager
async def _signed_in(
    server: str,
    account: str | None,
    password: str | None,
    home: Path,
    state: Callable[[Home], Store],
    device: int,
    api: str = "",
) -> AsyncIterator[Client]:
    """A connected client of the account, signed in with what is kept or with the password. Raises ClientError."""
    place = Home(home, server)
    name = _account(place, account)
    credentials = place.credentials(name)
    if credentials is None:
        credentials = await _sign_in(server, name, password or _ask_password(name), device)
        place.save_credentials(name, credentials)
    store = state(place)
    # Borrowed: without an expiry it is not refreshed here, which would invalidate it for the others.
    store.save_credentials(Credentials(credentials.uid, credentials.token, account=name))
    async with Client(
        server, store=store, options=Options(device=device, start="delivered"), api=api
    ) as client:
        await client.connect(timeout=PATIENCE)
        yield client


async def _sign_in(server: str, account: str, password: str, device: int) -> Credentials:
    store = MemoryStore()
    async with Client(server, store=store, options=Options(device=device)) as client:
        await client.login(account, password)
    credentials = store.credentials()
    if credentials is None:
        raise Failure("signed out at once")
    return credentials


def _account(home: Home, account: str | None) -> str:
    name = account or home.last_account()
    if name is None:
        raise Failure("which account? give --account (and --password the first time)")
    return name


def _ask_password(account: str) -> str:
    if not sys.stdin.isatty():
        raise Failure(f"{account} is not signed in on this machine: give --password")
    return getpass.getpass(f"Password of {account}: ")


async def _find(client: Client, name: str) -> User:
    """A person by exact account name, or by uid. Raises Failure."""
    for user in await client.search_users(name):
        if user.account.lower() == name.lower():
            return user
    if name.isdigit():
        users = await client.users([int(name)])
        if users:
            return users[0]
    raise Failure(f"nobody is called {name!r}")


async def _lines(source: TextIO) -> AsyncIterator[str]:
    """Lines of a text file that may block: read by a thread that the end of the program need not wait for."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        for line in source:
            loop.call_soon_threadsafe(queue.put_nowait, line)
        loop.call_soon_threadsafe(queue.put_nowait, None)

    threading.Thread(target=read, name="glideim-input", daemon=True).start()
    while (line := await queue.get()) is not None:
        yield line


def _on_interrupt(act: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, act)


async def _until_put_out(events: EventStream) -> str:
    """Wait until this client may not go on; returns why."""
    async for event in events:
        if isinstance(event, SignedOut):
            return f"the session has ended ({event.reason}): sign in again with --password"
        if isinstance(event, Kicked):
            return f"another program took the place of this one: {event.reason}"
    return "the client was closed"


def _print(to: TextIO, line: str) -> None:
    print(line, file=to, flush=True)
