"""The check of every message: forged records with each fault are found."""

from __future__ import annotations

import pytest

from glideim.bench.ledger import Ledger, Verdict, content, judge, read

SENDERS, MESSAGES = 3, 5


def good() -> tuple[Ledger, Ledger]:
    """Two processes; 0 and 1 send in the first, and 2, in the second, gets everything."""
    first, second = Ledger(SENDERS, MESSAGES), Ledger(SENDERS, MESSAGES)
    for sender in (0, 1):
        for number in range(MESSAGES):
            first.ack(sender, number)
            second.arrive(2, sender, number)
    return first, second


def verdict(*ledgers: Ledger) -> Verdict:
    return judge([ledger.plain() for ledger in ledgers])


def test_what_is_whole_is_good() -> None:
    result = verdict(*good())
    assert result.good
    assert (result.acked, result.arrived, result.share) == (10, 10, 1.0)


def test_a_lost_message_is_found_wherever_it_is() -> None:
    for missing in range(MESSAGES):
        first, second = Ledger(SENDERS, MESSAGES), Ledger(SENDERS, MESSAGES)
        for number in range(MESSAGES):
            first.ack(0, number)
            if number != missing:
                second.arrive(2, 0, number)
        result = verdict(first, second)
        assert not result.good
        assert (result.lost, result.misordered, result.share) == (1, 0, 0.8)


def test_one_that_was_never_acknowledged_may_be_missing() -> None:
    first, second = good()
    second.arrive(0, 2, 0)
    assert verdict(first, second).good


def test_a_message_that_comes_twice_is_found_in_one_process_and_over_two() -> None:
    first, second = good()
    second.arrive(2, 0, 3)
    assert verdict(first, second).doubled == 1
    first, second = good()
    first.arrive(1, 0, 3)
    result = verdict(first, second)
    assert (result.doubled, result.good) == (1, False)


def test_the_wrong_way_round_is_found_within_a_conversation_only() -> None:
    ledger = Ledger(SENDERS, MESSAGES)
    for receiver, number in ((1, 2), (2, 1), (2, 3), (1, 0)):
        ledger.ack(0, number)
        ledger.arrive(receiver, 0, number)
    result = verdict(ledger)
    assert (result.misordered, result.lost, result.good) == (1, 0, False)


def test_an_acknowledgement_too_many_and_a_message_nobody_sent_are_found() -> None:
    first, second = good()
    first.ack(0, 0)
    assert verdict(first, second).acked_twice == 1
    first, second = good()
    second.ack(1, 1)
    assert verdict(first, second).acked_twice == 1
    first, second = good()
    second.arrive(2, SENDERS, 0)
    second.arrive(2, 0, MESSAGES)
    assert verdict(first, second).strange == 2


def test_content_is_29_bytes_and_read_again() -> None:
    text = content(99_999, 999_999, 123_456_789_012)
    assert len(text.encode()) == 29
    assert read(text) == read(text.encode()) == (99_999, 999_999, 123_456_789_012)
    with pytest.raises(ValueError, match="characters"):
        read("hello")
