"""The comparison must notice whatever may be wrong with a device."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.support.scenario.compare import differences
from tests.support.scenario.model import World

KEY = "c:1:2"

View = dict[str, dict[str, Any]]


def right() -> View:
    """What Ben must see after a little talk with Ann."""
    world = World()
    world.chat(1, 2, "a", 1, "one")
    world.chat(2, 1, "b", 1, "two")
    world.chat(1, 2, "c", 1, "three")
    world.react(1, KEY, 2, "x", on=True)
    world.pin(1, KEY, 1, on=True)
    world.edit(1, KEY, 1, "uno")
    return world.view(2)


def test_equal_views_do_not_differ() -> None:
    assert list(differences(right(), right())) == []


WRONGS: dict[str, Callable[[View], object]] = {
    "a message is missing": lambda view: view[KEY]["messages"].pop(2),
    "a message too many": lambda view: view[KEY]["messages"].update({4: {"mid": 1}}),
    "another order": lambda view: view[KEY]["messages"].update(
        {1: view[KEY]["messages"][3], 3: view[KEY]["messages"][1]}
    ),
    "old content": lambda view: view[KEY]["messages"][1].update(content="one"),
    "an edit not noticed": lambda view: view[KEY]["messages"][1].update(status=0),
    "a recall not noticed": lambda view: view[KEY]["messages"][3].update(status=1),
    "no reaction": lambda view: view[KEY]["messages"][2].update(reactions={}),
    "a reaction of somebody else": lambda view: view[KEY]["messages"][2].update(
        reactions={"x": (1, True)}
    ),
    "not pinned": lambda view: view[KEY]["messages"][1].update(pinned=False),
    "a wrong sender": lambda view: view[KEY]["messages"][1].update({"from": 2}),
    "another read position": lambda view: view[KEY].update(readSeq=3),
    "another count": lambda view: view[KEY].update(unread=0),
    "a peer's position": lambda view: view[KEY].update(peerReadSeq=0),
    "a conversation is missing": lambda view: view.pop(KEY),
    "a conversation too many": lambda view: view.update({"g:7": {}}),
    "muted": lambda view: view[KEY].update(muted=True),
}


@pytest.mark.parametrize("wrong", WRONGS)
def test_everything_that_is_wrong_is_told(wrong: str) -> None:
    view = deepcopy(right())
    WRONGS[wrong](view)
    assert list(differences(right(), view))
