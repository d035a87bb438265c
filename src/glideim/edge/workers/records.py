"""What travels between the process that owns the log and its workers: MessagePack arrays, tagged, in batches.

Whatever depends on an action (`data`, results of the API) travels as bytes of its own and is read by the record that
the action names, so nothing in between needs to know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from glideim.account.ports import Principal
from glideim.dispatch.ports import Item, Origin, Push, Reply
from glideim.messaging.ports import Confirm, Send
from glideim.protocol.actions import RECORDS, RESULTS
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Envelope
from glideim.protocol.social import Stream, Transient

CROWD = 16
"""So many receivers are named once and then by a number."""
CROWDS = 256
"""Crowds remembered by number; the one used longest ago is forgotten."""

_encode = msgspec.msgpack.Encoder().encode
_decoders: dict[type, msgspec.msgpack.Decoder[Any]] = {}


def pack(value: Any) -> bytes:
    """A record that the other side knows the type of."""
    return _encode(value)


def unpack(raw: bytes, kind: type) -> Any:
    """See `pack`."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.msgpack.Decoder(kind)
    return decoder.decode(raw)


class Enveloped(Struct, frozen=True, gc=False, array_like=True):
    """An envelope; `data` is packed, empty for None. `api.ok` never travels: results are answers to calls."""

    action: str
    seq: int
    data: bytes


class Part(Struct, frozen=True, gc=False, array_like=True, tag=True):
    """One thing said to the other process."""


# --- from workers -------------------------------------------------------------------------------------------


class Sends(Part, frozen=True, gc=False, array_like=True, tag=True):
    """Messages to be sent."""

    sends: list[Send]


class Confirms(Part, frozen=True, gc=False, array_like=True, tag=True):
    """Confirmations of receivers."""

    confirms: list[Confirm]


class Authenticate(Part, frozen=True, gc=False, array_like=True, tag=True):
    """A call: whose token is this?"""

    number: int
    token: str
    address: str


class CallApi(Part, frozen=True, gc=False, array_like=True, tag=True):
    """A call of the API; `data` is packed."""

    number: int
    principal: Principal | None
    address: str
    token: str
    device: int
    action: str
    data: bytes


class MoveRead(Part, frozen=True, gc=False, array_like=True, tag=True):
    """A call: move a read position."""

    number: int
    uid: int
    origin: Origin
    conv: str
    seq: int


class Act(Part, frozen=True, gc=False, array_like=True, tag=True):
    """A call: change a message; `data` is packed, the answer an envelope or None."""

    number: int
    uid: int
    origin: Origin
    action: str
    data: bytes


class Grow(Part, frozen=True, gc=False, array_like=True, tag=True):
    """A step of a growing message."""

    uid: int
    origin: Origin
    request_seq: int
    data: Stream


class PassOn(Part, frozen=True, gc=False, array_like=True, tag=True):
    """Something that is not kept."""

    uid: int
    origin: Origin
    data: Transient


class Came(Part, frozen=True, gc=False, array_like=True, tag=True):
    """A connection has signed in."""

    uid: int
    device: int
    session_id: int
    origin: Origin


class SignedIn(Part, frozen=True, gc=False, array_like=True, tag=True):
    """The same, for messaging: when the connection has been told."""

    uid: int
    origin: Origin


class Left(Part, frozen=True, gc=False, array_like=True, tag=True):
    """A signed-in connection is gone."""

    uid: int
    origin: Origin


class Watch(Part, frozen=True, gc=False, array_like=True, tag=True):
    """A connection wants to know about people; refused in an answer of its own."""

    uid: int
    origin: Origin
    uids: tuple[int, ...]


class Counted(Part, frozen=True, gc=False, array_like=True, tag=True):
    """The worker's statistics."""

    values: dict[str, int]


class Listening(Part, frozen=True, gc=False, array_like=True, tag=True):
    """The worker accepts connections."""


class Drained(Part, frozen=True, gc=False, array_like=True, tag=True):
    """What was asked of the worker is done."""


class NotListening(Part, frozen=True, gc=False, array_like=True, tag=True):
    """The worker cannot begin."""

    why: str


# --- from the owner -----------------------------------------------------------------------------------------


class Answer(Part, frozen=True, gc=False, array_like=True, tag=True):
    """The answer to a call: `data` packed, or a refusal."""

    number: int
    data: bytes
    code: str = ""
    text: str = ""
    unavailable: bool = False
    """The store could not serve."""


class Crowd(Part, frozen=True, gc=False, array_like=True, tag=True):
    """From now on `number` means these people, and `forget` nobody."""

    number: int
    uids: tuple[int, ...]
    forget: int = 0


class Pushed(Part, frozen=True, gc=False, array_like=True, tag=True):
    """For every device of some people, named here or by the number of their crowd."""

    uids: tuple[int, ...]
    crowd: int
    envelope: Enveloped
    echo: int
    skip: Origin | None


class Replied(Part, frozen=True, gc=False, array_like=True, tag=True):
    """For one connection."""

    to: Origin
    envelope: Enveloped


class CloseOf(Part, frozen=True, gc=False, array_like=True, tag=True):
    """Close a person's connections, or those of one session."""

    uid: int
    code: int
    reason: str
    session_id: int | None


class Replace(Part, frozen=True, gc=False, array_like=True, tag=True):
    """A newer login elsewhere takes the place of a connection."""

    conn: int
    device: int


class Drain(Part, frozen=True, gc=False, array_like=True, tag=True):
    """Accept nothing new, finish what was asked."""


class SendAway(Part, frozen=True, gc=False, array_like=True, tag=True):
    """Close every connection, then end."""


FromWorker = (
    Sends | Confirms | Authenticate | CallApi | MoveRead | Act | Grow | PassOn | Came | SignedIn | Left | Watch | Pushed
    | Counted | Listening | NotListening | Drained
)  # fmt: skip
FromOwner = Answer | Crowd | Pushed | Replied | CloseOf | Replace | Drain | SendAway


def enveloped(envelope: Envelope) -> Enveloped:
    """For the way."""
    data = envelope.data
    return Enveloped(envelope.action, envelope.seq, b"" if data is None else _encode(data))


def opened(envelope: Enveloped) -> Envelope:
    """As it was."""
    data = unpack(envelope.data, RECORDS[envelope.action]) if envelope.data else None
    return Envelope(envelope.action, envelope.seq, data)


def unpacked_result(action: str, raw: bytes) -> Any:
    """The result of an action of the API."""
    return unpack(raw, RESULTS[action])


def pushed(push: Push, uids: tuple[int, ...], crowd: int = 0) -> Pushed:
    """For the way; `uids` may be empty when `crowd` names them."""
    return Pushed(uids, crowd, enveloped(push.envelope), push.echo, push.skip)


def item(part: Pushed | Replied, crowds: Mapping[int, tuple[int, ...]]) -> Item:
    """As it was. People of a crowd are one object each time, which is what delivery to crowds goes by."""
    if isinstance(part, Replied):
        return Reply(part.to, opened(part.envelope))
    uids = crowds[part.crowd] if part.crowd else part.uids
    return Push(uids, opened(part.envelope), part.echo, part.skip)


def refused(number: int, code: ErrorCode, text: str) -> Answer:
    """A call that was refused."""
    return Answer(number, b"", code, text)
