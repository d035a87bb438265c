"""Making the people and groups of a run."""

from __future__ import annotations

import secrets

from msgspec import Struct

from glideim.protocol.actions import Action
from glideim.protocol.conversations import group_key
from glideim.protocol.records import Group, LoggedIn, Register, Registered
from glideim.protocol.records import Login as LoginRequest
from glideim.protocol.social import CreateGroup, Member, UpdateMember

from . import record as r
from .device import Login
from .link import Link
from .person import SECOND_DEVICE, Person, World

MAIN_DEVICE = 2
ADMINS = 2
"""Of each group when the load begins, beside its owner; later the owner makes others."""
WAYS = (("ws", "json"), ("tcp", "protobuf"), ("ws", "protobuf"), ("tcp", "json"))


class Addresses(Struct, frozen=True):
    """Where the server is reached: a URL for each transport."""

    ws: str
    tcp: str

    def way(self, number: int) -> tuple[str, str]:
        """URL and codec for the n-th device; a transport that is not offered is replaced by the other."""
        transport, codec = WAYS[number % len(WAYS)]
        url = {"ws": self.ws, "tcp": self.tcp}[transport]
        return (url or self.ws or self.tcp), codec


async def account(link: Link, devices: tuple[int, ...]) -> tuple[int, list[str]]:
    """A new account, and a token for each class of device. Raises RefusedError, ConnectionError."""
    name, password = f"v{secrets.token_hex(8)}", secrets.token_urlsafe(16)
    request = Register(account=name, password=password)
    made = await link.call(Action.API_AUTH_REGISTER, request, Registered)
    tokens = []
    for device in devices:
        login = LoginRequest(account=name, password=password, device=device)
        tokens.append((await link.call(Action.API_AUTH_LOGIN, login, LoggedIn)).token)
    return made.uid, tokens


async def people(world: World, addresses: Addresses, count: int) -> list[Person]:
    """New people, each with a main and a second device. Raises RefusedError, ConnectionError."""
    found = []
    for number in range(count):
        # Each on a connection of its own: one that never signs in is closed after some seconds.
        url, codec = addresses.way(number)
        other_url, other_codec = addresses.way(number + 1)
        link = Link(codec, lambda _: None, lambda _: None)
        await link.connect(url)
        uid, (first, second) = await account(link, (MAIN_DEVICE, SECOND_DEVICE))
        link.close()
        main = Login(url, codec, first, MAIN_DEVICE)
        person = Person(world, uid, main, Login(other_url, other_codec, second, SECOND_DEVICE))
        found.append(person)
    world.uids = [person.uid for person in found]
    return found


async def groups(world: World, everybody: list[Person], count: int) -> None:
    """Open groups of about a third of the people, each with another owner. The people must be connected."""
    for number in range(count):
        owner = everybody[number % len(everybody)]
        others = [uid for uid in world.uids if uid != owner.uid]
        chosen = world.rng.sample(others, max(1, len(others) // 3))
        request = CreateGroup(
            name=f"group {number}", join_mode="open", history="join", uids=tuple(chosen)
        )
        group = await owner.device.link.call(Action.API_GROUPS_CREATE, request, Group)
        world.groups.append(group.gid)
        record = world.record
        # Its first event says the same; a run that loses that event must still know who is in.
        conv, now = group_key(group.gid), record.now()
        record.add(r.Membership(now, conv, 1, (owner.uid, *chosen), inside=True))
        record.add(r.Role(now, conv, 1, (owner.uid,), "owner"))
        for uid in chosen[:ADMINS]:
            admin = UpdateMember(gid=group.gid, uid=uid, role="admin")
            await owner.device.link.call(Action.API_GROUPS_UPDATE_MEMBER, admin, Member)
