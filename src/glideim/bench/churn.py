"""Who comes and goes in the soak: people who chat, and everything else that people do to a server."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable

from glideim.protocol.actions import Action
from glideim.protocol.records import (
    AckMessage,
    AckRequest,
    Auth,
    Envelope,
    Group,
    Guest,
    Heartbeat,
    LoggedIn,
    Message,
    Rejected,
)
from glideim.protocol.social import (
    AppendUpload,
    BeginUpload,
    CreateGroup,
    GroupJoined,
    GroupQuery,
    JoinGroup,
    PresenceQuery,
    Stream,
    Upload,
    UploadQuery,
)

from .frozen import freeze
from .light import DEVICE, LightClient, RefusedError

WATCHED = 50
"""People whose presence somebody watches."""
GROUPS = 40
"""Groups that are there at a time."""
FOUNDERS_TAKE = 8
"""Members of a new group."""
FILE = 24 * 1024
"""Bytes of a file."""
STUCK_FOR = 20.0
"""Seconds that a stuck reader stays."""
STUCK_GETS = 300
"""Large messages written to a stuck reader: more than the sockets' buffers and what may wait for a connection."""
LARGE = 16 * 1024
ANSWERED = frozenset({Action.MESSAGE_CHAT, Action.MESSAGE_CHAT_RETRY})

Act = Callable[["Person"], Awaitable[None]]


class Person(LightClient):
    """Somebody who confirms what arrives."""

    def __init__(self, codec: str) -> None:
        super().__init__(codec)
        self.token = ""
        self.sent = 0
        self.here = False
        """Signed in, so that others may act for this person."""
        self._gone = asyncio.Event()

    async def enter(self, url: str) -> None:
        """Connect and sign in, as a new guest the first time. Raises OSError, RefusedError."""
        self._gone.clear()
        await self.connect(url)
        if not self.token:
            made = await self.call(Action.API_AUTH_GUEST, Guest(device=DEVICE), LoggedIn)
            self.token, self.uid = made.token, made.uid
        await self.ask(Action.AUTH, Auth(token=self.token, device=DEVICE, batch=True))
        self.here = True

    async def leave(self, *, abrupt: bool) -> None:
        """End the connection, with or without a word; returns when it is gone."""
        self.here = False
        if self._transport is None:
            return
        if abrupt:
            self._transport.abort()
        else:
            self._transport.close()
        await self._gone.wait()

    def closed(self, code: int, reason: str) -> None:
        self.here = False
        super().closed(code, reason)
        self._gone.set()

    def received(self, frame: bytes) -> None:
        for envelope in self.codec.decode(frame):
            if isinstance(envelope, Rejected):
                raise TypeError(f"the server sent {envelope}")
            self._one(envelope)

    def _one(self, envelope: Envelope) -> None:
        if envelope.action == Action.HEARTBEAT:
            self.tell(Action.HEARTBEAT, Heartbeat())
        elif envelope.action in ANSWERED and not envelope.seq:
            data = envelope.data
            self.tell(Action.ACK_REQUEST, AckRequest(conv=data.conv, seq=data.seq))
        waiting = self._waiting.pop(envelope.seq, None) if envelope.seq else None
        if waiting is not None and not waiting.done():
            waiting.set_result(envelope)


class Crowd:
    """Everybody, and how often what was done. Each person does one thing after the other, chosen by `seed`."""

    def __init__(self, url: str, tcp_port: int, codec: str, seed: int) -> None:
        self._url = url
        self._tcp_port = tcp_port
        self._codec = codec
        self._random = random.Random(seed)
        self._people: list[Person] = []
        self._groups: list[tuple[int, Person]] = []
        self._pause = 1.0
        self.done: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.problems: list[str] = []
        self._acts: tuple[tuple[int, str, Act], ...] = (
            (600, "messages", self._chat),
            (200, "group messages", self._say_in_group),
            (40, "presence watched", self._watch),
            (20, "messages grown", self._grow),
            (20, "growths abandoned", self._abandon),
            (12, "files", self._file),
            (6, "uploads abandoned", self._abandon_file),
            (12, "groups founded", self._found),
            (20, "groups joined", self._join),
            (20, "groups left", self._leave),
            (30, "returned politely", self._return_politely),
            (30, "returned abruptly", self._return_abruptly),
            (10, "replaced by somebody new", self._replace),
            (1, "stuck readers", self._stick),
        )

    async def live(self, count: int, pause: float, until: Callable[[], bool]) -> None:
        """This many people do something every `pause` seconds on average, until they shall not any more."""
        self._pause = pause
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(count):
                    tasks.create_task(self._life(until))
        finally:
            for person in self._people:
                person.close()

    async def _life(self, until: Callable[[], bool]) -> None:
        person = Person(self._codec)
        await person.enter(self._url)
        self._people.append(person)
        weights = [weight for weight, *_ in self._acts]
        while not until():
            await asyncio.sleep(self._random.expovariate(1 / self._pause))
            _, what, act = self._random.choices(self._acts, weights)[0]
            try:
                await act(person)
            except RefusedError as error:
                self.failed[f"{what}: {str(error).partition(': ')[2]}"] += 1
            except (OSError, TimeoutError) as error:
                await self._lost(person, what, error)
            else:
                self.done[what] += 1

    async def _lost(self, person: Person, what: str, error: Exception) -> None:
        """A connection that ended by itself: a problem, which is told, and the next one."""
        if len(self.problems) < 10:
            self.problems.append(f"{what}: {error!r}")
        await person.leave(abrupt=True)
        await person.enter(self._url)

    def _other(self, person: Person) -> Person:
        other = self._random.choice(self._people)
        return other if other is not person else self._people[0]

    def _message(self, person: Person, to: int, content: str) -> Message:
        person.sent += 1
        cli_mid = f"{person.uid}-{person.sent}"
        return Message(cli_mid=cli_mid, to=to, type=1, content=content)

    # --- what they do -------------------------------------------------------------------------------------

    async def _chat(self, person: Person) -> None:
        text = "x" * self._random.randint(5, 400)
        await person.ask(Action.MESSAGE_CHAT, self._message(person, self._other(person).uid, text))

    async def _say_in_group(self, person: Person) -> None:
        if self._groups and (chosen := self._random.choice(self._groups))[1].here:
            gid, owner = chosen
            text = "y" * self._random.randint(5, 200)
            await self._as(owner, Action.MESSAGE_GROUP, self._message(owner, gid, text))

    async def _as(self, owner: Person, action: str, data: object) -> None:
        """Do something for an owner, whose own connection may end meanwhile: that is no fault of the server."""
        try:
            await owner.ask(action, data)
        except OSError:
            raise RefusedError(f"{action}: the owner has left") from None

    async def _watch(self, person: Person) -> None:
        those = self._random.sample(self._people, min(WATCHED, len(self._people)))
        person.tell(Action.PRESENCE_SUB, PresenceQuery(tuple(one.uid for one in those)))

    async def _open(self, person: Person) -> tuple[int, str]:
        to = self._other(person).uid
        person.sent += 1
        name = f"{person.uid}-{person.sent}"
        first = Stream(to=to, stream_id=name, op="open", content="", type=1)
        ack = await person.ask(Action.MESSAGE_STREAM, first)
        if not isinstance(ack.data, AckMessage):
            raise TypeError(f"the server answered {ack}")
        for number in range(10):
            step = Stream(stream_id=name, op="delta", content="word ", offset=5 * number)
            person.tell(Action.MESSAGE_STREAM, step)
        return to, name

    async def _grow(self, person: Person) -> None:
        _, name = await self._open(person)
        await person.ask(Action.MESSAGE_STREAM, Stream(stream_id=name, op="finish"))

    async def _abandon(self, person: Person) -> None:
        await self._open(person)

    async def _begin(self, person: Person) -> Upload:
        begin = BeginUpload("picture.bin", FILE)
        upload = await person.call(Action.API_FILES_BEGIN, begin, Upload)
        half = base64.b64encode(self._random.randbytes(FILE // 2)).decode()
        part = AppendUpload(upload.upload_id, 0, half)
        return await person.call(Action.API_FILES_APPEND, part, Upload)

    async def _file(self, person: Person) -> None:
        upload = await self._begin(person)
        half = base64.b64encode(self._random.randbytes(FILE - upload.offset)).decode()
        await person.ask(
            Action.API_FILES_APPEND, AppendUpload(upload.upload_id, upload.offset, half)
        )

    async def _abandon_file(self, person: Person) -> None:
        upload = await self._begin(person)
        if self._random.random() < 0.5:
            await person.ask(Action.API_FILES_CANCEL, UploadQuery(upload.upload_id))

    async def _found(self, person: Person) -> None:
        """A new group; the oldest is dissolved when there are enough."""
        members = self._random.sample(self._people, min(FOUNDERS_TAKE, len(self._people)))
        group = await person.call(
            Action.API_GROUPS_CREATE,
            CreateGroup(name="soak", join_mode="open", uids=tuple(one.uid for one in members)),
            Group,
        )
        self._groups.append((group.gid, person))
        if len(self._groups) > GROUPS:
            gid, owner = self._groups.pop(0)
            if owner.here:
                await self._as(owner, Action.API_GROUPS_DISSOLVE, GroupQuery(gid))

    async def _join(self, person: Person) -> None:
        if self._groups:
            gid, _ = self._random.choice(self._groups)
            await person.call(Action.API_GROUPS_JOIN, JoinGroup(gid), GroupJoined)

    async def _leave(self, person: Person) -> None:
        if self._groups:
            gid, owner = self._random.choice(self._groups)
            if owner is not person:
                await person.ask(Action.API_GROUPS_LEAVE, GroupQuery(gid))

    async def _return_politely(self, person: Person) -> None:
        await person.leave(abrupt=False)
        await person.enter(self._url)

    async def _return_abruptly(self, person: Person) -> None:
        await person.leave(abrupt=True)
        await person.enter(self._url)

    async def _replace(self, person: Person) -> None:
        """Somebody leaves for good, somebody new takes the place; owners stay."""
        if any(owner is person for _, owner in self._groups):
            return
        await person.leave(abrupt=False)
        person.token = ""
        await person.enter(self._url)

    async def _stick(self, person: Person) -> None:
        """Another connection that reads nothing, and somebody who writes to it more than may wait."""
        new = Person(self._codec)
        await new.enter(self._url)
        await new.leave(abrupt=False)
        stuck = await freeze(self._tcp_port, new.token)
        with contextlib.closing(stuck):
            for _ in range(STUCK_GETS):
                await person.ask(Action.MESSAGE_CHAT, self._message(person, new.uid, "z" * LARGE))
            await asyncio.sleep(self._random.uniform(0, STUCK_FOR))
