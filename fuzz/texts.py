"""Targets: whatever else is read from outside. Each refuses what is wrong with its own error, and with no other."""

from __future__ import annotations

import asyncio
import contextlib
import re
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import apsw
import msgspec
from PIL import Image

from glideim.config import ConfigError, load
from glideim.edge.http import files
from glideim.edge.http.multipart import MultipartFile
from glideim.edge.sql.search import _phrase
from glideim.edge.workers.link import Link
from glideim.edge.workers.records import (
    Crowd,
    FromOwner,
    FromWorker,
    Pushed,
    Replied,
    enveloped,
    item,
    opened,
)  # fmt: skip
from glideim.kernel.errors import RequestError
from glideim.media.images import Picture, is_picture, picture, sniff
from glideim.messaging.inbox import ListCursor
from glideim.messaging.paging import decode_cursor, encode_cursor
from glideim.messaging.reader import SyncCursor
from glideim.protocol.codes import ErrorCode
from glideim.protocol.conversations import parse_group
from glideim.protocol.limits import check_send
from glideim.protocol.records import Message
from glideim.push.ports import HookError
from glideim.push.screen import HookScreen
from glideim.push.urls import check_url
from glideim.search.text import CLAUSES_MOST, found_in, parse, searchable, terms_of
from glideim.verify import record as verify_record

from .promises import check

SCRATCH = Path(tempfile.mkdtemp(prefix="glideim-fuzz-"))
PIXELS = 200_000
"""Larger pictures are not drawn here: the server gives them a process of their own, with limits."""


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """A coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits")


def cursors(data: bytes) -> None:
    """A cursor that is taken is one that could have been given out."""
    text = data.decode("latin-1")
    for kind in (ListCursor, SyncCursor):
        try:
            cursor = decode_cursor(text, kind)
        except RequestError as refused:
            check(refused.code == ErrorCode.BAD_REQUEST, refused)
            continue
        check(decode_cursor(encode_cursor(cursor), kind) == cursor, cursor)


_index: list[apsw.Connection] = []


def query(data: bytes) -> None:
    """What somebody searches for never reaches the index as its language, and finds itself."""
    text = data.decode("utf-8", "replace")
    if not _index:
        _index.append(apsw.Connection(":memory:"))
        _index[0].execute("CREATE VIRTUAL TABLE t USING fts5(body, tokenize='ascii', prefix='3 5')")
    try:
        clauses = parse(text)
    except ValueError:
        return
    check(len(clauses) <= CLAUSES_MOST, text)
    if not clauses:
        return
    words = [term for clause in clauses for term in clause.terms]
    check(found_in(clauses, words), clauses)
    _index[0].execute("INSERT OR REPLACE INTO t (rowid, body) VALUES (1, ?)", (" ".join(words),))
    match = " AND ".join(_phrase(clause) for clause in clauses)
    rows = list(_index[0].execute("SELECT rowid FROM t WHERE t MATCH ?", (match,)))
    check(rows == [(1,)], match)


def content(data: bytes) -> None:
    """What is searched of a message, whatever it says."""
    text = data.decode("utf-8", "replace")
    for kind in (1, 2):
        for term in terms_of(searchable(kind, text)):
            check(0 < len(term) <= 64 and not term.isspace() and '"' not in term, term)


def configuration(data: bytes) -> None:
    """A file, and the same as variables."""
    file = SCRATCH / "glideim.toml"
    file.write_bytes(data)
    lines = data.decode("utf-8", "replace").split("\n")
    pairs = [line.partition("=") for line in lines]
    environment = {f"GLIDEIM_{name.strip().upper()}": value.strip() for name, _, value in pairs}
    for source in ({"file": file, "environment": {}}, {"environment": environment}):
        try:
            config = load(**source)
        except ConfigError:
            continue
        check(load(environment={}, overrides=msgspec.structs.asdict(config)) == config, config)


_MESSAGES = [Message(n, f"m{n}", "c:1:2", n, 1, 2, 1, "text") for n in range(1, 4)]


def hook_answer(data: bytes) -> None:
    """A hook's answer is an answer for each message, or an error of the hook."""
    screen: Any = SimpleNamespace(refused=0, changed=0)
    screen._apply = lambda message, verdict: HookScreen._apply(screen, message, verdict)
    try:
        decided = HookScreen._decide(screen, _MESSAGES, data)
    except HookError:
        return
    check(len(decided) == len(_MESSAGES), decided)
    for message in decided:
        # What a hook makes of a message may be sent as it is.
        check(not isinstance(message, Message) or check_send(message) is None, message)


def urls(data: bytes) -> None:
    """An address for webhooks is taken or refused with a reason."""
    url = data.decode("utf-8", "surrogateescape")
    wrong = check_url(url)
    check(wrong is None or bool(wrong), wrong)
    good = url.lstrip().lower().startswith(("http://", "https://"))
    check(good or wrong is not None, url)


def record(data: bytes) -> None:
    """A record that is not one is refused, and one that is comes back the same."""
    try:
        lines = list(verify_record.read(data.split(b"\n")))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    again = [msgspec.json.encode(line) for line in lines]
    check(list(verify_record.read(again)) == lines, lines)


def picture_file(data: bytes) -> None:
    """What a file is, and its thumbnail if it is a picture; nothing else happens."""
    kind = sniff(data)
    check(re.fullmatch(r"[\w.+-]+/[\w.+-]+(; charset=utf-8)?", kind) is not None, kind)
    check(kind not in {"text/html", "image/svg+xml", "application/xhtml+xml"}, kind)
    if not is_picture(kind):
        return
    source, target = SCRATCH / "source", SCRATCH / "target"
    source.write_bytes(data)
    target.unlink(missing_ok=True)
    # What cannot be opened is for picture() to judge.
    with contextlib.suppress(Exception), Image.open(source) as image:
        if image.size[0] * image.size[1] > PIXELS:
            return
    made = picture(source, target)
    check(made.thumbnail == target.exists() and made >= Picture(), made)


def multipart(data: bytes) -> None:
    """The first line is the content type, the rest the body: the file is the same however the body arrives."""
    head, _, body = data.partition(b"\n")
    whole = _file(head.decode("latin-1"), [body])
    check(
        _file(head.decode("latin-1"), [body[n : n + 1] for n in range(len(body))]) == whole, whole
    )


def _file(content_type: str, chunks: list[bytes]) -> tuple[str, bytes] | str:
    async def body() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    async def read() -> tuple[str, bytes]:
        form = MultipartFile(content_type, body())
        await form.open()
        return form.name, b"".join([piece async for piece in form.pieces()])

    try:
        return run(read())  # type: ignore[no-any-return]
    except RequestError as refused:
        return refused.code


def ranges(data: bytes) -> None:
    """Lines: `Range`, `If-Range`, `Upload-Offset`. A span is inside the file, and names are safe in a header."""
    first, _, rest = data.decode("latin-1").partition("\n")
    second, _, third = rest.partition("\n")
    headers = {"range": first, **({"if-range": second} if second else {})}
    for size in (0, 1, 1000):
        span = files._span(SimpleNamespace(headers=headers), size, '"tag"')  # type: ignore[arg-type]
        check(span is None or 0 <= span[0] <= span[1] <= size, span)
        check(span is None or span[0] < span[1] or span == (0, size), span)
    number = files._number(third)
    check(number is None or 0 <= number < 10**16, number)
    name = data.decode("utf-8", "replace")
    header = files._disposition(SimpleNamespace(type="image/png", name=name))  # type: ignore[arg-type]
    check(header.isascii() and header.isprintable(), header)


class _Transport(asyncio.Transport):
    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is written."""


def link(data: bytes) -> None:
    """Between processes of ours: parts that can be read, or an error that ends the link; the same in pieces."""
    for kind in (FromWorker, FromOwner):
        whole = _parts(data, kind, len(data) or 1)
        pieces = _parts(data, kind, 1)
        check(pieces == whole, whole, pieces)


def _parts(data: bytes, kind: Any, size: int) -> tuple[list[Any], str]:
    """Read as `kind`: the parts, envelopes opened, and the name of the error that ended the link, if one did."""
    parts: list[Any] = []
    end: Link[Any] = Link(msgspec.msgpack.Decoder(list[kind]), parts.extend, lambda: None)
    end.connection_made(_Transport())
    try:
        for start in range(0, len(data), size):
            end.data_received(data[start : start + size])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return parts, type(error).__name__
    crowds = {part.number: part.uids for part in parts if isinstance(part, Crowd)}
    return [_open(part, crowds) for part in parts], ""


def _open(part: Any, crowds: dict[int, tuple[int, ...]]) -> Any:
    """An envelope is the same when it goes on to the next process."""
    if not isinstance(part, Pushed | Replied):
        return part
    try:
        made = item(part, crowds)
    except (msgspec.DecodeError, KeyError, UnicodeDecodeError, RecursionError) as error:
        return type(error).__name__
    again = opened(enveloped(made.envelope))
    # Compared as they travel: NaN is not equal to itself.
    check(enveloped(again) == enveloped(made.envelope), made.envelope, again)
    return part


def group_key(data: bytes) -> None:
    """A group's name has one form."""
    key = data.decode("utf-8", "surrogateescape")
    gid = parse_group(key)
    check(gid is None or f"g:{gid}" == key, key)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "cursors": cursors,
    "query": query,
    "content": content,
    "configuration": configuration,
    "hook_answer": hook_answer,
    "urls": urls,
    "record": record,
    "picture": picture_file,
    "multipart": multipart,
    "ranges": ranges,
    "link": link,
    "groups": group_key,
}
