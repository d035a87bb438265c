"""What people get to see of a group."""

from __future__ import annotations

from glideim.protocol import records, social
from glideim.protocol.conversations import group_key
from glideim.protocol.records import User

from .ports import Group, Member, Request


def group_view(group: Group, count: int, mine: Member | None, now: int) -> records.Group:
    """A group as a person sees it: strangers learn what they need to decide whether to join."""
    if mine is None:
        return records.Group(
            gid=group.gid,
            name=group.name,
            avatar=group.avatar,
            join_mode=group.join_mode,
            member_count=count,
        )
    return records.Group(
        gid=group.gid,
        name=group.name,
        avatar=group.avatar,
        announcement=group.announcement,
        join_mode=group.join_mode,
        history=group.history,
        invite=group.invite,
        owner=group.owner,
        member_count=count,
        max_members=group.max_members,
        created_at=group.created_at,
        role=str(mine.role),
        muted_until=_ahead(mine.muted_until, now),
        all_muted_until=_ahead(group.muted_until, now),
        conv=group_key(group.gid),
    )


def member_view(member: Member, user: User | None, now: int) -> social.Member:
    """A member as the others see them."""
    return social.Member(
        uid=member.uid,
        role=str(member.role),
        nickname=member.nickname,
        muted_until=_ahead(member.muted_until, now),
        joined_at=member.joined_at,
        user=user,
    )


def request_view(request: Request, user: User | None) -> social.JoinRequest:
    """Somebody who asks to join, as admins see them."""
    return social.JoinRequest(request.uid, request.message, request.at, user)


def _ahead(until: int, now: int) -> int:
    """A time that is over means nothing any more."""
    return until if until > now else 0
