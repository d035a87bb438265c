"""What a case measured, when it is refused, and how it is shown."""

from __future__ import annotations

import math
import os

from msgspec import Struct

from .ledger import Verdict

CPU_LIMIT = 0.85
"""Share of a core from which on a generator process counts as saturated."""
LAG_LIMIT_MS = 50.0
"""A generator whose schedule is later than this for one message in a hundred is saturated, too."""


class Generator(Struct, frozen=True, rename="camel"):
    """How busy the processes that made the load were: the busiest one's share of a core, p99 of lateness."""

    cpu: float = 0.0
    lag_p99_ms: float = 0.0
    processes: int = 0


class Outcome(Struct, frozen=True, rename="camel"):
    """One case against one server. `figures` are named with their unit; latencies are in ms."""

    case: str
    target: str
    figures: dict[str, float]
    latency_ms: dict[str, dict[str, float]] = {}
    verdict: Verdict | None = None
    generator: Generator = Generator()
    per_second: tuple[int, ...] = ()
    lines: dict[str, tuple[tuple[float, float], ...]] = {}
    """What is drawn over time: the points (seconds, value) by what they are."""
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader must know to read the figures right."""
    refused: str = ""
    load_average: float = 0.0

    @property
    def code(self) -> int:
        """Exit code: 2 refused, 1 something went wrong with messages, else 0."""
        if self.refused:
            return 2
        return 1 if self.problems or (self.verdict is not None and not self.verdict.good) else 0


def refusal(generator: Generator) -> str:
    """Why the result says more of the generator than of the server, or nothing."""
    why = []
    if generator.cpu > CPU_LIMIT:
        why.append(
            f"a generator process used {generator.cpu:.0%} of a core (limit {CPU_LIMIT:.0%})"
        )
    if generator.lag_p99_ms > LAG_LIMIT_MS:
        why.append(
            f"the schedule was {generator.lag_p99_ms:.0f} ms late at p99 (limit {LAG_LIMIT_MS:.0f} ms)"
        )
    return "; ".join(why)


def load_average() -> float:
    """Of the last minute, on the whole machine."""
    return os.getloadavg()[0]


def text(outcome: Outcome) -> str:
    """The table for the terminal."""
    lines = [f"{outcome.case} against {outcome.target} (load average {outcome.load_average:.1f})"]
    lines += [f"  {name:<40} {_number(value):>14}" for name, value in outcome.figures.items()]
    if outcome.verdict is not None:
        verdict = outcome.verdict
        lines.append(f"  {'delivered, checked one by one':<40} {verdict.share:>14.4%}")
        lines += [
            f"  {name:<40} {getattr(verdict, name):>14,}" for name in verdict.__struct_fields__
        ]
    for name, values in outcome.latency_ms.items():
        shown = "  ".join(f"{key} {value:.2f}" for key, value in values.items())
        lines.append(f"  {name + ' latency (ms)':<28} {shown}")
    if outcome.generator.processes:
        lines.append(
            f"  generator: {outcome.generator.processes} processes, busiest {outcome.generator.cpu:.0%} "
            f"of a core, late {outcome.generator.lag_p99_ms:.1f} ms at p99"
        )
    lines += [f"  note: {note}" for note in outcome.notes]
    lines += [f"  problem: {problem}" for problem in outcome.problems]
    if outcome.refused:
        lines.append(f"  REFUSED: {outcome.refused}")
    return "\n".join(lines)


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.2f}"
