"""The record is read back as it was written, whole or by kind."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from glideim.verify import record as r
from glideim.verify.check import check
from tests.support.histories import a_history

ROLE = r.Role(1, "g:9", 4, (2,), "admin")
IN = r.Membership(1, "g:9", 4, (2,), inside=True)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[r.Record]:
    with contextlib.closing(r.Record(tmp_path / "record.jsonl")) as opened:
        yield opened


def test_a_record_is_read_back_as_it_was_written(record: r.Record) -> None:
    lines = a_history()
    for line in lines:
        record.add(line)
    stored = record.stored()
    assert list(stored) == lines
    assert stored.last() == lines[-1].at


def test_lines_are_found_by_their_kind(record: r.Record) -> None:
    lines = a_history()
    for line in lines:
        record.add(line)
    stored = record.stored()
    for kind in get_args(r.Line):
        assert list(stored.of(kind)) == [line for line in lines if type(line) is kind]
        assert list(stored.without(kind)) == [line for line in lines if type(line) is not kind]
    both = (r.Acked, r.Received)
    assert list(stored.of(*both)) == [line for line in lines if isinstance(line, both)]


def test_what_a_groups_event_says_is_noted_once(record: r.Record) -> None:
    others = (r.Role(3, "g:9", 4, (3,), "admin"), r.Role(3, "g:9", 4, (2,), "member"))
    for line in (ROLE, IN, r.Role(2, "g:9", 4, (2,), "admin"), *others):
        record.add(line)
    assert list(record.stored()) == [ROLE, IN, *others]


def test_an_empty_record_has_no_last_moment(record: r.Record) -> None:
    assert record.stored().last() == 0.0


def test_lines_in_another_form_are_not_passed_over(tmp_path: Path) -> None:
    # By their first characters they are none of those that stay in the file.
    file = tmp_path / "record.jsonl"
    file.write_text(
        '{"at": 1.0, "kind": "confirmed", "uid": 1, "session": 1, "conv": "c:1:2", "seq": 1}'
    )
    with pytest.raises(ValueError, match="not as it was written"):
        check(r.Stored(file))
