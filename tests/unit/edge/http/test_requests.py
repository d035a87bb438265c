"""From path, query and body to one record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from glideim.account.ports import Caller
from glideim.api.ports import Endpoint
from glideim.edge.http.requests import Conversion, is_list, query_fields, read_body
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode

LIMIT = 100
JSON = {"content-type": "application/json"}


class Thing(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """One field of each kind."""

    thing_id: int = 0
    some_text: str = ""
    flag: bool = False
    maybe: int | None = None
    numbers: tuple[int, ...] = ()
    words: list[str] | None = None
    levels: dict[str, int] = {}


class Strict(Struct, frozen=True):
    """A field without a default."""

    name: str


async def _handler(caller: Caller, request: Any) -> Any:
    return request


def endpoint(method: str, path: str = "/things/{thingId}", record: type = Thing) -> Endpoint:
    return Endpoint(method, path, "api.things.do", record, record, _handler, "Do", "Things")


def request_of(
    *parts: bytes,
    query: str = "",
    path: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    end: Sequence[Message] = (),
) -> Request:
    """A request whose body comes in these parts."""
    messages: list[Message] = [
        {"type": "http.request", "body": part, "more_body": True} for part in parts
    ]
    messages += end or [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        return messages.pop(0)

    scope = {
        "type": "http",
        "query_string": query.encode(),
        "path_params": dict(path or {}),
        "headers": [(k.encode(), v.encode()) for k, v in (headers or {}).items()],
    }
    return Request(scope, receive)


async def refusal(conversion: Conversion, request: Request) -> RequestError:
    with pytest.raises(RequestError) as refused:
        await conversion.record(request)
    return refused.value


async def test_path_and_query_are_read_as_text() -> None:
    conversion = Conversion(endpoint("GET"), LIMIT)
    request = request_of(
        query="someText=12&flag=true&maybe=3&numbers=1,2&numbers=3,&words=a,b&unknown=1&flag=false",
        path={"thingId": "9"},
    )
    assert await conversion.record(request) == Thing(9, "12", False, 3, (1, 2, 3), ["a", "b"])


async def test_the_path_wins_over_the_query() -> None:
    conversion = Conversion(endpoint("DELETE"), LIMIT)
    assert await conversion.record(request_of(query="thingId=1", path={"thingId": "2"})) == Thing(2)


async def test_an_empty_list_in_the_query_is_empty() -> None:
    assert await Conversion(endpoint("GET"), LIMIT).record(request_of(query="numbers=")) == Thing()


async def test_body_and_path_are_merged_and_the_query_is_left_out() -> None:
    conversion = Conversion(endpoint("PATCH"), LIMIT)
    request = request_of(
        b'{"thingId":1,"someText":"a",',
        b'"levels":{"x":1},"more":0}',
        query="flag=true",
        path={"thingId": "5"},
        headers=JSON,
    )
    assert await conversion.record(request) == Thing(5, "a", levels={"x": 1})


async def test_a_missing_body_is_fine_where_every_field_has_a_default() -> None:
    assert await Conversion(endpoint("POST"), LIMIT).record(request_of()) == Thing()
    error = await refusal(Conversion(endpoint("POST", "/", Strict), LIMIT), request_of())
    assert error.code == ErrorCode.BAD_REQUEST
    assert "name" in error.message


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b'{"thingId":"1"}',
        b'{"flag":1}',
        b'{"someText":"\xff"}',
        b'{"numbers":"1,2"}',
        b'{"levels":' * 30,
    ],
)
async def test_bodies_that_are_refused(body: bytes) -> None:
    error = await refusal(
        Conversion(endpoint("POST"), 10_000), request_of(body, path={}, headers=JSON)
    )
    assert error.code == ErrorCode.BAD_REQUEST
    assert error.message


async def test_a_body_that_is_nested_too_deep_is_refused() -> None:
    body = b'{"a":' * 50_000
    error = await refusal(Conversion(endpoint("POST"), 10**6), request_of(body, headers=JSON))
    assert error.code == ErrorCode.BAD_REQUEST


@pytest.mark.parametrize("query", ["thingId=x", "thingId=1.5", "flag=maybe", "numbers=1,x"])
async def test_texts_that_are_refused_by_name(query: str) -> None:
    error = await refusal(Conversion(endpoint("GET"), LIMIT), request_of(query=query))
    assert error.code == ErrorCode.BAD_REQUEST
    assert error.message.startswith(query.partition("=")[0] + ":")


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/x-www-form-urlencoded"])
async def test_other_media_types_are_refused(media_type: str) -> None:
    request = request_of(b"{}", headers={"content-type": media_type})
    with pytest.raises(HTTPException) as refused:
        await Conversion(endpoint("POST"), LIMIT).record(request)
    assert refused.value.status_code == 415


@pytest.mark.parametrize(
    "media_type", ["application/json; charset=utf-8", "Application/JSON", "application/x+json"]
)
async def test_json_by_any_of_its_names(media_type: str) -> None:
    request = request_of(b'{"thingId":1}', headers={"content-type": media_type})
    assert await Conversion(endpoint("POST"), LIMIT).record(request) == Thing(1)


async def test_the_limit_counts_what_comes_and_stops_there() -> None:
    assert await read_body(request_of(b"x" * 60, b"x" * 40), LIMIT) == b"x" * 100
    late = request_of(b"x" * 60, b"x" * 41, b"never read")
    with pytest.raises(RequestError) as refused:
        await read_body(late, LIMIT)
    assert refused.value.code == ErrorCode.TOO_LARGE
    assert (await late.receive())["body"] == b"never read"


async def test_a_body_said_to_be_too_large_is_not_read_at_all() -> None:
    request = request_of(b"first", headers={"content-length": str(LIMIT + 1)})
    with pytest.raises(RequestError) as refused:
        await read_body(request, LIMIT)
    assert refused.value.code == ErrorCode.TOO_LARGE
    assert (await request.receive())["body"] == b"first"


async def test_a_client_that_leaves_in_the_middle() -> None:
    request = request_of(b"{", end=[{"type": "http.disconnect"}])
    with pytest.raises(RequestError) as refused:
        await read_body(request, LIMIT)
    assert refused.value.code == ErrorCode.BAD_REQUEST


async def test_a_body_that_does_not_come() -> None:
    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    with pytest.raises(HTTPException) as refused:
        await read_body(Request({"type": "http", "headers": []}, never), LIMIT, within=0.0)
    assert refused.value.status_code == 408


def test_lists_are_known_by_their_type() -> None:
    assert all(map(is_list, (list[int], tuple[int, ...], list[int] | None)))
    assert not any(map(is_list, (int, str, dict[str, int], int | None)))


def test_the_query_has_what_neither_path_nor_body_has() -> None:
    assert list(query_fields(endpoint("GET"))) == [
        "someText", "flag", "maybe", "numbers", "words", "levels",
    ]  # fmt: skip
    assert query_fields(endpoint("POST")) == {}
