"""Downloads from an HTTP server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from glideim.client.errors import RequestFailed
from glideim.client.httpfiles import download
from glideim.protocol.codes import ErrorCode

CONTENT = bytes(range(256)) * 1000


class Handler(BaseHTTPRequestHandler):
    """`/ranges` knows ranges, `/plain` does not, `/short` breaks off, `/<number>` answers just that."""

    ranges: list[str | None] = []  # noqa: RUF012 - one server per test clears it

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.ranges.append(wanted)
        if self.path[1:].isdecimal():
            return self.answer(int(self.path[1:]), b"")
        if self.path == "/short":
            return self.answer(200, CONTENT[:100], length=len(CONTENT))
        start = int(wanted[6:-1]) if wanted and self.path == "/ranges" else 0
        if start >= len(CONTENT):
            return self.answer(416, b"", extra=f"bytes */{len(CONTENT)}")
        return self.answer(206 if start else 200, CONTENT[start:])

    def answer(self, status: int, body: bytes, *, length: int = -1, extra: str = "") -> None:
        self.send_response(status, "said")
        self.send_header("Content-Length", str(len(body) if length < 0 else length))
        if extra:
            self.send_header("Content-Range", extra)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    Handler.ranges.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("have", [0, 1000, len(CONTENT)])
@pytest.mark.parametrize("kind", ["ranges", "plain"])
def test_what_is_there_is_continued(url: str, tmp_path: Path, kind: str, have: int) -> None:
    (tmp_path / "x.part").write_bytes(CONTENT[:have])
    download(f"{url}/{kind}", tmp_path / "x", None)
    assert (tmp_path / "x").read_bytes() == CONTENT
    assert not (tmp_path / "x.part").exists()
    assert Handler.ranges == [f"bytes={have}-" if have else None]


def test_what_is_too_long_is_begun_again(url: str, tmp_path: Path) -> None:
    (tmp_path / "x.part").write_bytes(CONTENT + b"more")
    download(f"{url}/ranges", tmp_path / "x", None)
    assert (tmp_path / "x").read_bytes() == CONTENT
    assert len(Handler.ranges) == 2


def test_a_short_answer_is_kept_for_the_next_time(url: str, tmp_path: Path) -> None:
    with pytest.raises(RequestFailed) as failure:
        download(f"{url}/short", tmp_path / "x", None)
    assert failure.value.code == ErrorCode.UNAVAILABLE
    assert (tmp_path / "x.part").read_bytes() == CONTENT[:100]
    told: list[tuple[int, int]] = []
    download(f"{url}/ranges", tmp_path / "x", lambda have, of: told.append((have, of)))
    assert (tmp_path / "x").read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, ErrorCode.NOT_FOUND), (503, ErrorCode.UNAVAILABLE), (599, ErrorCode.UNAVAILABLE)],
)
def test_refusals(url: str, tmp_path: Path, status: int, code: ErrorCode) -> None:
    with pytest.raises(RequestFailed) as failure:
        download(f"{url}/{status}", tmp_path / "x", None)
    assert failure.value.code == code
    assert not (tmp_path / "x").exists()
