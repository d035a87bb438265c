"""How many people a machine carries, from what was measured on it."""

from __future__ import annotations

from msgspec import Struct

HEADROOM = 0.7
"""Share of processor and memory that is planned with; the rest is for peaks and for everything else."""
BYTES_PER_MESSAGE = 900
"""On the wire, five packets with their headers, JSON over WebSocket."""


class Machine(Struct, frozen=True):
    """What there is: cores for the server (one process uses about one and a half), memory, network."""

    cores: float
    memory_bytes: int
    megabits: float = 1000.0


class Costs(Struct, frozen=True):
    """What was measured: CPU of a confirmed message (µs), of an idle connection (µs a second), its memory."""

    message_us: float
    connection_us: float
    connection_bytes: float


class Estimate(Struct, frozen=True, rename="camel"):
    """What a machine carries; `limit` says what runs out first."""

    connections: int
    messages_per_second: int
    active_people: int
    limit: str


def estimate(machine: Machine, costs: Costs, seconds_between: float) -> Estimate:
    """People who are connected and each send a message every `seconds_between` seconds."""
    by_memory = HEADROOM * machine.memory_bytes / costs.connection_bytes
    by_network = HEADROOM * machine.megabits / 8 * 1024 * 1024 / BYTES_PER_MESSAGE
    by_cpu = HEADROOM * machine.cores * 1e6 / costs.message_us
    person_us = costs.message_us / seconds_between + costs.connection_us
    limits = {
        "memory": by_memory,
        "network": by_network * seconds_between,
        "processor": HEADROOM * machine.cores * 1e6 / person_us,
    }
    limit = min(limits, key=lambda name: limits[name])
    return Estimate(int(by_memory), int(min(by_network, by_cpu)), int(limits[limit]), limit)
