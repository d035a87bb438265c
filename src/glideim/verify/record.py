"""The record: everything that the people of a run did and saw, in the order it happened.

One driver process writes it in one event loop, so the order of the lines is the order of the events. Nothing in it
comes from inside the server. `at` is in milliseconds since the run began. It is written to a file as it happens, and read
from there again and again by the checks: an hour has more lines than fit into memory.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar, get_args

import msgspec
from msgspec import Struct

from glideim.protocol.records import Message
from glideim.protocol.social import NotifyGroup

NORMAL, RECALLED, EDITED, EXPIRED, GROWING = range(5)
"""`status` of a message."""
UNREAD = frozenset({RECALLED, EXPIRED, GROWING})
"""The content of such a message is gone, or another one every moment: the record leaves it out."""
PUSH = 0
"""`page` of what was pushed; what was fetched carries the number of its page."""
ALONE = -1
"""`page` of what a synchronisation brought: it is in no order that could be checked."""


class Event(Struct, frozen=True, gc=False, tag_field="kind", omit_defaults=True):
    """Base of all lines."""

    at: float


class Opened(Event, frozen=True, gc=False, tag="opened"):
    """A connection was signed in; `session` is its number in this run."""

    uid: int
    session: int
    device: int
    way: str


class Closed(Event, frozen=True, gc=False, tag="closed"):
    """A connection ended. `code` is the close code, 0 when there was none."""

    uid: int
    session: int
    code: int


class Broken(Event, frozen=True, gc=False, tag="broken"):
    """The server sent what the protocol does not allow; `what` says what it was. The connection was given up."""

    uid: int
    session: int
    what: str


class Sent(Event, frozen=True, gc=False, tag="sent"):
    """A message was written to a connection, for the first time or again. One that `grows` has its text later."""

    uid: int
    session: int
    cli: str
    conv: str
    content: str
    grows: bool = False


class Acked(Event, frozen=True, gc=False, tag="acked"):
    """`ack.message` arrived."""

    uid: int
    session: int
    cli: str
    conv: str
    seq: int
    mid: int


class Refused(Event, frozen=True, gc=False, tag="refused"):
    """A send was refused; with `retryable` it is sent again."""

    uid: int
    session: int
    cli: str
    code: str
    retryable: bool = False


class Clashed(Event, frozen=True, gc=False, tag="clashed"):
    """A `cli` that is stored was sent with other content; `answer` is the error code, empty when it was accepted."""

    uid: int
    cli: str
    answer: str = ""


class Asked(Event, frozen=True, gc=False, tag="asked"):
    """A change of a message was asked for; `number` is its number in this run. `act` is recall, edit, react, unreact,
    pin, unpin, read, or, of a message that grows, finish or cancel; `value` the digest of the new content, or the
    reaction. Whether `uid` has the right to it is for the checks to find out."""

    uid: int
    number: int
    conv: str
    seq: int
    act: str
    value: str = ""


class Done(Event, frozen=True, gc=False, tag="done"):
    """What `number` asked for was done, or refused for good with the error `code`. Without this line it may be either."""

    number: int
    code: str = ""


class ReadBy(Event, frozen=True, gc=False, tag="readby"):
    """`notify.read`: `by` has read everything up to `seq`."""

    uid: int
    session: int
    conv: str
    by: int
    seq: int


class Listed(Event, frozen=True, gc=False, tag="listed"):
    """After the load: the position up to which `uid` has read, as the server lists it."""

    uid: int
    conv: str
    read: int


class Received(Event, frozen=True, gc=False, tag="received"):
    """A message was pushed (`page` 0) or fetched. `sender` is 0 and `cli` empty for group events. `reactions` are key,
    count, and whether `uid` is among those who have it; `pinned` is what is shown to everybody."""

    uid: int
    session: int
    conv: str
    seq: int
    mid: int
    cli: str
    sender: int
    content: str
    send_at: int
    page: int = PUSH
    status: int = 0
    reactions: tuple[tuple[str, int, bool], ...] = ()
    pinned: bool = False


class Fetched(Event, frozen=True, gc=False, tag="fetched"):
    """Page `page` was to hold everything that `uid` may see with `after < seq <= upto`. `final`: after the load ended."""

    uid: int
    page: int
    conv: str
    after: int
    upto: int
    final: bool = False


class Confirmed(Event, frozen=True, gc=False, tag="confirmed"):
    """The device is about to confirm everything up to `seq`."""

    uid: int
    session: int
    conv: str
    seq: int


class Delivered(Event, frozen=True, gc=False, tag="delivered"):
    """`ack.notify`: `by` has everything up to `seq`, or (`offline`) no device of theirs is connected."""

    uid: int
    session: int
    conv: str
    seq: int
    by: int
    offline: bool = False


class Membership(Event, frozen=True, gc=False, tag="membership"):
    """A stored event of a group said that people came in or went out at `seq`."""

    conv: str
    seq: int
    uids: tuple[int, ...]
    inside: bool


class Role(Event, frozen=True, gc=False, tag="role"):
    """A stored event of a group said at `seq` that people have this role from now on: owner, admin or member."""

    conv: str
    seq: int
    uids: tuple[int, ...]
    role: str


class Compared(Event, frozen=True, gc=False, tag="compared"):
    """State built from events beside a fresh fetch; `difference` is empty when they agree."""

    uid: int
    what: str
    difference: str = ""


class Stuck(Event, frozen=True, gc=False, tag="stuck"):
    """A connection that never read: whether the server `ended` it, and the `code` it gave if that could be seen."""

    uid: int
    ended: bool
    code: int = 0


class Memory(Event, frozen=True, gc=False, tag="memory"):
    """Resident bytes of the server, and the bound that they must stay below (0: none)."""

    resident: int
    bound: int = 0


class Fault(Event, frozen=True, gc=False, tag="fault"):
    """A fault began, or (`begins` false) was over and the server was in service again."""

    name: str
    begins: bool


Line = (
    Opened | Closed | Broken | Sent | Acked | Refused | Clashed | Asked | Done | ReadBy | Listed | Received | Fetched
    | Confirmed | Delivered | Membership | Role | Compared | Stuck | Memory | Fault
)  # fmt: skip

L = TypeVar("L", bound=Event)
BUFFER = 1 << 20
_BEGINS: dict[type, bytes] = {
    kind: b'{"kind":"%s",' % str(kind.__struct_config__.tag).encode() for kind in get_args(Line)
}
"""How the lines of each kind begin as they are written here."""
_INSIDE = {"created": True, "joined": True, "invited": True, "left": False, "removed": False}
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Line).decode


def digest(text: str) -> str:
    """Enough of a content to tell it from every other one."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def said(message: Message) -> tuple[int, str, str]:
    """Sender, `cli` and content of a stored message as the record holds them; group events look the same whether
    they were pushed as notices or fetched as messages."""
    if message.type < 0:
        return 0, "", f"event {message.seq}"
    kept = message.status not in UNREAD
    return message.from_, message.cli_mid, digest(message.content or "") if kept else ""


def membership(at: float, conv: str, notice: NotifyGroup) -> Membership | None:
    """What a group's notice says about who is in it."""
    inside = _INSIDE.get(notice.type)
    return None if inside is None else Membership(at, conv, notice.seq, notice.uids, inside)


def role(at: float, conv: str, notice: NotifyGroup) -> Role | None:
    """What a group's notice says about who is in charge of it."""
    match notice.type:
        case "created":
            return Role(at, conv, notice.seq, (notice.by,), "owner")
        case "owner":
            return Role(at, conv, notice.seq, notice.uids, "owner")
        case "role":
            return Role(at, conv, notice.seq, notice.uids, notice.value)
        case _:
            return None


class Record:
    """Writes the lines of a run to a file."""

    def __init__(self, file: Path) -> None:
        self.path = file
        self._file: BinaryIO = file.open("wb", BUFFER)
        self._began = time.monotonic()
        self._told: set[tuple[object, ...]] = set()

    def now(self) -> float:
        """Milliseconds since the run began."""
        return round((time.monotonic() - self._began) * 1000, 3)

    def add(self, line: Line) -> None:
        """Note what happened. What a group's events say is noted once: everybody is shown them again and again."""
        if isinstance(line, Membership | Role):
            what = (*msgspec.structs.astuple(line)[1:], type(line))
            if what in self._told:
                return
            self._told.add(what)
        self._file.write(_encode(line) + b"\n")

    def stored(self) -> Stored:
        """All that was noted until now."""
        self._file.flush()
        return Stored(self.path)

    def close(self) -> None:
        """Write what is buffered and close the file."""
        self._file.close()


def read(lines: Iterable[str | bytes]) -> Iterator[Line]:
    """Lines of a file as they were written. Raises msgspec.DecodeError."""
    return (_decode(line) for line in lines if line.strip())


class Stored:
    """The lines of a file as they were written, read anew for each who asks. Raises msgspec.DecodeError, OSError."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __iter__(self) -> Iterator[Line]:
        with self._file.open("rb", BUFFER) as lines:
            yield from read(lines)

    def of(self, *kinds: type[L]) -> Iterator[L]:
        """Lines of these kinds, in order. Only they are decoded: most lines are of other kinds."""
        begins = tuple(_BEGINS[kind] for kind in kinds)
        with self._file.open("rb", BUFFER) as lines:
            for line in lines:
                if line.startswith(begins):
                    yield _decode(line)

    def without(self, *kinds: type[Event]) -> Iterator[Line]:
        """Lines of all other kinds, in order."""
        begins = tuple(_BEGINS[kind] for kind in kinds)
        with self._file.open("rb", BUFFER) as lines:
            for line in lines:
                if not line.startswith(begins):
                    yield _decode(line)

    def last(self) -> float:
        """When the last line was written; 0 if there is none."""
        line = b""
        with self._file.open("rb", BUFFER) as lines:
            for line in lines:  # noqa: B007 - the last one is what is wanted
                pass
        return _decode(line).at if line else 0.0
