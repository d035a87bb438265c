"""How much a load is, and a short form of it."""

from __future__ import annotations

from glideim.bench.ledger import LIMIT_MESSAGES
from glideim.bench.playing import LIMIT_PRESSED, Shape, pressing, steady
from glideim.bench.schedule import Plan


def test_a_plan_counts_messages_and_is_cut_by_them() -> None:
    shape = Shape(10, Plan(100, 300, 50))
    assert shape.whole == 500
    short = shape.short(2.0)
    assert short.plan == Plan(100, 300, 10)
    assert shape.short(1000.0) == shape


def test_pressing_counts_seconds_and_is_cut_by_them() -> None:
    shape = pressing(64, 8, 1800.0)
    assert shape.whole == 1800.0
    assert shape.short(3.0).seconds == 3.0
    assert shape.short(3.0).plan == shape.plan


def test_pressing_keeps_a_bit_for_each_message_that_there_can_be() -> None:
    assert pressing(2, 1, 1.0).plan.messages == LIMIT_MESSAGES - 1
    assert pressing(100, 1, 1.0).plan.messages * 100 == LIMIT_PRESSED


def test_a_steady_load_is_of_all_clients_together() -> None:
    shape = steady(4000.0, 500, 10.0)
    assert shape.plan.rate * shape.clients == 4000.0
    assert shape.whole == 40_000
    assert steady(0.0, 5, 0.0).plan.messages == 1
