"""`relay`: the server's CPU per confirmed message against that of the bare relay, in alternating rounds."""

from __future__ import annotations

import argparse
import statistics

from . import quick
from .case import Case, Options, Progress
from .outcome import Outcome, load_average

CLIENTS = 500
ROUNDS = 3
SECONDS = 5.0
"""Of a round."""
WINDOW = 8
"""Messages under way for each sender."""


async def against_relay(options: Options, progress: Progress, rounds_of_each: int) -> Outcome:
    """The median of the rounds' ratios, and what it is made of."""
    span = options.seconds or SECONDS
    given = argparse.Namespace(
        pairs=max(1, (options.clients or CLIENTS) // 2), window=WINDOW, warmup=min(1.0, span),
        rounds=rounds_of_each, seconds=span, data=None,
    )  # fmt: skip
    with progress.phase("relay and server in turn", 2 * rounds_of_each) as bar:
        rounds = await quick.run(given, bar)
    relay = [r for r in rounds if r.what == "relay"]
    server = [r for r in rounds if r.what == "server"]
    ratios = [a.cpu_us / b.cpu_us for a, b in zip(server, relay, strict=True)]
    failed = sum(r.failed for r in rounds)
    return Outcome(
        case="relay",
        target="glideim and the bare relay",
        figures={
            "CPU per message, relay (µs)": statistics.median(r.cpu_us for r in relay),
            "CPU per message, server (µs)": statistics.median(r.cpu_us for r in server),
            "server / relay, median of the rounds": statistics.median(ratios),
            "messages/s, server": statistics.median(r.rate for r in server),
            "failed": failed,
        },
        problems=(f"{failed} messages failed",) if failed else (),
        load_average=load_average(),
    )


async def _run(options: Options, progress: Progress) -> list[Outcome]:
    return [await against_relay(options, progress, ROUNDS)]


CASE = Case(
    "relay",
    "CPU per confirmed message against a bare relay, in turn",
    _run,
    clients=CLIENTS,
    own_server=True,
)
