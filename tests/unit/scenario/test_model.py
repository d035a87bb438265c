"""The model of the week by itself: what it lets people do, and what they then see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.scenario.circles import Circle
from tests.support.scenario.model import World
from tests.support.scenario.talks import Refused

ANN, BEN, CAT, DAN = 1, 2, 3, 4
KEY = "c:1:2"
GID = 9


def grouped(**fields: str) -> tuple[World, Circle]:
    """A group of Ann, who owns it, and Ben."""
    world = World()
    settings = {"name": "g", "joinMode": "open", "history": "join", "invite": "members", **fields}
    world.found(GID, ANN, [BEN], settings)
    return world, world.circles[GID]


def refused(do: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as caught:
        do()
    return caught.value.code


def seqs(world: World, uid: int, key: str) -> list[int]:
    return list(world.view(uid)[key]["messages"])


def test_messages_are_numbered_and_count_as_unread_for_the_other() -> None:
    world = World()
    for n in range(3):
        assert world.chat(ANN, BEN, f"m{n}", 1, "hi").seq == n + 1
    mine, theirs = world.view(ANN)[KEY], world.view(BEN)[KEY]
    assert (mine["unread"], mine["readSeq"], mine["peerReadSeq"]) == (0, 3, 0)
    assert (theirs["unread"], theirs["readSeq"], theirs["peerReadSeq"]) == (3, 0, 3)
    world.read(BEN, KEY, 2)
    world.read(BEN, KEY, 1)
    assert world.view(BEN)[KEY]["unread"] == 1


def test_the_same_message_again_is_the_same_message() -> None:
    world = World()
    first = world.chat(ANN, BEN, "m", 1, "hi")
    assert world.chat(ANN, BEN, "m", 1, "hi") is first
    assert refused(lambda: world.chat(ANN, BEN, "m", 1, "other")) == "conflict"
    assert refused(lambda: world.chat(ANN, CAT, "m", 1, "hi")) == "conflict"


def test_whoever_is_blocked_cannot_write() -> None:
    world = World()
    world.block(BEN, ANN, on=True)
    assert refused(lambda: world.chat(ANN, BEN, "m", 1, "hi")) == "blocked"
    world.block(BEN, ANN, on=False)
    world.chat(ANN, BEN, "k", 1, "hi")
    world.block(BEN, ANN, on=True)
    assert refused(lambda: world.edit(ANN, KEY, 1, "new")) == "blocked"
    assert refused(lambda: world.react(ANN, KEY, 1, "x", on=True)) == "blocked"
    world.block(BEN, ANN, on=False)
    assert world.chat(ANN, BEN, "m", 1, "hi").seq == 2


def test_a_recalled_message_keeps_its_place_and_loses_everything_else() -> None:
    world = World()
    world.chat(ANN, BEN, "m", 1, "hi")
    world.react(BEN, KEY, 1, "x", on=True)
    assert world.view(BEN)[KEY]["messages"][1]["reactions"] == {"x": (1, True)}
    assert world.view(ANN)[KEY]["messages"][1]["reactions"] == {"x": (1, False)}
    assert refused(lambda: world.recall(BEN, KEY, 1)) == "forbidden"
    world.recall(ANN, KEY, 1)
    shown = world.view(BEN)[KEY]["messages"][1]
    assert (shown["status"], shown["content"], shown["reactions"]) == (1, None, {})
    assert refused(lambda: world.edit(ANN, KEY, 1, "new")) == "not_found"


def test_strangers_cannot_touch_a_conversation() -> None:
    world = World()
    world.chat(ANN, BEN, "m", 1, "hi")
    for do in (
        lambda: world.read(CAT, KEY, 1),
        lambda: world.recall(CAT, KEY, 1),
        lambda: world.edit(CAT, KEY, 1, "x"),
        lambda: world.react(CAT, KEY, 1, "x", on=True),
        lambda: world.pin(CAT, KEY, 1, on=True),
        lambda: world.hide(CAT, KEY),
    ):
        assert refused(do) == "not_found"
    assert KEY not in world.view(CAT)


def test_a_new_member_sees_from_the_joining_on_or_everything() -> None:
    for history, visible in (("join", [3, 4]), ("all", [1, 2, 3, 4])):
        world, circle = grouped(history=history)
        world.say(ANN, GID, "m", 1, "before")
        circle.join(CAT)
        world.say(ANN, GID, "n", 1, "after")
        assert seqs(world, CAT, circle.key) == visible
        assert world.view(CAT)[circle.key]["unread"] == 1


def test_whoever_is_removed_has_the_group_no_more() -> None:
    world, circle = grouped()
    world.settle(BEN, circle.key, pinned=True, muted=True)
    circle.remove(ANN, BEN)
    assert circle.key not in world.view(BEN)
    assert refused(lambda: world.say(BEN, GID, "m", 1, "hi")) == "not_member"
    circle.invite(ANN, [BEN])
    assert seqs(world, BEN, circle.key) == [3]
    assert not world.view(BEN)[circle.key]["muted"]


def test_ranks() -> None:
    world, circle = grouped()
    circle.join(CAT)
    assert refused(lambda: circle.rename(BEN, "x")) == "forbidden"
    assert refused(lambda: circle.rename(DAN, "x")) == "not_found"
    circle.set_role(ANN, BEN, "admin")
    circle.rename(BEN, "x")
    assert refused(lambda: circle.remove(BEN, ANN)) == "forbidden"
    assert refused(lambda: circle.leave(ANN)) == "conflict"
    circle.transfer(ANN, BEN)
    assert (world.group(ANN, GID)["role"], world.group(ANN, GID)["owner"]) == ("admin", BEN)
    circle.mute(BEN, CAT, 5)
    assert refused(lambda: world.say(CAT, GID, "m", 1, "hi")) == "muted"
    circle.mute(BEN, CAT, 0)
    circle.mute_all(ANN, 5)
    assert refused(lambda: world.say(CAT, GID, "m", 1, "hi")) == "muted"
    assert world.say(ANN, GID, "m", 1, "hi").seq == circle.last


def test_a_dissolved_group_is_gone_for_all() -> None:
    world, circle = grouped()
    circle.dissolve(ANN)
    assert world.view(ANN) == world.view(BEN) == {}
    assert refused(lambda: world.say(ANN, GID, "m", 1, "hi")) == "not_member"
    assert refused(lambda: circle.join(CAT)) == "not_found"


def test_a_hidden_conversation_is_back_when_there_is_more() -> None:
    world = World()
    world.chat(ANN, BEN, "m", 1, "hi")
    world.hide(BEN, KEY)
    assert (world.hidden(BEN), world.hidden(ANN)) == ({KEY}, set())
    world.chat(ANN, BEN, "n", 1, "hi")
    assert world.hidden(BEN) == set()
