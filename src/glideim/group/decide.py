"""What becomes of each command on a group: pure functions from the state and a command to a decision.

Nothing here asks the database or the clock: the log runs these where the order of the stream is decided, and again
when another node was quicker.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode

from .ports import Decision, Group, GroupChange, GroupState, Kind, Member, Role
from .rights import require, target_action

JOIN_MODES = ("open", "approval", "invite")
HISTORIES = ("join", "all")
INVITES = ("members", "admins")


def create(group: Group, uids: Sequence[int], seq: int) -> Decision:
    """A new group: the owner and those who are in from the beginning."""
    everybody = dict.fromkeys((group.owner, *uids))
    if len(everybody) > group.max_members:
        raise RequestError(ErrorCode.TOO_LARGE, f"uids: at most {group.max_members} members")
    members = {
        uid: Member(
            uid,
            Role.OWNER if uid == group.owner else Role.MEMBER,
            joined_at=group.created_at,
            since=seq - 1,
        )
        for uid in everybody
    }
    change = GroupChange(group.gid, group, tuple(members.values()), tuple(members))
    return Decision(GroupState(group, members), Kind.CREATED, tuple(members), group.name, change)


def rename(state: GroupState | None, uid: int, name: str) -> Decision:
    """Another name."""
    group = require("update", state, uid).group
    return _edited(state, Kind.RENAMED, replace(group, name=name), name)


def announce(state: GroupState | None, uid: int, text: str) -> Decision:
    """Another announcement."""
    group = require("update", state, uid).group
    return _edited(state, Kind.ANNOUNCEMENT, replace(group, announcement=text), text)


def picture(state: GroupState | None, uid: int, avatar: str) -> Decision:
    """Another avatar."""
    group = require("update", state, uid).group
    return _edited(state, Kind.AVATAR, replace(group, avatar=avatar), avatar)


def configure(
    state: GroupState | None,
    uid: int,
    join_mode: str | None,
    history: str | None,
    invite: str | None,
) -> Decision:
    """Other rules: who may join and invite, and what new members see."""
    group = require("update", state, uid).group
    changed = replace(
        group,
        join_mode=_choice("joinMode", join_mode, JOIN_MODES, group.join_mode),
        history=_choice("history", history, HISTORIES, group.history),
        invite=_choice("invite", invite, INVITES, group.invite),
    )
    rules = {"joinMode": changed.join_mode, "history": changed.history, "invite": changed.invite}
    return _edited(state, Kind.SETTINGS, changed, msgspec.json.encode(rules).decode())


def mute_all(state: GroupState | None, uid: int, until: int, now: int) -> Decision:
    """Silence everybody but owner and admins until a time; 0 or a time that is over ends it."""
    group = require("mute_all", state, uid).group
    until = until if until > now else 0
    kind = Kind.MUTED if until else Kind.UNMUTED
    return _edited(state, kind, replace(group, muted_until=until), str(until) if until else "")


def expire(state: GroupState | None, uid: int, seconds: int) -> Decision:
    """Messages disappear after so many seconds; 0: never. The setting itself is the conversation's."""
    held = require("expire", state, uid)
    change = GroupChange(held.group.gid, expire_after=seconds)
    return Decision(held, Kind.EXPIRE, (), str(seconds), change)


def dissolve(state: GroupState | None, uid: int) -> Decision:
    """The end of the group: everybody is out."""
    held = require("dissolve", state, uid)
    group = replace(held.group, dissolved=True)
    everybody = tuple(held.members)
    change = GroupChange(group.gid, group, leaving=everybody)
    return Decision(GroupState(group, {}), Kind.DISSOLVED, (), "", change, everybody)


def add(state: GroupState | None, uid: int, uids: Sequence[int], now: int, seq: int) -> Decision:
    """Add people. Those who are in already stay as they are."""
    action = "invite"
    if state is not None and state.group.invite == "admins":
        action = "invite_by_admins"
    held = require(action, state, uid)
    return _enter(held, Kind.INVITED, [u for u in uids if u not in held.members], now, seq)


def accept(state: GroupState | None, uid: int, asking: int, now: int, seq: int) -> Decision:
    """Let somebody in who asked."""
    held = require("requests", state, uid)
    return _enter(held, Kind.JOINED, [asking] if asking not in held.members else [], now, seq)


def join(state: GroupState | None, uid: int, now: int, seq: int) -> Decision:
    """Walk in. Only where the group is open; those who are in already stay as they are."""
    held = require("join", state, uid)
    if uid in held.members:
        return Decision(held)
    if held.group.join_mode != "open":
        raise RequestError(ErrorCode.FORBIDDEN, "this group lets people in on request")
    return _enter(held, Kind.JOINED, [uid], now, seq)


def leave(state: GroupState | None, uid: int) -> Decision:
    """Walk out."""
    held = require("leave", state, uid)
    return _exit(held, Kind.LEFT, uid)


def remove(state: GroupState | None, uid: int, target: int) -> Decision:
    """Put a member out. Whoever is not in is not found."""
    held = require("members", state, uid)
    member = held.members.get(target)
    if member is None:
        require("remove_member", state, uid)
        raise RequestError(ErrorCode.NOT_FOUND, "there is no such member")
    require(target_action("remove", member), state, uid)
    _not_the_owner(member)
    return _exit(held, Kind.REMOVED, target)


def set_role(state: GroupState | None, uid: int, target: int, role: str) -> Decision:
    """Make a member admin or not; `owner` hands the group over and leaves the old owner an admin."""
    held = require("role", state, uid)
    member = _member(held, target)
    if role not in set(Role):
        raise RequestError(ErrorCode.BAD_REQUEST, "role: must be owner, admin or member")
    if member.role == role:
        return Decision(held)
    if role == Role.OWNER:
        return _hand_over(held, uid, member)
    _not_the_owner(member)
    return _changed(held, Kind.ROLE, [replace(member, role=Role(role), muted_until=0)], role)


def mute(state: GroupState | None, uid: int, target: int, until: int, now: int) -> Decision:
    """Silence a member until a time; 0 or a time that is over ends it."""
    held = require("members", state, uid)
    member = held.members.get(target)
    if member is None:
        require("mute_member", state, uid)
        raise RequestError(ErrorCode.NOT_FOUND, "there is no such member")
    require(target_action("mute", member), state, uid)
    _not_the_owner(member)
    until = until if until > now else 0
    if member.muted_until == until:
        return Decision(held)
    kind = Kind.MUTED if until else Kind.UNMUTED
    return _changed(held, kind, [replace(member, muted_until=until)], str(until) if until else "")


def name_member(state: GroupState | None, uid: int, target: int, nickname: str) -> Decision:
    """Another name of a member in this group: one's own, or as admin anybody's."""
    held = require("members" if uid == target else "nickname", state, uid)
    member = _member(held, target)
    if member.nickname == nickname:
        return Decision(held)
    return _changed(held, Kind.NICKNAME, [replace(member, nickname=nickname)], nickname)


# --- what the commands share ------------------------------------------------------------------------------


def _edited(state: GroupState | None, kind: Kind, group: Group, value: str) -> Decision:
    if state is None or group == state.group:
        return Decision(state or GroupState(group, {}))
    return Decision(
        GroupState(group, state.members), kind, (), value, GroupChange(group.gid, group)
    )


def _changed(held: GroupState, kind: Kind, changed: Iterable[Member], value: str) -> Decision:
    upsert = tuple(changed)
    members = held.members | {member.uid: member for member in upsert}
    change = GroupChange(held.group.gid, upsert=upsert)
    uids = tuple(member.uid for member in upsert)
    return Decision(GroupState(held.group, members), kind, uids, value, change)


def _enter(held: GroupState, kind: Kind, uids: Sequence[int], now: int, seq: int) -> Decision:
    group = held.group
    coming = tuple(dict.fromkeys(uids))
    if not coming:
        return Decision(held)
    if len(held.members) + len(coming) > group.max_members:
        raise RequestError(ErrorCode.TOO_LARGE, f"the group holds at most {group.max_members}")
    since = 0 if group.history == "all" else seq - 1
    new = tuple(Member(uid, joined_at=now, since=since) for uid in coming)
    change = GroupChange(group.gid, upsert=new, joining=coming, answered=coming)
    members = held.members | {member.uid: member for member in new}
    return Decision(GroupState(group, members), kind, coming, "", change)


def _exit(held: GroupState, kind: Kind, uid: int) -> Decision:
    members = {u: member for u, member in held.members.items() if u != uid}
    change = GroupChange(held.group.gid, leaving=(uid,))
    return Decision(GroupState(held.group, members), kind, (uid,), "", change, (uid,))


def _hand_over(held: GroupState, uid: int, member: Member) -> Decision:
    changed = (
        replace(member, role=Role.OWNER, muted_until=0),
        replace(held.members[uid], role=Role.ADMIN),
    )
    group = replace(held.group, owner=member.uid)
    members = held.members | {m.uid: m for m in changed}
    change = GroupChange(group.gid, group, changed)
    return Decision(GroupState(group, members), Kind.OWNER, (member.uid,), "", change)


def _member(held: GroupState, uid: int) -> Member:
    member = held.members.get(uid)
    if member is None:
        raise RequestError(ErrorCode.NOT_FOUND, "there is no such member")
    return member


def _not_the_owner(member: Member) -> None:
    if member.role is Role.OWNER:
        raise RequestError(ErrorCode.FORBIDDEN, "the owner cannot be removed, muted or demoted")


def _choice(name: str, value: str | None, allowed: Sequence[str], now: str) -> str:
    if value is None:
        return now
    if value not in allowed:
        raise RequestError(ErrorCode.BAD_REQUEST, f"{name}: must be one of {', '.join(allowed)}")
    return value
