"""A load played against one server: everybody signs in, sends, and is waited for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from .case import Bar, Options, Progress
from .histogram import Histogram
from .ledger import LIMIT_MESSAGES, Verdict, judge
from .light import now_us
from .load import Job
from .outcome import Generator
from .schedule import Plan
from .syscalls import Counted, counting
from .target import Server
from .usage import Usage
from .workers import Workers, shares

START_IN_US = 300_000
"""From telling the processes until the first message can be due."""
LIMIT_PRESSED = 40_000_000
"""Messages of all clients together, without a plan: an hour at 11,000 a second."""


class Shape(Struct, frozen=True):
    """Who sends how much: a plan, or (`window` not 0) so many under way for each client for so many seconds."""

    clients: int
    plan: Plan
    window: int = 0
    seconds: float = 0.0

    @property
    def whole(self) -> float:
        """What the processes together count up to: seconds of each, or messages."""
        return self.seconds if self.window else self.clients * self.plan.messages

    def short(self, seconds: float) -> Shape:
        """The same for at most so long."""
        messages = min(self.plan.messages, max(1, round(seconds * self.plan.rate)))
        plan = self.plan if self.window else replace(self.plan, messages=messages)
        return replace(self, plan=plan, seconds=min(self.seconds, seconds))


def steady(rate: float, clients: int, seconds: float) -> Shape:
    """Everybody together sends so many messages per second, on a schedule, for so long."""
    gap_ms = 1000.0 * clients / max(1.0, rate)
    plan = Plan(gap_ms / 2, 1.5 * gap_ms, 0)
    return Shape(clients, replace(plan, messages=max(1, round(seconds * plan.rate))))


def pressing(clients: int, window: int, seconds: float) -> Shape:
    """As fast as it is answered. A client that reaches its limit of messages stops: there is a bit for each."""
    messages = min(LIMIT_MESSAGES - 1, max(1000, LIMIT_PRESSED // clients))
    return Shape(clients, Plan(1, 1, messages), window, seconds)


class Run(Struct, frozen=True):
    """What happened while a plan was played: `busiest` is the busiest generator's share of a core."""

    reports: list[dict[str, Any]]
    seconds: float
    used: Usage
    resident: int
    busiest: float
    counted: Counted
    verdict: Verdict

    @property
    def acked(self) -> int:
        """Messages that were acknowledged."""
        return self.verdict.acked

    @property
    def per_second(self) -> tuple[int, ...]:
        """Deliveries in each second."""
        series = [report["perSecond"] for report in self.reports]
        length = max((len(one) for one in series), default=0)
        return tuple(sum(one[n] for one in series if n < len(one)) for n in range(length))

    @property
    def rate(self) -> float:
        """Acknowledged messages per second, up to the last acknowledgement."""
        return self.acked / self.seconds

    @property
    def generator(self) -> Generator:
        """How busy the processes were that made the load."""
        late = merged(self.reports, "late").quantile(0.99) / 1000
        return Generator(self.busiest, late, len(self.reports))

    @property
    def problems(self) -> tuple[str, ...]:
        """What went wrong, in words."""
        said = [problem for report in self.reports for problem in report["problems"]]
        if unanswered := sum(report["unanswered"] for report in self.reports):
            said.append(f"{unanswered} messages were never acknowledged")
        return tuple(said)


async def play(
    server: Server, options: Options, shape: Shape, progress: Progress, *, traced: bool = False
) -> Run:
    """Sign everybody in, play the plan, wait until nothing moves; if told so, count the server's system calls, which
    slows it. Raises WorkerError, GoneError."""
    workers, clients = Workers(), shape.clients
    try:
        with progress.phase(f"{server.name}: sign-in", clients) as bar:
            names = await _arrive(workers, server, options, shape, bar)
        what = "count system calls" if traced else "load"
        async with counting(server.pid if traced else 0) as counted:
            start, before = now_us() + START_IN_US, server.usage()
            workers.say({"names": names, "start": start})
            whole = shape.whole * (options.processes if shape.window else 1)
            with progress.phase(f"{server.name}: {what}", whole) as bar:
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
        counted=counted,
        verdict=judge([report.pop("ledger") for report in reports]),
    )


async def _arrive(
    workers: Workers,
    server: Server,
    options: Options,
    shape: Shape,
    bar: Bar,
) -> list[int]:
    jobs, first = [], 0
    for number, share in enumerate(shares(shape.clients, options.processes)):
        await workers.start("glideim.bench.load")
        seed = options.seed + 1000 * number
        job = Job(
            server.url, options.codec, share, first, shape.clients, shape.plan, seed,
            shape.window, shape.seconds, server.ca,
        )  # fmt: skip
        jobs.append(msgspec.to_builtins(job))
        first += share
    workers.say(*jobs)
    return [name for line in await workers.hear(bar) for name in line["names"]]


def merged(reports: Sequence[dict[str, Any]], name: str) -> Histogram:
    """One histogram of all processes."""
    all_of_them = Histogram()
    for report in reports:
        all_of_them.merge(report[name])
    return all_of_them
