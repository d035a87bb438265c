"""Frames that are right in shape: each action's record, filled with what exists, or with values at the borders.

Most are what a client would send, so that they reach what is behind sign-in and validation, and are served; the others have
some fields that belong to something else, or to nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
from msgspec.structs import FieldInfo, fields

from glideim.protocol import records as r
from glideim.protocol import social as s
from glideim.protocol.actions import RECORDS, Action
from glideim.protocol.conversations import chat_key, group_key
from glideim.protocol.states import REQUESTS

from .pool import Known, Person, Pool
from .values import odd

EXACT = 0.6
"""Share of frames in which everything belongs together."""
ODD = 0.15
"""Of the fields of the others: share that is from something else, and share that is at a border."""
WORDS = ("hello", "world", "日本語 text", "coffee at 5?", "👍", "a longer message with words")
MANAGING = frozenset(
    {
        Action.API_GROUPS_ACCEPT, Action.API_GROUPS_REJECT, Action.API_GROUPS_UPDATE, Action.API_GROUPS_UPDATE_MEMBER,
        Action.API_GROUPS_REMOVE_MEMBER, Action.API_GROUPS_REQUESTS, Action.API_GROUPS_DISSOLVE, Action.API_GROUPS_ADD_MEMBERS,
    }
)  # fmt: skip
"""What owners and admins may do in their groups."""
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
)
WEIGHTS: dict[str, float] = {
    Action.MESSAGE_CHAT: 4, Action.MESSAGE_GROUP: 4, Action.MESSAGE_STREAM: 6, Action.ACK_REQUEST: 2,
    Action.API_FILES_APPEND: 3, Action.API_BLOCKS_REMOVE: 3, Action.API_GROUPS_JOIN: 2, Action.API_CONTACTS_ADD: 2,
    Action.API_ADMIN_UNBAN: 2, Action.API_AUTH_REGISTER: 0.2, Action.API_AUTH_LOGIN: 0.2, Action.API_AUTH_PASSWORD: 0.1,
    Action.API_AUTH_GUEST: 0.2, Action.API_AUTH_LOGOUT: 0.05, Action.API_AUTH_END_SESSION: 0.1, Action.API_GROUPS_DISSOLVE: 0.2,
    Action.API_ADMIN_BAN: 0.1, Action.API_ADMIN_END_SESSIONS: 0.1, Action.API_ADMIN_DELETE_BOT: 0.3,
    Action.API_ADMIN_CREATE_KEY: 0.3, Action.API_ADMIN_CREATE_BOT: 0.3, Action.AUTH: 0.1,
}  # fmt: skip
"""How often an action comes, against 1 for the others: what costs a hash or ends things is seldom."""
NOT_FOR_CLIENTS = 0.05
"""The same for what only the server sends."""


class Scene:
    """Who does it, and with what: everything that one frame names."""

    def __init__(self, pool: Pool, random: Random, me: Person, action: str) -> None:
        self.pool = pool
        self.random = random
        self.me = me
        self.action = action
        self.peer = pool.person(random)
        mine = self.of("own", me.uid) if action in MANAGING and random.random() < 0.8 else None
        self.gid: int = mine or self.of("gid", me.uid) or self.of("gid") or 1
        self.op = random.choice(("open", "delta", "delta", "delta", "finish", "cancel"))
        self.upload: s.Upload = self.of("upload", me.uid) or s.Upload("none", 0, 1)
        group = ".group" in action or random.random() < 0.5
        changes = action in {Action.MESSAGE_EDIT, Action.API_MESSAGES_EDIT} or "recall" in action
        if "message.chat" in action:
            group = False
        self.again = action.endswith((".retry", ".resend")) and random.random() < 0.8
        kept = self.of("sent", me.uid, group) if changes or self.again else self.of("seen", me.uid)
        self.message: Known = kept or Known(chat_key(me.uid, self.peer.uid), 1, 1, "a", me.uid, self.peer.uid)  # fmt: skip
        self.to_group = group

    def of(self, *kind: Any) -> Any:
        """One of what is known; None if there is none."""
        return self.pool.of(*kind).draw(self.random)

    def one(self, *choices: Any) -> Any:
        """One of these."""
        return self.random.choice(choices)

    def text(self) -> str:
        """What somebody writes."""
        return self.message.content if self.again else str(self.one(*WORDS))

    def to(self) -> int:
        """Whom it goes to."""
        if self.again or "recall" in self.action:
            return self.message.to
        return self.gid if self.to_group and "chat" not in self.action else self.peer.uid

    def cli_mid(self) -> str:
        """A new name for a message, or that of the one that is sent again."""
        return self.message.cli_mid if self.again else f"m{self.random.getrandbits(64):x}"

    def conv(self) -> str:
        """A conversation: that of the message, or where to write to."""
        if self.action in {Action.MESSAGE_STREAM, Action.MESSAGE_CLI, Action.API_MESSAGES_SEND}:
            return (
                group_key(self.gid)
                if self.to_group
                else chat_key(self.me.uid, self.message.to or self.peer.uid)
            )
        return self.message.conv

    def uid(self) -> int:
        """A person: one who asked for something where that is what is answered."""
        if self.action in {Action.API_GROUPS_ACCEPT, Action.API_GROUPS_REJECT}:
            return self.of("asks", self.gid) or self.peer.uid
        if self.action in {Action.API_CONTACTS_ACCEPT, Action.API_CONTACTS_REJECT}:
            return self.of("wants", self.me.uid) or self.peer.uid
        if "bot" in self.action:
            return self.of("bot") or self.peer.uid
        if self.action in MANAGING:
            return self.of("member", self.gid) or self.peer.uid
        return self.peer.uid

    def type(self) -> int | str:
        """Of a message, or of a file that is announced."""
        if self.action == Action.API_FILES_BEGIN:
            return "image/png"
        return self.message.type if self.again else 1

    def account(self) -> str:
        """A new name, but where one signs in."""
        new = f"n{self.random.getrandbits(40):x}"
        return (self.me.account or new) if self.action == Action.API_AUTH_LOGIN else new

    def cursor(self) -> str:
        """One that this action gave out."""
        return self.of("cursor of", self.action) or ""

    def stream_id(self) -> str:
        """A new one to open, else one that was."""
        if self.op != "open":
            return self.of("stream", self.me.uid) or "none"
        made = f"s{self.random.getrandbits(48):x}"
        self.pool.of("stream", self.me.uid).put(made)
        return made

    def data(self) -> str:
        """The next piece of the upload."""
        upload = self.upload
        rest = max(0, upload.size - upload.offset)
        piece = (PNG + bytes(200))[upload.offset : upload.offset + min(rest, self.one(7, 40, 400))]
        return base64.b64encode(piece).decode()


Make = Callable[[Scene], Any]
BY_NAME: dict[str, Make] = {
    "uid": Scene.uid, "uids": lambda c: tuple({c.peer.uid, c.pool.person(c.random).uid}), "to": Scene.to,
    "from_": lambda c: c.message.sender, "gid": lambda c: c.gid, "conv": Scene.conv, "seq": lambda c: c.message.seq,
    "mid": lambda c: c.message.mid, "cli_mid": Scene.cli_mid, "type": Scene.type, "content": Scene.text,
    "reply_to": lambda c: c.message.mid, "mentions": lambda c: (c.peer.uid,), "extra": lambda _c: {"k": "v"},
    "key": lambda c: c.one("👍", "❤", "ok"), "on": lambda c: c.one(True, True, False), "stream_id": Scene.stream_id,
    "op": lambda c: c.op, "token": lambda c: c.of("token") or "glt_x",
    "device": lambda c: c.one(1, 2, 3, 4, 5), "device_id": lambda _c: "d", "account": Scene.account,
    "password": lambda c: c.me.password or "secret-1", "old_password": lambda c: c.me.password,
    "new_password": lambda c: c.me.password or "secret-1", "nickname": lambda c: c.one("Ann", "Bob", "日本"), "avatar": lambda c: c.one("", "/a.png"),
    "presence": lambda c: c.one("everyone", "contacts", "nobody"), "q": lambda c: c.one("hello", "n", "日本", "words", "Ann"),
    "cursor": Scene.cursor, "limit": lambda c: c.one(0, 1, 2, 50, 200), "known": lambda c: {c.message.conv: max(0, c.message.seq - c.one(0, 1, 9))},
    "name": lambda c: c.one("team", "家", "x.png"), "announcement": lambda _c: "at noon", "join_mode": lambda c: c.one("open", "approval", "invite"),
    "history": lambda c: c.one("join", "all"), "invite": lambda c: c.one("members", "admins"), "role": lambda c: c.one("admin", "member", "member"),
    "muted_until": lambda c: c.one(0, 0, 1, 2**53 - 1), "message": lambda _c: "it is me", "remark": lambda _c: "old friend",
    "pinned": lambda c: c.one(True, False), "muted": lambda c: c.one(True, False), "expire_after": lambda c: c.one(0, 3600),
    "session_id": lambda c: c.of("session_id", c.me.uid), "id": lambda c: c.of("id", c.me.uid) or c.of("id"), "size": lambda c: c.one(1, 68, 100),
    "upload_id": lambda c: c.upload.upload_id, "data": Scene.data, "if_missing": lambda c: c.one(True, False), "scopes": lambda c: c.one(("act",), ("users", "admin")),
    "key_id": lambda c: c.of("key_id"), "letter_id": lambda c: c.of("letter_id"), "url": lambda c: c.of("url") or "", "secret": lambda _c: "0123456789abcdef",
    "after": lambda c: c.one(0, max(0, c.message.seq - 5)), "before": lambda c: c.message.seq + 5, "batch": lambda c: c.one(True, False),
}  # fmt: skip
"""What a client would put into a field of this name."""
_SENT = ("cli_mid", "to", "type", "content")
USUAL: dict[type, tuple[tuple[str, ...], ...]] = {
    r.Message: (_SENT, _SENT, (*_SENT, "reply_to", "mentions"), (*_SENT, "extra")),
    r.AckRequest: (("conv", "seq"), ("mid", "from_")),
    r.HistoryQuery: (("conv",), ("conv", "after"), ("conv", "before", "limit"), ("conv", "after", "before", "limit")),
    s.Recall: (("conv", "seq"), ("conv", "seq"), ("to", "mid")),
    s.Pin: (("conv", "seq", "on"),),
    s.Transient: (("to", "type", "content"), ("conv", "type", "content")),
    s.Stream: (("to", "stream_id", "op", "content"), ("conv", "stream_id", "op", "content")),
    s.MessageSearch: (("q",), ("q", "limit"), ("q", "cursor"), ("q", "conv"), ("q", "from_", "type")),
}  # fmt: skip
"""Fields that are given together. Of other records: all, but for those that may be None."""
OF_ACTION: dict[str, tuple[tuple[str, ...], ...]] = {
    Action.MESSAGE_EDIT: (("conv", "seq", "content"),),
    Action.API_MESSAGES_SEND: (_SENT, ("cli_mid", "conv", "type", "content")),
}
URLS = frozenset({"url"})
"""Only where the flood itself listens is posted to."""
_FIELDS = {action: fields(record) for action, record in RECORDS.items()}


def _weight(action: str) -> float:
    for_clients = action in REQUESTS or (action.startswith("api.") and action != Action.API_OK)
    return WEIGHTS.get(action, 1.0) if for_clients else NOT_FOR_CLIENTS


class Frames:
    """Envelopes without end, by one seed."""

    def __init__(self, pool: Pool, random: Random) -> None:
        self.pool = pool
        self._random = random
        self._actions = list(RECORDS)
        self._weights = [_weight(action) for action in self._actions]

    def envelope(self, me: Person, seq: int) -> r.Envelope:
        """The next thing that somebody asks for."""
        action = self._random.choices(self._actions, self._weights)[0]
        scene = Scene(self.pool, self._random, me, action)
        exact = self._random.random() < EXACT
        data = self._data(scene, exact=exact)
        return r.Envelope(action, seq, data)

    def _data(self, scene: Scene, *, exact: bool) -> Any:
        given = _FIELDS[scene.action]
        usual = self._usual(scene.action, given)
        values: dict[str, Any] = {}
        for field in given:
            chance = self._random.random() if not exact else 1.0
            if chance < ODD and field.name not in URLS:
                values[field.name] = odd(self._random, field)
            elif chance < 2 * ODD and (other := scene.of(field.name.rstrip("_"))) is not None:
                values[field.name] = other
            elif field.name in usual and (make := BY_NAME.get(field.name)):
                values[field.name] = make(scene)
        if scene.action == Action.API_FILES_APPEND and exact:
            values["offset"] = scene.upload.offset
        kept = {name: value for name, value in values.items() if value is not None}
        return RECORDS[scene.action](**kept)

    def _usual(self, action: str, given: tuple[FieldInfo, ...]) -> tuple[str, ...]:
        ways = OF_ACTION.get(action) or USUAL.get(RECORDS[action])
        if ways is not None:
            return self._random.choice(ways)
        return tuple(
            field.name
            for field in given
            if not self._may_be_left_out(field) or self._random.random() < 0.5
        )

    def _may_be_left_out(self, field: FieldInfo) -> bool:
        return field.default is None or field.name in {"cursor", "limit"}


def encoded(codec: Any, envelope: r.Envelope) -> bytes | None:
    """Its bytes; None for numbers that this codec has no way to write."""
    try:
        return bytes(codec.encode(envelope))
    except (ValueError, OverflowError, TypeError, msgspec.MsgspecError):
        return None
