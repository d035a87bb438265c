"""What a run showed, as lines for the terminal, as JSON, and as a page that needs nothing else."""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from .check import summary
from .findings import Finding
from .run import Run
from .spans import LOAD, during

SHOWN = 200
"""Findings written out; all are counted."""
LOST = ("lost", "undone", "unanswered")
DOUBLED = ("doubled", "clash", "repeated")
MISORDERED = ("misordered", "misnumbered", "gap", "backwards", "stale")
_STYLE = (
    "body{font:15px system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.3rem .8rem;border-bottom:1px solid #ddd;"
    "text-align:right}td:first-child,th:first-child{text-align:left}.good{color:#176b2c}.bad{color:#a11}"
    "@media(prefers-color-scheme:dark){body{background:#161616;color:#ddd}td,th{border-color:#444}"
    ".good{color:#7c7}.bad{color:#f88}}"
)


class Row(Struct, frozen=True):
    """One fault: how often, what was acknowledged from its begin to the next fault, and what was wrong then."""

    fault: str
    runs: int
    acked: int
    lost: int
    doubled: int
    misordered: int
    other: int
    slowest: float


class Report(Struct, frozen=True):
    """All that `report.json` holds. `violations` counts the findings by kind."""

    ok: bool
    seed: int
    seconds: float
    people: int
    faults: tuple[str, ...]
    counts: dict[str, int]
    violations: dict[str, int]
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]


def report(run: Run) -> Report:
    """The report of a run."""
    options, outcome = run.options, run.outcome
    return Report(
        not outcome.findings, options.seed, options.seconds, options.people, options.faults,
        outcome.counts, summary(outcome.findings), tuple(_rows(run)), outcome.findings[:SHOWN],
    )  # fmt: skip


def _rows(run: Run) -> list[Row]:
    found: dict[str, list[str]] = defaultdict(list)
    for finding in run.outcome.findings:
        found[during(run.recoveries, finding.at)].append(finding.kind)
    rows = []
    for name in dict.fromkeys((LOAD, *(item.fault for item in run.recoveries))):
        lost, doubled, misordered = (
            sum(kind in kinds for kind in found[name]) for kinds in (LOST, DOUBLED, MISORDERED)
        )
        slowest = (item.current_after for item in run.recoveries if item.fault == name)
        rows.append(
            Row(
                name, sum(item.fault == name for item in run.recoveries), run.acked.get(name, 0), lost, doubled, misordered,
                len(found[name]) - lost - doubled - misordered, max(slowest, default=0.0),
            )
        )  # fmt: skip
    return rows


HEAD = ("fault", "runs", "acked", "lost", "doubled", "misordered", "other", "current after (s)")


def _cells(row: Row) -> tuple[str, ...]:
    numbers = (row.runs, row.acked, row.lost, row.doubled, row.misordered, row.other)
    return (row.fault, *map(str, numbers), f"{row.slowest:.1f}")


def text(made: Report) -> str:
    """For the terminal."""
    lines = [HEAD, *(_cells(row) for row in made.rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(HEAD))]
    table = [
        "  ".join(
            cell.ljust(width) if not at else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    counts = ", ".join(f"{name} {count}" for name, count in made.counts.items())
    kinds = ", ".join(f"{name} {count}" for name, count in made.violations.items())
    told = [f"  {item.promise} {item.kind}: {item.text}" for item in made.findings[:20]]
    verdict = f"broken promises: {kinds}" if kinds else "every promise was kept"
    return "\n".join([*table, "", counts, verdict, *told])


def page(made: Report) -> str:
    """A page of HTML with nothing from elsewhere."""
    verdict = "Every promise was kept" if made.ok else "Promises were broken"
    counts = "".join(_row("td", (name, str(count))) for name, count in made.counts.items())
    rows = "".join(_row("td", _cells(row)) for row in made.rows)
    findings = "".join(
        _row("td", (f"{item.promise} {item.kind}", f"{item.at / 1000:.1f} s", item.text))
        for item in made.findings
    )
    listed = f"<h2>What was wrong</h2><table>{findings}</table>" if findings else ""
    setting = f"{made.people} people, {made.seconds:g} s of load, seed {made.seed}"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>glideim verify</title>'
        f"<style>{_STYLE}</style><h1>glideim verify</h1>"
        f'<p class="{"good" if made.ok else "bad"}"><strong>{verdict}.</strong></p><p>{setting}</p>'
        f"<h2>Faults</h2><table>{_row('th', HEAD)}{rows}</table>"
        f"<h2>Counts</h2><table>{counts}</table>{listed}</html>\n"
    )


def _row(tag: str, cells: Sequence[str]) -> str:
    inside = "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells)
    return f"<tr>{inside}</tr>"


def write(made: Report, directory: Path) -> None:
    """`report.json` and `report.html`, beside the record."""
    directory.mkdir(parents=True, exist_ok=True)
    encoded = msgspec.json.format(msgspec.json.encode(made), indent=2)
    (directory / "report.json").write_bytes(encoded + b"\n")
    (directory / "report.html").write_text(page(made), "utf-8")
