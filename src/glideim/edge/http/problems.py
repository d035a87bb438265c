"""Errors over HTTP: RFC 9457 problem details with the codes of the protocol."""

from __future__ import annotations

import http
from collections.abc import Mapping

import msgspec
from msgspec import Struct
from starlette.responses import Response

from glideim.protocol.codes import HTTP_STATUS, RETRYABLE, ErrorCode

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = "1"


class Problem(Struct, frozen=True):
    """What went wrong. `code` is for programs, `detail` for people; with `retryable` the same request may succeed
    later."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    retryable: bool


def problem(code: ErrorCode, detail: str, *, status: int | None = None) -> Problem:
    """The problem of an error code; `status` where HTTP has a more exact one."""
    status = status or HTTP_STATUS[code]
    title = http.HTTPStatus(status).phrase
    return Problem(f"urn:glideim:error:{code}", title, status, detail, code, code in RETRYABLE)


def problem_response(
    code: ErrorCode,
    detail: str,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer that says what went wrong."""
    body = problem(code, detail, status=status)
    more = dict(headers or {})
    if body.status == http.HTTPStatus.UNAUTHORIZED:
        more["WWW-Authenticate"] = "Bearer"
    if code in RETRYABLE:
        more["Retry-After"] = RETRY_AFTER_S
    return Response(msgspec.json.encode(body), body.status, more, MEDIA_TYPE)
