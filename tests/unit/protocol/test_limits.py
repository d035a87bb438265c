"""What a message to be sent must be, at each limit and beyond it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from glideim.protocol.limits import (
    MAX_CLI_MID,
    MAX_CONTENT,
    MAX_EXTRA,
    MAX_EXTRA_CHARACTERS,
    MAX_MENTIONS,
    check_ack,
    check_send,
)
from glideim.protocol.records import MAX_ID, AckRequest, Message

GOOD = Message(cli_mid="m1", to=7, type=1, content="hello")


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"cli_mid": "x" * MAX_CLI_MID},
        {"cli_mid": "é" * MAX_CLI_MID},
        {"to": MAX_ID},
        {"type": 2**31 - 1},
        {"content": ""},
        {"content": "x" * MAX_CONTENT},
        {"content": "é" * (MAX_CONTENT // 2)},
        {"content": "😀" * (MAX_CONTENT // 4)},
        {"mentions": (1,) * MAX_MENTIONS},
        {"reply_to": MAX_ID},
        {"extra": {str(n): "" for n in range(MAX_EXTRA)}},
        {"extra": {"k": "v" * (MAX_EXTRA_CHARACTERS - 1)}},
    ],
    ids=lambda change: ",".join(change) or "plain",
)
def test_allowed(change: dict[str, Any]) -> None:
    assert check_send(replace(GOOD, **change)) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"cli_mid": ""}, "bad_request"),
        ({"cli_mid": "x" * (MAX_CLI_MID + 1)}, "bad_request"),
        ({"to": 0}, "bad_request"),
        ({"to": MAX_ID + 1}, "bad_request"),
        ({"type": 0}, "bad_request"),
        ({"type": -1}, "bad_request"),
        ({"content": None}, "bad_request"),
        ({"content": "x" * (MAX_CONTENT + 1)}, "too_large"),
        ({"content": "é" * (MAX_CONTENT // 2) + "x"}, "too_large"),
        ({"content": "😀" * (MAX_CONTENT // 4) + "x"}, "too_large"),
        ({"mentions": (1,) * (MAX_MENTIONS + 1)}, "too_large"),
        ({"mentions": (1, 0)}, "bad_request"),
        ({"reply_to": -1}, "bad_request"),
        ({"extra": {str(n): "" for n in range(MAX_EXTRA + 1)}}, "too_large"),
        ({"extra": {"k": "v" * MAX_EXTRA_CHARACTERS}}, "too_large"),
    ],
    ids=lambda change: ",".join(change) if isinstance(change, dict) else change,
)
def test_refused(change: dict[str, Any], code: str) -> None:
    refusal = check_send(replace(GOOD, **change))
    assert refusal is not None
    names = {"cli_mid": "cliMid", "reply_to": "replyTo"}
    (field,) = change
    assert refusal[0] == code
    assert refusal[1].startswith(names.get(field, field) + ":")


@pytest.mark.parametrize(
    "ack", [AckRequest("c:1:2", 1), AckRequest("c:1:2", MAX_ID), AckRequest(mid=1, from_=1)]
)
def test_confirmations_allowed(ack: AckRequest) -> None:
    assert check_ack(ack) is None


@pytest.mark.parametrize(
    ("ack", "field"),
    [
        (AckRequest(), "give"),
        (AckRequest(mid=1), "give"),
        (AckRequest(from_=1), "give"),
        (AckRequest("c:1:2"), "seq"),
        (AckRequest("c:2:1", 1), "conv"),
        (AckRequest("x", 1, 1, 1), "conv"),
    ],
)
def test_confirmations_refused(ack: AckRequest, field: str) -> None:
    refusal = check_ack(ack)
    assert refusal is not None
    assert refusal[0] == "bad_request"
    assert refusal[1].startswith(field)
