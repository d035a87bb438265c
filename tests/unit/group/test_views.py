"""What members and strangers get to see of a group."""

from __future__ import annotations

from msgspec.structs import replace

from glideim.group.ports import Group, Member, Request, Role
from glideim.group.views import group_view, member_view, request_view
from glideim.protocol import records, social
from glideim.protocol.records import User
from tests.support.groups import NOW

GROUP = Group(
    77, "Team", 1, "/a", "secret", "open", "all", "admins", NOW + 1, 500, 9, dissolved=False
)
BOB = Member(2, Role.ADMIN, NOW + 2, "Bobby", 8, 3)


def test_members_see_all_of_it() -> None:
    assert group_view(GROUP, 12, BOB, NOW) == records.Group(
        77, "Team", "/a", "secret", "open", "all", "admins", 1, 12, 500, 9, "admin", NOW + 2, NOW + 1,
        "g:77",
    )  # fmt: skip


def test_strangers_see_what_they_need_to_join() -> None:
    seen = group_view(GROUP, 12, None, NOW)
    assert seen == records.Group(
        gid=77, name="Team", avatar="/a", join_mode="open", member_count=12
    )


def test_silence_that_is_over_is_not_shown() -> None:
    seen = group_view(GROUP, 12, BOB, NOW + 2)
    assert (seen.muted_until, seen.all_muted_until) == (0, 0)
    assert member_view(BOB, None, NOW + 1).muted_until == NOW + 2
    assert member_view(BOB, None, NOW + 2).muted_until == 0


def test_members_and_those_who_ask() -> None:
    user = User(2, "bob")
    assert member_view(BOB, user, NOW) == social.Member(2, "admin", "Bobby", NOW + 2, 8, user)
    plain = replace(BOB, role=Role.MEMBER, nickname="", muted_until=0)
    assert member_view(plain, None, NOW) == social.Member(2, "member", joined_at=8)
    assert request_view(Request(2, "hi", 5), user) == social.JoinRequest(2, "hi", 5, user)
