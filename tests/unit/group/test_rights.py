"""Every row of the table of rights, for everybody it names: what the commands do is what it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from glideim.group import decide
from glideim.group.ports import Decision, GroupState
from glideim.group.rights import TABLE, refusal, require, sending, who
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from tests.support.groups import (
    ADMIN,
    MEMBER,
    NOW,
    OTHER_ADMIN,
    OTHER_MEMBER,
    OWNER,
    STRANGER,
    group_of,
)  # fmt: skip

State = GroupState | None
FUTURE = NOW + 60_000
CASTS = ("owner", "admin", "member", "stranger_public", "stranger")
COLUMNS: dict[str, int] = {"owner": OWNER, "admin": ADMIN, "member": MEMBER}
OF_MESSAGES = ("send", "send_when_all_muted", "send_when_muted")
ONLY_ASKED = ("info", "members", "history", "recall_others", "pin")
"""Rights that other code asks for by name: nothing is decided about them here."""

COMMANDS: dict[str, Callable[[State, int], Decision]] = {
    "update": lambda s, u: decide.rename(s, u, "new"),
    "mute_all": lambda s, u: decide.mute_all(s, u, FUTURE, NOW),
    "expire": lambda s, u: decide.expire(s, u, 60),
    "dissolve": decide.dissolve,
    "invite": lambda s, u: decide.add(s, u, (90,), NOW, 9),
    "invite_by_admins": lambda s, u: decide.add(s, u, (90,), NOW, 9),
    "remove_member": lambda s, u: decide.remove(s, u, OTHER_MEMBER),
    "remove_admin": lambda s, u: decide.remove(s, u, OTHER_ADMIN),
    "mute_member": lambda s, u: decide.mute(s, u, OTHER_MEMBER, FUTURE, NOW),
    "mute_admin": lambda s, u: decide.mute(s, u, OTHER_ADMIN, FUTURE, NOW),
    "role": lambda s, u: decide.set_role(s, u, OTHER_MEMBER, "admin"),
    "nickname": lambda s, u: decide.name_member(s, u, OTHER_MEMBER, "Nick"),
    "requests": lambda s, u: decide.accept(s, u, 90, NOW, 9),
    "leave": decide.leave,
    "join": lambda s, u: decide.join(s, u, NOW, 9),
}


def played(command: Callable[[State, int], Decision], state: State, uid: int) -> str:
    try:
        command(state, uid)
    except RequestError as error:
        return str(error.code)
    return "yes"


def cast(row: str, column: str) -> tuple[GroupState, int]:
    """A group for a row, and who plays a column."""
    state = group_of(
        join_mode="open" if column == "stranger_public" else "invite",
        invite="admins" if row == "invite_by_admins" else "members",
    )
    return state, COLUMNS.get(column, STRANGER)


def test_every_row_is_played_and_complete() -> None:
    assert set(TABLE) == {*COMMANDS, *OF_MESSAGES, *ONLY_ASKED}
    codes = {"yes", *map(str, ErrorCode)}
    for row, words in TABLE.items():
        assert set(words.values()) <= codes, row
        # Nobody asks how the owner fares who is muted: owners cannot be.
        assert set(words) == ({"admin", "member"} if row == "send_when_muted" else set(CASTS)), row


@pytest.mark.parametrize("column", CASTS)
@pytest.mark.parametrize("row", COMMANDS)
def test_commands_do_what_the_table_says(row: str, column: str) -> None:
    state, uid = cast(row, column)
    assert played(COMMANDS[row], state, uid) == TABLE[row][column]


@pytest.mark.parametrize("column", CASTS)
@pytest.mark.parametrize("row", ONLY_ASKED)
def test_rights_that_are_asked_for_by_name(row: str, column: str) -> None:
    state, uid = cast(row, column)
    word = TABLE[row][column]
    assert refusal(row, state, uid) == (None if word == "yes" else ErrorCode(word))


def asked(row: str) -> Callable[[State, int], Decision]:
    return lambda state, uid: Decision(require(row, state, uid))


@pytest.mark.parametrize("row", [*COMMANDS, "info", "members", "history"])
def test_a_group_that_is_not_known_is_like_none(row: str) -> None:
    """No group, a closed one, a dissolved one even for who owned it: one answer, word for word."""
    command = COMMANDS.get(row, asked(row))
    dissolved = decide.dissolve(group_of(join_mode="open"), OWNER).state
    answers = set()
    for state, uid in ((None, STRANGER), (group_of(), STRANGER), (dissolved, OWNER)):
        with pytest.raises(RequestError) as refused:
            command(state, uid)
        answers.add((refused.value.code, refused.value.message))
    assert answers == {(ErrorCode.NOT_FOUND, "there is no such group")}


def test_who_is_who() -> None:
    state = group_of(join_mode="approval")
    columns = [who(state, uid) for uid in (OWNER, ADMIN, MEMBER, STRANGER)]
    assert columns == ["owner", "admin", "member", "stranger_public"]
    assert who(decide.remove(group_of(), OWNER, MEMBER).state, MEMBER) == "stranger"


# --- sending ------------------------------------------------------------------------------------------------


def code(state: State, uid: int) -> str:
    refused = sending(state, uid, NOW)
    return "yes" if refused is None else str(refused[0])


@pytest.mark.parametrize("column", CASTS)
def test_sending(column: str) -> None:
    state, uid = cast("send", column)
    assert code(state, uid) == TABLE["send"][column]


@pytest.mark.parametrize("column", CASTS)
def test_sending_while_all_are_muted(column: str) -> None:
    state, uid = cast("send_when_all_muted", column)
    state = GroupState(replace(state.group, muted_until=FUTURE), state.members)
    assert code(state, uid) == TABLE["send_when_all_muted"][column]


@pytest.mark.parametrize("column", TABLE["send_when_muted"])
def test_sending_while_muted(column: str) -> None:
    state, uid = cast("send_when_muted", column)
    muted = decide.mute(state, OWNER, uid, FUTURE, NOW).state
    assert code(muted, uid) == TABLE["send_when_muted"][column]


def test_silence_ends_by_itself() -> None:
    state = decide.mute(group_of(), OWNER, MEMBER, FUTURE, NOW).state
    state = decide.mute_all(state, OWNER, FUTURE, NOW).state
    assert sending(state, MEMBER, FUTURE - 1) is not None
    assert sending(state, MEMBER, FUTURE) is None


def test_senders_cannot_tell_a_group_that_is_not_theirs_from_none() -> None:
    dissolved = decide.dissolve(group_of(), OWNER).state
    groups = (None, group_of(), group_of(join_mode="open"), dissolved)
    answers = {sending(state, STRANGER, NOW) for state in groups}
    assert answers == {(ErrorCode.NOT_MEMBER, "only members may send to this group")}
    assert sending(dissolved, OWNER, NOW) in answers
