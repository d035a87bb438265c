"""What commands work with: the model, where answers go, and how people, groups and messages are named."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from glideim.client import ClientError, StreamWriter
from glideim.protocol.conversations import chat_key, parse_group
from glideim.protocol.records import Message, User

from .messages import Chat
from .model import Model
from .text import clock, one_line

_NUMBER = re.compile(r"#(\d{1,15})$")
_NAMED = re.compile(r"(?<!\S)@([^\s@,;:!?]+)")
MENTIONS = 50
"""People whom one message names."""
LOOKED_BACK = 500
"""Messages among which a command looks for the last one that it may be about."""


class Refusal(ClientError):  # noqa: N818 - the end of a command, with the reason for the person
    """A command cannot be carried out."""


class Desk:
    """One person at the chat. `tell` shows the answer of a command."""

    def __init__(self, model: Model, tell: Callable[[str], None]) -> None:
        self.model = model
        self.client = model.client
        self.tell = tell
        self.writer: StreamWriter | None = None
        """The message that grows with every line, if there is one."""
        self.growing: Message | None = None
        self._accounts: dict[str, int] = {}

    # --- what a command is about ----------------------------------------------------------------------------

    def here(self) -> Chat:
        """The open conversation. Raises Refusal."""
        if self.model.open is None:
            raise Refusal("no conversation is open: /to NAME opens one")
        return self.model.open

    def gid(self) -> int:
        """The open group. Raises Refusal."""
        if not self.here().gid:
            raise Refusal("this is not a group")
        return self.here().gid

    async def person(self, name: str) -> User:
        """Somebody by account, by what they are called, or by uid; `@` before it is left out. Raises Refusal."""
        plain = name.removeprefix("@").strip().lower()
        if not plain:
            raise Refusal("who? give a name or a uid")
        found = await self.model.find(plain)
        for user in found:
            if user.account.lower() == plain:
                return self._met(user)
        if plain.isdigit():
            for user in found:
                if user.uid == int(plain):
                    return self._met(user)
        same = [user for user in found if user.nickname.lower() == plain]
        if len(same) == 1:
            return self._met(same[0])
        raise Refusal(f"{len(same)} people are called {plain!r}: give the account" if same
                      else f"nobody is called {plain!r}")  # fmt: skip

    async def people(self, names: str) -> list[User]:
        """Several. Raises Refusal."""
        found = [await self.person(name) for name in names.replace(",", " ").split()]
        if not found:
            raise Refusal("who? give names or uids")
        return found

    def _met(self, user: User) -> User:
        self.model.people.remember([user])
        self._accounts[user.account.lower()] = user.uid
        return user

    async def chat(self, name: str, *, again: bool = True) -> Chat:
        """A conversation by the name of a group (or `g:<gid>`), or by a person; with `again`, the server is asked for
        groups that are not listed yet. Raises Refusal."""
        gid = parse_group(name)
        plain = name.strip().lower()
        chats = self.model.chats.all.values()
        groups = [c for c in chats if c.gid and (c.gid == gid or c.name.lower() == plain)]
        if len(groups) == 1:
            return groups[0]
        if groups:
            raise Refusal(f"{len(groups)} groups are called {name!r}: "
                          + ", ".join(c.conv for c in groups))  # fmt: skip
        if gid and not again:
            raise Refusal("you are not in such a group")
        if not again:
            return await self._by_person(name)
        try:
            return await self._by_person(name)
        except Refusal as refusal:
            try:
                async for group in self.client.groups.list():
                    self.model.chats.group(group)
            except ClientError:
                raise refusal from None
            return await self.chat(name, again=False)

    async def _by_person(self, name: str) -> Chat:
        user = await self.person(name)
        chat = self.model.chats.get(chat_key(self.client.uid, user.uid))
        chat.name = self.model.people.known(user.uid) or chat.name
        return chat

    async def picked(self, words: str, fits: Callable[[Message], bool]) -> tuple[Message, str]:
        """The message that a command is about, and the other words: `#12` names it, else it is the selected one, else
        the last one that fits. Raises Refusal."""
        first, _, rest = words.strip().partition(" ")
        number = _NUMBER.match(first)
        seq = int(number[1]) if number else self.model.selected
        if seq is not None:
            return await self.message(seq), rest.strip() if number else words.strip()
        await self.model.settled()
        for message in self.model.file.latest(self.here().conv, LOOKED_BACK):
            if fits(message) and message.type >= 0 and message.content is not None:
                return message, words.strip()
        raise Refusal("there is no message to do that to: name it by its number, like #12")

    async def message(self, seq: int) -> Message:
        """A message of the open conversation. Raises Refusal."""
        conv = self.here().conv
        message = self.model.message(conv, seq)
        if message is None and seq:
            page = await self.client.history(conv, before=seq + 1, limit=1)
            message = page[0] if page and page[0].seq == seq else None
        if message is None:
            raise Refusal(f"there is no message #{seq} here")
        return message

    def is_mine(self, message: Message) -> bool:
        """Whether one sent it oneself."""
        return message.from_ == self.client.uid

    def is_theirs(self, message: Message) -> bool:
        """Whether somebody else sent it."""
        return message.from_ != self.client.uid

    # --- words ----------------------------------------------------------------------------------------------

    async def mentions(self, text: str) -> list[int]:
        """The people whom a text for a group names (`@account`); who is not found is not named."""
        named: dict[int, None] = {}
        for name in _NAMED.findall(text)[:MENTIONS]:
            uid = self._accounts.get(name.lower())
            if uid is None and self.client.is_connected:
                try:
                    uid = (await self.person(name)).uid
                except ClientError:
                    continue
            if uid is not None:
                named[uid] = None
        return list(named)

    async def say(self, text: str, *, kind: int = 1, reply_to: int = 0) -> None:
        """Send to the open conversation. Raises ClientError."""
        named = await self.mentions(text) if self.here().gid and kind == 1 else []
        self.model.say(text, kind=kind, reply_to=reply_to, mentions=named)

    def name(self, uid: int) -> str:
        """What somebody is called."""
        return self.model.people.name(uid)

    def row(self, message: Message) -> str:
        """A message in a list: number, time, who, what."""
        at = clock(message.send_at, self.model.now_ms())
        return f"#{message.seq} {at} {one_line(self.model.spoken(message), 200)}"

    def show(self, rows: list[str], nothing: str) -> None:
        """Answer with a list, or with what there is to say when it is empty."""
        self.tell("\n".join(rows) if rows else nothing)


class Command(NamedTuple):
    """A command: what it is followed by, what it does, and how."""

    usage: str
    help: str
    run: Callable[[Desk, str], Awaitable[None]]


def on_off(word: str) -> bool:
    """`on` (also nothing) or `off`. Raises Refusal."""
    if word.strip().lower() in {"", "on", "off"}:
        return word.strip().lower() != "off"
    raise Refusal("on or off?")
