"""The routes that carry bytes, as they are described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from glideim.edge.http.openapi_files import describe_files
from glideim.protocol.codes import ErrorCode


def problems(codes: Sequence[ErrorCode], http: Mapping[int, ErrorCode]) -> Mapping[str, Any]:
    """Every refusal in the place of its status."""
    named = {str(code): {"description": str(code), "content": {}} for code in codes}
    return named | {str(status): {"description": str(code)} for status, code in http.items()}


OPERATIONS = {
    operation["operationId"]: operation
    for methods in describe_files(problems).values()
    for operation in methods.values()
}


@pytest.mark.parametrize(
    ("name", "refusals"),
    [
        ("files.upload", {"unauthenticated", "forbidden", "too_large", "408"}),
        (
            "files.resume",
            {"unauthenticated", "forbidden", "not_found", "conflict", "too_large", "408"},
        ),
        ("files.progress", {"unauthenticated", "forbidden", "not_found"}),
        ("files.download", {"not_found", "416", "304"}),
        ("files.thumbnail", {"not_found"}),
    ],
)
def test_each_says_what_it_may_be_refused_with(name: str, refusals: set[str]) -> None:
    responses = OPERATIONS[name]["responses"]
    assert {key for key in responses if not key.startswith("20")} == refusals


def test_who_must_sign_in() -> None:
    public = {name for name, operation in OPERATIONS.items() if not operation["security"]}
    assert public == {"files.download", "files.thumbnail"}


def test_answers_to_head_have_no_body() -> None:
    for response in OPERATIONS["files.progress"]["responses"].values():
        assert "content" not in response
