"""Growth is told from noise, and peaks from limits."""

from __future__ import annotations

import pytest

from glideim.bench.case import Options, UsageError
from glideim.bench.cases import check
from glideim.bench.soak import Sample, fit, judged, parse, peaks


def samples(per_hour: float, noise: float = 0.5) -> list[Sample]:
    """Ten minutes that warm up fast for five and then grow."""
    found = []
    for n in range(120):
        at = 5.0 * n
        grown = min(at, 300.0) + max(0.0, at - 300) * per_hour / 3600
        found.append(Sample(at, 100 + grown + (noise if n % 2 else -noise), {}))
    return found


def test_a_line_is_found_with_its_error() -> None:
    exact = fit([(0.0, 1.0), (1800.0, 2.0), (3600.0, 3.0)])
    assert exact.slope == pytest.approx(2.0)
    assert exact.error == pytest.approx(0.0)
    assert fit([(0.0, 1.0), (1800.0, 2.5), (3600.0, 3.0)]).error > 0
    with pytest.raises(ValueError, match="three"):
        fit([(0.0, 1.0), (1.0, 1.0)])


def test_only_growth_beyond_the_limit_and_the_noise_in_the_second_half_is_a_problem() -> None:
    assert judged(samples(0))[1] == []
    assert judged(samples(5))[1] == []
    (problem,) = judged(samples(200))[1]
    assert "MiB/h" in problem
    assert judged(samples(30, noise=400))[1] == []


def test_what_was_beyond_its_limit_is_a_problem() -> None:
    quiet = samples(0)
    figures = {"a_queue": 3.0, "a_queue_limit": 10.0, "a_sent_total": 99.0}
    full = [Sample(s.at, s.resident, figures) for s in quiet]
    shown, problems = judged(full)
    assert (shown["peak of a_queue (limit 10)"], problems) == (3, [])
    full[40] = Sample(full[40].at, full[40].resident, {**figures, "a_queue": 11.0})
    assert peaks(full) == {"a_queue": (11, 10)}
    assert judged(full)[1] == ["a_queue was 11, beyond its limit of 10"]


def test_figures_are_read_from_a_page_of_metrics() -> None:
    page = (
        "# HELP glideim_a x\nglideim_a 5.0\nglideim_b_total 2.0\n"
        'glideim_http_requests_total{action="x"} 1.0\nother 3.0\n'
    )
    assert parse(page) == {"a": 5, "b_total": 2}


def test_a_soak_too_short_to_see_anything_is_refused() -> None:
    with pytest.raises(UsageError, match="seconds"):
        check("soak", Options(seconds=10))
