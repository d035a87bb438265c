"""What a message says in words: texts, files, what happened to a group, what is not there any more."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from glideim.protocol.records import Message
from glideim.protocol.social import FileInfo, NotifyGroup

from .text import clock

NameOf = Callable[[int], str]
"""What a person is called."""

KINDS = {2: "picture", 3: "sound", 4: "film", 5: "file", 6: "place"}
"""`type` of messages that are no text."""

RECALLED, EDITED, EXPIRED, GROWING = 1, 2, 3, 4
"""`status` of a message."""

_event = msgspec.json.Decoder(NotifyGroup)
_file = msgspec.json.Decoder(FileInfo)


def event_of(message: Message) -> NotifyGroup | None:
    """What happened to the group, if that is what the message says."""
    if message.type >= 0 or not message.content:
        return None
    try:
        return _event.decode(message.content)
    except msgspec.DecodeError:
        return None


def file_of(message: Message) -> FileInfo | None:
    """The file that a message carries: its record, or just its path below the server's address."""
    if message.type not in KINDS or not message.content:
        return None
    try:
        file = _file.decode(message.content)
    except msgspec.DecodeError:
        file = FileInfo(url=message.content.strip())
    # A path and nothing else: a message does not choose the host that one's program asks.
    return file if file.url.startswith("/") else None


def content_of(file: FileInfo) -> str:
    """The content of a message that carries a file."""
    return msgspec.json.encode(file).decode()


def type_of(file: FileInfo) -> int:
    """`type` of the message that carries a file."""
    return {"image": 2, "audio": 3, "video": 4}.get(file.type.partition("/")[0], 5)


def people_of(message: Message) -> set[int]:
    """Whose names one needs to show a message."""
    event = event_of(message)
    people = {message.from_, *message.mentions}
    if event is not None:
        people |= {event.by, *event.uids}
    return people - {0}


def says(message: Message, name_of: NameOf, now_ms: int) -> str:
    """The message in words."""
    if message.status == RECALLED:
        return "(taken back)"
    if message.status == EXPIRED or 0 < message.expire_at <= now_ms:
        return "(disappeared)"
    event = event_of(message)
    if event is not None:
        return event_words(event, name_of, now_ms)
    file = file_of(message)
    if file is not None:
        return f"[{KINDS[message.type]}] {file.name or file.url}{_size(file.size)}"
    text = message.content or ""
    return f"{text} …" if message.status == GROWING else text


_EVENTS = {
    "created": "{by} made the group",
    "joined": "{whom} joined",
    "left": "{whom} left",
    "invited": "{by} brought in {whom}",
    "removed": "{by} removed {whom}",
    "renamed": "{by} called the group “{value}”",
    "announcement": "{by} announces: {value}",
    "avatar": "{by} changed the picture",
    "settings": "{by} changed the settings",
    "role": "{by} made {whom} {value}",
    "owner": "{whom} owns the group now",
    "dissolved": "{by} dissolved the group",
    "request": "{whom} asks to join",
}


def event_words(event: NotifyGroup, name_of: NameOf, now_ms: int) -> str:
    """What happened to a group."""
    by = name_of(event.by)
    if event.type in {"muted", "unmuted"}:
        return _muted(event, by, name_of, now_ms)
    if event.type == "announcement" and not event.value:
        return f"{by} took the announcement down"
    whom = ", ".join(name_of(uid) for uid in event.uids) or by
    return _EVENTS.get(event.type, "{by}: {type}").format(
        by=by, whom=whom, value=event.value, type=event.type
    )


def _muted(event: NotifyGroup, by: str, name_of: NameOf, now_ms: int) -> str:
    whom = ", ".join(name_of(uid) for uid in event.uids) or "everybody"
    if event.type == "unmuted":
        return f"{by} let {whom} write again"
    return f"{by} silenced {whom}{until(event.value, now_ms)}"


def until(value: str, now_ms: int) -> str:
    """The end of a mute in words; nothing for one without end."""
    if not value.isdigit() or int(value) > 253_402_300_799_000:
        return ""
    return f" until {clock(int(value), now_ms)}"


def _size(size: int) -> str:
    if not size:
        return ""
    if size < 1024:
        return f" ({size} B)"
    return f" ({size / 1024:.0f} KiB)" if size < 1024**2 else f" ({size / 1024**2:.1f} MiB)"
