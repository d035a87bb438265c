"""The ASGI application: routes from the API's table, and what every web server needs beside them."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from importlib import resources

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from glideim.account.ports import Authenticator, KeyAuthenticator
from glideim.api.ports import Endpoint
from glideim.gateway.ports import ApiService
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.protocol.codes import ErrorCode

from .callers import Callers
from .files import FileAccess, FileRoutes
from .metrics import Metrics
from .openapi import describe
from .problems import problem_response
from .requests import Conversion

log = logging.getLogger("glideim.http")

PREFIX = "/api/v2"
_JSON = "application/json"
_ID = "glideim.request_id"
# Names a request, guards nothing: not worth a system call each.
_random_bits = random.Random().getrandbits  # noqa: S311
_HEADERS = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
_encode = msgspec.json.Encoder().encode
_PAGES = {
    "/docs": ("docs.html", "text/html"),
    "/docs.js": ("docs.js", "text/javascript"),
    "/docs.css": ("docs.css", "text/css"),
}
_PAGE_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def build_app(  # noqa: PLR0913 - all by name
    *,
    endpoints: Sequence[Endpoint],
    api: ApiService,
    authenticator: Authenticator,
    keys: KeyAuthenticator | None = None,
    ready: Callable[[], Awaitable[bool]],
    metrics: Metrics,
    version: str,
    body_limit: int,
    origins: tuple[str, ...],
    files: FileAccess | None = None,
) -> ASGIApp:
    """Everything that is served over HTTP."""
    callers = Callers(authenticator, keys)
    calls = _Calls(api, callers, metrics, body_limit)
    described = describe(endpoints, PREFIX, version, with_files=files is not None)
    document = _encode(described)
    routes: list[BaseRoute] = []
    if files is not None:
        routes += FileRoutes(files, callers, metrics).routes(PREFIX)
    routes += [
        Route(PREFIX + endpoint.path, calls.of(endpoint), methods=[endpoint.method])
        for endpoint in endpoints
    ]
    routes += [
        _constant(PREFIX + "/openapi.json", document, _JSON),
        *(_page(PREFIX + path, *page) for path, page in _PAGES.items()),
        _constant("/healthz", b'{"status":"ok"}', _JSON),
        Route("/readyz", _readiness(ready), methods=["GET"]),
        Route("/metrics", _metrics(metrics), methods=["GET"]),
    ]
    app = Starlette(
        routes=routes,
        middleware=_cors(origins) if origins else [],
        exception_handlers={HTTPException: _http_problem, Exception: _internal_problem},
    )
    # A redirect would cost a round trip and take its address from a header that the client chose.
    app.router.redirect_slashes = False
    # Around everything, so that answers of the framework itself carry the headers, too.
    return _Headers(app)


def _cors(origins: tuple[str, ...]) -> list[Middleware]:
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Upload-Offset", "Range", "If-Range"],
            expose_headers=[
                "X-Request-Id",
                "Retry-After",
                "Upload-Offset",
                "Upload-Length",
                "Content-Range",
                "Content-Disposition",
                "ETag",
            ],
            max_age=600,
        )
    ]


class _Calls:
    """Runs API calls."""

    def __init__(
        self, api: ApiService, callers: Callers, metrics: Metrics, body_limit: int
    ) -> None:
        self._api = api
        self._callers = callers
        self._metrics = metrics
        self._body_limit = body_limit

    def of(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """The route's function of an endpoint."""
        conversion = Conversion(endpoint, self._body_limit)

        async def call(request: Request) -> Response:
            response = await self._answer(endpoint, conversion, request)
            self._metrics.count(endpoint.action, response.status_code)
            return response

        return call

    async def _answer(
        self, endpoint: Endpoint, conversion: Conversion, request: Request
    ) -> Response:
        try:
            caller = await self._callers.of(request, required=not endpoint.public)
            record = await conversion.record(request)
            result = await self._api.handle(caller, endpoint.action, record)
        except RequestError as error:
            return problem_response(error.code, error.message)
        except StoreUnavailableError:
            return problem_response(ErrorCode.UNAVAILABLE, "the store cannot serve now")
        except HTTPException as error:
            return problem_response(ErrorCode.BAD_REQUEST, error.detail, status=error.status_code)
        except Exception:
            log.exception("%s failed, request %s", endpoint.action, request.scope[_ID])
            return problem_response(ErrorCode.INTERNAL, "the server failed")
        return Response(_encode(result), endpoint.status, media_type=_JSON)


class _Headers:
    """Headers of every answer: an id to find it by in the log, and nothing for a browser to guess or to keep."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        request_id = scope[_ID] = f"{_random_bits(64):016x}"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Files may be kept by browsers: they never change.
                set_already = {name for name, _ in message["headers"]}
                message["headers"] += [
                    (b"x-request-id", request_id.encode()),
                    *(header for header in _HEADERS if header[0] not in set_already),
                ]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _constant(
    path: str, body: bytes, media_type: str, headers: Mapping[str, str] | None = None
) -> Route:
    async def page(_request: Request) -> Response:
        return Response(body, media_type=media_type, headers=dict(headers or {}))

    return Route(path, page, methods=["GET"])


def _page(path: str, name: str, media_type: str) -> Route:
    body = (resources.files(__package__) / "static" / name).read_bytes()
    return _constant(path, body, media_type, {"Content-Security-Policy": _PAGE_POLICY})


def _readiness(ready: Callable[[], Awaitable[bool]]) -> Callable[[Request], Awaitable[Response]]:
    async def readiness(_request: Request) -> Response:
        if await ready():
            return Response(b'{"status":"ready"}', media_type=_JSON)
        return problem_response(
            ErrorCode.UNAVAILABLE, "the server is stopping, or its store does not answer"
        )

    return readiness


def _metrics(metrics: Metrics) -> Callable[[Request], Awaitable[Response]]:
    async def page(_request: Request) -> Response:
        body, media_type = metrics.page()
        return Response(body, media_type=media_type)

    return page


async def _http_problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = _methods(request)
        return problem_response(
            ErrorCode.UNSUPPORTED, f"use {allowed}", status=status, headers={"Allow": allowed}
        )
    code = ErrorCode.NOT_FOUND if status == HTTPStatus.NOT_FOUND else ErrorCode.BAD_REQUEST
    return problem_response(code, error.detail, status=status)


def _methods(request: Request) -> str:
    """Every method of a path: the router knows only those of the first route that matched."""
    methods: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            methods |= route.methods
    return ", ".join(sorted(methods))


async def _internal_problem(request: Request, error: Exception) -> Response:
    log.error("%s failed, request %s", request.url.path, request.scope[_ID], exc_info=error)
    return problem_response(ErrorCode.INTERNAL, "the server failed")
