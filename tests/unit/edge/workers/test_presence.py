"""Who holds which connection, and whose place a newer login takes."""

from __future__ import annotations

import pytest

from glideim.dispatch.ports import Origin
from glideim.edge.workers.presence import Held, Holding
from glideim.gateway.options import Devices

HERE, THERE = Origin("a", 1), Origin("b", 1)


@pytest.mark.parametrize(
    ("devices", "same", "other"),
    [("class", True, False), ("one", True, True), ("unlimited", False, False)],
)
def test_a_newer_login_takes_a_place_by_the_rules(
    devices: Devices, same: bool, other: bool
) -> None:
    for device, taken in ((4, same), (2, other)):
        holding = Holding(devices)
        assert not holding.came(1, 4, HERE)
        assert list(holding.came(1, device, THERE)) == ([Held(HERE, 4)] if taken else [])
        assert not holding.came(2, 4, THERE)


def test_a_gateway_sees_to_its_own_connections_itself() -> None:
    holding = Holding("one")
    holding.came(1, 4, HERE)
    assert not holding.came(1, 4, Origin("a", 2))


def test_the_last_one_to_leave_is_noticed_once() -> None:
    holding = Holding("class")
    holding.came(1, 4, HERE)
    holding.came(1, 2, THERE)
    assert len(holding) == 2
    assert [origin for _, origin in holding.at("b")] == [THERE]
    assert not holding.left(1, HERE)
    assert holding.left(1, THERE)
    assert holding.of(1) == () and len(holding) == 0
