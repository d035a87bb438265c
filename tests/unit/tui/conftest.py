"""Time and a server for the tests of the terminal client."""

from __future__ import annotations

import pytest

from tests.unit.client.world import ManualTimers, World


@pytest.fixture
def timers() -> ManualTimers:
    return ManualTimers()


@pytest.fixture
def world(timers: ManualTimers) -> World:
    world = World(timers)
    for uid, name in ((1, "alice"), (2, "bob"), (3, "carol")):
        world.add_user(uid, name)
    return world
