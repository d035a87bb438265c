"""RFC 9457 problem details."""

from __future__ import annotations

import json

import pytest

from glideim.edge.http.problems import problem, problem_response
from glideim.protocol.codes import HTTP_STATUS, RETRYABLE, ErrorCode


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_code_is_a_problem(code: ErrorCode) -> None:
    response = problem_response(code, "what was wrong")
    assert response.status_code == HTTP_STATUS[code]
    assert response.headers["content-type"] == "application/problem+json"
    body = json.loads(bytes(response.body))
    assert set(body) == {"type", "title", "status", "detail", "code", "retryable"}
    assert body["type"] == f"urn:glideim:error:{code.value}"
    assert body["title"]
    assert body["status"] == response.status_code
    assert body["detail"] == "what was wrong"
    assert body["code"] == code.value
    assert body["retryable"] is (code in RETRYABLE)
    assert ("retry-after" in response.headers) is (code in RETRYABLE)
    assert ("www-authenticate" in response.headers) is (response.status_code == 401)


def test_a_more_exact_status_and_headers_of_its_own() -> None:
    response = problem_response(
        ErrorCode.UNSUPPORTED, "use GET", status=405, headers={"Allow": "GET"}
    )
    assert response.status_code == 405
    assert response.headers["allow"] == "GET"
    assert problem(ErrorCode.UNSUPPORTED, "", status=405).title == "Method Not Allowed"
