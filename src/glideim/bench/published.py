"""Version 1's published cases: clients write to somebody drawn by lot, on a schedule that waits for nobody."""

from __future__ import annotations

import functools

from msgspec.structs import replace

from . import target
from .adapters.brokers import BROKERS
from .case import Case, Options, Progress, UsageError
from .ledger import LIMIT_MESSAGES, LIMIT_SENDERS
from .outcome import Outcome, load_average, refusal
from .playing import Run, Shape, merged, play
from .schedule import Plan
from .target import Server

TRACED_SECONDS = 3.0
"""How long system calls are counted, after everything else."""
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


def conclude(case: str, server: Server, ran: Run) -> Outcome:
    """The figures of all processes together."""
    reports, seconds, used = ran.reports, ran.seconds, ran.used
    verdict = ran.verdict
    acked = max(1, verdict.acked)
    figures = {
        "messages sent": sum(report["sent"] for report in reports),
        "seconds": seconds,
        "chat messages/s": verdict.acked / seconds,
        "unanswered": sum(report["unanswered"] for report in reports),
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
        generator=ran.generator,
        per_second=ran.per_second,
        problems=ran.problems,
        refused=refusal(ran.generator),
        load_average=load_average(),
    )


async def traced(
    outcome: Outcome, server: Server, options: Options, shape: Shape, progress: Progress
) -> Outcome:
    """The outcome with system calls per message: of a short load after everything else, which tracing may slow."""
    if not server.pid:
        return outcome
    ran = await play(server, options, shape.short(TRACED_SECONDS), progress, traced=True)
    if not ran.counted.calls:
        return replace(outcome, notes=(*outcome.notes, f"system calls: {ran.counted.why_not}"))
    figure = {"system calls per message": ran.counted.calls / max(1, ran.acked)}
    return replace(outcome, figures=outcome.figures | figure)


async def _run(name: str, options: Options, progress: Progress) -> list[Outcome]:
    clients, plan = options.clients or PLANS[name][0], plan_of(name, options)
    target.allow_files(clients)

    async def measure(server: Server) -> Outcome:
        shape = Shape(clients, plan)
        measured = conclude(name, server, await play(server, options, shape, progress))
        return await traced(measured, server, options, shape, progress)

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
