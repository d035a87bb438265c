"""The API's description (OpenAPI 3.1), made from its table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from glideim.api.ports import Endpoint
from glideim.api.scopes import scope_of
from glideim.protocol.codes import HTTP_STATUS, ErrorCode

from .openapi_files import describe_files
from .problems import MEDIA_TYPE, Problem, problem
from .requests import WITH_BODY, is_list, query_fields

_REF = "#/components/schemas/{name}"
ALWAYS = (ErrorCode.BAD_REQUEST, ErrorCode.RATE_LIMITED, ErrorCode.UNAVAILABLE, ErrorCode.INTERNAL)
"""What any call may be refused with."""

_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "A user's token (`glt_…`)."},
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key (`glk_…`) with the scope; `GlideIM-Act-As: <uid>` names the user that the call"
        " runs as.",
    },
}


def describe(
    endpoints: Sequence[Endpoint], prefix: str, version: str, *, with_files: bool = False
) -> dict[str, Any]:
    """The whole document; `with_files` with the routes that carry bytes, whose records the table has."""
    bodies = [e.request for e in endpoints if e.method in WITH_BODY]
    records = list(dict.fromkeys([*bodies, *(e.result for e in endpoints), Problem]))
    schemas, components = msgspec.json.schema_components(records, ref_template=_REF)
    schema_of = dict(zip(records, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        operations = paths.setdefault(prefix + endpoint.path, {})
        operations[endpoint.method.lower()] = _operation(endpoint, schema_of, components)
    if with_files:
        for path, more in describe_files(partial(_refusals, schema_of[Problem])).items():
            paths.setdefault(prefix + path, {}).update(more)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "GlideIM",
            "version": version,
            "description": "What is called `api.` something can also be called on the long connection: the operation's"
            " id is the action, and the fields of path, query and body together are its data.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "tags": [{"name": group} for group in dict.fromkeys(e.group for e in endpoints)],
        "components": {
            "schemas": components,
            "securitySchemes": _SCHEMES,
        },
    }


def _operation(
    endpoint: Endpoint, schema_of: Mapping[type, Any], components: Mapping[str, Any]
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": str(endpoint.action),
        "tags": [endpoint.group],
        "summary": endpoint.summary,
        "security": _security(endpoint),
        "responses": {
            str(endpoint.status): {
                "description": "Done",
                "content": {
                    "application/json": _media(schema_of[endpoint.result], endpoint.example_result),
                },
            },
            **_problems(endpoint, schema_of[Problem]),
        },
    }
    description = _description(endpoint)
    if description:
        operation["description"] = description
    parameters = [*_path_parameters(endpoint), *_query_parameters(endpoint)]
    if parameters:
        operation["parameters"] = parameters
    if endpoint.method in WITH_BODY:
        operation |= _body(endpoint, schema_of[endpoint.request], components)
    return operation


def _security(endpoint: Endpoint) -> list[dict[str, list[str]]]:
    if endpoint.public:
        return []
    key = {"key": [scope_of(endpoint)]}
    return [key] if endpoint.keys_only else [{"token": []}, key]


def _description(endpoint: Endpoint) -> str:
    if not endpoint.keys_only:
        return endpoint.description
    return f"{endpoint.description} Takes an API key with the scope `{scope_of(endpoint)}`.".strip()


def _body(endpoint: Endpoint, schema: Any, components: Mapping[str, Any]) -> dict[str, Any]:
    """What the path leaves of the record; nothing if that is nothing."""
    names = set(_path_names(endpoint))
    whole = components[schema["$ref"].rpartition("/")[2]]
    properties = {k: v for k, v in whole["properties"].items() if k not in names}
    if not properties:
        return {}
    required = [name for name in whole.get("required", ()) if name not in names]
    if names:
        schema = {"type": "object", "properties": properties, "required": required}
    example = {k: v for k, v in endpoint.example.items() if k in properties}
    content = {"application/json": _media(schema, example)}
    return {"requestBody": {"content": content, "required": bool(required)}}


def _media(schema: Any, example: Mapping[str, Any]) -> dict[str, Any]:
    return {"schema": schema, "example": dict(example)} if example else {"schema": schema}


def _path_names(endpoint: Endpoint) -> list[str]:
    return re.findall(r"{(\w+)}", endpoint.path)


def _path_parameters(endpoint: Endpoint) -> Iterable[dict[str, Any]]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(endpoint.request)}
    for name in _path_names(endpoint):
        yield _parameter(fields[name], "path", endpoint.example.get(name))


def _query_parameters(endpoint: Endpoint) -> Iterable[dict[str, Any]]:
    for name, field in query_fields(endpoint).items():
        yield _parameter(field, "query", endpoint.example.get(name))


def _parameter(field: msgspec.structs.FieldInfo, where: str, example: Any) -> dict[str, Any]:
    parameter: dict[str, Any] = {
        "name": field.encode_name,
        "in": where,
        "required": where == "path" or field.required,
        "schema": msgspec.json.schema(field.type),
    }
    if is_list(field.type):
        parameter |= {"style": "form", "explode": False}
    if example is not None:
        parameter["example"] = example
    return parameter


def _problems(endpoint: Endpoint, schema: Any) -> dict[str, Any]:
    """Problem answers by status, each with the codes that it may carry."""
    codes = [*endpoint.errors]
    if not endpoint.public:
        codes += [ErrorCode.UNAUTHENTICATED, ErrorCode.FORBIDDEN]
    if endpoint.method in WITH_BODY:
        codes.append(ErrorCode.TOO_LARGE)
    http = {408: ErrorCode.BAD_REQUEST, 415: ErrorCode.BAD_REQUEST}
    return _refusals(schema, codes, http if endpoint.method in WITH_BODY else {})


def _refusals(
    schema: Any, codes: Sequence[ErrorCode], http: Mapping[int, ErrorCode]
) -> dict[str, Any]:
    """Problem answers of these codes and of what any call may be refused with; `http`: statuses beside them."""
    by_status: dict[int, list[ErrorCode]] = {}
    for code in dict.fromkeys((*ALWAYS, *codes)):
        by_status.setdefault(HTTP_STATUS[code], []).append(code)
    by_status |= {status: [code] for status, code in http.items()}
    return {
        str(status): {
            "description": ", ".join(f"`{code}`" for code in found),
            "content": {
                MEDIA_TYPE: {
                    "schema": schema,
                    "example": msgspec.to_builtins(
                        problem(found[0], "what was wrong", status=status)
                    ),
                }
            },
        }
        for status, found in sorted(by_status.items())
    }
