"""From an HTTP request to the record that its endpoint takes."""

from __future__ import annotations

import asyncio
import types
import typing
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from glideim.api.ports import Endpoint
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode

WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
BODY_WITHIN = 30.0
"""Seconds that a body may take to arrive."""
_UNIONS = (typing.Union, types.UnionType)


class Conversion:
    """Builds the request record of one endpoint: path, query and body fields merged.

    The body is typed strictly. Path and query are text, so numbers and lists are read from it: `uids=1,2,3` or
    `uids=1&uids=2`. Fields that the record does not have are ignored.
    """

    def __init__(self, endpoint: Endpoint, body_limit: int) -> None:
        self._record = endpoint.request
        self._has_body = endpoint.method in WITH_BODY
        self._limit = body_limit
        fields = msgspec.structs.fields(endpoint.request)
        self._fields = {field.encode_name: field for field in fields}
        self._lists = {name for name, field in self._fields.items() if is_list(field.type)}

    async def record(self, request: Request) -> Any:
        """Raises RequestError (`bad_request`, `too_large`), HTTPException (408, 415)."""
        values = await self._body(request) if self._has_body else {}
        values.update(self._text_fields(request))
        try:
            return msgspec.convert(values, self._record)
        except (msgspec.ValidationError, RecursionError) as error:
            raise RequestError(ErrorCode.BAD_REQUEST, str(error)) from None

    async def _body(self, request: Request) -> dict[str, Any]:
        body = await read_body(request, self._limit)
        if not body:
            return {}
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json" and not media_type.endswith("+json"):
            raise HTTPException(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body must be application/json"
            )
        try:
            values = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RequestError(ErrorCode.BAD_REQUEST, f"body: {error}") from None
        if not isinstance(values, dict):
            raise RequestError(ErrorCode.BAD_REQUEST, "body: must be a JSON object")
        # Null is a way to leave a field out, as it is on the connection.
        return {name: value for name, value in values.items() if value is not None}

    def _text_fields(self, request: Request) -> dict[str, Any]:
        texts: dict[str, Sequence[str]] = {}
        if not self._has_body:
            query = request.query_params
            texts.update({name: query.getlist(name) for name in query})
        # Last, for the path decides what is meant.
        texts.update({name: (value,) for name, value in request.path_params.items()})
        return {
            name: self._value(name, values)
            for name, values in texts.items()
            if name in self._fields
        }

    def _value(self, name: str, values: Sequence[str]) -> Any:
        text: Any = values[-1]
        if name in self._lists:
            text = [part for value in values for part in value.split(",") if part]
        try:
            return msgspec.to_builtins(msgspec.convert(text, self._fields[name].type, strict=False))
        except msgspec.ValidationError as error:
            raise RequestError(ErrorCode.BAD_REQUEST, f"{name}: {error}") from None


def is_list(kind: Any) -> bool:
    """Whether a field takes a list, or a list or None."""
    kinds = typing.get_args(kind) if typing.get_origin(kind) in _UNIONS else (kind,)
    return any(typing.get_origin(one) in (tuple, list) for one in kinds)


async def read_body(request: Request, limit: int, within: float = BODY_WITHIN) -> bytes:
    """The whole body. Raises RequestError `too_large` as soon as it is known to be, HTTPException (408)."""
    too_large = RequestError(ErrorCode.TOO_LARGE, f"body: at most {limit} bytes")
    # A body that says it is too large is refused before the client is told to send it.
    if int(request.headers.get("content-length", "0")) > limit:
        raise too_large
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(within):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise too_large
                parts.append(part)
    except ClientDisconnect:
        raise RequestError(ErrorCode.BAD_REQUEST, "body: ended early") from None
    except TimeoutError:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, "the body did not arrive in time") from None
    return b"".join(parts)


def query_fields(endpoint: Endpoint) -> Mapping[str, msgspec.structs.FieldInfo]:
    """Fields of the record that come from the query, by name."""
    if endpoint.method in WITH_BODY:
        return {}
    fields = msgspec.structs.fields(endpoint.request)
    return {
        field.encode_name: field
        for field in fields
        if f"{{{field.encode_name}}}" not in endpoint.path
    }
