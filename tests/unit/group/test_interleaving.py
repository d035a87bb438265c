"""Several people acting on one group at once: whatever the order in which the log takes their plans, it stays whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import permutations

import pytest

from glideim.group import decide
from glideim.group.ports import Decision, GroupState, Role
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from tests.support.groups import ADMIN, MEMBER, NOW, OTHER_ADMIN, OWNER, STRANGER, group_of

Act = Callable[[GroupState], Decision]

ACTS: Mapping[str, Act] = {
    "owner removes admin": lambda s: decide.remove(s, OWNER, ADMIN),
    "admin removes owner": lambda s: decide.remove(s, ADMIN, OWNER),
    "admin removes admin": lambda s: decide.remove(s, OTHER_ADMIN, ADMIN),
    "owner hands over": lambda s: decide.set_role(s, OWNER, ADMIN, Role.OWNER),
    "owner hands over to another": lambda s: decide.set_role(s, OWNER, MEMBER, Role.OWNER),
    "new owner removes old": lambda s: decide.remove(s, ADMIN, OWNER),
    "owner leaves": lambda s: decide.leave(s, OWNER),
    "admin leaves": lambda s: decide.leave(s, ADMIN),
    "member leaves": lambda s: decide.leave(s, MEMBER),
    "owner dissolves": lambda s: decide.dissolve(s, OWNER),
    "admin dissolves": lambda s: decide.dissolve(s, ADMIN),
    "stranger joins": lambda s: decide.join(s, STRANGER, NOW, 9),
    "admin adds": lambda s: decide.add(s, ADMIN, (STRANGER,), NOW, 9),
    "admin mutes": lambda s: decide.mute(s, ADMIN, MEMBER, NOW + 1, NOW),
}


def whole(state: GroupState) -> None:
    """What holds of every group: one owner, whom the group names, and nobody in one that ended."""
    owners = [m.uid for m in state.members.values() if m.role is Role.OWNER]
    assert owners == ([] if state.group.dissolved else [state.group.owner])
    assert all(uid == member.uid for uid, member in state.members.items())
    if state.group.dissolved:
        assert not state.members


@pytest.mark.parametrize("first", ACTS)
def test_in_every_order_a_group_stays_whole(first: str) -> None:
    refusals: set[ErrorCode] = set()
    for rest in permutations([name for name in ACTS if name != first], 3):
        state = group_of(join_mode="open")
        for name in (first, *rest):
            try:
                state = ACTS[name](state).state
            except RequestError as error:
                refusals.add(error.code)
            whole(state)
    assert refusals <= {ErrorCode.FORBIDDEN, ErrorCode.NOT_FOUND, ErrorCode.CONFLICT}


def test_of_two_who_remove_each_other_the_first_stays() -> None:
    owned = decide.set_role(group_of(), OWNER, ADMIN, Role.OWNER).state
    removed = decide.remove(owned, ADMIN, OWNER).state
    with pytest.raises(RequestError) as error:
        decide.remove(removed, OWNER, ADMIN)
    assert error.value.code == ErrorCode.NOT_FOUND
    assert ADMIN in removed.members


def test_nobody_joins_what_was_dissolved_first() -> None:
    ended = decide.dissolve(group_of(join_mode="open"), OWNER).state
    with pytest.raises(RequestError) as error:
        decide.join(ended, STRANGER, NOW, 9)
    assert error.value.code == ErrorCode.NOT_FOUND
