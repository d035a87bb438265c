"""The routes that carry bytes: uploads and downloads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import quote

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from glideim.api.auth import signed_in
from glideim.api.ports import Endpoint
from glideim.api.scopes import check_key
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.media.ports import BlobError, StoredFile
from glideim.media.service import MediaService
from glideim.protocol.codes import ErrorCode

from .callers import Callers
from .multipart import MultipartFile
from .problems import problem_response

READ_WITHIN = 30.0
"""Seconds without a byte after which an upload is given up; what came stays of one that can be resumed."""
_INLINE = ("image/", "audio/", "video/")
_NEVER_INLINE = frozenset({"image/svg+xml"})
# What is stored came from anybody: a browser that opens it must run nothing of it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; sandbox"
_FOR_EVER = "private, max-age=31536000, immutable"
_encode = msgspec.json.Encoder().encode

Call = Callable[[Request], Awaitable[Response]]


class FileRoutes:
    """The routes."""

    def __init__(self, media: MediaService, callers: Callers, upload: Endpoint) -> None:
        self._media = media
        self._callers = callers
        self._upload_endpoint = upload
        """Whoever may begin an upload may upload."""

    def routes(self, prefix: str) -> list[BaseRoute]:
        """All of them."""
        return [
            Route(prefix + "/files", _answered(self._upload), methods=["POST"]),
            Route(
                prefix + "/files/uploads/{upload_id}", _answered(self._resume), methods=["PATCH"]
            ),
            Route(prefix + "/files/{file_id}", _answered(self._download), methods=["GET"]),
            Route(
                prefix + "/files/{file_id}/thumbnail", _answered(self._thumbnail), methods=["GET"]
            ),
        ]

    async def _uid(self, request: Request) -> int:
        caller = await self._callers.of(request, required=True)
        check_key(caller, self._upload_endpoint)
        return signed_in(caller).uid

    async def _upload(self, request: Request) -> Response:
        uid = await self._uid(request)
        length = _number(request.headers.get("content-length", "")) or 0
        # A little more than the file: boundaries and headers of the parts.
        if length > self._media.options.file_bytes + 64 * 1024:
            raise RequestError(ErrorCode.TOO_LARGE, "the file is too large")
        body = MultipartFile(request.headers.get("content-type", ""), _body(request))
        await body.open()
        info = await self._media.store_stream(uid, body.name, body.pieces())
        return Response(_encode(info), 201, media_type="application/json")

    async def _resume(self, request: Request) -> Response:
        uid = await self._uid(request)
        offset = _number(request.headers.get("upload-offset", ""))
        if offset is None:
            raise RequestError(ErrorCode.BAD_REQUEST, "send the header Upload-Offset")
        upload = await self._media.write(
            uid, request.path_params["upload_id"], offset, _body(request)
        )
        return Response(_encode(upload), media_type="application/json")

    async def _download(self, request: Request) -> Response:
        file = await self._media.file(request.path_params["file_id"])
        tag = f'"{file.sha256[:32]}"'
        headers = {
            "ETag": tag,
            "Accept-Ranges": "bytes",
            "Cache-Control": _FOR_EVER,
            "Content-Security-Policy": _POLICY,
            "Content-Disposition": _disposition(file),
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        if tag in [t.strip() for t in request.headers.get("if-none-match", "").split(",")]:
            return Response(status_code=304, headers=headers)
        span = _span(request, file.size, tag)
        if span is None:
            text = f"the file has {file.size} bytes"
            headers = {"Content-Range": f"bytes */{file.size}"}
            return problem_response(ErrorCode.BAD_REQUEST, text, status=416, headers=headers)
        start, end = span
        partial = (start, end) != (0, file.size)
        if partial:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
        headers["Content-Length"] = str(end - start)
        pieces = await _begun(self._media.read(file, start, end))
        return StreamingResponse(pieces, 206 if partial else 200, headers, file.type)

    async def _thumbnail(self, request: Request) -> Response:
        file = await self._media.file(request.path_params["file_id"])
        headers = {"Cache-Control": _FOR_EVER, "Content-Security-Policy": _POLICY}
        pieces = await _begun(self._media.read_thumbnail(file))
        return StreamingResponse(pieces, 200, headers, "image/webp")


def _answered(call: Call) -> Call:
    """With errors as the problems they are."""

    async def answer(request: Request) -> Response:
        try:
            return await call(request)
        except RequestError as error:
            return problem_response(error.code, error.message)
        except (StoreUnavailableError, BlobError):
            return problem_response(ErrorCode.UNAVAILABLE, "files cannot be served now")
        except TimeoutError:
            return problem_response(ErrorCode.BAD_REQUEST, "the body did not arrive", status=408)
        except ClientDisconnect:
            return Response(status_code=400)

    return answer


async def _body(request: Request) -> AsyncIterator[bytes]:
    stream = request.stream().__aiter__()
    while True:
        try:
            async with asyncio.timeout(READ_WITHIN):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        if chunk:
            yield chunk


async def _begun(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, of which the first is there: what cannot be read is known before the answer begins."""
    first = await anext(pieces, b"")

    async def all_of_them() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    return all_of_them()


def _disposition(file: StoredFile) -> str:
    shown = file.type.startswith(_INLINE) and file.type not in _NEVER_INLINE
    kind = "inline" if shown else "attachment"
    return f"{kind}; filename*=UTF-8''{quote(file.name, safe='')}"


def _span(request: Request, size: int, tag: str) -> tuple[int, int] | None:
    """The bytes [start, end) asked for; None when there are none such. What is no single range is the whole file."""
    header = request.headers.get("range", "")
    unchanged = request.headers.get("if-range", tag) == tag
    if not header.startswith("bytes=") or "," in header or not unchanged:
        return 0, size
    first, dash, last = header.removeprefix("bytes=").strip().partition("-")
    if not dash or not (first or last):
        return 0, size
    start, stop = _number(first), _number(last)
    if (first and start is None) or (last and stop is None):
        return 0, size
    if start is None:
        # The last so many bytes.
        return (max(0, size - (stop or 0)), size) if stop else None
    end = size if stop is None else min(stop + 1, size)
    if stop is not None and stop < start:
        return 0, size
    return (start, end) if start < size else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 16 else None
