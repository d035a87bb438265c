"""Error and close codes, against their source."""

from __future__ import annotations

import tomllib
from pathlib import Path

from glideim.protocol.codes import (
    CLOSE_TEXT,
    ERROR_TEXT,
    HTTP_STATUS,
    RETRYABLE,
    CloseCode,
    ErrorCode,
)

SPEC = tomllib.loads((Path(__file__).parents[3] / "spec/codes.toml").read_text("utf-8"))


def test_errors() -> None:
    rows = {row["code"]: row for row in SPEC["error"]}
    assert set(rows) == set(ErrorCode)
    for code in ErrorCode:
        row = rows[code]
        assert (row["retryable"], row["http"], row["text"]) == (
            code in RETRYABLE,
            HTTP_STATUS[code],
            ERROR_TEXT[code],
        )


def test_closes() -> None:
    rows = {row["code"]: row for row in SPEC["close"]}
    assert set(rows) == set(CloseCode)
    for code in CloseCode:
        row = rows[code]
        assert (row["name"], row["reconnect"], row["text"]) == (
            code.name.lower(),
            code.may_reconnect,
            CLOSE_TEXT[code],
        )


def test_the_protocol_has_these_and_no_others() -> None:
    assert " ".join(ErrorCode) == (
        "bad_request unauthenticated forbidden not_found conflict too_large rate_limited unavailable "
        "internal unsupported not_member muted blocked not_friend recall_expired"
    )
    assert [int(code) for code in CloseCode] == [
        4000, 4001, 4002, 4008, 4009, 4010, 4100, 4101, 4102, 4103,
    ]  # fmt: skip
