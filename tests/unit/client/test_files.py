"""Uploads through broken connections, against a server in memory."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest

from glideim.client.errors import RequestFailed
from glideim.client.files import PIECE, TRIES, Files
from glideim.protocol.codes import ErrorCode
from glideim.protocol.social import AppendUpload, BeginUpload, FileInfo, Upload, UploadQuery

LOST = RequestFailed(ErrorCode.UNAVAILABLE, "the connection broke")


class Server:
    """Implements Ask for uploads. `failures` are raised in turn: before a piece is kept, or after (`late`)."""

    def __init__(self) -> None:
        self.data = b""
        self.size = 0
        self.failures: list[RequestFailed] = []
        self.late = False
        self.asked: list[str] = []

    async def __call__(self, action: str, data: Any, kind: type[Any], /) -> Any:
        self.asked.append(action)
        match data:
            case BeginUpload():
                self.size = data.size
            case AppendUpload():
                if self.failures and not self.late:
                    raise self.failures.pop(0)
                assert data.offset == len(self.data)
                self.data += base64.b64decode(data.data)
                if self.failures:
                    raise self.failures.pop(0)
            case _:
                assert isinstance(data, UploadQuery)
        file = FileInfo(id="f", size=self.size) if len(self.data) == self.size else None
        return Upload("u", len(self.data), self.size, 0, file)


@pytest.mark.parametrize("late", [False, True])
async def test_a_broken_piece_goes_on_where_it_stopped(tmp_path: Path, *, late: bool) -> None:
    server = Server()
    server.failures = [LOST, RequestFailed(ErrorCode.CONFLICT, "another offset")]
    server.late = late
    content = bytes(range(256)) * 300
    (tmp_path / "x").write_bytes(content)
    told: list[tuple[int, int]] = []
    info = await Files(server, "").upload(
        tmp_path / "x", progress=lambda n, of: told.append((n, of))
    )
    assert (info.id, server.data) == ("f", content)
    assert told[-1] == (len(content), len(content))
    assert server.asked.count("api.files.status") == 2


async def test_an_upload_is_given_up() -> None:
    server = Server()
    server.failures = [LOST] * TRIES
    with pytest.raises(RequestFailed):
        await Files(server, "").upload(b"x")
    assert server.asked.count("api.files.append") == TRIES


async def test_a_final_refusal_is_not_tried_again() -> None:
    server = Server()
    server.failures = [RequestFailed(ErrorCode.NOT_FOUND, "no such upload")]
    with pytest.raises(RequestFailed):
        await Files(server, "").upload(b"x")
    assert server.asked.count("api.files.append") == 1


async def test_a_file_that_becomes_shorter() -> None:
    files = Files(Server(), "")
    with pytest.raises(OSError, match="shorter"):
        await files._upload(io.BytesIO(b"x" * PIECE), PIECE + 1, "x", "", None)


async def test_a_download_needs_an_address(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="HTTP API"):
        await Files(Server(), "").download("/files/f", tmp_path / "x")
