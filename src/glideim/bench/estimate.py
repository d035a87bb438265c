"""How many people a machine carries, from what was measured on it."""

from __future__ import annotations

import os

import msgspec
from msgspec import Struct

from . import target
from .case import Case, Options, Progress
from .outcome import Outcome, load_average
from .people import CLIENTS, people
from .yardstick import SECONDS, against_relay

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


async def _run(options: Options, progress: Progress) -> list[Outcome]:
    span = min(SECONDS, options.seconds or SECONDS)
    relay = await against_relay(msgspec.structs.replace(options, seconds=span), progress, 1)
    clients = options.clients or CLIENTS["idle"]
    target.allow_files(clients)
    async with target.glideim(options) as server:
        idle = await people("idle", server, options, clients, progress)
    costs = Costs(
        message_us=relay.figures["CPU per message, server (µs)"],
        connection_us=idle.figures["CPU per connection and second (µs)"],
        connection_bytes=1024 * idle.figures["memory per connection (KiB)"],
    )
    # One process, whose interpreter runs on one core at a time, however many the machine has.
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    carried = estimate(Machine(cores=1, memory_bytes=memory), costs, options.seconds_between)
    return [
        Outcome(
            case="estimate",
            target="this machine, one process of the server on one core",
            figures={
                "CPU per message (µs)": costs.message_us,
                "CPU per connection and second (µs)": costs.connection_us,
                "memory per connection (KiB)": costs.connection_bytes / 1024,
                "connections by memory": carried.connections,
                "messages/s": carried.messages_per_second,
                "seconds between a person's messages": options.seconds_between,
                f"active people (limit: {carried.limit})": carried.active_people,
            },
            problems=(*relay.problems, *idle.problems),
            load_average=load_average(),
        )
    ]


CASE = Case(
    "estimate",
    "how many people this machine carries, from what a message and a connection cost on it",
    _run,
    own_server=True,
)
