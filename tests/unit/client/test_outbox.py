"""Order, windows and time-outs of the outbox, step by step."""

from __future__ import annotations

from random import Random

import pytest

from glideim.client.errors import SendFailed
from glideim.client.options import Options
from glideim.client.outbox import Outbox, Outgoing
from glideim.client.store import Changes
from glideim.protocol.records import AckMessage, Message


class Desk:
    """An outbox and what became of its messages."""

    def __init__(self, **options: object) -> None:
        self.changes = Changes()
        self.outbox = Outbox(Options(**options), Random(1), self.changes)  # type: ignore[arg-type]
        self.answers: list[tuple[str, object]] = []

    def add(self, *names: str, to: int = 2) -> None:
        for name in names:
            self.outbox.add(Message(cli_mid=name, to=to, type=1, content=name), self._answer)

    def _answer(self, result: AckMessage | Exception, message: Message) -> None:
        self.answers.append((message.cli_mid, result))

    def pump(self, now: float = 0.0) -> list[str]:
        return [_shown(entry) for entry in self.outbox.pump(now)]

    def ack(self, *names: str) -> None:
        for name in names:
            assert self.outbox.acked(AckMessage(cli_mid=name, seq=1))


def _shown(entry: Outgoing) -> str:
    return entry.message.cli_mid + (" again" if entry.action.endswith("retry") else "")


def test_a_window_to_each_receiver() -> None:
    desk = Desk(window=2)
    desk.add("a", "b", "c")
    desk.add("x", "y", "z", to=3)
    assert desk.pump() == ["a", "b", "x", "y"]
    assert desk.pump() == []
    desk.ack("a")
    assert desk.pump() == ["c"]
    desk.ack("y")
    assert desk.pump() == ["z"]


def test_a_limit_to_all_receivers_together() -> None:
    desk = Desk(in_flight=3)
    for to in range(2, 7):
        desk.add(f"to {to}", to=to)
    assert len(desk.pump()) == 3
    desk.ack("to 2", "to 3")
    assert desk.pump() == ["to 5", "to 6"]


def test_after_a_time_out_everything_on_its_way_goes_again_in_order() -> None:
    desk = Desk(window=3, ack_timeout=5.0)
    desk.add("a", "b", "c", "d")
    assert desk.pump(0) == ["a", "b", "c"]
    assert desk.outbox.deadline() == 5
    desk.outbox.tick(4.9)
    assert desk.pump(4.9) == []
    desk.ack("b")
    assert desk.pump(4.9) == ["d"]
    desk.outbox.tick(5)
    assert desk.pump(5) == ["a again", "c again", "d again"]
    assert 5 + 7 < desk.outbox.deadline() < 5 + 13, "the next wait is about twice as long"


def test_after_a_break_what_was_on_its_way_goes_before_what_is_new() -> None:
    desk = Desk(window=2)
    desk.add("a", "b", "c")
    desk.pump()
    desk.outbox.disconnected()
    desk.add("d")
    assert desk.pump() == ["a again", "b again"]
    desk.ack("a", "b")
    assert desk.pump() == ["c", "d"]


def test_after_a_refusal_for_the_moment_one_at_a_time_until_empty() -> None:
    desk = Desk(window=3)
    desk.add("a", "b", "c", "d")
    desk.pump(0)
    desk.outbox.refused("a", "unavailable", "", retryable=True, now=0)
    desk.outbox.refused("b", "unavailable", "", retryable=True, now=0)
    desk.outbox.refused("c", "unavailable", "", retryable=True, now=0)
    assert desk.pump(0) == []
    assert 0.25 <= desk.outbox.deadline() <= 0.5
    later = 0.5
    desk.outbox.tick(later)
    for name in "abcd":
        again = "" if name == "d" else " again"
        assert desk.pump(later) == [name + again]
        desk.ack(name)
    desk.add("e", "f")
    assert desk.pump(later) == ["e", "f"]


def test_gives_up_on_refusals_only_after_the_deadline() -> None:
    desk = Desk(refusal_deadline=10.0)
    desk.add("a")
    desk.pump(0)
    desk.outbox.refused("a", "internal", "oops", retryable=True, now=1)
    assert desk.answers == []
    desk.outbox.refused("a", "internal", "oops", retryable=True, now=11)
    ((name, result),) = desk.answers
    assert name == "a"
    assert isinstance(result, SendFailed)
    assert (result.code, result.retryable, len(desk.outbox)) == ("internal", True, 0)


def test_an_answer_counts_once() -> None:
    desk = Desk()
    desk.add("a")
    desk.pump()
    desk.ack("a")
    assert not desk.outbox.acked(AckMessage(cli_mid="a"))
    desk.outbox.refused("a", "blocked", "", retryable=False, now=0)
    assert len(desk.answers) == 1


def test_what_is_to_be_kept_and_forgotten() -> None:
    desk = Desk()
    desk.add("a", "b")
    assert list(desk.changes.added) == ["a", "b"]
    desk.changes.clear()
    desk.pump()
    desk.ack("a")
    assert desk.changes.removed == ["a"]
    desk.add("c")
    desk.outbox.refused("c", "blocked", "", retryable=False, now=0)
    assert desk.changes.added == {}, "what was never written need not be"


def test_a_cli_mid_is_taken_once() -> None:
    desk = Desk()
    desk.add("a")
    with pytest.raises(SendFailed, match="already"):
        desk.add("a")


def test_finds_a_message_by_its_request() -> None:
    desk = Desk()
    desk.add("a", "b")
    for number, entry in enumerate(desk.outbox.pump(0), 10):
        entry.request = number
    assert desk.outbox.sent_as(11) == "b"
    assert desk.outbox.sent_as(12) is None
