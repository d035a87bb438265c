"""A picture of an outcome: deliveries in every second, and latency by share. SVG without anything beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from .outcome import Outcome

WIDTH, HEIGHT, MARGIN = 720, 260, 60
COLOURS = ("#1f6feb", "#d1582c", "#2f8f4e")

Line = tuple[str, Sequence[tuple[float, float]]]


def svg(outcomes: Sequence[Outcome]) -> str:
    """One picture of all of them, a panel for each thing there is to show."""
    panels: list[tuple[str, Sequence[Line]]] = []
    for outcome in outcomes:
        title = f"{outcome.case} against {outcome.target}"
        if outcome.refused:
            title += " (refused: the generator was saturated)"
        if len(outcome.per_second) > 1:
            points = [(float(n), float(count)) for n, count in enumerate(outcome.per_second)]
            panels.append((f"{title}: deliveries per second", [("", points)]))
        for name, over_time in outcome.lines.items():
            panels.append((f"{title}: {name}, by seconds", [("", over_time)]))
        if outcome.latency_ms:
            lines = [(name, _by_share(values)) for name, values in outcome.latency_ms.items()]
            panels.append((f"{title}: latency in ms, by number of nines (p90, p99, p99.9)", lines))
    body = [_panel(title, lines, n * HEIGHT) for n, (title, lines) in enumerate(panels)]
    height = max(1, len(panels)) * HEIGHT
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="11">'
    return "\n".join(
        [head, f'<rect width="{WIDTH}" height="{height}" fill="white"/>', *body, "</svg>\n"]
    )


def _by_share(values: dict[str, float]) -> list[tuple[float, float]]:
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999}
    return [
        (-math.log10(1 - share), values[name]) for name, share in shares.items() if name in values
    ]


def _panel(title: str, lines: Sequence[Line], top: int) -> str:
    right = max((x for _, points in lines for x, _ in points), default=1.0) or 1.0
    high = max((y for _, points in lines for _, y in points), default=1.0) or 1.0
    base, wide, tall = top + HEIGHT - 30, WIDTH - 2 * MARGIN, HEIGHT - 70
    parts = [f'<text x="{MARGIN}" y="{top + 20}" font-size="13">{escape(title)}</text>']
    for step in range(5):
        y = base - tall * step / 4
        parts.append(
            f'<path d="M{MARGIN} {y:.1f}h{wide}" stroke="#ddd"/>'
            f'<text x="{MARGIN - 6}" y="{y + 4:.1f}" text-anchor="end">{high * step / 4:,.4g}</text>'
        )
    parts.append(f'<text x="{MARGIN}" y="{base + 16}">0</text>')
    parts.append(f'<text x="{MARGIN + wide}" y="{base + 16}" text-anchor="end">{right:,.3g}</text>')
    for (name, points), colour in zip(lines, COLOURS, strict=False):
        drawn = " ".join(
            f"{MARGIN + wide * x / right:.1f},{base - tall * y / high:.1f}" for x, y in points
        )
        parts.append(f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="2"/>')
        number = COLOURS.index(colour)
        parts.append(
            f'<text x="{MARGIN + 8 + 110 * number}" y="{top + 36}" fill="{colour}">{escape(name)}</text>'
        )
    return "\n".join(parts)
