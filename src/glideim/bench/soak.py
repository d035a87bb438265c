"""`soak`: whether the server's memory stays flat while people chat, come and go.

The server keeps small memories here, so that they are full before the second half, in which the growth is measured: a
memory that is still filling is no leak, and one that is full and grows is.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from urllib.request import urlopen

from msgspec import Struct

from . import target
from .case import Bar, Case, Options, Progress, UsageError
from .churn import Crowd
from .outcome import Outcome, load_average

SECONDS = 1800.0
CLIENTS = 60
PAUSE = 1.0
"""Seconds between two things that somebody does, on average."""
SAMPLE_EVERY = 5.0
SLOPE_LIMIT = 20.0
"""MiB per hour. Growth beyond it, by more than twice its standard error, is a leak."""
MEMORIES = {"GLIDEIM_REMEMBERED": "300", "GLIDEIM_PAGES_MIB": "8"}
LIMIT = "_limit"
"""A figure whose name ends so is the limit of the one without it."""
MIB = 2**20


class Sample(Struct, frozen=True):
    """How the server is at one moment."""

    at: float
    resident: float
    """MiB."""
    figures: dict[str, float]


class Fit(Struct, frozen=True):
    """A line through resident memory: its slope and the slope's standard error, in MiB per hour."""

    slope: float
    error: float

    @property
    def grows(self) -> bool:
        """Whether that is more than may be, and more than noise."""
        return self.slope - 2 * self.error > SLOPE_LIMIT


def fit(points: Sequence[tuple[float, float]]) -> Fit:
    """Least squares through (seconds, MiB). Raises ValueError for fewer than three moments."""
    count = len(points)
    if count < 3:
        raise ValueError("a line with an error needs three points")
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    rest = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in points)
    return Fit(3600 * slope, 3600 * math.sqrt(rest / (count - 2) / spread))


def peaks(samples: Sequence[Sample]) -> dict[str, tuple[float, float]]:
    """The highest value and the limit of every figure that has one."""
    found: dict[str, tuple[float, float]] = {}
    for sample in samples:
        for name, limit in sample.figures.items():
            if name.endswith(LIMIT):
                of = name.removesuffix(LIMIT)
                value = sample.figures.get(of, 0.0)
                found[of] = max(value, found.get(of, (0.0, 0.0))[0]), limit
    return found


def parse(page: str) -> dict[str, float]:
    """The server's own figures of a page of metrics."""
    lines = (line.rpartition(" ") for line in page.splitlines() if line.startswith("glideim_"))
    return {
        name.removeprefix("glideim_"): float(value) for name, _, value in lines if "{" not in name
    }


class Watch:
    """Looks at the server every few seconds."""

    def __init__(self, server: target.Server) -> None:
        self._server = server
        self._began = time.monotonic()
        self.samples: list[Sample] = []

    @property
    def past(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    async def run(self, seconds: float, bar: Bar) -> None:
        """Until so many seconds are over. Raises GoneError, OSError."""
        while self.past < seconds:
            await asyncio.sleep(min(SAMPLE_EVERY, max(0.0, seconds - self.past)))
            figures = await asyncio.to_thread(read_figures, str(self._server.ready["http"]))
            resident = self._server.usage().resident / MIB
            self.samples.append(Sample(self.past, resident, figures))
            bar(self.past)


def read_figures(http: str) -> dict[str, float]:
    """What the server at this address says of itself now. Raises OSError."""
    with urlopen(f"{http}/metrics", timeout=30) as answer:  # noqa: S310 - the server that was just started
        return parse(answer.read().decode())


def judged(samples: Sequence[Sample]) -> tuple[dict[str, float], list[str]]:
    """The figures and the problems of a whole run."""
    half = samples[len(samples) // 2 :]
    line = fit([(sample.at, sample.resident) for sample in half])
    figures = {
        "memory at the middle (MiB)": half[0].resident,
        "memory at the end (MiB)": half[-1].resident,
        "memory at most (MiB)": max(sample.resident for sample in samples),
        "growth in the second half (MiB/h)": line.slope,
        "standard error of the growth (MiB/h)": line.error,
    }
    problems = []
    if line.grows:
        problems.append(
            f"memory grows by {line.slope:.1f} ± {line.error:.1f} MiB/h (limit {SLOPE_LIMIT:.0f})"
        )
    for name, (peak, limit) in sorted(peaks(samples).items()):
        figures[f"peak of {name} (limit {limit:,.0f})"] = peak
        if peak > limit:
            problems.append(f"{name} was {peak:,.0f}, beyond its limit of {limit:,.0f}")
    return figures, problems


def _check(options: Options) -> None:
    if options.seconds and options.seconds < 8 * SAMPLE_EVERY:
        raise UsageError(f"soak needs at least {8 * SAMPLE_EVERY:.0f} seconds to see a slope")


async def _run(options: Options, progress: Progress) -> list[Outcome]:
    clients, seconds = options.clients or CLIENTS, options.seconds or SECONDS
    target.allow_files(2 * clients)
    async with target.started(options.data, **MEMORIES) as (ready, pid):
        server = target.Server(
            "glideim", target.url_of(ready, options.transport), pid, ready, glideim=True
        )
        before, watch = server.usage(), Watch(server)
        port = int(str(ready["tcp"]).rpartition(":")[2])
        crowd = Crowd(server.url, port, options.codec, options.seed)
        with progress.phase("soak", seconds) as bar:
            living = asyncio.create_task(crowd.live(clients, PAUSE, lambda: watch.past >= seconds))
            try:
                await watch.run(seconds, bar)
                await living
            finally:
                living.cancel()
                await asyncio.gather(living, return_exceptions=True)
        used = server.usage().since(before)
    figures, problems = judged(watch.samples)
    did = {name: float(count) for name, count in sorted(crowd.done.items())}
    notes = tuple(f"refused {count} times: {what}" for what, count in crowd.failed.most_common(8))
    return [
        Outcome(
            case="soak",
            target=server.name,
            figures={**did, "server CPU (share of a core)": used.cpu / watch.past, **figures},
            lines={"resident memory in MiB": tuple((s.at, s.resident) for s in watch.samples)},
            problems=(*problems, *crowd.problems),
            notes=notes,
            load_average=load_average(),
        )
    ]


CASE = Case(
    "soak",
    "whether memory stays flat while people chat, come and go, and every queue below its limit",
    _run,
    clients=CLIENTS,
    own_server=True,
    check=_check,
)
