"""The routes that carry bytes: uploads and downloads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import quote

import msgspec
from msgspec import Struct
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from glideim.account.ports import Caller
from glideim.api.auth import signed_in
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.media.ports import BlobError, BlobMissingError, StoredFile
from glideim.media.service import MediaService
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.social import Upload

from .bodies import pieces_of
from .callers import Callers
from .metrics import Metrics
from .multipart import MultipartFile
from .problems import problem_response

AROUND = 64 * 1024
"""Bytes that a form may have around its file: boundaries, headers, other fields."""
_INLINE = ("image/", "audio/", "video/")
_NEVER_INLINE = frozenset({"image/svg+xml"})
# What is stored came from anybody: a browser that opens it must run nothing of it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; sandbox"
_FOR_EVER = "private, max-age=31536000, immutable"
_encode = msgspec.json.Encoder().encode

Call = Callable[[Request], Awaitable[Response]]


class FileAccess(Struct, frozen=True):
    """What the routes serve, and who decides about it."""

    media: MediaService
    admit: Callable[[Caller, str], None]
    """Whether somebody may run an action now. Raises RequestError."""


class FileRoutes:
    """The routes. Their names are the ids in the description; they are no actions, for a frame is too small."""

    def __init__(self, access: FileAccess, callers: Callers, metrics: Metrics) -> None:
        self._media = access.media
        self._admit = access.admit
        self._callers = callers
        self._metrics = metrics

    def routes(self, prefix: str) -> list[BaseRoute]:
        """All of them. They go before those of the API's table, of which one answers HEAD in its own way."""
        upload = "/files/uploads/{upload_id}"
        return [
            self._route("files.upload", "POST", prefix + "/files", self._upload),
            self._route("files.progress", "HEAD", prefix + upload, self._progress),
            self._route("files.resume", "PATCH", prefix + upload, self._resume),
            self._route("files.download", "GET", prefix + "/files/{file_id}", self._download),
            self._route(
                "files.thumbnail", "GET", prefix + "/files/{file_id}/thumbnail", self._thumbnail
            ),
        ]

    def _route(self, name: str, method: str, path: str, call: Call) -> BaseRoute:
        answered = _answered(call)

        async def counted(request: Request) -> Response:
            response = await answered(request)
            self._metrics.count(name, response.status_code)
            return response

        return Route(path, counted, methods=[method])

    async def _uid(self, request: Request, action: Action) -> int:
        caller = await self._callers.of(request, required=True)
        self._admit(caller, action)
        return signed_in(caller).uid

    async def _upload(self, request: Request) -> Response:
        uid = await self._uid(request, Action.API_FILES_BEGIN)
        length = _number(request.headers.get("content-length", "")) or 0
        most = self._media.options.file_bytes + AROUND
        if length > most:
            raise RequestError(ErrorCode.TOO_LARGE, "the file is too large")
        body = MultipartFile(request.headers.get("content-type", ""), pieces_of(request, most))
        await body.open()
        info = await self._media.store_stream(uid, body.name, body.pieces(), length)
        return Response(_encode(info), 201, media_type="application/json")

    async def _progress(self, request: Request) -> Response:
        uid = await self._uid(request, Action.API_FILES_STATUS)
        upload = await self._media.status(uid, request.path_params["upload_id"])
        return Response(headers=_lengths(upload))

    async def _resume(self, request: Request) -> Response:
        uid = await self._uid(request, Action.API_FILES_APPEND)
        offset = _number(request.headers.get("upload-offset", ""))
        if offset is None:
            raise RequestError(ErrorCode.BAD_REQUEST, "send the header Upload-Offset")
        pieces = pieces_of(request, self._media.options.file_bytes)
        upload = await self._media.write(uid, request.path_params["upload_id"], offset, pieces)
        return Response(_encode(upload), 200, _lengths(upload), "application/json")

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
        status = 206 if partial else 200
        if request.method == "HEAD":
            return Response(None, status, headers, file.type)
        pieces = await _begun(self._media.read(file, start, end))
        return StreamingResponse(pieces, status, headers, file.type)

    async def _thumbnail(self, request: Request) -> Response:
        file = await self._media.file(request.path_params["file_id"])
        headers = {
            "Cache-Control": _FOR_EVER,
            "Content-Security-Policy": _POLICY,
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        pieces = await _begun(self._media.read_thumbnail(file))
        return StreamingResponse(pieces, 200, headers, "image/webp")


def _answered(call: Call) -> Call:
    """With errors as the problems they are."""

    async def answer(request: Request) -> Response:
        try:
            return await call(request)
        except RequestError as error:
            return problem_response(error.code, error.message)
        except BlobMissingError:
            # Removed since it was looked up.
            return problem_response(ErrorCode.NOT_FOUND, "there is no such file")
        except (StoreUnavailableError, BlobError):
            return problem_response(ErrorCode.UNAVAILABLE, "files cannot be served now")
        except TimeoutError:
            return problem_response(ErrorCode.BAD_REQUEST, "the body did not arrive", status=408)
        except ClientDisconnect:
            return Response(status_code=400)

    return answer


async def _begun(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, of which the first is there: what cannot be read is known before the answer begins."""
    first = await anext(pieces, b"")

    async def all_of_them() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    return all_of_them()


def _lengths(upload: Upload) -> dict[str, str]:
    return {"Upload-Offset": str(upload.offset), "Upload-Length": str(upload.size)}


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
