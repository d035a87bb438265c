"""Cursors."""

from __future__ import annotations

import base64

import pytest

from glideim.kernel.errors import RequestError
from glideim.messaging.inbox import ListCursor
from glideim.messaging.paging import decode_cursor, encode_cursor
from glideim.protocol.codes import ErrorCode


def test_a_cursor_comes_back_as_it_was() -> None:
    cursor = ListCursor(5, "c:1:2")
    assert decode_cursor(encode_cursor(cursor), ListCursor) == cursor


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b'[1,"c:1:2"', b'[-1,"c:1:2"]', b'["\xff"]', b'[1,"c:1:2",' + b"[" * 20_000],
    ids=["empty", "object", "cut", "negative", "not text", "deep"],
)
def test_what_was_not_given_out_is_refused(content: bytes) -> None:
    with pytest.raises(RequestError) as refused:
        decode_cursor(base64.urlsafe_b64encode(content).decode(), ListCursor)
    assert refused.value.code == ErrorCode.BAD_REQUEST


@pytest.mark.parametrize("text", ["*", "ü", "a"])
def test_what_is_no_base64_is_refused(text: str) -> None:
    with pytest.raises(RequestError):
        decode_cursor(text, ListCursor)
