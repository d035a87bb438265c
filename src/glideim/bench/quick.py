"""`make bench-quick`: CPU per confirmed message of the server and of the bare relay, in one run.

Rounds alternate, relay and server under the same load, so that a machine whose speed drifts still gives a fair
ratio. CPU is the server process's own user and system time over the measured span, all its threads included.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvloop
from msgspec import Struct

from .case import Bar
from .pairs import Tally, connect, disconnect
from .usage import usage

BAR = 1.6
"""First step of the bar: the server's CPU per message against the relay's."""
SATURATED = 0.97
"""Share of a core above which the load program itself was the limit."""


class Round(Struct):
    """One measurement."""

    what: str
    messages: int
    seconds: float
    cpu_us: float
    load: float
    failed: int

    @property
    def rate(self) -> float:
        """Confirmed messages per second."""
        return self.messages / self.seconds


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and those that it started, so far."""
    return usage(pid).cpu


@contextmanager
def process(arguments: Sequence[str], **environment: str) -> Iterator[tuple[int, str]]:
    """A server process: its pid and WebSocket URL, from its line of JSON."""
    child = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        stdout=subprocess.PIPE,
        env={**os.environ, **environment},
        # Ctrl-C in the terminal is for the one that measures, which then stops it in order.
        start_new_session=True,
    )
    try:
        line = child.stdout.readline() if child.stdout is not None else b""
        if not line:
            raise SystemExit(f"{arguments[0]} did not start")
        yield child.pid, json.loads(line)["ws"]
    finally:
        child.terminate()
        child.wait(timeout=30)
        if child.stdout is not None:
            child.stdout.close()


async def measure(what: str, pid: int, url: str, options: argparse.Namespace) -> Round:
    """One round against a running server."""
    tally = Tally()
    pairs = await connect(url, options.pairs, tally, relay=what == "relay")
    for pair in pairs:
        pair.sender.begin(pair.to, options.window)
    await asyncio.sleep(options.warmup)
    done, cpu, own, began = tally.done, cpu_seconds(pid), _own_cpu(), time.monotonic()
    await asyncio.sleep(options.seconds)
    seconds = time.monotonic() - began
    messages = tally.done - done
    spent, load = cpu_seconds(pid) - cpu, (_own_cpu() - own) / seconds
    tally.running = False
    disconnect(pairs)
    await asyncio.sleep(0.2)
    return Round(what, messages, seconds, 1e6 * spent / max(1, messages), load, tally.failed)


def _own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def run(options: argparse.Namespace, bar: Bar) -> list[Round]:
    """All rounds; the bar counts them."""
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory(dir=options.data) as data:
        serve = [
            "glideim.cli",
            "serve",
            "--data",
            data,
            "--ws-port",
            "0",
            "--tcp-port",
            "0",
            "--http-port",
            "0",
        ]
        relay = ["glideim.bench.relay"]
        with process(relay) as relay_at, process(serve, GLIDEIM_LIMITS="off") as server_at:
            for _ in range(options.rounds):
                for what, (pid, url) in (("relay", relay_at), ("server", server_at)):
                    rounds.append(await measure(what, pid, url, options))
                    bar(len(rounds))
    return rounds


def report(rounds: Sequence[Round]) -> float:
    """Print the table; returns the median ratio."""
    print(
        f"{'':8} {'messages/s':>11} {'CPU/message':>12} {'server CPU':>11} {'load CPU':>9} {'failed':>7}"
    )
    for r in rounds:
        share = r.cpu_us * r.rate / 1e6
        print(
            f"{r.what:8} {r.rate:>11,.0f} {r.cpu_us:>9.1f} µs {share:>10.0%} {r.load:>9.0%} {r.failed:>7}"
        )
    relays = [r.cpu_us for r in rounds if r.what == "relay"]
    servers = [r.cpu_us for r in rounds if r.what == "server"]
    ratios = [server / relay for relay, server in zip(relays, servers, strict=True)]
    ratio = statistics.median(ratios)
    print(
        f"\nserver / relay: {ratio:.2f} ×  (rounds: {', '.join(f'{r:.2f}' for r in ratios)}; bar: ≤ {BAR} ×)"
    )
    return ratio


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="bench-quick", description=__doc__)
    parser.add_argument("--pairs", type=int, default=250, help="pairs of connections")
    parser.add_argument("--window", type=int, default=8, help="messages under way per sender")
    parser.add_argument("--seconds", type=float, default=5.0, help="measured span of a round")
    parser.add_argument("--warmup", type=float, default=1.0, help="span before it")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each")
    parser.add_argument(
        "--data", default=None, help="directory for the database; default: a temporary one"
    )
    parser.add_argument("--json", type=Path, default=None, help="write the figures to this file")
    options = parser.parse_args()

    def tell(done: float) -> None:
        print(f"{done:.0f} of {2 * options.rounds} rounds", file=sys.stderr, flush=True)

    rounds = uvloop.run(run(options, tell))
    ratio = report(rounds)
    if options.json is not None:
        figures = {"ratio": ratio, "rounds": [_plain(r) for r in rounds]}
        options.json.write_text(json.dumps(figures, indent=2))
    if any(r.load > SATURATED and r.what == "server" for r in rounds):
        print(
            "note: the load program was saturated; messages/s is its limit, CPU/message still holds"
        )


def _plain(r: Round) -> dict[str, float | str]:
    return {name: getattr(r, name) for name in r.__struct_fields__}


if __name__ == "__main__":
    main()
