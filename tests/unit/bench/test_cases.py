"""What is asked for is checked before anything is started."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from glideim.bench.case import Options, UsageError
from glideim.bench.cases import CASES, check
from glideim.bench.published import PLANS, plan_of


@pytest.mark.parametrize("case", CASES)
def test_every_case_can_be_asked_for_without_anything_else(case: str) -> None:
    check(case, Options())


@pytest.mark.parametrize(
    ("case", "options"),
    [
        ("nonsense", Options()),
        ("idle", Options(against=("nats",))),
        ("v1-2000", Options(against=("whatever",))),
        ("fanout", Options(url="ws://127.0.0.1:1/ws")),
        ("login", Options(clients=1, processes=2)),
        ("login", Options(processes=0)),
        ("v1-2000", Options(clients=1, processes=1)),
        ("v1-2000", Options(clients=100_000)),
        ("v1-2000", Options(messages=1_000_000)),
    ],
)
def test_what_does_not_go_together_is_said(case: str, options: Options) -> None:
    with pytest.raises(UsageError):
        check(case, options)


def test_the_published_cases_are_as_published() -> None:
    clients, plan = PLANS["v1-2000"]
    assert (clients, plan.shortest_ms, plan.longest_ms, plan.messages) == (2000, 60, 200, 600)
    clients, plan = PLANS["v1-10000"]
    assert (clients, plan.shortest_ms, plan.longest_ms, plan.messages) == (10_000, 50, 100, 800)


def test_seconds_decide_how_many_messages() -> None:
    options = Options(seconds=13.0)
    assert plan_of("v1-2000", options).messages == 100
    assert plan_of("v1-2000", replace(options, seconds=0.0, messages=7)).messages == 7
