"""Typed records of groups, contacts, conversations, presence and files: the `data` of their actions.

The same rules as in `records`: zero, empty and null fields are left out; None means "not given".
"""

from __future__ import annotations

from msgspec import Struct, field

from .records import Group, Id, Record, Small, User

# --- groups -----------------------------------------------------------------------------------------------


class NotifyGroup(Record, frozen=True, gc=False):
    """`notify.group` ←: a change of a group; also the content of the stored event. `type` is one of created, joined,
    left, invited, removed, renamed, announcement, avatar, settings, role, muted, unmuted, owner, dissolved; `request`
    (to admins only, not stored, without `seq`) says that somebody asks to join."""

    gid: Id = 0
    seq: Id = 0
    type: str = ""
    by: Id = 0
    uids: tuple[Id, ...] = ()
    value: str = ""
    at: Id = 0


class CreateGroup(Record, frozen=True, gc=False):
    """`api.groups.create`: `uids` become members at once."""

    name: str = ""
    avatar: str = ""
    announcement: str = ""
    join_mode: str = ""
    history: str = ""
    invite: str = ""
    uids: tuple[Id, ...] = ()


class UpdateGroup(Record, frozen=True, gc=False):
    """`api.groups.update`: fields that are None stay as they are. `muted_until` is for everybody but admins."""

    gid: Id = 0
    name: str | None = None
    avatar: str | None = None
    announcement: str | None = None
    join_mode: str | None = None
    history: str | None = None
    invite: str | None = None
    muted_until: Id | None = None


class GroupQuery(Record, frozen=True, gc=False):
    """Requests that name a group and nothing else."""

    gid: Id = 0


class GroupList(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """A page of one's own groups."""

    items: tuple[Group, ...]
    cursor: str = ""


class PageQuery(Record, frozen=True, gc=False):
    """Requests for a page of one's own things."""

    cursor: str = ""
    limit: Small = 0


class GroupPageQuery(Record, frozen=True, gc=False):
    """Requests for a page of a group's things."""

    gid: Id = 0
    cursor: str = ""
    limit: Small = 0


class Member(Record, frozen=True, gc=False):
    """A member of a group. `role` is owner, admin or member; `nickname` is their name in this group."""

    uid: Id = 0
    role: str = ""
    nickname: str = ""
    muted_until: Id = 0
    joined_at: Id = 0
    user: User | None = None


class MemberList(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """A page of members, by uid."""

    items: tuple[Member, ...]
    cursor: str = ""


class AddMembers(Record, frozen=True, gc=False):
    """`api.groups.add_members`."""

    gid: Id = 0
    uids: tuple[Id, ...] = ()


class MembersAdded(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """Result of `api.groups.add_members`: who is in now, and who could not be added."""

    items: tuple[Member, ...]
    refused: tuple[Id, ...] = ()


class GroupMember(Record, frozen=True, gc=False):
    """Requests that name a member, or somebody who asks to join."""

    gid: Id = 0
    uid: Id = 0


class UpdateMember(Record, frozen=True, gc=False):
    """`api.groups.update_member`: fields that are None stay as they are. `role` owner hands the group over."""

    gid: Id = 0
    uid: Id = 0
    role: str | None = None
    muted_until: Id | None = None
    nickname: str | None = None


class JoinGroup(Record, frozen=True, gc=False):
    """`api.groups.join`; `message` is for those who approve."""

    gid: Id = 0
    message: str = ""


class GroupJoined(Record, frozen=True, gc=False):
    """Result of `api.groups.join`: the group, or `pending` until an admin accepts."""

    pending: bool = False
    group: Group | None = None


class JoinRequest(Record, frozen=True, gc=False):
    """Somebody asks to join."""

    uid: Id = 0
    message: str = ""
    at: Id = 0
    user: User | None = None


class JoinRequestList(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """A page of those who ask to join."""

    items: tuple[JoinRequest, ...]
    cursor: str = ""


# --- contacts ---------------------------------------------------------------------------------------------


class NotifyContact(Record, frozen=True, gc=False):
    """`notify.contact` ←: `type` is request, accepted, rejected or removed; `uid` is the other person."""

    uid: Id = 0
    type: str = ""
    remark: str = ""
    at: Id = 0


class Contact(Record, frozen=True, gc=False):
    """A contact of one's own; `remark` is one's own name for them."""

    uid: Id = 0
    remark: str = ""
    since: Id = 0
    user: User | None = None


class ContactList(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """A page of contacts, by uid."""

    items: tuple[Contact, ...]
    cursor: str = ""


class AddContact(Record, frozen=True, gc=False):
    """`api.contacts.add`: asks somebody; `message` is for them, `remark` for oneself."""

    uid: Id = 0
    message: str = ""
    remark: str = ""


class ContactRequest(Record, frozen=True, gc=False):
    """A request under way. `outgoing` when it is one's own. `state` is pending or, in answers, accepted."""

    uid: Id = 0
    message: str = ""
    remark: str = ""
    at: Id = 0
    outgoing: bool = False
    state: str = ""
    user: User | None = None


class ContactRequestList(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """A page of requests, by uid."""

    items: tuple[ContactRequest, ...]
    cursor: str = ""


class AnswerContact(Record, frozen=True, gc=False):
    """`api.contacts.accept` and `api.contacts.reject`."""

    uid: Id = 0
    remark: str = ""


class UpdateContact(Record, frozen=True, gc=False):
    """`api.contacts.update`."""

    uid: Id = 0
    remark: str | None = None


class PersonQuery(Record, frozen=True, gc=False):
    """Requests that name a person and nothing else."""

    uid: Id = 0


# --- conversations ----------------------------------------------------------------------------------------


class NotifyConversation(Record, frozen=True, gc=False):
    """`notify.conversation` ←: settings of a conversation changed; `pinned`, `muted` and `hidden` are one's own
    (to one's other devices), `expire_after` is everybody's. None: not changed."""

    conv: str = ""
    pinned: bool | None = None
    muted: bool | None = None
    hidden: bool | None = None
    expire_after: Id | None = None
    by: Id = 0
    at: Id = 0


class UpdateConversation(Record, frozen=True, gc=False):
    """`api.conversations.update`. `expire_after` in seconds: messages sent from now on are erased that long after;
    0 turns it off (in groups for admins)."""

    conv: str = ""
    pinned: bool | None = None
    muted: bool | None = None
    expire_after: Id | None = None


class ConversationQuery(Record, frozen=True, gc=False):
    """Requests that name a conversation and nothing else."""

    conv: str = ""


# --- changes of messages ----------------------------------------------------------------------------------


class Recall(Record, frozen=True, gc=False):
    """`message.chat.recall` and `message.group.recall` →: by `conv` and `seq`, or by `to` and `mid`."""

    conv: str = ""
    seq: Id = 0
    to: Id = 0
    mid: Id = 0
    recall_by: Id = 0
    at: Id = 0


class Edit(Record, frozen=True, gc=False):
    """`message.edit` →."""

    conv: str = ""
    seq: Id = 0
    content: str | None = None


class React(Record, frozen=True, gc=False):
    """`message.react` →: `key` is an emoji or name of at most 32 characters."""

    conv: str = ""
    seq: Id = 0
    key: str = ""
    on: bool = False


class NotifyReact(Record, frozen=True, gc=False):
    """`notify.react` ←: `uid` set or took back a reaction; `count` is how many people have it now."""

    conv: str = ""
    seq: Id = 0
    key: str = ""
    count: Small = 0
    uid: Id = 0
    on: bool = False


class Pin(Record, frozen=True, gc=False):
    """`message.pin` → and `notify.pin` ← (with `by` and `at`)."""

    conv: str = ""
    seq: Id = 0
    on: bool = False
    by: Id = 0
    at: Id = 0


class Transient(Record, frozen=True, gc=False):
    """`message.cli` in both directions: typing, call signalling. Not stored, may be dropped."""

    conv: str = ""
    to: Id = 0
    from_: Id = field(default=0, name="from")
    type: Small = 0
    content: str | None = None


class Stream(Record, frozen=True, gc=False):
    """`message.stream` in both directions: a message that grows. `op` is open, delta, finish or cancel; `offset`
    counts the Unicode characters before `content`. `type` of the message is taken from `open`."""

    conv: str = ""
    to: Id = 0
    stream_id: str = ""
    op: str = ""
    content: str | None = None
    offset: Id | None = None
    from_: Id = field(default=0, name="from")
    mid: Id = 0
    seq: Id = 0
    type: Small = 0


class AckGroup(Record, frozen=True, gc=False):
    """`ack.group.msg` →: this device has everything up to `seq` of the group `to`."""

    to: Id = 0
    seq: Id = 0


class MessageSearch(Record, frozen=True, gc=False):
    """`api.messages.search`: `q` in one's own conversations; `after` and `before` are times."""

    q: str = ""
    conv: str = ""
    from_: Id = field(default=0, name="from")
    type: Small = 0
    after: Id = 0
    before: Id = 0
    cursor: str = ""
    limit: Small = 0


# --- presence, sessions -----------------------------------------------------------------------------------


class PresenceQuery(Record, frozen=True, gc=False):
    """`presence.sub` → and `api.presence.list`: at most 500 uids."""

    uids: tuple[Id, ...] = ()


class NotifyPresence(Record, frozen=True, gc=False):
    """`notify.presence` ←: `devices` are the classes of device connected; `at` is since when, or last seen."""

    uid: Id = 0
    online: bool = False
    devices: tuple[Small, ...] = ()
    at: Id = 0


class PresenceList(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """Result of `api.presence.list`."""

    items: tuple[NotifyPresence, ...]


class SessionInfo(Record, frozen=True, gc=False):
    """A signed-in device of one's own. `online` when it is connected."""

    session_id: Id = 0
    device: Small = 0
    device_id: str = ""
    created_at: Id = 0
    expires_at: Id = 0
    current: bool = False
    online: bool = False


class SessionList(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """A page of one's own sessions, the newest first."""

    items: tuple[SessionInfo, ...]
    cursor: str = ""


class EndSession(Record, frozen=True, gc=False):
    """`api.auth.end_session`."""

    session_id: Id = 0


# --- files ------------------------------------------------------------------------------------------------


class FileInfo(Record, frozen=True, gc=False):
    """A stored file. `url` and `thumbnail` are paths below the server's address; whoever has them may read."""

    id: str = ""
    url: str = ""
    name: str = ""
    type: str = ""
    size: Id = 0
    sha256: str = ""
    width: Small = 0
    height: Small = 0
    thumbnail: str = ""
    created_at: Id = 0


class FileList(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """A page of one's own files, newest first; `used` and `quota` in bytes."""

    items: tuple[FileInfo, ...]
    cursor: str = ""
    used: Id = 0
    quota: Id = 0


class FileQuery(Record, frozen=True, gc=False):
    """Requests that name a file."""

    id: str = ""


class BeginUpload(Record, frozen=True, gc=False):
    """`api.files.begin`: a resumable upload of `size` bytes."""

    name: str = ""
    size: Id = 0
    type: str = ""


class UploadQuery(Record, frozen=True, gc=False):
    """Requests that name an upload."""

    upload_id: str = ""


class AppendUpload(Record, frozen=True, gc=False):
    """`api.files.append`: `data` is base64, at most 48 KiB of it; `offset` is how many bytes are there."""

    upload_id: str = ""
    offset: Id = 0
    data: str = ""


class Upload(Record, frozen=True, gc=False):
    """A resumable upload: `offset` bytes are there; `file` once it is whole."""

    upload_id: str = ""
    offset: Id = 0
    size: Id = 0
    expires_at: Id = 0
    file: FileInfo | None = None


# --- for servers: keys, webhooks, bots --------------------------------------------------------------------


class NewAccount(Record, frozen=True, gc=False):
    """`api.admin.create_user`: an account made by another server. `if_missing`: one that exists is no error."""

    account: str = ""
    password: str = ""
    nickname: str = ""
    avatar: str = ""
    if_missing: bool = False


class NewToken(Record, frozen=True, gc=False):
    """`api.admin.create_token`: signs a person in on behalf of another server."""

    uid: Id = 0
    device: Small = 0
    device_id: str = ""


class NewKey(Record, frozen=True, gc=False):
    """`api.admin.create_key`."""

    name: str = ""
    scopes: tuple[str, ...] = ()


class KeyInfo(Record, frozen=True, gc=False):
    """An API key. `key` is the secret, given once, when it is made."""

    key_id: Id = 0
    name: str = ""
    scopes: tuple[str, ...] = ()
    key: str = ""
    created_at: Id = 0
    used_at: Id = 0


class KeyList(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """All API keys, without their secrets."""

    items: tuple[KeyInfo, ...]


class KeyQuery(Record, frozen=True, gc=False):
    """`api.admin.revoke_key`."""

    key_id: Id = 0


class NewBot(Record, frozen=True, gc=False):
    """`api.admin.create_bot`: with `url`, messages are posted there, signed with `secret`."""

    account: str = ""
    nickname: str = ""
    avatar: str = ""
    url: str = ""
    secret: str = ""


class UpdateBot(Record, frozen=True, gc=False):
    """`api.admin.update_bot`: fields that are None stay as they are."""

    uid: Id = 0
    nickname: str | None = None
    avatar: str | None = None
    url: str | None = None
    secret: str | None = None


class Bot(Record, frozen=True, gc=False):
    """A bot. `token` is given once, when it is made."""

    uid: Id = 0
    account: str = ""
    nickname: str = ""
    avatar: str = ""
    url: str = ""
    token: str = ""


class DeadLetter(Record, frozen=True, gc=False):
    """A webhook delivery that was given up. `body` is what was posted."""

    letter_id: Id = 0
    event: str = ""
    url: str = ""
    body: str = ""
    error: str = ""
    attempts: Small = 0
    at: Id = 0


class DeadLetterList(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """A page of what was given up, oldest first."""

    items: tuple[DeadLetter, ...]
    cursor: str = ""


class DeadLetterQuery(Record, frozen=True, gc=False):
    """Requests that name what was given up."""

    letter_id: Id = 0


class Statistics(Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """Result of `api.admin.statistics`: `part.name` to value."""

    values: dict[str, Id]
