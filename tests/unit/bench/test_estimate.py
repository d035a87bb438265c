"""The sizing formulas."""

from __future__ import annotations

from glideim.bench.estimate import BYTES_PER_MESSAGE, HEADROOM, Costs, Machine, estimate

COSTS = Costs(message_us=50.0, connection_us=10.0, connection_bytes=10_240)


def test_processor_carries_messages_and_idle_connections() -> None:
    result = estimate(Machine(cores=1, memory_bytes=10**12, megabits=10**6), COSTS, 10.0)
    assert result.limit == "processor"
    assert result.messages_per_second == HEADROOM * 1e6 / 50
    assert result.active_people == int(HEADROOM * 1e6 / (50 / 10 + 10))


def test_memory_and_network_run_out_first_when_they_are_small() -> None:
    small = estimate(Machine(cores=64, memory_bytes=10_240_000), COSTS, 10.0)
    assert (small.limit, small.connections, small.active_people) == ("memory", 700, 700)
    slow = estimate(Machine(cores=64, memory_bytes=10**12, megabits=8), COSTS, 10.0)
    assert slow.limit == "network"
    assert slow.messages_per_second == int(HEADROOM * 1024 * 1024 / BYTES_PER_MESSAGE)


def test_connections_that_cost_nothing_leave_the_messages() -> None:
    idle = Costs(message_us=50.0, connection_us=0.0, connection_bytes=1.0)
    assert estimate(Machine(1, 10**12), idle, 30.0).active_people == int(HEADROOM * 20_000 * 30)
