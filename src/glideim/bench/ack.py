"""`ack`: how long an acknowledgement takes at half of the highest load, against one commit on the same disk."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from pathlib import Path

from glideim.edge.sql.connection import Durability, open_writer

from . import target
from .case import Case, Options, Progress
from .histogram import Histogram
from .light import now_us
from .outcome import Outcome
from .playing import play, pressing, steady
from .published import conclude
from .target import Server

CLIENTS, WINDOW = 200, 8
SEARCHES, SEARCH_SECONDS = 3, 3.0
"""Rounds as fast as it goes; the median of them is the highest load."""
SECONDS = 30.0
"""At half of it."""
COMMITS = 300
"""Before the load, and as many after it."""
ROW = "x" * 150
"""About as much as a message and its places in the indexes."""


def commits(directory: Path, count: int) -> list[int]:
    """How long each of so many commits took (µs): one row, a database of its own, the server's settings."""
    connection = open_writer(directory / "commits.db", Durability.FULL)
    try:
        connection.execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, text TEXT)")
        took = []
        for _ in range(count):
            began = now_us()
            with connection:
                connection.execute("INSERT INTO t (text) VALUES (?)", (ROW,))
            took.append(now_us() - began)
        return took
    finally:
        connection.close()


async def _run(options: Options, progress: Progress) -> list[Outcome]:
    with tempfile.TemporaryDirectory(dir=options.data) as directory:
        async with target.glideim(options) as server:
            return [await _measure(server, Path(directory), options, progress)]


async def _measure(
    server: Server, directory: Path, options: Options, progress: Progress
) -> Outcome:
    clients, window = options.clients or CLIENTS, options.window or WINDOW
    seconds = options.seconds or SECONDS
    fast = pressing(clients, window, min(SEARCH_SECONDS, seconds))
    highest = statistics.median(
        [(await play(server, options, fast, progress)).rate for _ in range(SEARCHES)]
    )
    took = await _commits(directory, progress)
    ran = await play(server, options, steady(highest / 2, clients, seconds), progress)
    took += await _commits(directory, progress)
    outcome = conclude("ack", server, ran)
    commit = Histogram()
    for one in took:
        commit.add(one)
    one_commit = statistics.median(took) / 1000
    p99 = outcome.latency_ms["ack"]["p99"]
    figures = {
        "highest load (messages/s)": highest,
        "load while acks are timed (messages/s)": outcome.figures["chat messages/s"],
        "one commit, median (ms)": one_commit,
        "ack p99 / one commit, median": p99 / one_commit,
        "ack p99 / one commit, p99": 1000 * p99 / max(1, commit.quantile(0.99)),
    }
    return Outcome(
        case="ack",
        target=outcome.target,
        figures=figures | outcome.figures,
        latency_ms={**outcome.latency_ms, "bare commit": commit.summary()},
        verdict=outcome.verdict,
        generator=outcome.generator,
        per_second=outcome.per_second,
        problems=outcome.problems,
        refused=outcome.refused,
        load_average=outcome.load_average,
    )


async def _commits(directory: Path, progress: Progress) -> list[int]:
    with progress.phase("bare commits", COMMITS):
        return await asyncio.to_thread(commits, directory, COMMITS)


CASE = Case(
    "ack",
    "latency of acknowledgements at half of the highest load, against one commit on that disk",
    _run,
    clients=CLIENTS,
    own_server=True,
)
