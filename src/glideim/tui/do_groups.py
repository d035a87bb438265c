"""Commands about groups."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, get_args

from glideim.client.groups import FOR_EVER, History, Inviting, JoinMode
from glideim.protocol.records import Group
from glideim.protocol.social import JoinRequest, Member

from .desk import Command, Desk, Refusal, on_off
from .text import clock, one_line

SHOWN = 200
"""Members that are shown at a time."""
MINUTE = 60_000
"""Milliseconds."""


async def _group(desk: Desk, words: str) -> None:
    what, _, rest = words.partition(" ")
    if what == "new":
        await _new(desk, rest)
    elif what:
        await _change(desk, what, rest.strip())
    else:
        await _info(desk)


async def _new(desk: Desk, words: str) -> None:
    """`NAME @people`: the name may have spaces."""
    name, _, names = words.partition("@")
    if not name.strip():
        raise Refusal("what is it called? /group new NAME @people")
    people = await desk.people(f"@{names}") if names else []
    group = await desk.client.groups.create(name.strip(), [user.uid for user in people])
    desk.model.chats.group(group)
    await desk.model.show(group.conv)


async def _info(desk: Desk) -> None:
    group = await desk.client.groups.info(desk.gid())
    await desk.model.people.learn([group.owner])
    now = desk.model.now_ms()
    rows = [
        f"{one_line(group.name)} ({group.conv}), {group.member_count} members, you are {group.role}",
        f"owner {desk.name(group.owner)}; joining: {group.join_mode}",
        f"inviting: {group.invite}; history: {group.history}",
    ]
    if group.announcement:
        rows.append(f"announcement: {one_line(group.announcement, 500)}")
    if group.all_muted_until > now:
        rows.append("only admins may write")
    if group.muted_until > now:
        rows.append("you may not write")
    desk.tell("\n".join(rows))


def _one_of(kind: Any, word: str) -> Any:
    allowed = get_args(kind)
    if word not in allowed:
        raise Refusal(f"one of: {', '.join(allowed)}")
    return word


async def _change(desk: Desk, what: str, value: str) -> None:
    gid, groups = desk.gid(), desk.client.groups
    changes: dict[str, dict[str, Any]] = {
        "name": {"name": value},
        "announce": {"announcement": value},
    }
    if what in changes:
        group = await groups.update(gid, **changes[what])
    elif what == "joining":
        group = await groups.update(gid, join_mode=_one_of(JoinMode, value))
    elif what == "history":
        group = await groups.update(gid, history=_one_of(History, value))
    elif what == "inviting":
        group = await groups.update(gid, invite=_one_of(Inviting, value))
    elif what == "mute":
        group = await groups.update(gid, muted_until=FOR_EVER if on_off(value) else 0)
    else:
        await _rarely(desk, gid, what, value)
        return
    desk.model.chats.group(group)


async def _rarely(desk: Desk, gid: int, what: str, value: str) -> None:
    if what == "nick":
        await desk.client.groups.set_nickname(gid, desk.client.uid, value)
    elif what == "dissolve":
        if value != "yes":
            raise Refusal("this ends the group for everybody: /group dissolve yes")
        await desk.client.groups.dissolve(gid)
        desk.model.chats.closed(desk.here().conv)
    else:
        raise Refusal("new, name, announce, joining, history, inviting, mute, nick or dissolve?")


async def _groups(desk: Desk, _: str) -> None:
    groups = [group async for group in desk.client.groups.list()]
    for group in groups:
        desk.model.chats.group(group)
    desk.show([_group_row(group) for group in groups], "you are in no group")


def _group_row(group: Group) -> str:
    return f"{group.conv} {one_line(group.name)}, {group.member_count} members, {group.role}"


async def _members(desk: Desk, _: str) -> None:
    members = await _first(desk.client.groups.members(desk.gid()), SHOWN)
    desk.model.people.remember(m.user for m in members if m.user is not None)
    desk.show([_member_row(desk, m) for m in members], "nobody is here")


def _member_row(desk: Desk, member: Member) -> str:
    account = f" ({member.user.account})" if member.user and member.user.account else ""
    muted = ", muted" if member.muted_until > desk.model.now_ms() else ""
    role = "" if member.role == "member" else f", {member.role}"
    name = one_line(member.nickname or desk.name(member.uid))
    return f"{name}{account} #{member.uid}{role}{muted}"


async def _first(found: AsyncIterator[Member], limit: int) -> list[Member]:
    members: list[Member] = []
    async for member in found:
        members.append(member)
        if len(members) == limit:
            break
    return members


async def _invite(desk: Desk, words: str) -> None:
    people = await desk.people(words)
    added = await desk.client.groups.add(desk.gid(), [user.uid for user in people])
    if added.refused:
        desk.tell(f"not added: {', '.join(desk.name(uid) for uid in added.refused)}")


async def _remove(desk: Desk, words: str) -> None:
    for user in await desk.people(words):
        await desk.client.groups.remove(desk.gid(), user.uid)


async def _role(desk: Desk, words: str) -> None:
    name, _, role = words.partition(" ")
    user, gid = await desk.person(name), desk.gid()
    if role.strip() == "owner":
        await desk.client.groups.hand_over(gid, user.uid)
    elif role.strip() == "admin":
        await desk.client.groups.set_role(gid, user.uid, "admin")
    elif role.strip() == "member":
        await desk.client.groups.set_role(gid, user.uid, "member")
    else:
        raise Refusal("owner, admin or member?")


async def _mute(desk: Desk, words: str) -> None:
    name, _, minutes = words.partition(" ")
    if minutes and not minutes.strip().isdigit():
        raise Refusal("for how many minutes?")
    user = await desk.person(name)
    end = desk.model.now_ms() + int(minutes) * MINUTE if minutes else FOR_EVER
    await desk.client.groups.mute(desk.gid(), user.uid, min(end, FOR_EVER))


async def _unmute(desk: Desk, words: str) -> None:
    await desk.client.groups.unmute(desk.gid(), (await desk.person(words)).uid)


async def _join(desk: Desk, words: str) -> None:
    gid, _, message = words.partition(" ")
    plain = gid.removeprefix("g:")
    if not plain.isdigit():
        raise Refusal("which group? give its number")
    joined = await desk.client.groups.join(int(plain), message.strip())
    if joined.group is None or joined.pending:
        desk.tell("asked to join; an admin decides")
        return
    desk.model.chats.group(joined.group)
    await desk.model.show(joined.group.conv or f"g:{plain}")


async def _leave(desk: Desk, _: str) -> None:
    conv = desk.here().conv
    await desk.client.groups.leave(desk.gid())
    desk.model.chats.closed(conv)


async def asking(desk: Desk, gid: int) -> list[JoinRequest]:
    """Who asks to join a group. Raises RequestFailed."""
    requests = [request async for request in desk.client.groups.requests(gid)]
    desk.model.people.remember(r.user for r in requests if r.user is not None)
    return requests


def asking_row(desk: Desk, request: JoinRequest) -> str:
    """One of them in words."""
    at = clock(request.at, desk.model.now_ms())
    said = f": {one_line(request.message, 200)}" if request.message else ""
    return f"{at} {desk.name(request.uid)} #{request.uid} asks to join{said}"


COMMANDS = {
    "group": Command(
        "[new NAME @PEOPLE | name NAME | announce TEXT | joining open|approval|invite | history "
        "join|all | inviting admins|members | mute on|off | nick NAME | dissolve yes]",
        "make a group, or show or change the open one",
        _group,
    ),
    "groups": Command("", "the groups you are in", _groups),
    "members": Command("", "who is in the group", _members),
    "invite": Command("@PEOPLE", "bring people into the group", _invite),
    "remove": Command("@PEOPLE", "put people out of the group", _remove),
    "role": Command("@PERSON owner|admin|member", "give somebody a role", _role),
    "mute": Command("@PERSON [MINUTES]", "let somebody not write in the group", _mute),
    "unmute": Command("@PERSON", "let somebody write again", _unmute),
    "join": Command("GID [MESSAGE]", "join a group, or ask to", _join),
    "leave": Command("", "leave the group", _leave),
}
