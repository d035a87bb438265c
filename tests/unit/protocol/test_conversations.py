"""Names of conversations."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from glideim.protocol.conversations import chat_key, parse_key
from glideim.protocol.records import MAX_ID

ids = st.integers(1, MAX_ID)


@given(ids, ids)
def test_the_name_of_two_people_and_back(a: int, b: int) -> None:
    assert chat_key(a, b) == chat_key(b, a)
    assert parse_key(chat_key(a, b)) == (min(a, b), max(a, b))


@given(st.text(alphabet="cg:0123456789 -+\u0661", max_size=12))
def test_only_what_chat_key_makes_is_a_name(key: str) -> None:
    people = parse_key(key)
    assert people is None or chat_key(*people) == key


def test_names_as_the_protocol_writes_them() -> None:
    assert chat_key(2, 1) == "c:1:2"
    assert chat_key(7, 7) == "c:7:7"
