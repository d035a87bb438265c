"""What becomes of commands that are allowed: events, changes, and the state after them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from glideim.group import decide
from glideim.group.ports import (
    EVENT_TYPES,
    Decision,
    Group,
    GroupChange,
    GroupState,
    Kind,
    Member,
    Role,
)  # fmt: skip
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from tests.support.groups import (
    ADMIN,
    GID,
    MEMBER,
    NOW,
    OTHER_MEMBER,
    OWNER,
    STRANGER,
    group_of,
)  # fmt: skip

FUTURE = NOW + 1


def refused(code: ErrorCode) -> Any:
    return pytest.raises(RequestError, check=lambda error: error.code == code)


def told(decision: Decision) -> tuple[Kind | None, tuple[int, ...], str, tuple[int, ...]]:
    return decision.kind, decision.uids, decision.value, decision.tell


def test_the_change_and_the_state_say_the_same() -> None:
    """Whatever is decided: the change written to what was there makes the state after it."""
    before = group_of(join_mode="open")
    decisions = [
        decide.rename(before, ADMIN, "new"),
        decide.mute_all(before, ADMIN, FUTURE, NOW),
        decide.dissolve(before, OWNER),
        decide.add(before, MEMBER, (90, 91), NOW, 9),
        decide.join(before, STRANGER, NOW, 9),
        decide.leave(before, ADMIN),
        decide.remove(before, ADMIN, MEMBER),
        decide.set_role(before, OWNER, ADMIN, "owner"),
        decide.mute(before, ADMIN, MEMBER, FUTURE, NOW),
        decide.name_member(before, MEMBER, MEMBER, "me"),
    ]
    for decision in decisions:
        change = decision.change
        assert change is not None and change.gid == GID
        members = before.members | {member.uid: member for member in change.upsert}
        for uid in change.leaving:
            del members[uid]
        assert decision.state == GroupState(change.group or before.group, members)
        assert set(change.joining) == set(decision.state.members) - set(before.members)
    assert before == group_of(join_mode="open")


def test_event_types_are_negative_and_never_move() -> None:
    assert list(EVENT_TYPES.values()) == [-(n + 1) for n in range(16)]
    assert (EVENT_TYPES[Kind.CREATED], EVENT_TYPES[Kind.DISSOLVED]) == (-1, -14)
    assert EVENT_TYPES[Kind.EXPIRE] == -16


# --- creating -----------------------------------------------------------------------------------------------


def test_creating() -> None:
    group = Group(GID, "Team", OWNER, created_at=NOW)
    made = decide.create(group, (2, 3, 2, OWNER), 1)
    assert told(made) == (Kind.CREATED, (OWNER, 2, 3), "Team", ())
    assert made.state.members == {
        OWNER: Member(OWNER, Role.OWNER, joined_at=NOW, since=0),
        2: Member(2, joined_at=NOW, since=0),
        3: Member(3, joined_at=NOW, since=0),
    }
    members = tuple(made.state.members.values())
    assert made.change == GroupChange(GID, group, members, joining=(OWNER, 2, 3))


def test_a_group_may_be_created_full_but_not_fuller() -> None:
    group = Group(GID, "g", OWNER, max_members=3)
    assert len(decide.create(group, (2, 3), 1).state.members) == 3
    with refused(ErrorCode.TOO_LARGE):
        decide.create(group, (2, 3, 4), 1)


# --- settings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decided", "kind", "field"),
    [
        (decide.rename, Kind.RENAMED, "name"),
        (decide.announce, Kind.ANNOUNCEMENT, "announcement"),
        (decide.picture, Kind.AVATAR, "avatar"),
    ],
)
def test_settings(
    decided: Callable[[GroupState | None, int, str], Decision], kind: Kind, field: str
) -> None:
    state = group_of()
    first = decided(state, ADMIN, "/new")
    assert told(first) == (kind, (), "/new", ())
    assert first.state.group == replace(state.group, **{field: "/new"})
    assert first.state.members is state.members
    again = decided(first.state, OWNER, "/new")
    assert (again.kind, again.change, again.state) == (None, None, first.state)


def test_rules() -> None:
    decision = decide.configure(group_of(), OWNER, "open", None, "admins")
    rules = '{"joinMode":"open","history":"join","invite":"admins"}'
    assert told(decision) == (Kind.SETTINGS, (), rules, ())
    group = decision.state.group
    assert (group.join_mode, group.history, group.invite) == ("open", "join", "admins")
    assert decide.configure(decision.state, OWNER, "open", "join", None).kind is None
    for wrong in (("closed", None, None), (None, "some", None), (None, None, "")):
        with refused(ErrorCode.BAD_REQUEST):
            decide.configure(group_of(), OWNER, *wrong)


def test_silencing_everybody_and_ending_it() -> None:
    muted = decide.mute_all(group_of(), ADMIN, FUTURE, NOW)
    assert told(muted) == (Kind.MUTED, (), str(FUTURE), ())
    assert muted.state.group.muted_until == FUTURE
    for over in (0, NOW):
        ended = decide.mute_all(muted.state, ADMIN, over, NOW)
        assert told(ended) == (Kind.UNMUTED, (), "", ())
        assert ended.state == group_of()
    assert decide.mute_all(group_of(), ADMIN, 0, NOW).kind is None


def test_messages_that_expire() -> None:
    decision = decide.expire(group_of(), ADMIN, 60)
    assert told(decision) == (Kind.EXPIRE, (), "60", ())
    assert decision.change == GroupChange(GID, expire_after=60)


def test_the_end() -> None:
    decision = decide.dissolve(group_of(), OWNER)
    assert told(decision) == (Kind.DISSOLVED, (), "", (1, 2, 3, 4, 5))
    assert decision.state.group.dissolved and decision.state.members == {}
    assert decision.change is not None and decision.change.leaving == (1, 2, 3, 4, 5)


# --- coming and going ---------------------------------------------------------------------------------------


def test_adding_people_of_whom_some_are_in() -> None:
    decision = decide.add(group_of(), MEMBER, (ADMIN, 90, 90, 91), NOW, 9)
    assert told(decision) == (Kind.INVITED, (90, 91), "", ())
    new = (Member(90, joined_at=NOW, since=8), Member(91, joined_at=NOW, since=8))
    assert decision.change == GroupChange(GID, None, new, joining=(90, 91), answered=(90, 91))
    assert decision.state.members[ADMIN].role is Role.ADMIN
    again = decide.add(decision.state, MEMBER, (90, ADMIN), NOW, 10)
    assert (again.kind, again.change) == (None, None)


def test_who_may_read_what_was_before() -> None:
    since = {
        history: decide.add(group_of(history=history), OWNER, (90,), NOW, 9).state.members[90].since
        for history in decide.HISTORIES
    }
    assert since == {"join": 8, "all": 0}


def test_a_full_group_takes_nobody() -> None:
    state = group_of(max_members=6, join_mode="open")
    full = decide.add(state, OWNER, (90,), NOW, 9).state
    with refused(ErrorCode.TOO_LARGE):
        decide.add(full, OWNER, (91,), NOW, 10)
    with refused(ErrorCode.TOO_LARGE):
        decide.join(full, 91, NOW, 10)
    with refused(ErrorCode.TOO_LARGE):
        decide.accept(full, OWNER, 91, NOW, 10)
    assert decide.join(full, 90, NOW, 10).kind is None


def test_joining() -> None:
    decision = decide.join(group_of(join_mode="open"), STRANGER, NOW, 9)
    assert told(decision) == (Kind.JOINED, (STRANGER,), "", ())
    assert decision.state.members[STRANGER] == Member(STRANGER, joined_at=NOW, since=8)
    with refused(ErrorCode.FORBIDDEN):
        decide.join(group_of(join_mode="approval"), STRANGER, NOW, 9)
    assert decide.join(group_of(), MEMBER, NOW, 9).kind is None


def test_being_let_in_settles_the_request() -> None:
    decision = decide.accept(group_of(join_mode="approval"), ADMIN, STRANGER, NOW, 9)
    assert told(decision) == (Kind.JOINED, (STRANGER,), "", ())
    assert decision.change is not None and decision.change.answered == (STRANGER,)
    assert decide.accept(decision.state, ADMIN, STRANGER, NOW, 9).kind is None


def test_leaving() -> None:
    decision = decide.leave(group_of(), MEMBER)
    assert told(decision) == (Kind.LEFT, (MEMBER,), "", (MEMBER,))
    assert decision.change == GroupChange(GID, leaving=(MEMBER,))
    assert MEMBER not in decision.state.members


def test_removing() -> None:
    decision = decide.remove(group_of(), ADMIN, MEMBER)
    assert told(decision) == (Kind.REMOVED, (MEMBER,), "", (MEMBER,))
    assert MEMBER not in decision.state.members
    with refused(ErrorCode.NOT_FOUND):
        decide.remove(decision.state, ADMIN, MEMBER)
    with refused(ErrorCode.FORBIDDEN):  # not even whether there is such a member
        decide.remove(group_of(), MEMBER, STRANGER)


@pytest.mark.parametrize("uid", [OWNER, ADMIN])
def test_nobody_touches_the_owner(uid: int) -> None:
    with refused(ErrorCode.FORBIDDEN):
        decide.remove(group_of(), uid, OWNER)
    with refused(ErrorCode.FORBIDDEN):
        decide.mute(group_of(), uid, OWNER, FUTURE, NOW)
    with refused(ErrorCode.FORBIDDEN):
        decide.set_role(group_of(), uid, OWNER, "member")


# --- members ------------------------------------------------------------------------------------------------


def test_roles() -> None:
    up = decide.set_role(group_of(), OWNER, MEMBER, "admin")
    assert told(up) == (Kind.ROLE, (MEMBER,), "admin", ())
    assert up.state.members[MEMBER].role is Role.ADMIN
    down = decide.set_role(up.state, OWNER, MEMBER, "member")
    assert (down.value, down.state) == ("member", group_of())
    assert decide.set_role(group_of(), OWNER, MEMBER, "member").kind is None
    with refused(ErrorCode.BAD_REQUEST):
        decide.set_role(group_of(), OWNER, MEMBER, "king")
    with refused(ErrorCode.NOT_FOUND):
        decide.set_role(group_of(), OWNER, STRANGER, "admin")


def test_handing_over() -> None:
    muted = decide.mute(group_of(), OWNER, MEMBER, FUTURE, NOW).state
    decision = decide.set_role(muted, OWNER, MEMBER, "owner")
    assert told(decision) == (Kind.OWNER, (MEMBER,), "", ())
    after = decision.state
    assert after.group.owner == MEMBER
    assert [u for u, m in after.members.items() if m.role is Role.OWNER] == [MEMBER]
    assert after.members[MEMBER].muted_until == 0
    assert after.members[OWNER].role is Role.ADMIN
    assert decide.leave(after, OWNER).kind is Kind.LEFT
    with refused(ErrorCode.CONFLICT):
        decide.leave(after, MEMBER)


def test_silencing_one_and_ending_it() -> None:
    muted = decide.mute(group_of(), ADMIN, MEMBER, FUTURE, NOW)
    assert told(muted) == (Kind.MUTED, (MEMBER,), str(FUTURE), ())
    assert muted.state.members[MEMBER].muted_until == FUTURE
    assert decide.mute(muted.state, ADMIN, MEMBER, FUTURE, NOW).kind is None
    ended = decide.mute(muted.state, ADMIN, MEMBER, NOW, NOW)
    assert told(ended) == (Kind.UNMUTED, (MEMBER,), "", ())
    assert ended.state == group_of()
    with refused(ErrorCode.NOT_FOUND):
        decide.mute(group_of(), ADMIN, STRANGER, FUTURE, NOW)


def test_nicknames() -> None:
    own = decide.name_member(group_of(), MEMBER, MEMBER, "me")
    assert told(own) == (Kind.NICKNAME, (MEMBER,), "me", ())
    assert decide.name_member(own.state, ADMIN, MEMBER, "me").kind is None
    assert decide.name_member(own.state, ADMIN, MEMBER, "").value == ""
    with refused(ErrorCode.FORBIDDEN):
        decide.name_member(group_of(), MEMBER, OTHER_MEMBER, "you")
    with refused(ErrorCode.NOT_FOUND):
        decide.name_member(group_of(), ADMIN, STRANGER, "you")
