"""Downloads over HTTP with nothing but the standard library; they block, so they run in a thread."""

from __future__ import annotations

import http
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from glideim.protocol.codes import ErrorCode

from .errors import RequestFailed

CHUNK = 64 * 1024
PATIENCE = 30.0
"""Seconds without a byte until a download is given up; what came is kept and continued next time."""

_CODES: dict[int, ErrorCode] = {http.HTTPStatus.NOT_FOUND: ErrorCode.NOT_FOUND}


def download(url: str, path: Path, progress: Callable[[int, int], None] | None) -> None:
    """Fetch `url` to `path`, through `<path>.part`. Raises RequestFailed, OSError."""
    part = path.with_name(path.name + ".part")
    have = part.stat().st_size if part.exists() else 0
    # Only http and https get here.
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            # A server that does not know ranges sends everything.
            continued = answer.status == http.HTTPStatus.PARTIAL_CONTENT
            have = have if continued else 0
            size = have + int(answer.headers.get("Content-Length", 0))
            with part.open("ab" if continued else "wb") as file:
                while chunk := answer.read(CHUNK):
                    file.write(chunk)
                    have += len(chunk)
                    if progress is not None:
                        progress(have, size)
    except urllib.error.HTTPError as error:
        with error:
            if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                code = _CODES.get(error.code, ErrorCode.UNAVAILABLE)
                raise RequestFailed(code, f"the server answered {error.code}") from error
        # All of it was here already, or what was here is no part of it.
        if not _is_whole(error, have):
            part.unlink()
            download(url, path, progress)
            return
    else:
        if have < size:
            raise RequestFailed(ErrorCode.UNAVAILABLE, f"{have} of {size} bytes came")
    part.replace(path)


def _is_whole(error: urllib.error.HTTPError, have: int) -> bool:
    return error.headers.get("Content-Range", "") == f"bytes */{have}"
