"""Who may do what in a group: one table, `rights.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode

from .ports import GroupState, Member, Role

TABLE: Mapping[str, Mapping[str, str]] = tomllib.loads(
    Path(__file__).with_name("rights.toml").read_text("utf-8")
)
"""Action to who to "yes" or a code."""

_TEXTS = {
    ErrorCode.NOT_FOUND: "there is no such group",
    ErrorCode.FORBIDDEN: "your role in this group does not allow this",
    ErrorCode.NOT_MEMBER: "only members may send to this group",
    ErrorCode.MUTED: "you are muted, or the group is",
    ErrorCode.CONFLICT: "the owner cannot leave: hand the group over, or dissolve it",
}


def who(state: GroupState | None, uid: int) -> str:
    """The column of the table that a person stands in."""
    if state is None or state.group.dissolved:
        return "stranger"
    member = state.members.get(uid)
    if member is not None:
        return str(member.role)
    return "stranger" if state.group.join_mode == "invite" else "stranger_public"


def refusal(action: str, state: GroupState | None, uid: int) -> ErrorCode | None:
    """Why a person may not do something; None if they may."""
    word = TABLE[action][who(state, uid)]
    return None if word == "yes" else ErrorCode(word)


def require(action: str, state: GroupState | None, uid: int) -> GroupState:
    """The group, if the person may do this. Raises RequestError."""
    code = refusal(action, state, uid)
    if code is not None:
        raise RequestError(code, _TEXTS[code])
    if state is None:
        raise RequestError(ErrorCode.NOT_FOUND, _TEXTS[ErrorCode.NOT_FOUND])
    return state


def sending(state: GroupState | None, uid: int, now: int) -> tuple[ErrorCode, str] | None:
    """Why a person may not send to a group now; None if they may. Looks at the table only where it must: this is
    asked for every message."""
    member = state.members.get(uid) if state is not None else None
    if state is None or member is None:
        code: ErrorCode | None = refusal("send", state, uid)
    elif member.muted_until > now:
        code = ErrorCode(TABLE["send_when_muted"].get(member.role, ErrorCode.MUTED))
    elif state.group.muted_until > now:
        code = refusal("send_when_all_muted", state, uid)
    else:
        return None
    return None if code is None else (code, _TEXTS[code])


def target_action(action: str, member: Member) -> str:
    """The row for an act on a member: those on admins are another right."""
    return f"{action}_admin" if member.role is not Role.MEMBER else f"{action}_member"
