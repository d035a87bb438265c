"""Playing the week: people with devices at a real server, and beside it the model, one action after the other."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.support.peers import WAYS, Peer, open_pipe
from tests.support.processes import ServerProcess

from .compare import differences
from .device import Answer, Device, Refusal
from .model import World
from .talks import Refused

T = TypeVar("T")

PASSWORD = "a good password"
JOURNAL = 25
"""Last actions told when something is wrong."""
SETTLE_WITHIN = 8.0
"""Seconds for pushes to arrive at the end."""
LOGINS_AT_ONCE = 4
TOLD = 40
"""Differences told."""
NEW = 9
"""The class of devices that come only at the end."""


@dataclass
class Person:
    """Somebody with devices."""

    uid: int
    name: str
    devices: list[Device] = field(default_factory=list)

    @property
    def here(self) -> list[Device]:
        return [device for device in self.devices if device.online]


class Week:
    """Everybody at one server. Deterministic for a seed, but for ids and times that the server gives."""

    def __init__(self, server: ServerProcess, seed: int) -> None:
        self.server = server
        self.seed = seed
        self.random = random.Random(seed)
        self.world = World()
        self.people: list[Person] = []
        self.journal: deque[str] = deque(maxlen=JOURNAL)
        self.done = 0
        self._names = itertools.count(1)

    # --- people ---------------------------------------------------------------------------------------------

    async def gather(self, people: int, devices: tuple[int, int]) -> None:
        """Register people and sign in their devices, each device on one of the four ways to connect."""
        room = asyncio.Semaphore(LOGINS_AT_ONCE)
        counts = [self.random.randint(*devices) for _ in range(people)]

        async def arrive(number: int) -> Person:
            async with room:
                return await self._register(f"person-{number}", counts[number])

        self.people = list(await asyncio.gather(*map(arrive, range(people))))
        ways = itertools.cycle(WAYS)
        for person in self.people:
            for device in person.devices:
                device.way = next(ways)
                await device.come()

    async def _register(self, name: str, devices: int) -> Person:
        peer = Peer(await open_pipe(self.server, ("tcp", "json")), "json")
        fields = {"account": name, "password": PASSWORD}
        person = Person((await _asked(peer, "api.auth.register", fields))["uid"], name)
        for kind in range(1, devices + 1):
            person.devices.append(await self._login(peer, person, kind))
        await peer.close()
        return person

    async def _login(self, peer: Peer, person: Person, kind: int) -> Device:
        fields = {"account": person.name, "password": PASSWORD, "device": kind}
        login = await _asked(peer, "api.auth.login", fields)
        return Device(self.server, person.uid, kind, login["token"])

    async def newcomers(self) -> None:
        """Everybody gets one more device, which knows nothing and pulls all there is."""
        for person, way in zip(self.people, itertools.cycle(WAYS), strict=False):
            peer = Peer(await open_pipe(self.server, ("tcp", "json")), "json")
            device = await self._login(peer, person, NEW)
            await peer.close()
            device.way = way
            await device.come()
            person.devices.append(device)

    def person(self, uid: int) -> Person:
        return next(person for person in self.people if person.uid == uid)

    def new_id(self) -> str:
        """For messages: unique, and the same in every run."""
        return f"m-{next(self._names)}"

    # --- actions --------------------------------------------------------------------------------------------

    async def attempt(
        self, device: Device, action: str, data: dict[str, Any], rule: Callable[[], T]
    ) -> tuple[Answer, T] | None:
        """Do it at the server and in the model; None when both refuse. Both must agree on the code."""
        self.done += 1
        self.journal.append(f"{self.done}: {device.uid}/{device.kind} {action} {data}")
        result: T | None = None
        expected = ""
        try:
            result = rule()
        except Refused as refused:
            expected = refused.code
        answer, code = await self._asked(device, action, data)
        if code != expected:
            raise AssertionError(
                self.told(f"the server says {code or 'yes'}, the model {expected or 'yes'}")
            )
        await self._pull()
        return None if expected else (answer, result)  # type: ignore[return-value]

    async def certain(
        self, device: Device, action: str, data: dict[str, Any]
    ) -> tuple[Answer, None]:
        """Something that nothing can be wrong with."""
        done = await self.attempt(device, action, data, lambda: None)
        assert done is not None
        return done

    def expect(self, actual: object, expected: object) -> None:
        """Both are the same."""
        if actual != expected:
            raise AssertionError(self.told(f"{actual}, the model says {expected}"))

    async def connect(self, device: Device) -> None:
        """A device comes."""
        self.journal.append(f"{device.uid}/{device.kind} comes")
        await device.come()

    async def disconnect(self, device: Device) -> None:
        """A device goes, without a word."""
        self.journal.append(f"{device.uid}/{device.kind} goes")
        await device.go()

    async def _asked(self, device: Device, action: str, data: dict[str, Any]) -> tuple[Answer, str]:
        try:
            return await device.ask(action, data), ""
        except Refusal as refusal:
            return {}, refusal.code

    async def _pull(self) -> None:
        """Devices that noticed a gap pull what they miss, as clients do."""
        for person in self.people:
            for device in person.here:
                if device.stale:
                    await device.sync()

    def told(self, what: str) -> str:
        """A failure with what led to it."""
        return "\n".join([f"seed {self.seed}: {what}", "the last actions:", *self.journal])

    # --- the end --------------------------------------------------------------------------------------------

    async def settle(self) -> None:
        """Everybody comes back; then every device must show what the model shows."""
        for person in self.people:
            for device in person.devices:
                if not device.online:
                    await device.come()
        deadline = asyncio.get_running_loop().time() + SETTLE_WITHIN
        while problems := self.problems():
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(self.told("\n".join(problems[:TOLD])))
            await self._pull()
            await self.people[0].here[0].ask("api.users.me", {})

    def problems(self) -> list[str]:
        """What devices show that the model does not, and what they miss."""
        found: list[str] = []
        for person in self.people:
            expected = self.world.view(person.uid)
            for device in person.devices:
                name = f"{person.uid}/{device.kind} ({'-'.join(device.way)})"
                found += [f"{name}: {complaint}" for complaint in device.complaints]
                found += differences(expected, device.view(), name)
        return found

    async def leave(self) -> None:
        """Close every connection."""
        for person in self.people:
            for device in person.here:
                await device.go()


async def _asked(peer: Peer, action: str, data: dict[str, Any]) -> dict[str, Any]:
    await peer.say({"seq": 1, "action": action, "data": data})
    while (answer := await peer.hear()).get("seq") != 1:
        continue
    assert answer["action"] == "api.ok", answer
    result: dict[str, Any] = answer["data"]
    return result
