"""Version 1's published cases: clients write to somebody drawn by lot, on a schedule that waits for nobody."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from . import target
from .adapters.brokers import BROKERS
from .case import Case, Options, Progress, UsageError
from .histogram import Histogram
from .ledger import LIMIT_MESSAGES, LIMIT_SENDERS, judge
from .light import now_us
from .load import Job
from .outcome import Generator, Outcome, load_average, refusal
from .schedule import Plan
from .target import Server
from .usage import Usage
from .workers import Workers, shares

START_IN_US = 300_000
"""From telling the processes until the first message can be due."""
PACKETS = 5
"""Of a confirmed message of GlideIM."""

PLANS = {
    "v1-2000": (2000, Plan(60, 200, 600)),
    "v1-10000": (10_000, Plan(50, 100, 800)),
}
"""Clients, gaps and messages of each."""


def plan_of(case: str, options: Options) -> Plan:
    """When clients send: as many messages as were published, as was asked, or as fit into the time asked for."""
    plan = PLANS[case][1]
    messages = options.messages or plan.messages
    if options.seconds:
        messages = max(1, round(options.seconds * plan.rate))
    return Plan(plan.shortest_ms, plan.longest_ms, messages)


class Run(Struct, frozen=True):
    """What happened while a plan was played: `busiest` is the busiest generator's share of a core."""

    reports: list[dict[str, Any]]
    seconds: float
    used: Usage
    resident: int
    busiest: float


async def play(
    server: Server, options: Options, clients: int, plan: Plan, progress: Progress
) -> Run:
    """Sign everybody in, play the plan, wait until nothing moves. Raises WorkerError, GoneError."""
    workers = Workers()
    try:
        with progress.phase(f"{server.name}: sign-in", clients) as bar:
            names = await _arrive(workers, server, options, clients, plan, bar)
        start, before = now_us() + START_IN_US, server.usage()
        workers.say({"names": names, "start": start})
        with progress.phase(f"{server.name}: load", clients * plan.messages) as bar:
            ended = await workers.hear(bar)
        used = server.usage().since(before)
        with progress.phase(f"{server.name}: settle", len(ended)):
            workers.say({"finish": True})
            reports = await workers.hear()
        resident = server.usage().resident
    finally:
        await workers.stop()
    return Run(
        reports,
        seconds=max(1, max(line["endedAt"] for line in ended) - start) / 1e6,
        used=used,
        resident=resident,
        busiest=max(line["busy"] for line in ended),
    )


async def _arrive(
    workers: Workers,
    server: Server,
    options: Options,
    clients: int,
    plan: Plan,
    bar: Any,
) -> list[int]:
    jobs, first = [], 0
    for number, share in enumerate(shares(clients, options.processes)):
        await workers.start("glideim.bench.load")
        seed = options.seed + 1000 * number
        job = Job(server.url, options.codec, share, first, clients, plan, seed)
        jobs.append(msgspec.to_builtins(job))
        first += share
    workers.say(*jobs)
    return [name for line in await workers.hear(bar) for name in line["names"]]


def conclude(case: str, server: Server, ran: Run) -> Outcome:
    """The figures of all processes together."""
    reports, seconds, used = ran.reports, ran.seconds, ran.used
    verdict = judge([report["ledger"] for report in reports])
    generator = Generator(ran.busiest, merged(reports, "late").quantile(0.99) / 1000, len(reports))
    unanswered = sum(report["unanswered"] for report in reports)
    problems = [problem for report in reports for problem in report["problems"]]
    if unanswered:
        problems.append(f"{unanswered} messages were never acknowledged")
    acked = max(1, verdict.acked)
    figures = {
        "messages sent": sum(report["sent"] for report in reports),
        "seconds": seconds,
        "chat messages/s": verdict.acked / seconds,
        "unanswered": unanswered,
        "refused": sum(report["refused"] for report in reports),
    }
    if server.glideim:
        figures[f"packets/s ({PACKETS} a message)"] = PACKETS * verdict.acked / seconds
    if server.pid:
        figures |= {
            "server CPU per message (µs)": 1e6 * used.cpu / acked,
            "of it in the kernel (µs)": 1e6 * used.system / acked,
            "server CPU (cores)": used.cpu / seconds,
            "server memory (MiB)": ran.resident / 2**20,
            "context switches per message": (used.yielded + used.preempted) / acked,
        }
    return Outcome(
        case=case,
        target=server.name,
        figures=figures,
        latency_ms={
            "ack": merged(reports, "ack").summary(),
            "delivery": merged(reports, "delivery").summary(),
        },
        verdict=verdict,
        generator=generator,
        per_second=_added([report["perSecond"] for report in reports]),
        problems=tuple(problems),
        refused=refusal(generator),
        load_average=load_average(),
    )


def merged(reports: Sequence[dict[str, Any]], name: str) -> Histogram:
    """One histogram of all processes."""
    all_of_them = Histogram()
    for report in reports:
        all_of_them.merge(report[name])
    return all_of_them


def _added(series: list[list[int]]) -> tuple[int, ...]:
    length = max((len(one) for one in series), default=0)
    return tuple(sum(one[n] for one in series if n < len(one)) for n in range(length))


async def _run(name: str, options: Options, progress: Progress) -> list[Outcome]:
    clients, plan = options.clients or PLANS[name][0], plan_of(name, options)
    target.allow_files(clients)

    async def measure(server: Server) -> Outcome:
        return conclude(name, server, await play(server, options, clients, plan, progress))

    return await target.each(options, progress, measure)


def _check(name: str, options: Options) -> None:
    clients, plan = options.clients or PLANS[name][0], plan_of(name, options)
    if not (2 <= clients < LIMIT_SENDERS and plan.messages < LIMIT_MESSAGES):
        raise UsageError(f"2 to {LIMIT_SENDERS - 1} clients, fewer than {LIMIT_MESSAGES} messages")


CASES = tuple(
    Case(
        name,
        f"{clients:,} clients write to a random one every {plan.shortest_ms:.0f} to "
        f"{plan.longest_ms:.0f} ms, {plan.messages} messages each (published for version 1)",
        functools.partial(_run, name),
        clients=clients,
        against=tuple(BROKERS),
        check=functools.partial(_check, name),
    )
    for name, (clients, plan) in PLANS.items()
)
