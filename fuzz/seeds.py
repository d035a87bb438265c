"""Where the mutations of targets that read no frames start: inputs of every kind that each of them takes."""

from __future__ import annotations

import io
from typing import Any

import msgspec
from PIL import Image

from glideim.dispatch.ports import Origin, Push
from glideim.edge.workers import records as w
from glideim.messaging.inbox import ListCursor
from glideim.messaging.paging import encode_cursor
from glideim.messaging.reader import SyncCursor
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import AckMessage, Envelope, Heartbeat, Message
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


def _parts(*parts: Any) -> bytes:
    """Parts in one batch, as they go between processes."""
    body = msgspec.msgpack.encode(list(parts))
    return len(body).to_bytes(4, "big") + body


_ORIGIN = Origin("gateway-1", 7)
_MESSAGE = Message(
    mid=9, cli_mid="a", conv="c:1:2", seq=3, from_=1, to=2, type=1, content="hello", send_at=1
)
_CHAT = Envelope(Action.MESSAGE_CHAT, 0, _MESSAGE)
_ACK = Envelope(Action.ACK_MESSAGE, 5, AckMessage("a", 9, "c:1:2", 3, 1))
_BEAT = Envelope(Action.HEARTBEAT, 1, Heartbeat())


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
    "link": [
        _parts(w.Drain()), _parts(w.Drained()), _parts(w.NotListening("x")), b"\x00\x00\x00\x01\x91",
        _parts(w.pushed(Push((1, 2), _CHAT, 1, _ORIGIN), (1, 2))),
        _parts(w.Crowd(4, (1, 2, 3)), w.pushed(Push((), _BEAT), (), 4)),
        _parts(w.Replied(_ORIGIN, w.enveloped(_ACK)), w.CloseOf(1, 4102, "ended", None)),
        _parts(w.Came(1, 2, 3, _ORIGIN), w.SignedIn(1, _ORIGIN), w.Left(1, _ORIGIN)),
        _parts(w.Authenticate(1, "glt_x", "::1"), w.MoveRead(2, 1, _ORIGIN, "c:1:2", 3)),
        _parts(w.Answer(1, b"\xc0")) + _parts(w.refused(2, ErrorCode.FORBIDDEN, "no")),
    ],
    "groups": [b"g:1", b"g:100001", b"g:01", b"g:-1", b"c:1:2"],
}  # fmt: skip
