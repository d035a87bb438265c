"""Histograms: how exact they are, and that processes can be added up."""

from __future__ import annotations

import random

import pytest

from glideim.bench.histogram import Histogram, bucket, highest


def test_buckets_follow_each_other_without_a_hole() -> None:
    end = -1
    for number in range(bucket(1_000_000)):
        low, end = end + 1, highest(number)
        assert bucket(low) == bucket(end) == number
        assert end - low <= low / 128


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99, 0.999, 1.0])
def test_quantiles_are_within_a_hundredth_of_those_of_the_values(share: float) -> None:
    chance = random.Random(7)
    values = sorted(round(chance.lognormvariate(8, 2)) for _ in range(10_000))
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    exact = values[round(share * len(values)) - 1]
    assert exact <= histogram.quantile(share) <= exact * 1.008 + 1


def test_what_is_put_together_is_as_if_counted_in_one_place() -> None:
    whole, parts = Histogram(), [Histogram(), Histogram()]
    for value in range(0, 5000, 7):
        whole.add(value)
        parts[value % 2].add(value)
    together = Histogram()
    for part in parts:
        together.merge(part.plain())
    assert together.plain() == whole.plain()
    assert together.summary() == whole.summary()
    assert together.count == whole.count


def test_the_largest_is_exact_and_none_is_zero() -> None:
    histogram = Histogram()
    assert histogram.summary()["p99"] == histogram.quantile(1.0) == 0
    histogram.add(1_234_567)
    histogram.add(-5)
    assert histogram.quantile(1.0) == 1_234_567
    assert histogram.summary()["max"] == pytest.approx(1234.567)
