"""`durable`: acknowledged messages per second when an acknowledgement means that the message is on the disk.

Senders with a window each, as fast as they are answered; with `--against jetstream` both servers have their data on
the same disk and are measured in alternating rounds. It runs 30 minutes unless told otherwise: checkpoints, compaction
and fragmentation are not seen in a short run.
"""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import Sequence

from . import target
from .adapters import brokers
from .case import Case, Options, Progress
from .histogram import Histogram
from .ledger import together
from .outcome import Generator, Outcome, load_average, refusal
from .playing import Run, merged, play, pressing
from .target import Server

CLIENTS, WINDOW = 64, 32
"""Senders, and messages under way for each."""
SECONDS = 1800.0
ROUND_SECONDS = 60.0
FEWEST_ROUNDS = 3


def rounds_of(seconds: float) -> tuple[int, float]:
    """How many rounds there are for each server, and how long each is (s)."""
    rounds = max(FEWEST_ROUNDS, round(seconds / ROUND_SECONDS))
    return rounds, seconds / rounds


async def _run(options: Options, progress: Progress) -> list[Outcome]:
    rounds, span = rounds_of(options.seconds or SECONDS)
    shape = pressing(options.clients or CLIENTS, options.window or WINDOW, span)
    async with contextlib.AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(target.glideim(options))]
        for name in options.against:
            broker = brokers.running(name, options.data)
            servers.append(Server(name, *await stack.enter_async_context(broker)))
        runs: list[list[Run]] = [[] for _ in servers]
        for _ in range(rounds):
            for number, server in enumerate(servers):
                runs[number].append(await play(server, options, shape, progress))
    return [_outcome(server, runs, number, servers) for number, server in enumerate(servers)]


def _outcome(
    server: Server, runs: Sequence[Sequence[Run]], number: int, servers: Sequence[Server]
) -> Outcome:
    mine = runs[number]
    rates = [run.rate for run in mine]
    third = max(1, len(rates) // 3)
    acked = max(1, sum(run.acked for run in mine))
    figures = {
        "rounds": len(mine),
        "acked messages/s, median of the rounds": statistics.median(rates),
        "of the slowest round": min(rates),
        "of the fastest round": max(rates),
        "last third of the rounds / first third": statistics.mean(rates[-third:])
        / max(1.0, statistics.mean(rates[:third])),
    }
    if server.pid:
        figures["server CPU per message (µs)"] = 1e6 * sum(run.used.cpu for run in mine) / acked
        figures["server memory (MiB)"] = mine[-1].resident / 2**20
    for other, theirs in zip(servers, runs, strict=True):
        if other is not server:
            ratios = [a.rate / max(1.0, b.rate) for a, b in zip(mine, theirs, strict=True)]
            figures[f"messages/s against {other.name}, median"] = statistics.median(ratios)
    # One round in which the machine was busy with something else shall not spoil the rest.
    generator = Generator(statistics.median(run.busiest for run in mine), 0.0, len(mine[0].reports))
    return Outcome(
        case="durable",
        target=server.name,
        figures=figures,
        latency_ms={name: _all(mine, name).summary() for name in ("ack", "delivery")},
        verdict=together([run.verdict for run in mine]),
        generator=generator,
        per_second=tuple(count for run in mine for count in run.per_second),
        problems=tuple(problem for run in mine for problem in run.problems),
        refused=refusal(generator),
        load_average=load_average(),
    )


def _all(runs: Sequence[Run], name: str) -> Histogram:
    whole = Histogram()
    for run in runs:
        whole.merge(merged(run.reports, name).plain())
    return whole


CASE = Case(
    "durable",
    "messages per second that are on the disk, as fast as they are acknowledged; 30 minutes",
    _run,
    clients=CLIENTS,
    against=("jetstream",),
)
