"""The inbox against a model: whatever comes however often, out comes 1, 2, 3 … of each conversation."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from glideim.client.inbox import Inbox
from glideim.client.options import Options
from glideim.client.store import Changes
from glideim.protocol.records import Message


def message(conv: str, seq: int, *, own: bool = False) -> Message:
    return Message(conv=conv, seq=seq, from_=1 if own else 2, cli_mid="own" if own else "theirs")


def inbox_of(**options: object) -> tuple[Inbox, Changes]:
    changes = Changes()
    return Inbox(Options(**options), changes, lambda m: m.cli_mid == "own"), changes  # type: ignore[arg-type]


CONVS = ("c:1:2", "c:1:3")

Steps = st.lists(
    st.one_of(
        st.tuples(st.just("push"), st.integers(0, 1), st.integers(1, 12)),
        st.tuples(st.just("take"), st.just(0), st.integers(1, 3)),
        st.tuples(st.just("sent"), st.integers(0, 1), st.integers(1, 12)),
        st.tuples(st.just("exists"), st.integers(0, 1), st.integers(1, 12)),
        st.tuples(st.just("break"), st.just(0), st.just(0)),
    ),
    max_size=60,
)


class Bench:
    """An inbox, what exists on the server, and what the application saw."""

    def __init__(self, limit: int, ahead: int, own: set[int]) -> None:
        self.inbox, self.changes = inbox_of(inbox_limit=limit, ahead_limit=ahead, gap_grace=0.0)
        self.own = own
        self.top = dict.fromkeys(CONVS, 0)
        self.seen: dict[str, list[int]] = {conv: [] for conv in CONVS}

    def do(self, what: str, conv: str, number: int, now: float) -> None:
        if what == "take":
            for _ in range(number):
                self.take(now)
        elif what == "break":
            self.inbox.disconnected()
        elif what != "sent" or number in self.own:
            self.top[conv] = max(self.top[conv], number)
            self.arrive(what, conv, number, now)

    def arrive(self, what: str, conv: str, number: int, now: float) -> None:
        if what == "push":
            self.inbox.received([message(conv, number, own=number in self.own)], now)
        elif what == "sent":
            self.inbox.sent(conv, number, now)
        else:
            self.inbox.exists(conv, number, now)

    def take(self, now: float) -> None:
        found = self.inbox.take(now)
        if found is not None:
            self.seen[found.conv].append(found.seq)
            self.inbox.confirm(found.conv, found.seq)

    def answer_pulls(self, now: float) -> None:
        for conv, after, limit in self.inbox.pulls(now):
            page = range(after + 1, min(after + limit, self.top[conv]) + 1)
            self.inbox.pulled(conv, [message(conv, n, own=n in self.own) for n in page], now)


@settings(max_examples=300, deadline=None)
@given(
    steps=Steps, limit=st.integers(1, 5), ahead=st.integers(0, 5), own=st.sets(st.integers(1, 12))
)
def test_once_and_in_order_within_bounds(
    steps: list[tuple[str, int, int]], limit: int, ahead: int, own: set[int]
) -> None:
    """Messages numbered in `own` were sent here: they count, and are not shown."""
    bench = Bench(limit, ahead, own)
    for now, (what, which, number) in enumerate(steps):
        bench.do(what, CONVS[which], number, now)
        assert len(bench.inbox) <= limit
        assert bench.inbox.ahead <= ahead
    for now in range(len(steps), len(steps) + 200):
        bench.answer_pulls(now)
        assert len(bench.inbox) <= limit
        bench.take(now)
    for conv in CONVS:
        last = bench.top[conv]
        assert bench.seen[conv] == [n for n in range(1, last + 1) if n not in own]
        assert bench.inbox.taken(conv) == last
        assert bench.changes.cursors.get(conv, 0) == last
    assert bench.inbox.known() == {conv: last for conv, last in bench.top.items() if last}


def test_the_cursor_waits_for_the_application() -> None:
    inbox, changes = inbox_of()
    inbox.received([message("c", n) for n in (1, 2, 3)], 0)
    inbox.sent("c", 4, 0)
    assert changes.cursors == {}
    first, second = inbox.take(0), inbox.take(0)
    assert first is not None
    assert second is not None
    inbox.confirm("c", second.seq)
    assert (changes.cursors, inbox.acks) == ({"c": 2}, {"c": 2})
    third = inbox.take(0)
    assert third is not None
    inbox.confirm("c", third.seq)
    assert changes.cursors == {"c": 4}, "one's own message after it needs nobody"


def test_a_hole_is_given_time_to_fill() -> None:
    inbox, _ = inbox_of(gap_grace=0.1)
    inbox.received([message("c", 2)], 10.0)
    assert inbox.deadline() == 10.1
    assert inbox.pulls(10.05) == []
    inbox.received([message("c", 1)], 10.06)
    assert inbox.pulls(11) == []
    inbox.received([message("c", 5)], 12.0)
    inbox.hasten(12.0)
    assert [(p.after, p.limit) for p in inbox.pulls(12.0)] == [(2, 200)]


def test_pulls_are_few_at_a_time_and_pause_after_failures() -> None:
    inbox, _ = inbox_of(gap_grace=0.0, pulls=2)
    for n in range(5):
        inbox.exists(f"c{n}", 3, 0)
    assert [p.conv for p in inbox.pulls(0)] == ["c0", "c1"]
    assert inbox.pulls(0) == []
    inbox.pull_failed("c0", 0)
    assert [p.conv for p in inbox.pulls(0)] == ["c2"]
    inbox.pulled("c1", [], 0)
    inbox.pulled("c2", [message("c2", n) for n in (1, 2, 3)], 0)
    assert [p.conv for p in inbox.pulls(0.1)] == ["c3", "c4"]
    inbox.disconnected()
    assert [p.conv for p in inbox.pulls(100)] == ["c0", "c1"]


def test_skipping_goes_on_after_the_hole() -> None:
    inbox, _ = inbox_of(gap_grace=0.0)
    inbox.received([message("c", 1), message("c", 4), message("c", 5)], 0)
    (pull,) = inbox.pulls(0)
    assert inbox.skip(pull.conv, 0) == (2, 3)
    assert [m.seq for m in iter(lambda: inbox.take(0), None)] == [1, 4, 5]
