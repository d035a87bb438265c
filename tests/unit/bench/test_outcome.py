"""When a result is refused, and what is shown of it."""

from __future__ import annotations

import pytest

from glideim.bench.command import worst
from glideim.bench.ledger import Verdict
from glideim.bench.outcome import CPU_LIMIT, LAG_LIMIT_MS, Generator, Outcome, refusal, text

GOOD = Verdict(10, 10, 0, 0, 0, 0, 0)
LOST = Verdict(10, 9, 1, 0, 0, 0, 0)


def outcome(verdict: Verdict = GOOD, refused: str = "", problems: tuple[str, ...] = ()) -> Outcome:
    return Outcome(
        "v1-2000", "glideim", {"x": 1.5}, verdict=verdict, refused=refused, problems=problems
    )


def test_a_generator_with_room_is_accepted_up_to_the_limits() -> None:
    assert not refusal(Generator(CPU_LIMIT, LAG_LIMIT_MS, 2))


@pytest.mark.parametrize(
    ("generator", "word"),
    [
        (Generator(CPU_LIMIT + 0.01, 0.0, 2), "of a core"),
        (Generator(0.1, LAG_LIMIT_MS + 1, 2), "late at p99"),
    ],
)
def test_a_saturated_generator_is_refused_with_the_reason(generator: Generator, word: str) -> None:
    why = refusal(generator)
    assert word in why
    refused = outcome(refused=why)
    assert refused.code == 2
    assert f"REFUSED: {why}" in text(refused)


def test_exit_codes_say_what_happened_and_the_worst_counts() -> None:
    assert outcome().code == 0
    assert outcome(LOST).code == outcome(problems=("refused",)).code == 1
    assert worst([outcome(), outcome(LOST), outcome(refused="why")]) == 2


def test_the_table_says_what_was_lost() -> None:
    shown = text(outcome(LOST))
    assert "90.0000%" in shown
    assert any(line.split() == ["lost", "1"] for line in shown.splitlines())
