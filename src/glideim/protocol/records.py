"""Typed records of protocol 2: the `data` of every action, the same for every codec.

One record per action, used in both directions: a request fills the fields that the sender decides,
a push fills the rest. Attribute names are snake_case; JSON names are camelCase; Protobuf names are the
attribute names (`spec/glide.proto` is the schema, a test holds both together). Zero, empty and null fields
are left out on the wire, except those that have no default here: a list or counter that clients rely on.

All times are Unix milliseconds (UTC). All ids are integers 1 … 2**53-1.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

MAX_ID = 2**53 - 1
"""Largest id, sequence number and time: safe in every JSON client."""

Id = Annotated[int, Meta(ge=0, le=MAX_ID)]
"""An id, sequence number or time on the wire; 0 means "not given"."""

Small = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
"""A 32-bit integer: types, codes, device classes, counts."""


class Record(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """Base of everything that travels as `data`."""


# --- connection -------------------------------------------------------------------------------------------


class Hello(Record, frozen=True, gc=False):
    """`hello` ←: first thing on a connection. `heartbeat` in seconds, `max_frame` in bytes."""

    server_time: Id = 0
    heartbeat: Small = 0
    max_frame: Small = 0
    conn_id: str = ""
    server: str = ""
    codecs: tuple[str, ...] = ()


class Auth(Record, frozen=True, gc=False):
    """`auth` →: signs the connection in. `batch` says that the client accepts batches."""

    token: str = ""
    device: Small = 0
    device_id: str = ""
    batch: bool = False


class AuthOk(Record, frozen=True, gc=False):
    """`auth.ok` ←."""

    uid: Id = 0
    device: Small = 0
    server_time: Id = 0
    node: str = ""


class Error(Record, frozen=True, gc=False):
    """`error` and `message.failed.send` ←: why a request was refused; `code` is one of `ErrorCode`."""

    code: str = ""
    message: str = ""
    retryable: bool = False
    cli_mid: str = ""


class Heartbeat(Record, frozen=True, gc=False):
    """`heartbeat` in both directions; carries nothing."""


class NotifyClose(Record, frozen=True, gc=False):
    """`notify.close` ←: the last frame of a connection. `reconnect_after` in milliseconds."""

    code: Small = 0
    reason: str = ""
    reconnect_after: Id = 0


class NotifyKickout(Record, frozen=True, gc=False):
    """`notify.kickout` ←: a newer login took this device's place."""

    device: Small = 0
    reason: str = ""
    at: Id = 0


class NotifyDevice(Record, frozen=True, gc=False):
    """`notify.login` and `notify.logout` ←: another device of the same person came or went."""

    device: Small = 0
    at: Id = 0


# --- messages ---------------------------------------------------------------------------------------------


class Reaction(Record, frozen=True, gc=False):
    """How many people reacted to a message with `key`, and whether the reader is one of them (`mine`)."""

    key: str = ""
    count: Small = 0
    mine: bool = False


class Message(Record, frozen=True, gc=False):
    """A message: `message.chat` and its retry and resend →, the stored message ←, and items of history.

    A sender fills `cli_mid, to, type, content, reply_to, mentions`; the server everything.
    `content` is None when it was not given or was erased. `status`: 0 normal, 1 recalled, 2 edited, 3 expired,
    4 still growing. `reply_to` is the `mid` of the message answered. `expire_at` is when it will be erased.
    """

    mid: Id = 0
    cli_mid: str = ""
    conv: str = ""
    seq: Id = 0
    from_: Id = field(default=0, name="from")
    to: Id = 0
    type: Small = 0
    content: str | None = None
    send_at: Id = 0
    status: Small = 0
    reply_to: Id = 0
    mentions: tuple[Id, ...] = ()
    extra: dict[str, str] = {}
    reactions: tuple[Reaction, ...] = ()
    pinned: bool = False
    expire_at: Id = 0


class AckMessage(Record, frozen=True, gc=False):
    """`ack.message` ←: the message is stored (P1)."""

    cli_mid: str = ""
    mid: Id = 0
    conv: str = ""
    seq: Id = 0
    send_at: Id = 0


class AckRequest(Record, frozen=True, gc=False):
    """`ack.request` →: this device has everything up to `seq` of `conv`, or has the one `mid` of `from_`."""

    conv: str = ""
    seq: Id = 0
    mid: Id = 0
    from_: Id = field(default=0, name="from")


class AckNotify(Record, frozen=True, gc=False):
    """`ack.notify` ←: a device of the receiver `from_` confirmed everything of mine up to `seq`,
    or, with `offline`, no device of theirs is connected and the message waits."""

    conv: str = ""
    seq: Id = 0
    mid: Id = 0
    cli_mid: str = ""
    from_: Id = field(default=0, name="from")
    offline: bool = False


class MessageRead(Record, frozen=True, gc=False):
    """`message.read` →: the person has read everything up to `seq`, on whatever device."""

    conv: str = ""
    seq: Id = 0


class NotifyRead(Record, frozen=True, gc=False):
    """`notify.read` ←: `uid` has read up to `seq`; to the other person and to the reader's other devices."""

    conv: str = ""
    uid: Id = 0
    seq: Id = 0


# --- api: accounts ----------------------------------------------------------------------------------------


class Empty(Record, frozen=True, gc=False):
    """A request or result without fields."""


class Register(Record, frozen=True, gc=False):
    """`api.auth.register`."""

    account: str = ""
    password: str = ""
    nickname: str = ""


class Registered(Record, frozen=True, gc=False):
    """Result of `api.auth.register`."""

    uid: Id = 0


class Login(Record, frozen=True, gc=False):
    """`api.auth.login`."""

    account: str = ""
    password: str = ""
    device: Small = 0
    device_id: str = ""


class Guest(Record, frozen=True, gc=False):
    """`api.auth.guest`: an account without a password, usable as long as its token is kept."""

    nickname: str = ""
    device: Small = 0
    device_id: str = ""


class ChangePassword(Record, frozen=True, gc=False):
    """`api.auth.password`: every other session of the account ends."""

    old_password: str = ""
    new_password: str = ""


class Gateways(Record, frozen=True, gc=False):
    """Where to connect: WebSocket URLs and `host:port` of TCP."""

    ws: tuple[str, ...] = ()
    tcp: tuple[str, ...] = ()


class LoggedIn(Record, frozen=True, gc=False):
    """Result of `api.auth.login`, `api.auth.guest` and `api.auth.refresh`."""

    token: str = ""
    uid: Id = 0
    expires_at: Id = 0
    gateways: Gateways = Gateways()


class User(Record, frozen=True, gc=False):
    """What others see of an account. `presence` (who may see one online) only oneself sees."""

    uid: Id = 0
    account: str = ""
    nickname: str = ""
    avatar: str = ""
    bot: bool = False
    presence: str = ""


class UpdateUser(Record, frozen=True, gc=False):
    """`api.users.update`: fields that are None stay as they are. `presence`: everyone, contacts or nobody."""

    nickname: str | None = None
    avatar: str | None = None
    presence: str | None = None


class UsersQuery(Record, frozen=True, gc=False):
    """`api.users.list`: at most 100 uids; unknown ones are left out of the result."""

    uids: tuple[Id, ...] = ()


class UserSearch(Record, frozen=True, gc=False):
    """`api.users.search`: by exact account or start of account or nickname."""

    q: str = ""
    cursor: str = ""
    limit: Small = 0


class UserList(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """A page of users."""

    items: tuple[User, ...]
    cursor: str = ""


class Group(Record, frozen=True, gc=False):
    """A group as its members see it; strangers see no `role`, `announcement` and settings.

    `join_mode` is open, approval or invite; `history` is join or all: from where new members may read.
    `role` and `muted_until` are the caller's own; `all_muted_until` silences everybody but owner and admins.
    """

    gid: Id = 0
    name: str = ""
    avatar: str = ""
    announcement: str = ""
    join_mode: str = ""
    history: str = ""
    invite: str = ""
    owner: Id = 0
    member_count: Small = 0
    max_members: Small = 0
    created_at: Id = 0
    role: str = ""
    muted_until: Id = 0
    all_muted_until: Id = 0
    conv: str = ""


# --- api: messages ----------------------------------------------------------------------------------------


class HistoryQuery(Record, frozen=True, gc=False):
    """`api.messages.list`: messages with `after < seq < before`; without `after` the latest before `before`.
    At most `limit` (default 50, at most 200), always ascending."""

    conv: str = ""
    after: Id | None = None
    before: Id | None = None
    limit: Small = 0


class MessageList(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """A page of messages, ascending by `seq`."""

    items: tuple[Message, ...]
    cursor: str = ""


class Sync(Record, frozen=True, gc=False):
    """`api.sync`: `known` is the highest `seq` up to which the client has everything, per conversation."""

    known: dict[str, Id] = {}
    cursor: str = ""


class Conversation(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """One entry of a person's list of conversations.

    `delivered_seq` and `read_seq` are one's own positions, `peer_delivered_seq` and `peer_read_seq`
    those of the other person (two-person conversations). `peer` or `group` says with whom. `pinned`, `muted` and
    `hidden` are one's own settings; `expire_after` (seconds) is everybody's.
    """

    conv: str
    last_seq: Id
    read_seq: Id
    unread: Small
    updated_at: Id = 0
    last_message: Message | None = None
    peer: User | None = None
    delivered_seq: Id = 0
    peer_delivered_seq: Id = 0
    peer_read_seq: Id = 0
    group: Group | None = None
    pinned: bool = False
    muted: bool = False
    hidden: bool = False
    expire_after: Id = 0


class ConversationList(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """A page of conversations, newest first."""

    items: tuple[Conversation, ...]
    cursor: str = ""


class Synced(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """Result of `api.sync`. With `more`, call again with the same `known` and the new `cursor`; the last page's cursor
    begins the next sync. `messages` has those missed and those known that changed since; `gone` names conversations
    of `known` that the caller does not belong to."""

    conversations: tuple[Conversation, ...]
    messages: dict[str, tuple[Message, ...]]
    cursor: str
    more: bool
    gone: tuple[str, ...] = ()


# --- envelope ---------------------------------------------------------------------------------------------


class Envelope(Struct, frozen=True, gc=False, omit_defaults=True):
    """What every frame carries, one or several. `seq` is the sender's request number; a push has none.

    `data` is the record of the action; for `api.ok` it may be raw JSON until the asker names its type
    (`codec.result`).
    """

    action: str
    seq: Id = 0
    data: Any = None
    ver: Small = 2
    extra: dict[str, str] | None = None


class Rejected(Struct, frozen=True, gc=False):
    """An envelope that was readable as such but not valid: answer it with `error` (`code`, `message`)."""

    seq: int
    action: str
    code: str
    message: str
    cli_mid: str = ""


class FrameError(Exception):
    """A frame that cannot be read at all. Counts towards close code 4010."""
