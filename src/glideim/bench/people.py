"""People who connect: `login`, everybody signs in; `idle`, then nothing; `storm`, all drop at once and return."""

from __future__ import annotations

import asyncio
import functools
from typing import Any

from . import target
from .case import Case, Options, Progress
from .light import now_us
from .outcome import Outcome, load_average
from .playing import merged
from .target import Server
from .usage import Usage
from .workers import Workers, shares

SETTLE = 1.0
"""Seconds between the last sign-in and looking at the server's memory."""
AT_ONCE = 50
"""Sign-ins under way in each process."""
IDLE_SECONDS = 30.0
CLIENTS = {"login": 10_000, "idle": 1000, "storm": 10_000}
_STEP = 0.25
"""Seconds between two looks at the clock while nothing happens."""


async def people(
    case: str, server: Server, options: Options, clients: int, progress: Progress
) -> Outcome:
    """One of the three. Raises WorkerError, GoneError."""
    workers, before = Workers(), server.usage()
    try:
        for _ in range(options.processes):
            await workers.start("glideim.bench.hold")
        job = {"url": server.url, "codec": options.codec, "atOnce": AT_ONCE}
        workers.say(*({**job, "clients": n} for n in shares(clients, options.processes)))
        began = now_us()
        with progress.phase(f"{server.name}: sign-in", clients) as bar:
            reports = await workers.hear(bar)
        seconds = (now_us() - began) / 1e6
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
        refused = sum(report["refused"] for report in reports)
        problems = [problem for report in reports for problem in report["problems"]]
        if case == "idle":
            figures |= await _idle(server, held, options.seconds or IDLE_SECONDS, clients, progress)
        elif case == "storm":
            reports, more = await _storm(workers, server, held, clients, progress)
            figures |= more
            refused += sum(report["refused"] for report in reports)
            problems += [problem for report in reports for problem in report["problems"]]
    finally:
        await workers.stop()
    what = "return and sync" if case == "storm" else "sign-in"
    return Outcome(
        case=case,
        target=server.name,
        figures={**figures, "refused": refused},
        latency_ms={what: merged(reports, "took").summary()},
        problems=tuple(problems),
        load_average=load_average(),
    )


async def _idle(
    server: Server, held: Usage, seconds: float, clients: int, progress: Progress
) -> dict[str, float]:
    began = now_us()
    with progress.phase(f"{server.name}: idle", seconds) as bar:
        while (waited := (now_us() - began) / 1e6) < seconds:
            await asyncio.sleep(min(_STEP, seconds - waited))
            bar(waited)
    used = server.usage().since(held)
    if not server.pid:
        return {}
    return {"CPU per connection and second (µs)": 1e6 * used.cpu / waited / clients}


async def _storm(
    workers: Workers, server: Server, held: Usage, clients: int, progress: Progress
) -> tuple[list[dict[str, Any]], dict[str, float]]:
    began = now_us()
    workers.say({"do": "drop"})
    await workers.hear()
    workers.say({"do": "return"})
    with progress.phase(f"{server.name}: return", clients) as bar:
        reports = await workers.hear(bar)
    seconds = (now_us() - began) / 1e6
    growth = server.usage().since(held).resident
    returned = sum(report["done"] for report in reports)
    figures = {"returned and current": returned, "seconds until all are current": seconds}
    if server.pid:
        figures["growth of memory (MiB)"] = growth / 2**20
    return reports, figures


async def _run(name: str, options: Options, progress: Progress) -> list[Outcome]:
    clients = options.clients or CLIENTS[name]
    target.allow_files(clients)
    async with target.glideim(options) as server:
        return [await people(name, server, options, clients, progress)]


def _case(name: str, about: str) -> Case:
    return Case(name, about, functools.partial(_run, name), clients=CLIENTS[name])


CASES = (
    _case("login", "everybody connects and signs in as fast as the server lets them"),
    _case("idle", "memory and CPU of people who are connected and quiet"),
    _case("storm", "all connections drop at once, return and sync"),
)
