"""A person of the load: writes to others, changes devices, comes and goes in groups, loses connections."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from glideim.protocol.actions import Action
from glideim.protocol.conversations import chat_key, group_key, parse_group
from glideim.protocol.records import AckMessage, AckNotify, Envelope, Error, Message
from glideim.protocol.social import (
    AddMembers,
    GroupMember,
    GroupQuery,
    JoinGroup,
    UpdateMember,
)

from . import record as r
from .compare import compare
from .deeds import Deeds
from .device import Device, Login
from .link import RefusedError
from .outgoing import Outgoing
from .state import Held

UNANSWERED = 6.0
"""Seconds after which a connection that does not acknowledge is given up."""
RETRY = 0.3
"""Seconds until what was refused for the moment is sent again."""
SECOND_DEVICE = 4
KNOWS_NOTHING = 1 / 20
"""How often a second device begins with nothing once there is MUCH: fetching it all would soon be all that a run does."""
MUCH = 2000


@dataclass
class World:
    """What the people of a run share. `think` is the mean pause between two acts, in seconds."""

    record: r.Record
    rng: random.Random
    uids: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    think: float = 0.25
    churn: bool = True
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    calm: Callable[[], bool] = lambda: True


class Person:
    """One account with a main device that always comes back, and now and then a second one."""

    def __init__(self, world: World, uid: int, login: Login, second: Login) -> None:
        self.uid = uid
        self._world = world
        self._login = login
        self._rng = random.Random(world.rng.random())
        self._second_login = second
        self._second: Device | None = None
        self._put_away: Device | None = None
        self._pending: dict[str, Outgoing] = {}
        self._stored: list[tuple[str, Outgoing]] = []
        self._count = 0
        self.device = Device(world.record, uid, login, self._pushed)
        self._deeds = Deeds(world.record, uid, self._rng, lambda: self.device)

    # --- life -----------------------------------------------------------------------------------------------

    async def stay(self) -> None:
        """Keep the main device connected and what is unanswered on its way, until cancelled."""
        pause = 0.05
        while True:
            if not self.device.connected:
                try:
                    await self.device.arrive()
                    pause = 0.05
                    self._send_pending()
                except (OSError, RefusedError):
                    self.device.drop()
                    await asyncio.sleep(pause * (0.5 + self._rng.random()))
                    pause = min(pause * 2, 1.0)
                    continue
            self._look_after_pending()
            await asyncio.sleep(0.05)

    async def act(self) -> None:
        """Do one thing after the other until the world stops."""
        while not self._world.stop.is_set():
            await asyncio.sleep(self._rng.expovariate(1 / self._world.think))
            if self._world.stop.is_set():
                return
            try:
                await self._one_act()
            except (RefusedError, OSError):
                continue  # refusals are part of life: one is out of a group, or the server is away

    async def _one_act(self) -> None:
        acts: Sequence[tuple[float, Callable[[], object]]] = (
            (50, self._write_to_person),
            (35, self._write_to_group),
            (2, self._repeat),
            (2, self._clash),
            (2, self.device.drop),
            (2, self._move),
            (2, self._second_device),
            (3 if self._world.churn else 0, self._come_and_go),
            (2, self._compare),
            (2, lambda: self._deeds.recall(self._own())),
            (3, lambda: self._deeds.edit(self._own())),
            (4, self._deeds.react),
            (3, lambda: self._deeds.moderate(self._own())),
            (4, self._deeds.pin),
            (0.3, lambda: self._deeds.pin_elsewhere(self._world.uids)),
            (4, self._deeds.read),
            (2, lambda: self._deeds.grow(self._world.uids)),
        )
        chosen = self._rng.choices([act for _, act in acts], [weight for weight, _ in acts])[0]
        done = chosen()
        if asyncio.iscoroutine(done):
            await done

    async def leave(self) -> None:
        """Close every connection."""
        if self._second is not None:
            await self._second.leave()
        await self.device.leave()

    @property
    def current(self) -> bool:
        """Whether the main device is connected and misses nothing that it knows of."""
        return self.device.current and not any(c.gap for c in self.device.state.convs.values())

    @property
    def idle(self) -> bool:
        """Whether everything sent is answered and the device is up to date."""
        return not self._pending and self.current

    # --- writing --------------------------------------------------------------------------------------------

    def _write_to_person(self) -> None:
        to = self._rng.choice(self._world.uids)
        self._write(chat_key(self.uid, to), to)

    def _write_to_group(self) -> None:
        mine = [key for key in self.device.state.convs if key.startswith("g:")]
        if mine:
            conv = self._rng.choice(mine)
            self._write(conv, parse_group(conv) or 0)

    def _write(self, conv: str, to: int) -> None:
        """One to three messages in a row."""
        for _ in range(self._rng.choice((1, 1, 1, 2, 3))):
            self._count += 1
            cli = f"{self.uid}-{self._count}"
            text = f"{cli} " + "x" * self._rng.randrange(60)
            self._pending[cli] = Outgoing(conv, to, text)
            if self.device.current:
                self._send(cli, again=False)

    def _send(self, cli: str, *, again: bool) -> None:
        outgoing, now = self._pending[cli], self._world.record.now()
        outgoing.session, outgoing.since = self.device.session, now
        hashed = r.digest(outgoing.content)
        self._world.record.add(
            r.Sent(now, self.uid, self.device.session, cli, outgoing.conv, hashed)
        )
        self.device.link.tell(*_request(cli, outgoing, again=again))

    def _send_pending(self) -> None:
        for cli in list(self._pending):
            if self.device.connected:
                self._send(cli, again=True)

    def _look_after_pending(self) -> None:
        """Send again what was refused for the moment; give up a connection that stays silent."""
        now = self._world.record.now()
        for cli, outgoing in list(self._pending.items()):
            if not self.device.current:
                return
            if outgoing.session != self.device.session:
                if now > outgoing.since + RETRY * 1000:
                    self._send(cli, again=outgoing.since > 0)
            elif now > outgoing.since + UNANSWERED * 1000:
                self.device.drop()
                return

    def _pushed(self, session: int, envelope: Envelope) -> None:
        """Acknowledgements, refusals and receipts of the main device."""
        data, record = envelope.data, self._world.record
        if isinstance(data, AckMessage):
            record.add(
                r.Acked(
                    record.now(), self.uid, session, data.cli_mid, data.conv, data.seq, data.mid
                )
            )
            self._acknowledged(data)
        elif isinstance(data, AckNotify):
            record.add(
                r.Delivered(record.now(), self.uid, session, data.conv, data.seq, data.from_, data.offline)
            )  # fmt: skip
        elif envelope.action == Action.MESSAGE_FAILED_SEND and isinstance(data, Error):
            self._failed(session, data)

    def _acknowledged(self, ack: AckMessage) -> None:
        stored = self._pending.pop(ack.cli_mid, None)
        grown = self._deeds.growing.get(ack.cli_mid)
        if stored is not None:
            self.device.stored(ack.conv, ack.seq, Held(ack.mid, r.digest(stored.content)))
            stored.seq = ack.seq
            self._stored = [*self._stored[-20:], (ack.cli_mid, stored)]
        elif grown is not None:
            self.device.stored(ack.conv, ack.seq, msgspec.structs.replace(grown, mid=ack.mid))

    def _failed(self, session: int, error: Error) -> None:
        record = self._world.record
        record.add(
            r.Refused(
                record.now(),
                self.uid,
                session,
                error.cli_mid,
                error.code,
                retryable=error.retryable,
            )
        )
        outgoing = self._pending.get(error.cli_mid)
        if outgoing is None:
            return
        if error.retryable:
            outgoing.session = -1
        else:
            del self._pending[error.cli_mid]

    def _repeatable(self) -> list[tuple[str, Outgoing]]:
        """What is stored as it was sent."""
        return [(cli, outgoing) for cli, outgoing in self._stored if not outgoing.changed]

    def _repeat(self) -> None:
        """Send what is stored once more: the answer must be the same."""
        unchanged = self._repeatable()
        if unchanged and self.device.current:
            cli, outgoing = self._rng.choice(unchanged)
            now = self._world.record.now()
            self._world.record.add(
                r.Sent(now, self.uid, self.device.session, cli, outgoing.conv, r.digest(outgoing.content))
            )  # fmt: skip
            self.device.link.tell(*_request(cli, outgoing, again=True))

    async def _clash(self) -> None:
        """Send what is stored with another content: it must be refused."""
        unchanged = self._repeatable()
        if not unchanged or not self.device.current:
            return
        cli, outgoing = self._rng.choice(unchanged)
        other = Outgoing(outgoing.conv, outgoing.to, outgoing.content + " (changed)")
        answer = ""
        try:
            await self.device.link.ask(*_request(cli, other, again=True))
        except RefusedError as refused:
            if refused.retryable or refused.code == "not_member":
                return
            answer = refused.code
        self._world.record.add(r.Clashed(self._world.record.now(), self.uid, cli, answer))

    def _own(self) -> list[Outgoing]:
        return [outgoing for _, outgoing in self._stored]

    # --- devices and groups ---------------------------------------------------------------------------------

    async def _move(self) -> None:
        """Sign in on the same class of device elsewhere: this connection is taken over."""
        fresh = self.device.heir()
        await fresh.arrive()
        self.device = fresh

    async def _second_device(self) -> None:
        """Take a second device, or put it away."""
        if self._second is not None:
            self._put_away, self._second = self._second, None
            await self._put_away.leave()
            return
        device = self._taken_up()
        try:
            await device.arrive()
        except (RefusedError, OSError):
            await device.leave()
            raise
        self._second = device

    def _taken_up(self) -> Device:
        """A second device: one that knows nothing, or the one that was put away."""
        old = self._put_away
        much = sum(conv.known for conv in self.device.state.convs.values()) > MUCH
        if old is not None and much and self._rng.random() > KNOWS_NOTHING:
            return old.heir()
        return Device(self._world.record, self.uid, self._second_login, lambda *_: None)

    async def _come_and_go(self) -> None:
        gid = self._rng.choice(self._world.groups)
        link, state = self.device.link, self.device.state
        other = self._rng.choice(self._world.uids)
        inside = group_key(gid) in state.convs
        match self._rng.randrange(5) if inside else 4:
            case 0:
                await link.ask(Action.API_GROUPS_LEAVE, GroupQuery(gid=gid))
            case 1:
                await link.ask(Action.API_GROUPS_ADD_MEMBERS, AddMembers(gid=gid, uids=(other,)))
            case 2:
                await link.ask(Action.API_GROUPS_REMOVE_MEMBER, GroupMember(gid=gid, uid=other))
            case 3:
                role = self._rng.choice(("admin", "admin", "member"))
                asked = UpdateMember(gid=gid, uid=other, role=role)
                await link.ask(Action.API_GROUPS_UPDATE_MEMBER, asked)
            case _:
                await link.ask(Action.API_GROUPS_JOIN, JoinGroup(gid=gid))

    async def _compare(self) -> None:
        await compare(self._world.record, self.device, self._rng, self._world.calm)


async def caught_up(person: Person) -> None:
    """Return once the person's device has every message that the server, asked now, says there is."""
    while True:
        await asyncio.sleep(0.02)
        if not person.current:
            continue
        device = person.device
        try:
            listed = await device.conversations()
        except (RefusedError, OSError):
            continue
        if device.current and all(
            device.state.conv(key).known >= item.last_seq for key, item in listed.items()
        ):
            return


def _request(cli: str, outgoing: Outgoing, *, again: bool) -> tuple[str, Message]:
    group = outgoing.conv.startswith("g:")
    if again:
        action = Action.MESSAGE_GROUP_RETRY if group else Action.MESSAGE_CHAT_RETRY
    else:
        action = Action.MESSAGE_GROUP if group else Action.MESSAGE_CHAT
    return action, Message(cli_mid=cli, to=outgoing.to, type=1, content=outgoing.content)
