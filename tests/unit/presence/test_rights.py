"""Who may see whom, every case of it."""

from __future__ import annotations

import pytest

from glideim.contacts.ports import Relation
from glideim.presence.ports import Audience
from glideim.presence.rights import may_see

FRIEND = Relation(friends=True, blocked=False)
BLOCKED_FRIEND = Relation(friends=True, blocked=True)
BLOCKED = Relation(friends=False, blocked=True)


@pytest.mark.parametrize(
    ("relation", "everyone", "contacts", "nobody"),
    [
        (None, True, False, False),
        (FRIEND, True, True, False),
        (BLOCKED_FRIEND, False, False, False),
        (BLOCKED, False, False, False),
    ],
)
def test_every_relation_with_every_setting(
    relation: Relation | None, everyone: bool, contacts: bool, nobody: bool
) -> None:
    assert may_see((1, 2), Audience.EVERYONE, relation) is everyone
    assert may_see((1, 2), Audience.CONTACTS, relation) is contacts
    assert may_see((1, 2), Audience.NOBODY, relation) is nobody


def test_one_always_sees_oneself() -> None:
    assert may_see((1, 1), Audience.NOBODY, None)
