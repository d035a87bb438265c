"""The part of the description that no table makes: the routes that carry bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from glideim.protocol.codes import ErrorCode

Problems = Callable[[Sequence[ErrorCode], Mapping[int, ErrorCode]], Mapping[str, Any]]
"""Makes the refusals of an operation: codes, and statuses that HTTP has beside them."""

GROUP = "Files"
_ID = "pQ3v0Zk2mX8sYt4uWb6cDe1f"
_INFO = {"schema": {"$ref": "#/components/schemas/FileInfo"}}
_UPLOAD = {"schema": {"$ref": "#/components/schemas/Upload"}}
_BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_SIGNED_IN = [{"token": []}, {"key": ["messages"]}]
_SIGNED_IN_CODES = (ErrorCode.UNAUTHENTICATED, ErrorCode.FORBIDDEN)
_STALLED = {408: ErrorCode.BAD_REQUEST}


def describe_files(problems: Problems) -> Mapping[str, Mapping[str, Any]]:
    """Operations by path below the prefix and method."""
    return {
        "/files": {"post": _upload(problems)},
        "/files/uploads/{uploadId}": {"head": _progress(problems), "patch": _resume(problems)},
        "/files/{id}": {"get": _download(problems)},
        "/files/{id}/thumbnail": {"get": _thumbnail(problems)},
    }


def _upload(problems: Problems) -> Mapping[str, Any]:
    form = {
        "type": "object",
        "properties": {
            "file": {
                "type": "string",
                "format": "binary",
                "minLength": 1,
                "description": "The bytes; the part's `filename` is the file's name.",
            }
        },
        "required": ["file"],
    }
    example = {
        "id": _ID, "url": f"/api/v2/files/{_ID}", "name": "plan.pdf", "type": "application/pdf", "size": 48213,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "createdAt": 1798675200000,
    }  # fmt: skip
    codes = (*_SIGNED_IN_CODES, ErrorCode.TOO_LARGE)
    return _operation(
        "files.upload",
        "Upload a whole file",
        "Over HTTP only. While it arrives, it counts against the quota.",
        _SIGNED_IN,
        requestBody={"required": True, "content": {"multipart/form-data": {"schema": form}}},
        responses={
            "201": _done("Stored", {"application/json": {**_INFO, "example": example}}),
            **problems(codes, _STALLED),
        },
    )


def _resume(problems: Problems) -> Mapping[str, Any]:
    codes = (*_SIGNED_IN_CODES, ErrorCode.NOT_FOUND, ErrorCode.CONFLICT, ErrorCode.TOO_LARGE)
    example = {"uploadId": _ID, "offset": 32768, "size": 48213, "expiresAt": 1798761600000}
    at = _header("Upload-Offset", "How many bytes are there already.", required=True)
    at |= {"schema": {"type": "integer", "minimum": 0}, "example": 0}
    return _operation(
        "files.resume",
        "More bytes of an upload",
        "Over HTTP only. The body is what comes next, as much of it as there is; what arrived before a connection broke"
        " stays. `conflict` tells how much is there, or that another request is writing. The last byte makes it a file.",
        _SIGNED_IN,
        parameters=[_path("uploadId"), at],
        requestBody={"content": {"application/octet-stream": _BYTES["*/*"]}},
        responses={
            "200": _done(
                "What is there now; `file` if that is all of it",
                {"application/json": {**_UPLOAD, "example": example}},
                headers=_lengths(),
            ),
            **problems(codes, _STALLED),
        },
    )


def _progress(problems: Problems) -> Mapping[str, Any]:
    codes = (*_SIGNED_IN_CODES, ErrorCode.NOT_FOUND)
    refusals = {
        # An answer to HEAD has no body.
        status: {"description": refusal["description"]}
        for status, refusal in problems(codes, {}).items()
    }
    return _operation(
        "files.progress",
        "How much of an upload is there, in headers",
        "Over HTTP only; `api.files.status` is the same with a body.",
        _SIGNED_IN,
        parameters=[_path("uploadId")],
        responses={"200": {"description": "Under way", "headers": _lengths()}, **refusals},
    )


def _download(problems: Problems) -> Mapping[str, Any]:
    about = {
        name: {"description": text, "schema": {"type": "string"}}
        for name, text in (
            ("ETag", "Of the content, which never changes."),
            ("Accept-Ranges", "`bytes`"),
            ("Content-Disposition", "`attachment` for all but images, audio and video; the name."),
        )
    }
    part = {"description": "Which bytes of how many.", "schema": {"type": "string"}}
    wanted = _header("Range", "One range of bytes; of several all is sent.")
    unless = _header("If-None-Match", "The ETag of what is there already.")
    unchanged = _header("If-Range", "The ETag for which `Range` holds.")
    return _operation(
        "files.download",
        "The bytes of a file",
        "Over HTTP only. Needs no token: the id cannot be guessed, and whoever was given it may read. `Content-Type` is"
        " what the bytes are; a browser is told to guess nothing and to run nothing of it.",
        [],
        parameters=[
            _path("id"),
            wanted | {"example": "bytes=0-1023"},
            unless,
            unchanged,
        ],
        responses={
            "200": _done("All of it", _BYTES, headers=about),
            "206": _done("The range", _BYTES, headers=about | {"Content-Range": part}),
            "304": {"description": "It is what `If-None-Match` says"},
            **problems((ErrorCode.NOT_FOUND,), {416: ErrorCode.BAD_REQUEST}),
        },
    )


def _thumbnail(problems: Problems) -> Mapping[str, Any]:
    return _operation(
        "files.thumbnail",
        "The small picture of an image",
        "Over HTTP only. At most 320 × 320 pixels, upright, without what a camera wrote into it. Needs no token.",
        [],
        parameters=[_path("id")],
        responses={
            "200": _done("The picture", {"image/webp": _BYTES["*/*"]}),
            **problems((ErrorCode.NOT_FOUND,), {}),
        },
    )


def _operation(
    name: str, summary: str, description: str, security: Sequence[Any], **more: Any
) -> dict[str, Any]:
    about = {"operationId": name, "tags": [GROUP], "summary": summary, "description": description}
    return {**about, "security": list(security), **more}


def _done(text: str, content: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"description": text, "content": content, **more}


def _path(name: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{24}$"}
    return {"name": name, "in": "path", "required": True, "schema": schema, "example": _ID}


def _header(name: str, text: str, *, required: bool = False) -> dict[str, Any]:
    schema = {"type": "string"}
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": text,
        "schema": schema,
    }


def _lengths() -> dict[str, Any]:
    number = {"type": "integer"}
    return {
        "Upload-Offset": {"description": "Bytes that are there.", "schema": number},
        "Upload-Length": {"description": "Bytes that were announced.", "schema": number},
    }
