"""A server with people on it: friends, blocks, groups with roles, conversations with messages, a bot, files, dead letters.

Everything is asked of the API as a client or another server would, only without a connection.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from random import Random
from typing import Any

from glideim.account.keys import SCOPES
from glideim.account.passwords import Passwords
from glideim.account.ports import Caller, Principal
from glideim.kernel.errors import RequestError
from glideim.protocol import records as r
from glideim.protocol import social as s
from glideim.protocol.actions import Action
from glideim.protocol.conversations import parse_group
from glideim.push.ports import DeadLetter, Delivery

from .live import Live
from .pool import Known, Person, Pool
from .valid import PNG

PEOPLE, WITH_PASSWORD = 12, 4
PASSWORD = "secret-1"
GROUPS = ("open", "approval", "invite", "open")
FIRST_MESSAGES = 60
FRESH_FRAMES = 25_000
"""Frames after which the server is made anew: what it stores, it keeps, and groups are dissolved and people banned."""
DEAD = 24
HOOK_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
KEY = Caller(None, "127.0.0.1", scopes=frozenset(SCOPES), key_id=1)
"""Another server: it calls what takes an API key."""


class World:
    """What lives on the server now. Made anew with it."""

    def __init__(self, server: Live, seed: int) -> None:
        self._server = server
        self._seed = seed
        self._made = 0
        self._frames = 0
        self._hook: asyncio.Server | None = None
        self.pool = Pool()

    async def renew(self) -> None:
        """A fresh server, and everybody on it."""
        if self._hook is None:
            self._hook = await asyncio.start_server(_take, "127.0.0.1", 0)
        await self._server.fresh()
        self._made += 1
        # What a hash costs is not what is tried here: at 20 ms each nothing else would be.
        server: Any = self._server.server
        server._passwords._hasher = Passwords(memory_kib=8, passes=1)._hasher
        self.pool.__init__()  # type: ignore[misc]  # frames hold on to this one
        await self._populate(Random(self._seed + self._made))

    async def used(self, frames: int) -> None:
        """So many frames more: what they left is enough after a while."""
        self._frames += frames
        if self._frames >= FRESH_FRAMES:
            self._frames = 0
            await self.renew()

    async def api(self, me: int, action: str, data: Any) -> Any:
        """Ask as a person. Raises RequestError."""
        result = await self._api.handle(
            Caller(Principal(me, 0), "127.0.0.1", device=1), action, data
        )
        self.pool.learn(action, me, result)
        return result

    async def key(self, action: str, data: Any) -> Any:
        """Ask as another server. Raises RequestError."""
        result = await self._api.handle(KEY, action, data)
        self.pool.learn(action, 0, result)
        if isinstance(result, s.Bot):
            self.pool.of("bot").put(result.uid)
        return result

    async def token(self, person: Person, device: int) -> str:
        """Sign somebody in, who may have been banned meanwhile."""
        try:
            made = await self.key(Action.API_ADMIN_CREATE_TOKEN, s.NewToken(person.uid, device))
        except RequestError:
            await self.key(Action.API_ADMIN_UNBAN, s.PersonQuery(person.uid))
            made = await self.key(Action.API_ADMIN_CREATE_TOKEN, s.NewToken(person.uid, device))
        return str(made.token)

    async def end(self) -> None:
        """The end: nothing listens any more."""
        if self._hook is not None:
            self._hook.close()
            await self._hook.wait_closed()

    @property
    def _api(self) -> Any:
        return self._server.server._api

    # --- who and what there is ----------------------------------------------------------------------------

    async def _populate(self, random: Random) -> None:
        for n in range(PEOPLE):
            self.pool.people.append(await self._person(n))
        uids = [person.uid for person in self.pool.people]
        await self._relations(uids)
        gids = [await self._group(n, mode, uids) for n, mode in enumerate(GROUPS)]
        for n in range(FIRST_MESSAGES):
            me = random.choice(uids)
            await self._message(me, random.choice(uids), gids[n % 4] if n % 2 else 0, f"n{n} hello")
        await self._for_servers()
        await self._files(uids)

    async def _person(self, n: int) -> Person:
        if n >= WITH_PASSWORD:
            guest = await self.key(Action.API_AUTH_GUEST, r.Guest(f"guest {n}", 1))
            return Person(guest.uid)
        name = f"person{n}"
        made = await self.key(Action.API_AUTH_REGISTER, r.Register(name, PASSWORD, f"Person {n}"))
        return Person(made.uid, name, PASSWORD)

    async def _relations(self, uids: Sequence[int]) -> None:
        for n, me in enumerate(uids[:-1]):
            await self.api(me, Action.API_CONTACTS_ADD, s.AddContact(uids[n + 1], "it is me", "x"))
            self.pool.of("wants", uids[n + 1]).put(me)
            if n % 3:
                accept = s.AnswerContact(me, "old friend")
                await self.api(uids[n + 1], Action.API_CONTACTS_ACCEPT, accept)
        await self.api(uids[0], Action.API_BLOCKS_ADD, s.PersonQuery(uids[-1]))

    async def _group(self, n: int, mode: str, uids: Sequence[int]) -> int:
        owner, members = uids[n], tuple(uids[n + 1 : n + 8])
        wish = s.CreateGroup(f"team {n}", join_mode=mode, history="all", uids=members)
        made = await self.api(owner, Action.API_GROUPS_CREATE, wish)
        self.pool.of("own", owner).put(made.gid)
        self.pool.of("own", members[0]).put(made.gid)
        for uid in members:
            self.pool.of("gid", uid).put(made.gid)
            self.pool.of("member", made.gid).put(uid)
        admin = s.UpdateMember(made.gid, members[0], "admin")
        await self.api(owner, Action.API_GROUPS_UPDATE_MEMBER, admin)
        if mode == "approval":
            await self.api(uids[-1], Action.API_GROUPS_JOIN, s.JoinGroup(made.gid, "let me in"))
            self.pool.of("asks", made.gid).put(uids[-1])
        return int(made.gid)

    async def _message(self, me: int, to: int, gid: int, text: str) -> None:
        conv = f"g:{gid}" if gid else ""
        sent = r.Message(cli_mid=f"w{text}", to=gid or to, conv=conv, type=1, content=text)
        try:
            ack = await self.api(me, Action.API_MESSAGES_SEND, sent)
        except RequestError:
            return  # blocked, or no member: also something that there is
        self.pool.message(Known(ack.conv, ack.seq, ack.mid, ack.cli_mid, me, sent.to, content=text))

    async def _for_servers(self) -> None:
        assert self._hook is not None
        port = self._hook.sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}/"
        self.pool.of("url").put(url)
        bot = s.NewBot("helper", "Helper", url=url, secret="0123456789abcdef")
        made = await self.key(Action.API_ADMIN_CREATE_BOT, bot)
        self.pool.people.append(Person(made.uid))
        await self.key(Action.API_ADMIN_CREATE_KEY, s.NewKey("app", ("act", "users")))
        letters = [
            DeadLetter(Delivery(made.uid, f"dead-{n}", "bot_message", "{}", 1), 8, "status 500", 1)
            for n in range(DEAD)
        ]
        await self._server.server._stores.hooks.bury(letters)
        await self.key(Action.API_ADMIN_DEAD_LETTERS, s.PageQuery(limit=DEAD))

    async def _files(self, uids: Sequence[int]) -> None:
        for uid in uids[:3]:
            begun = await self.api(uid, Action.API_FILES_BEGIN, s.BeginUpload("x.png", len(PNG)))
            piece = base64.b64encode(PNG).decode()
            append = s.AppendUpload(begun.upload_id, 0, piece)
            await self.api(uid, Action.API_FILES_APPEND, append)

    # --- what answers say ---------------------------------------------------------------------------------

    def answered(self, me: Person, asked: r.Envelope, result: Any) -> None:
        """Remember what a request has changed, for others to name."""
        data, pool = asked.data, self.pool
        pool.learn(asked.action, me.uid, result)
        if isinstance(result, r.AckMessage) and result.seq:
            name, text = getattr(data, "type", 1) or 1, getattr(data, "content", None) or ""
            to = getattr(data, "to", 0) or parse_group(result.conv) or me.uid
            pool.message(
                Known(result.conv, result.seq, result.mid, result.cli_mid, me.uid, to, name, text)
            )
        elif isinstance(result, s.Upload) and result.file is None:
            pool.of("upload", me.uid).put(result)
        elif isinstance(result, r.Group) and result.owner == me.uid:
            pool.of("own", me.uid).put(result.gid)
        elif isinstance(result, s.MembersAdded):
            for member in result.items:
                pool.of("member", data.gid).put(member.uid)
        elif isinstance(result, s.GroupJoined) and result.pending:
            pool.of("asks", data.gid).put(me.uid)
        elif isinstance(result, s.ContactRequest):
            pool.of("wants", data.uid).put(me.uid)
        elif asked.action == Action.API_AUTH_PASSWORD:
            me.password = data.new_password


async def _take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Somebody's webhook, which takes everything."""
    try:
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        writer.write(HOOK_ANSWER)
        await writer.drain()
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, OSError):
        pass
    finally:
        writer.close()
