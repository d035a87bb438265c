"""The cases of `glideim bench`: what each does, and how its figures are worked out."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
from msgspec import Struct

from . import fanout, quick, stored
from .adapters import brokers
from .estimate import Costs, Machine, estimate
from .histogram import Histogram
from .ledger import LIMIT_MESSAGES, LIMIT_SENDERS, judge
from .light import now_us
from .load import Job
from .outcome import Generator, Outcome, load_average, refusal
from .schedule import Plan
from .usage import Usage, usage
from .workers import Workers, shares

START_IN_US = 300_000
"""From telling the processes until the first message can be due."""
SETTLE = 1.0
"""Seconds between the last sign-in and looking at the server's memory."""
AT_ONCE = 50
"""Sign-ins under way in each process."""
Tell = Callable[[str], None]


class UsageError(Exception):
    """Options that do not go together; the text says which."""


class Options(Struct, frozen=True):
    """What the command line says. 0 stands for what the case has of its own."""

    clients: int = 0
    seconds: float = 0.0
    messages: int = 0
    processes: int = 2
    codec: str = "json"
    transport: str = "ws"
    url: str = ""
    pid: int = 0
    against: tuple[str, ...] = ()
    seed: int = 1
    seconds_between: float = 30.0


class Server(Struct, frozen=True):
    """Something to measure. `pid` 0: it runs elsewhere, and what it uses is not known."""

    name: str
    url: str
    pid: int
    ready: dict[str, Any] = {}

    def usage(self) -> Usage:
        """So far."""
        return usage(self.pid) if self.pid else Usage()


PLANS = {
    "v1-2000": (2000, Plan(60, 200, 600)),
    "v1-10000": (10_000, Plan(50, 100, 800)),
}
"""Version 1's published cases: clients, gaps and messages of each."""
DEFAULT_CLIENTS = {"idle": 1000, "login": 10_000, "storm": 10_000, "fanout": 5000, "relay": 500}
DEFAULT_CLIENTS |= {name: clients for name, (clients, _) in PLANS.items()}
CASES = (*PLANS, "fanout", "idle", "login", "storm", "relay", "sync", "history", "estimate")
COMPARED = tuple(PLANS)
"""Cases that other servers can be driven with."""


def clients_of(case: str, options: Options) -> int:
    """How many clients there are."""
    return options.clients or DEFAULT_CLIENTS.get(case, 2)


def plan_of(case: str, options: Options) -> Plan:
    """When clients send in a published case, for as long as was asked."""
    plan = PLANS[case][1]
    messages = options.messages or plan.messages
    if options.seconds:
        messages = max(1, round(options.seconds * plan.rate))
    return Plan(plan.shortest_ms, plan.longest_ms, messages)


def check(case: str, options: Options) -> None:
    """Raises UsageError."""
    if case not in CASES:
        raise UsageError(f"{case}: there is {', '.join(CASES)}")
    if options.against and case not in COMPARED:
        raise UsageError(f"--against goes with {', '.join(COMPARED)}")
    if options.url and case in {"relay", "estimate", "fanout"}:
        raise UsageError(f"{case} starts its own server: --url does not go with it")
    clients = clients_of(case, options)
    if not 1 <= options.processes <= clients:
        raise UsageError("--processes must be at least 1 and at most as many as clients")
    if case in PLANS and not (
        2 <= clients < LIMIT_SENDERS and plan_of(case, options).messages < LIMIT_MESSAGES
    ):
        raise UsageError(f"2 to {LIMIT_SENDERS - 1} clients, fewer than {LIMIT_MESSAGES} messages")


async def run(case: str, options: Options, tell: Tell) -> list[Outcome]:
    """One outcome for each server. Raises UsageError, WorkerError, OSError."""
    check(case, options)
    if case == "relay":
        return [await _relay(options, tell)]
    if case == "estimate":
        return [await _estimate(options, tell)]
    fanout.allow_files(clients_of(case, options))
    async with _glideim(options) as server:
        outcomes = [await _measured(case, server, options, tell)]
    for name in options.against:
        try:
            async with brokers.running(name) as (url, pid):
                outcomes.append(await published(case, Server(name, url, pid), options, tell))
        except brokers.NotAvailableError as error:
            tell(f"not available: {error}")
    return outcomes


@contextlib.asynccontextmanager
async def _glideim(options: Options) -> AsyncIterator[Server]:
    if options.url:
        yield Server(f"glideim at {options.url}", options.url, options.pid)
        return
    async with fanout.server(None) as (ready, pid):
        url = ready["ws"] if options.transport == "ws" else f"tcp://{ready['tcp']}"
        yield Server("glideim", url, pid, ready)


async def _measured(case: str, server: Server, options: Options, tell: Tell) -> Outcome:
    measures: dict[str, Callable[[str, Server, Options, Tell], Awaitable[Outcome]]] = {
        "fanout": _fanout,
        "idle": people,
        "login": people,
        "storm": people,
        "history": _stored,
        "sync": _stored,
    }
    return await measures.get(case, published)(case, server, options, tell)


# --- everybody writes to everybody -------------------------------------------------------------------------------


async def published(case: str, server: Server, options: Options, tell: Tell) -> Outcome:
    """Version 1's cases: clients write to somebody drawn by lot, on a schedule that waits for nobody."""
    clients, plan, workers = clients_of(case, options), plan_of(case, options), Workers()
    try:
        names = await _arrive(workers, server, options, clients, plan)
        tell(f"{server.name}: {clients:,} clients signed in; about {plan.seconds:.0f} s of load")
        start, before = now_us() + START_IN_US, server.usage()
        workers.say({"names": names, "start": start})
        ended = await workers.hear()
        used = server.usage().since(before)
        workers.say({"finish": True})
        reports = await workers.hear()
        resident = server.usage().resident
    finally:
        await workers.stop()
    seconds = max(1, max(line["endedAt"] for line in ended) - start) / 1e6
    busiest = max(line["busy"] for line in ended)
    return _conclude(case, server, reports, seconds, used, resident, busiest)


async def _arrive(
    workers: Workers, server: Server, options: Options, clients: int, plan: Plan
) -> list[int]:
    jobs, first = [], 0
    for number, share in enumerate(shares(clients, options.processes)):
        await workers.start("glideim.bench.load")
        seed = options.seed + 1000 * number
        job = Job(server.url, options.codec, share, first, clients, plan, seed)
        jobs.append(msgspec.to_builtins(job))
        first += share
    workers.say(*jobs)
    return [name for line in await workers.hear() for name in line["names"]]


def _conclude(
    case: str,
    server: Server,
    reports: list[dict[str, Any]],
    seconds: float,
    used: Usage,
    resident: int,
    busiest: float,
) -> Outcome:
    verdict = judge([report["ledger"] for report in reports])
    late = merged(reports, "late")
    generator = Generator(busiest, late.quantile(0.99) / 1000, len(reports))
    unanswered = sum(report["unanswered"] for report in reports)
    refused = sum(report["refused"] for report in reports)
    problems = [problem for report in reports for problem in report["problems"]]
    if unanswered:
        problems.append(f"{unanswered} messages were never acknowledged")
    acked = max(1, verdict.acked)
    figures = {
        "messages sent": sum(report["sent"] for report in reports),
        "seconds": seconds,
        "chat messages/s": verdict.acked / seconds,
        "unanswered": unanswered,
        "refused": refused,
    }
    if server.name.startswith("glideim"):
        figures["packets/s (5 a message)"] = 5 * verdict.acked / seconds
    if server.pid:
        figures |= {
            "server CPU per message (µs)": 1e6 * used.cpu / acked,
            "of it in the kernel (µs)": 1e6 * used.system / acked,
            "server CPU (cores)": used.cpu / seconds,
            "server memory (MiB)": resident / 2**20,
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


def merged(reports: list[dict[str, Any]], name: str) -> Histogram:
    """One histogram of all processes."""
    all_of_them = Histogram()
    for report in reports:
        all_of_them.merge(report[name])
    return all_of_them


def _added(series: list[list[int]]) -> tuple[int, ...]:
    length = max((len(one) for one in series), default=0)
    return tuple(sum(one[n] for one in series if n < len(one)) for n in range(length))


# --- people who connect -----------------------------------------------------------------------------------------


async def people(case: str, server: Server, options: Options, tell: Tell) -> Outcome:
    """`login`: everybody signs in. `idle`: then nothing. `storm`: then all drop at once and return with a sync."""
    clients, workers, before = clients_of(case, options), Workers(), server.usage()
    try:
        for _ in range(options.processes):
            await workers.start("glideim.bench.hold")
        job = {"url": server.url, "codec": options.codec, "atOnce": AT_ONCE}
        workers.say(*({**job, "clients": n} for n in shares(clients, options.processes)))
        began, reports = now_us(), await workers.hear()
        seconds = (now_us() - began) / 1e6
        tell(f"{clients:,} clients signed in in {seconds:.1f} s")
        await asyncio.sleep(SETTLE)
        held = server.usage()
        figures: dict[str, float] = {
            "signed in": sum(r["done"] for r in reports),
            "seconds": seconds,
        }
        if server.pid:
            login = held.since(before)
            figures["memory per connection (KiB)"] = login.resident / clients / 1024
            figures["server CPU per sign-in (µs)"] = 1e6 * login.cpu / clients
        if case == "idle":
            figures |= await _idle(server, held, options.seconds or 30.0, clients)
        elif case == "storm":
            reports, more = await _storm(workers, server, held)
            figures |= more
    finally:
        await workers.stop()
    problems = tuple(problem for report in reports for problem in report["problems"])
    figures["refused"] = sum(report["refused"] for report in reports)
    return Outcome(
        case=case,
        target=server.name,
        figures=figures,
        latency_ms={"return and sync" if case == "storm" else "sign-in": merged(reports, "took").summary()},
        problems=problems,
        load_average=load_average(),
    )  # fmt: skip


async def _idle(server: Server, held: Usage, seconds: float, clients: int) -> dict[str, float]:
    await asyncio.sleep(seconds)
    used = server.usage().since(held)
    return {"CPU per connection and second (µs)": 1e6 * used.cpu / seconds / clients}


async def _storm(
    workers: Workers, server: Server, held: Usage
) -> tuple[list[dict[str, Any]], dict[str, float]]:
    began = now_us()
    workers.say({"do": "drop"})
    await workers.hear()
    workers.say({"do": "return"})
    reports = await workers.hear()
    seconds = (now_us() - began) / 1e6
    growth = server.usage().since(held).resident
    returned = sum(report["done"] for report in reports)
    figures = {"returned and current": returned, "seconds until all are current": seconds}
    return reports, {**figures, "growth of memory (MiB)": growth / 2**20}


# --- what has a program of its own ---------------------------------------------------------------------------


async def _fanout(case: str, server: Server, options: Options, _: Tell) -> Outcome:
    result = await fanout.measure(
        fanout.Options(
            members=clients_of(case, options),
            messages=options.messages or 200,
            processes=options.processes,
            window=16,
        ),
        server.ready,
        server.pid,
    )
    return Outcome(
        case=case,
        target=server.name,
        figures={
            "members": result.members,
            "deliveries": result.deliveries,
            "complete and in order": result.complete,
            "wrong": result.wrong,
            "deliveries/s": result.deliveries_per_second,
            "server CPU per delivery (µs)": result.server_cpu_us_per_delivery,
            "deliveries/s per core of the server": 1e6
            / max(0.01, result.server_cpu_us_per_delivery),
            "server memory (MiB)": result.server_rss_mib,
        },
        latency_ms={"delivery": {name: float(ms) for name, ms in result.latency_ms.items()}},
        problems=() if result.good else (*result.problems, "not everybody got everything"),
        load_average=load_average(),
    )


async def _relay(options: Options, tell: Tell, rounds_of_each: int = 3) -> Outcome:
    pairs = clients_of("relay", options) // 2
    tell("the bare relay and the server in turn")
    span = options.seconds or 5.0
    rounds = await quick.run(
        argparse.Namespace(
            pairs=max(1, pairs), window=8, warmup=min(1.0, span), rounds=rounds_of_each, seconds=span,
            data=None,
        )
    )  # fmt: skip
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


async def _stored(case: str, server: Server, options: Options, tell: Tell) -> Outcome:
    rounds = 300 if case == "history" else 50
    tell("filling, then reading")
    if case == "history":
        messages = max(options.messages or 100_000, stored.SMALL + 1)
        took = await stored.history(server.url, messages, rounds, options.seed)
    else:
        conversations, depth = options.clients or 500, options.messages or 40
        took = await stored.sync(server.url, conversations, depth, rounds)
    few, many = (histogram.quantile(0.99) for histogram in took.values())
    return Outcome(
        case=case,
        target=server.name,
        figures={"rounds": rounds, "p99 of much / p99 of little": many / max(1, few)},
        latency_ms={name: histogram.summary() for name, histogram in took.items()},
        load_average=load_average(),
    )


async def _estimate(options: Options, tell: Tell) -> Outcome:
    relay = await _relay(
        msgspec.structs.replace(options, seconds=min(5.0, options.seconds or 5.0)), tell, 1
    )
    fanout.allow_files(clients_of("idle", options))
    async with _glideim(options) as server:
        idle = await people("idle", server, options, tell)
    costs = Costs(
        message_us=relay.figures["CPU per message, server (µs)"],
        connection_us=idle.figures["CPU per connection and second (µs)"],
        connection_bytes=1024 * idle.figures["memory per connection (KiB)"],
    )
    # One process, whose interpreter runs on one core at a time, however many the machine has.
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    carried = estimate(Machine(cores=1, memory_bytes=memory), costs, options.seconds_between)
    return Outcome(
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
