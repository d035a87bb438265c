"""Who sends when: everybody as often as planned, in the order of time, the same for the same seed."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from glideim.bench.schedule import Plan, due

PLAN = Plan(60, 200, 50)


def test_every_client_sends_its_messages_in_order_with_gaps_as_planned() -> None:
    times: dict[int, list[int]] = defaultdict(list)
    for at, client, number in due(PLAN, 20, seed=3):
        assert number == len(times[client])
        times[client].append(at)
    assert len(times) == 20
    for of_one in times.values():
        assert len(of_one) == 50
        assert all(60_000 <= b - a <= 200_000 for a, b in pairwise([0, *of_one]))


def test_times_never_go_back_and_do_not_depend_on_who_reads_them() -> None:
    first = list(due(PLAN, 20, seed=3))
    assert [at for at, _, _ in first] == sorted(at for at, _, _ in first)
    assert first == list(due(PLAN, 20, seed=3))
    assert first != list(due(PLAN, 20, seed=4))


def test_rate_and_length_are_those_of_the_published_case() -> None:
    assert 2000 * Plan(60, 200, 600).rate > 15_000
    assert Plan(60, 200, 600).seconds == 78.0
    assert not list(due(Plan(60, 200, 0), 20, seed=3))
