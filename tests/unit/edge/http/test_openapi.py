"""The description is made from the table and only from it."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import Struct

from glideim.account.ports import Caller
from glideim.api.ports import Endpoint
from glideim.edge.http.openapi import describe
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Empty


class Part(Struct, rename="camel"):
    """A part."""

    part_id: int
    parts: list[Part] = []


class Change(Struct, rename="camel"):
    """A change of a part."""

    part_id: int
    new_name: str
    notes: tuple[str, ...] = ()


class Query(Struct, rename="camel"):
    """A query."""

    q: str
    uids: tuple[int, ...] = ()


async def _handler(caller: Caller, request: Any) -> Any:
    return request


TABLE = (
    Endpoint(
        "PATCH", "/parts/{partId}", "api.parts.update", Change, Part, _handler, "Change a part",
        "Parts", "All of it.", errors=(ErrorCode.CONFLICT, ErrorCode.MUTED),
        example={"partId": 4, "newName": "n"}, example_result={"partId": 4},
    ),
    Endpoint("GET", "/parts", "api.parts.list", Query, Part, _handler, "Find", "Parts",
             example={"uids": [1, 2]}),
    Endpoint("POST", "/parts/{partId}/drop", "api.parts.drop", Part, Empty, _handler, "Drop",
             "Other", status=201, public=True),
    Endpoint("POST", "/clear", "api.clear", Empty, Empty, _handler, "Clear", "Other"),
)  # fmt: skip


def document() -> dict[str, Any]:
    encoded: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode(describe(TABLE, "/api/v2", "1.2"))
    )
    return encoded


def references(value: Any) -> list[str]:
    """Every `$ref` below a value."""
    if isinstance(value, list):
        return [found for item in value for found in references(item)]
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for item in value.values() for found in references(item)]
    return []


def test_the_frame() -> None:
    described = document()
    assert re.fullmatch(r"3\.1\.\d", described["openapi"])
    assert described["info"]["title"] == "GlideIM"
    assert described["info"]["version"] == "1.2"
    assert described["tags"] == [{"name": "Parts"}, {"name": "Other"}]
    schemes = described["components"]["securitySchemes"]
    assert sorted(schemes) == ["key", "token"]
    assert {(s["type"], s["scheme"]) for s in schemes.values()} == {("http", "bearer")}
    assert {ref.rpartition("/")[2] for ref in references(described)} <= set(
        described["components"]["schemas"]
    )


def test_an_operation_with_path_and_body() -> None:
    operation = document()["paths"]["/api/v2/parts/{partId}"]["patch"]
    assert operation["operationId"] == "api.parts.update"
    assert operation["tags"] == ["Parts"]
    assert operation["summary"] == "Change a part"
    assert operation["description"] == "All of it."
    assert operation["security"] == [{"token": []}, {"key": ["admin"]}]
    assert operation["parameters"] == [
        {
            "name": "partId",
            "in": "path",
            "required": True,
            "schema": {"type": "integer"},
            "example": 4,
        }
    ]
    media = operation["requestBody"]["content"]["application/json"]
    assert operation["requestBody"]["required"] is True
    assert set(media["schema"]["properties"]) == {"newName", "notes"}
    assert media["schema"]["required"] == ["newName"]
    assert media["example"] == {"newName": "n"}
    done = operation["responses"]["200"]["content"]["application/json"]
    assert done == {"schema": {"$ref": "#/components/schemas/Part"}, "example": {"partId": 4}}


def test_refusals_are_described_by_status() -> None:
    responses = document()["paths"]["/api/v2/parts/{partId}"]["patch"]["responses"]
    statuses = {"200", "400", "401", "403", "408", "409", "413", "415", "429", "500", "503"}
    assert set(responses) == statuses
    assert responses["403"]["description"] == "`muted`, `forbidden`"
    media = responses["409"]["content"]["application/problem+json"]
    assert media["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert media["example"]["code"] == "conflict"
    assert media["example"]["status"] == 409


def test_a_query() -> None:
    operation = document()["paths"]["/api/v2/parts"]["get"]
    assert "requestBody" not in operation
    assert not {"408", "413", "415"} & set(operation["responses"])
    q, uids = operation["parameters"]
    assert (q["name"], q["in"], q["required"], "example" in q) == ("q", "query", True, False)
    assert (uids["name"], uids["required"], uids["explode"]) == ("uids", False, False)
    assert uids["example"] == [1, 2]


def test_public_operations_and_those_without_a_body() -> None:
    paths = document()["paths"]
    drop = paths["/api/v2/parts/{partId}/drop"]["post"]
    assert drop["security"] == []
    assert "401" not in drop["responses"]
    assert "201" in drop["responses"]
    assert drop["requestBody"]["required"] is False
    clear = paths["/api/v2/clear"]["post"]
    assert "requestBody" not in clear
    assert "parameters" not in clear
