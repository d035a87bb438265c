"""Where the mutations of targets that read no frames start: inputs of every kind that each of them takes."""

from __future__ import annotations

import io
from typing import Any

import msgspec
from PIL import Image

from glideim.edge.workers.records import Drain, Drained, NotListening
from glideim.messaging.inbox import ListCursor
from glideim.messaging.paging import encode_cursor
from glideim.messaging.reader import SyncCursor
from glideim.verify import record as r

_BODY = (
    b'--limit\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\nhello\r\n--limit--\r\n"
)
_KINDS = ("PNG", "JPEG", "GIF", "WEBP")


def _picture(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 6), (200, 30, 30)).save(file, kind)
    return file.getvalue()


def _parts(kind: Any) -> bytes:
    """One part of a kind, as it goes between processes."""
    body = msgspec.msgpack.encode([kind])
    return len(body).to_bytes(4, "big") + body


SEEDS: dict[str, list[bytes]] = {
    "cursors": [
        encode_cursor(ListCursor(1_790_000_000_000, "c:1:2")).encode(),
        encode_cursor(SyncCursor("c:1:2", "g:5", 7, 8, 9)).encode(),
        b"e30",
        b"W10",
    ],
    "query": [b"hello world", b'"two words" -not', "中文 搜索".encode(), b"a OR b* NEAR(c)", b'"'],
    "content": [b"hello world", "日本語 text".encode(), b'{"name":"file.pdf"}', b"\xf0\x9f\x91\x8d"],
    "configuration": [
        b'ws_port = 8080\ndata = "data"\n',
        b'store = "memory"\ndurability = "full"\nlimits = "off"\n',
        b"ws_port=70000\nfriends_only=true\n",
    ],
    "hook_answer": [
        b'{"results":[{"index":0,"action":"pass"},{"index":1,"action":"refuse","message":"no"}]}',
        b'{"results":[{"index":2,"action":"change","content":"other","type":2}]}', b"[]", b"{}", b"",
    ],
    "urls": [b"https://example.com/hook", b"http://127.0.0.1:80/", b"http://[::1]/", b"ftp://x", b"//x"],
    "record": [
        msgspec.json.encode(r.Opened(1.0, 1, 1, 2, "ws/json"))
        + b"\n" + msgspec.json.encode(r.Sent(2.0, 1, 1, "a", "c:1:2", "x")),
        msgspec.json.encode(r.Fault(3.0, "kill", begins=True)),
    ],
    "picture": [*map(_picture, _KINDS), b"%PDF-1.4\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"RIFF0000WAVE"],
    "multipart": [
        b"multipart/form-data; boundary=limit\n" + _BODY,
        b'multipart/form-data; boundary="limit"\n' + _BODY + _BODY,
        b"text/plain\nhello",
    ],
    "ranges": [b"bytes=0-99\n\"tag\"\n100", b"bytes=-5\n\n0", b"bytes=5-\nW/\"tag\"\n1e3", b"bytes=0-0,5-9"],
    "link": [_parts(Drain()), _parts(Drained()), _parts(NotListening("x")), b"\x00\x00\x00\x01\x91"],
    "groups": [b"g:1", b"g:100001", b"g:01", b"g:-1", b"c:1:2"],
}  # fmt: skip
