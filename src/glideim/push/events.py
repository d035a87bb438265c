"""What the bodies of deliveries hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from glideim.protocol.records import Message

from .ports import SERVER_HOOK, Delivery, Event

BODY_EVENTS = 100
"""Events in one delivery."""
BODY_BYTES = 512 * 1024
"""Bytes of events in one delivery; a single one may be larger."""
PREVIEW_MOST = 100
"""Characters of a preview."""
UIDS_MOST = 1000
"""Receivers named in one offline event; more are named in further events."""
_TEXTS = frozenset({1, 11})

_encode = msgspec.json.Encoder().encode


class Login(Struct, frozen=True, rename="camel", omit_defaults=True):
    """Somebody signed in."""

    uid: int
    device: int
    device_id: str
    at: int


class Offline(Struct, frozen=True, rename="camel", omit_defaults=True):
    """A message that waits for people who have no device connected."""

    mid: int
    conv: str
    seq: int
    from_: int = msgspec.field(name="from")
    type: int
    uids: Sequence[int]
    preview: str
    send_at: int
    mentioned: Sequence[int] = ()
    """Those of `uids` who are mentioned."""


def offline_events(message: Message, uids: Sequence[int]) -> Iterator[Offline]:
    """The events that tell of a message."""
    for start in range(0, len(uids), UIDS_MOST):
        some = uids[start : start + UIDS_MOST]
        mentions = frozenset(message.mentions)
        yield Offline(
            mid=message.mid,
            conv=message.conv,
            seq=message.seq,
            from_=message.from_,
            type=message.type,
            uids=some,
            preview=preview(message),
            send_at=message.send_at,
            mentioned=tuple(uid for uid in some if uid in mentions),
        )


def preview(message: Message) -> str:
    """The beginning of a text; nothing of what is not meant to be read as it is."""
    if message.type not in _TEXTS or message.content is None:
        return ""
    return " ".join(message.content[: 4 * PREVIEW_MOST].split())[:PREVIEW_MOST]


def deliveries(
    event: Event, name: str, items: Sequence[tuple[str, Any]], at: int
) -> list[Delivery]:
    """Deliveries to the server's hook with (id, event) pairs under `name`: as few as their limits allow.

    The same events make the same idents.
    """
    made: list[Delivery] = []
    chunk: list[bytes] = []
    idents: list[str] = []
    size = 0
    for ident, item in items:
        body = _encode(item)
        if chunk and (len(chunk) >= BODY_EVENTS or size + len(body) > BODY_BYTES):
            made.append(_delivery(event, name, idents, chunk, at))
            chunk, idents, size = [], [], 0
        chunk.append(body)
        idents.append(ident)
        size += len(body)
    if chunk:
        made.append(_delivery(event, name, idents, chunk, at))
    return made


def _delivery(
    event: Event, name: str, idents: Sequence[str], chunk: Sequence[bytes], at: int
) -> Delivery:
    ident = f"{event}-{idents[0]}-{idents[-1]}"
    body = {name: [msgspec.Raw(item) for item in chunk]}
    return Delivery(SERVER_HOOK, ident, event, envelope(event, ident, body), at)


def envelope(event: str, ident: str, fields: Mapping[str, Any]) -> str:
    """A body: `event` and `delivery` stand in it, too, for those who log bodies only."""
    return _encode({"event": str(event), "delivery": ident, **fields}).decode()
