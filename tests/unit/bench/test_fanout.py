"""What the fan-out measurement calls complete and in order."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest

from glideim.bench.broadcast import outcome
from glideim.bench.crowd import Check
from glideim.bench.fanout import Options, quantile, summarise


def taken(*messages: tuple[int, int]) -> list[str]:
    check = Check()
    return [check.take(seq, number) for seq, number in messages]


def test_a_member_who_gets_everything_in_order_has_nothing_to_complain_of() -> None:
    assert taken((7, 0), (8, 1), (9, 2)) == ["", "", ""]


@pytest.mark.parametrize(
    "messages",
    [
        ((7, 0), (9, 2)),  # one is missing
        ((7, 0), (7, 0)),  # one comes twice
        ((8, 1), (7, 0)),  # the wrong way round
        ((7, 0), (9, 1)),  # a hole in seq
    ],
)
def test_a_message_lost_doubled_or_misplaced_is_noticed(messages: Any) -> None:
    assert any(taken(*messages))


def reported(**change: Any) -> dict[str, Any]:
    return {
        "members": 2, "complete": 2, "deliveries": 6, "firsts": [4], "wrong": 0, "problems": [],
        "endedAt": 3_000_000, "busy": 0.2, "latencyMs": {"1": 5, "9": 1}, **change,
    }  # fmt: skip


def summary(*reports: dict[str, Any], seqs: tuple[int, ...] = (4, 5, 6)) -> Any:
    return summarise(Options(messages=3), reports, seqs, 1_000_000, 0.012, os.getpid())


def test_processes_are_added_up() -> None:
    result = summary(reported(), reported())
    assert result.good
    assert (result.members, result.deliveries, result.seconds) == (4, 12, 2.0)
    assert result.deliveries_per_second == 6.0
    assert result.server_cpu_us_per_delivery == pytest.approx(1000.0)
    assert result.latency_ms == {"p50": 1, "p90": 9, "p99": 9, "p100": 9}


@pytest.mark.parametrize(
    "change", [{"complete": 1}, {"wrong": 1}, {"firsts": [5]}, {"firsts": [4, 5]}]
)
def test_a_run_in_which_anything_is_wrong_is_not_good(change: dict[str, Any]) -> None:
    assert not summary(reported(), reported(**change)).good


def test_a_run_whose_receivers_could_not_keep_up_is_refused() -> None:
    eager = summary(reported(), reported(busy=0.4))
    assert (eager.generator.cpu, eager.generator.processes) == (0.4, 2)
    assert not outcome("nats", eager).refused
    tired = outcome("nats", summary(reported(), reported(busy=0.97)))
    assert tired.code == 2
    assert "97%" in tired.refused


def test_acknowledged_numbers_must_follow_each_other() -> None:
    assert not summary(reported(), seqs=(4, 6, 5)).good


def test_quantiles_of_nothing_are_zero() -> None:
    assert quantile(Counter(), 0.5) == 0
