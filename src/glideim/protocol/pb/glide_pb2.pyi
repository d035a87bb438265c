from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Frame(_message.Message):
    __slots__ = ("envelope", "batch")
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    envelope: Envelope
    batch: Batch
    def __init__(self, envelope: _Optional[_Union[Envelope, _Mapping]] = ..., batch: _Optional[_Union[Batch, _Mapping]] = ...) -> None: ...

class Batch(_message.Message):
    __slots__ = ("envelope",)
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    envelope: _containers.RepeatedCompositeFieldContainer[Envelope]
    def __init__(self, envelope: _Optional[_Iterable[_Union[Envelope, _Mapping]]] = ...) -> None: ...

class Envelope(_message.Message):
    __slots__ = ("seq", "action", "ver", "extra", "message_chat", "ack_message", "ack_request", "ack_notify", "heartbeat", "message_read", "notify_read", "api_ok", "hello", "auth", "auth_ok", "error", "notify_close", "notify_kickout", "notify_login", "notify_logout", "message_chat_retry", "message_chat_resend", "message_failed_send", "api_auth_register", "api_auth_login", "api_auth_guest", "api_auth_refresh", "api_auth_logout", "api_auth_password", "api_users_me", "api_users_update", "api_users_list", "api_users_search", "api_messages_list", "api_messages_send", "api_sync")
    class ExtraEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SEQ_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    VER_FIELD_NUMBER: _ClassVar[int]
    EXTRA_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CHAT_FIELD_NUMBER: _ClassVar[int]
    ACK_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ACK_REQUEST_FIELD_NUMBER: _ClassVar[int]
    ACK_NOTIFY_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_READ_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_READ_FIELD_NUMBER: _ClassVar[int]
    API_OK_FIELD_NUMBER: _ClassVar[int]
    HELLO_FIELD_NUMBER: _ClassVar[int]
    AUTH_FIELD_NUMBER: _ClassVar[int]
    AUTH_OK_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_CLOSE_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_KICKOUT_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_LOGIN_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_LOGOUT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CHAT_RETRY_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CHAT_RESEND_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FAILED_SEND_FIELD_NUMBER: _ClassVar[int]
    API_AUTH_REGISTER_FIELD_NUMBER: _ClassVar[int]
    API_AUTH_LOGIN_FIELD_NUMBER: _ClassVar[int]
    API_AUTH_GUEST_FIELD_NUMBER: _ClassVar[int]
    API_AUTH_REFRESH_FIELD_NUMBER: _ClassVar[int]
    API_AUTH_LOGOUT_FIELD_NUMBER: _ClassVar[int]
    API_AUTH_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    API_USERS_ME_FIELD_NUMBER: _ClassVar[int]
    API_USERS_UPDATE_FIELD_NUMBER: _ClassVar[int]
    API_USERS_LIST_FIELD_NUMBER: _ClassVar[int]
    API_USERS_SEARCH_FIELD_NUMBER: _ClassVar[int]
    API_MESSAGES_LIST_FIELD_NUMBER: _ClassVar[int]
    API_MESSAGES_SEND_FIELD_NUMBER: _ClassVar[int]
    API_SYNC_FIELD_NUMBER: _ClassVar[int]
    seq: int
    action: str
    ver: int
    extra: _containers.ScalarMap[str, str]
    message_chat: Message
    ack_message: AckMessage
    ack_request: AckRequest
    ack_notify: AckNotify
    heartbeat: Heartbeat
    message_read: MessageRead
    notify_read: NotifyRead
    api_ok: ApiOk
    hello: Hello
    auth: Auth
    auth_ok: AuthOk
    error: Error
    notify_close: NotifyClose
    notify_kickout: NotifyKickout
    notify_login: NotifyDevice
    notify_logout: NotifyDevice
    message_chat_retry: Message
    message_chat_resend: Message
    message_failed_send: Error
    api_auth_register: Register
    api_auth_login: Login
    api_auth_guest: Guest
    api_auth_refresh: Empty
    api_auth_logout: Empty
    api_auth_password: ChangePassword
    api_users_me: Empty
    api_users_update: UpdateUser
    api_users_list: UsersQuery
    api_users_search: UserSearch
    api_messages_list: HistoryQuery
    api_messages_send: Message
    api_sync: Sync
    def __init__(self, seq: _Optional[int] = ..., action: _Optional[str] = ..., ver: _Optional[int] = ..., extra: _Optional[_Mapping[str, str]] = ..., message_chat: _Optional[_Union[Message, _Mapping]] = ..., ack_message: _Optional[_Union[AckMessage, _Mapping]] = ..., ack_request: _Optional[_Union[AckRequest, _Mapping]] = ..., ack_notify: _Optional[_Union[AckNotify, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., message_read: _Optional[_Union[MessageRead, _Mapping]] = ..., notify_read: _Optional[_Union[NotifyRead, _Mapping]] = ..., api_ok: _Optional[_Union[ApiOk, _Mapping]] = ..., hello: _Optional[_Union[Hello, _Mapping]] = ..., auth: _Optional[_Union[Auth, _Mapping]] = ..., auth_ok: _Optional[_Union[AuthOk, _Mapping]] = ..., error: _Optional[_Union[Error, _Mapping]] = ..., notify_close: _Optional[_Union[NotifyClose, _Mapping]] = ..., notify_kickout: _Optional[_Union[NotifyKickout, _Mapping]] = ..., notify_login: _Optional[_Union[NotifyDevice, _Mapping]] = ..., notify_logout: _Optional[_Union[NotifyDevice, _Mapping]] = ..., message_chat_retry: _Optional[_Union[Message, _Mapping]] = ..., message_chat_resend: _Optional[_Union[Message, _Mapping]] = ..., message_failed_send: _Optional[_Union[Error, _Mapping]] = ..., api_auth_register: _Optional[_Union[Register, _Mapping]] = ..., api_auth_login: _Optional[_Union[Login, _Mapping]] = ..., api_auth_guest: _Optional[_Union[Guest, _Mapping]] = ..., api_auth_refresh: _Optional[_Union[Empty, _Mapping]] = ..., api_auth_logout: _Optional[_Union[Empty, _Mapping]] = ..., api_auth_password: _Optional[_Union[ChangePassword, _Mapping]] = ..., api_users_me: _Optional[_Union[Empty, _Mapping]] = ..., api_users_update: _Optional[_Union[UpdateUser, _Mapping]] = ..., api_users_list: _Optional[_Union[UsersQuery, _Mapping]] = ..., api_users_search: _Optional[_Union[UserSearch, _Mapping]] = ..., api_messages_list: _Optional[_Union[HistoryQuery, _Mapping]] = ..., api_messages_send: _Optional[_Union[Message, _Mapping]] = ..., api_sync: _Optional[_Union[Sync, _Mapping]] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("server_time", "heartbeat", "max_frame", "conn_id", "server", "codecs")
    SERVER_TIME_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    MAX_FRAME_FIELD_NUMBER: _ClassVar[int]
    CONN_ID_FIELD_NUMBER: _ClassVar[int]
    SERVER_FIELD_NUMBER: _ClassVar[int]
    CODECS_FIELD_NUMBER: _ClassVar[int]
    server_time: int
    heartbeat: int
    max_frame: int
    conn_id: str
    server: str
    codecs: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, server_time: _Optional[int] = ..., heartbeat: _Optional[int] = ..., max_frame: _Optional[int] = ..., conn_id: _Optional[str] = ..., server: _Optional[str] = ..., codecs: _Optional[_Iterable[str]] = ...) -> None: ...

class Auth(_message.Message):
    __slots__ = ("token", "device", "device_id", "batch")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    token: str
    device: int
    device_id: str
    batch: bool
    def __init__(self, token: _Optional[str] = ..., device: _Optional[int] = ..., device_id: _Optional[str] = ..., batch: _Optional[bool] = ...) -> None: ...

class AuthOk(_message.Message):
    __slots__ = ("uid", "device", "server_time", "node")
    UID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    SERVER_TIME_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    uid: int
    device: int
    server_time: int
    node: str
    def __init__(self, uid: _Optional[int] = ..., device: _Optional[int] = ..., server_time: _Optional[int] = ..., node: _Optional[str] = ...) -> None: ...

class Error(_message.Message):
    __slots__ = ("code", "message", "retryable", "cli_mid")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RETRYABLE_FIELD_NUMBER: _ClassVar[int]
    CLI_MID_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    retryable: bool
    cli_mid: str
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., retryable: _Optional[bool] = ..., cli_mid: _Optional[str] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class NotifyClose(_message.Message):
    __slots__ = ("code", "reason", "reconnect_after")
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RECONNECT_AFTER_FIELD_NUMBER: _ClassVar[int]
    code: int
    reason: str
    reconnect_after: int
    def __init__(self, code: _Optional[int] = ..., reason: _Optional[str] = ..., reconnect_after: _Optional[int] = ...) -> None: ...

class NotifyKickout(_message.Message):
    __slots__ = ("device", "reason", "at")
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    device: int
    reason: str
    at: int
    def __init__(self, device: _Optional[int] = ..., reason: _Optional[str] = ..., at: _Optional[int] = ...) -> None: ...

class NotifyDevice(_message.Message):
    __slots__ = ("device", "at")
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    device: int
    at: int
    def __init__(self, device: _Optional[int] = ..., at: _Optional[int] = ...) -> None: ...

class Message(_message.Message):
    __slots__ = ("mid", "cli_mid", "conv", "seq", "to", "type", "content", "send_at", "status", "reply_to", "mentions", "extra")
    class ExtraEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    MID_FIELD_NUMBER: _ClassVar[int]
    CLI_MID_FIELD_NUMBER: _ClassVar[int]
    CONV_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    SEND_AT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REPLY_TO_FIELD_NUMBER: _ClassVar[int]
    MENTIONS_FIELD_NUMBER: _ClassVar[int]
    EXTRA_FIELD_NUMBER: _ClassVar[int]
    mid: int
    cli_mid: str
    conv: str
    seq: int
    to: int
    type: int
    content: str
    send_at: int
    status: int
    reply_to: int
    mentions: _containers.RepeatedScalarFieldContainer[int]
    extra: _containers.ScalarMap[str, str]
    def __init__(self, mid: _Optional[int] = ..., cli_mid: _Optional[str] = ..., conv: _Optional[str] = ..., seq: _Optional[int] = ..., to: _Optional[int] = ..., type: _Optional[int] = ..., content: _Optional[str] = ..., send_at: _Optional[int] = ..., status: _Optional[int] = ..., reply_to: _Optional[int] = ..., mentions: _Optional[_Iterable[int]] = ..., extra: _Optional[_Mapping[str, str]] = ..., **kwargs) -> None: ...

class AckMessage(_message.Message):
    __slots__ = ("mid", "cli_mid", "conv", "seq", "send_at")
    MID_FIELD_NUMBER: _ClassVar[int]
    CLI_MID_FIELD_NUMBER: _ClassVar[int]
    CONV_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    SEND_AT_FIELD_NUMBER: _ClassVar[int]
    mid: int
    cli_mid: str
    conv: str
    seq: int
    send_at: int
    def __init__(self, mid: _Optional[int] = ..., cli_mid: _Optional[str] = ..., conv: _Optional[str] = ..., seq: _Optional[int] = ..., send_at: _Optional[int] = ...) -> None: ...

class AckRequest(_message.Message):
    __slots__ = ("conv", "seq", "mid")
    CONV_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    MID_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    conv: str
    seq: int
    mid: int
    def __init__(self, conv: _Optional[str] = ..., seq: _Optional[int] = ..., mid: _Optional[int] = ..., **kwargs) -> None: ...

class AckNotify(_message.Message):
    __slots__ = ("mid", "cli_mid", "conv", "seq", "offline")
    MID_FIELD_NUMBER: _ClassVar[int]
    CLI_MID_FIELD_NUMBER: _ClassVar[int]
    CONV_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    OFFLINE_FIELD_NUMBER: _ClassVar[int]
    mid: int
    cli_mid: str
    conv: str
    seq: int
    offline: bool
    def __init__(self, mid: _Optional[int] = ..., cli_mid: _Optional[str] = ..., conv: _Optional[str] = ..., seq: _Optional[int] = ..., offline: _Optional[bool] = ..., **kwargs) -> None: ...

class MessageRead(_message.Message):
    __slots__ = ("conv", "seq")
    CONV_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    conv: str
    seq: int
    def __init__(self, conv: _Optional[str] = ..., seq: _Optional[int] = ...) -> None: ...

class NotifyRead(_message.Message):
    __slots__ = ("conv", "uid", "seq")
    CONV_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    conv: str
    uid: int
    seq: int
    def __init__(self, conv: _Optional[str] = ..., uid: _Optional[int] = ..., seq: _Optional[int] = ...) -> None: ...

class ApiOk(_message.Message):
    __slots__ = ("empty", "registered", "logged_in", "user", "user_list", "message_list", "ack_message", "synced")
    EMPTY_FIELD_NUMBER: _ClassVar[int]
    REGISTERED_FIELD_NUMBER: _ClassVar[int]
    LOGGED_IN_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    USER_LIST_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_LIST_FIELD_NUMBER: _ClassVar[int]
    ACK_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SYNCED_FIELD_NUMBER: _ClassVar[int]
    empty: Empty
    registered: Registered
    logged_in: LoggedIn
    user: User
    user_list: UserList
    message_list: MessageList
    ack_message: AckMessage
    synced: Synced
    def __init__(self, empty: _Optional[_Union[Empty, _Mapping]] = ..., registered: _Optional[_Union[Registered, _Mapping]] = ..., logged_in: _Optional[_Union[LoggedIn, _Mapping]] = ..., user: _Optional[_Union[User, _Mapping]] = ..., user_list: _Optional[_Union[UserList, _Mapping]] = ..., message_list: _Optional[_Union[MessageList, _Mapping]] = ..., ack_message: _Optional[_Union[AckMessage, _Mapping]] = ..., synced: _Optional[_Union[Synced, _Mapping]] = ...) -> None: ...

class Empty(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Register(_message.Message):
    __slots__ = ("account", "password", "nickname")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    NICKNAME_FIELD_NUMBER: _ClassVar[int]
    account: str
    password: str
    nickname: str
    def __init__(self, account: _Optional[str] = ..., password: _Optional[str] = ..., nickname: _Optional[str] = ...) -> None: ...

class Registered(_message.Message):
    __slots__ = ("uid",)
    UID_FIELD_NUMBER: _ClassVar[int]
    uid: int
    def __init__(self, uid: _Optional[int] = ...) -> None: ...

class Login(_message.Message):
    __slots__ = ("account", "password", "device", "device_id")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    account: str
    password: str
    device: int
    device_id: str
    def __init__(self, account: _Optional[str] = ..., password: _Optional[str] = ..., device: _Optional[int] = ..., device_id: _Optional[str] = ...) -> None: ...

class Guest(_message.Message):
    __slots__ = ("nickname", "device", "device_id")
    NICKNAME_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    nickname: str
    device: int
    device_id: str
    def __init__(self, nickname: _Optional[str] = ..., device: _Optional[int] = ..., device_id: _Optional[str] = ...) -> None: ...

class ChangePassword(_message.Message):
    __slots__ = ("old_password", "new_password")
    OLD_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    NEW_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    old_password: str
    new_password: str
    def __init__(self, old_password: _Optional[str] = ..., new_password: _Optional[str] = ...) -> None: ...

class Gateways(_message.Message):
    __slots__ = ("ws", "tcp")
    WS_FIELD_NUMBER: _ClassVar[int]
    TCP_FIELD_NUMBER: _ClassVar[int]
    ws: _containers.RepeatedScalarFieldContainer[str]
    tcp: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, ws: _Optional[_Iterable[str]] = ..., tcp: _Optional[_Iterable[str]] = ...) -> None: ...

class LoggedIn(_message.Message):
    __slots__ = ("token", "uid", "expires_at", "gateways")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    GATEWAYS_FIELD_NUMBER: _ClassVar[int]
    token: str
    uid: int
    expires_at: int
    gateways: Gateways
    def __init__(self, token: _Optional[str] = ..., uid: _Optional[int] = ..., expires_at: _Optional[int] = ..., gateways: _Optional[_Union[Gateways, _Mapping]] = ...) -> None: ...

class User(_message.Message):
    __slots__ = ("uid", "account", "nickname", "avatar")
    UID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    NICKNAME_FIELD_NUMBER: _ClassVar[int]
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    uid: int
    account: str
    nickname: str
    avatar: str
    def __init__(self, uid: _Optional[int] = ..., account: _Optional[str] = ..., nickname: _Optional[str] = ..., avatar: _Optional[str] = ...) -> None: ...

class UpdateUser(_message.Message):
    __slots__ = ("nickname", "avatar")
    NICKNAME_FIELD_NUMBER: _ClassVar[int]
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    nickname: str
    avatar: str
    def __init__(self, nickname: _Optional[str] = ..., avatar: _Optional[str] = ...) -> None: ...

class UsersQuery(_message.Message):
    __slots__ = ("uids",)
    UIDS_FIELD_NUMBER: _ClassVar[int]
    uids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, uids: _Optional[_Iterable[int]] = ...) -> None: ...

class UserSearch(_message.Message):
    __slots__ = ("q", "cursor", "limit")
    Q_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    q: str
    cursor: str
    limit: int
    def __init__(self, q: _Optional[str] = ..., cursor: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class UserList(_message.Message):
    __slots__ = ("items", "cursor")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[User]
    cursor: str
    def __init__(self, items: _Optional[_Iterable[_Union[User, _Mapping]]] = ..., cursor: _Optional[str] = ...) -> None: ...

class HistoryQuery(_message.Message):
    __slots__ = ("conv", "after", "before", "limit")
    CONV_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    conv: str
    after: int
    before: int
    limit: int
    def __init__(self, conv: _Optional[str] = ..., after: _Optional[int] = ..., before: _Optional[int] = ..., limit: _Optional[int] = ...) -> None: ...

class MessageList(_message.Message):
    __slots__ = ("items", "cursor")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[Message]
    cursor: str
    def __init__(self, items: _Optional[_Iterable[_Union[Message, _Mapping]]] = ..., cursor: _Optional[str] = ...) -> None: ...

class Sync(_message.Message):
    __slots__ = ("known", "cursor")
    class KnownEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    KNOWN_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    known: _containers.ScalarMap[str, int]
    cursor: str
    def __init__(self, known: _Optional[_Mapping[str, int]] = ..., cursor: _Optional[str] = ...) -> None: ...

class Conversation(_message.Message):
    __slots__ = ("conv", "last_seq", "read_seq", "unread", "updated_at", "last_message", "peer", "delivered_seq", "peer_delivered_seq", "peer_read_seq")
    CONV_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQ_FIELD_NUMBER: _ClassVar[int]
    READ_SEQ_FIELD_NUMBER: _ClassVar[int]
    UNREAD_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    LAST_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    PEER_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_SEQ_FIELD_NUMBER: _ClassVar[int]
    PEER_DELIVERED_SEQ_FIELD_NUMBER: _ClassVar[int]
    PEER_READ_SEQ_FIELD_NUMBER: _ClassVar[int]
    conv: str
    last_seq: int
    read_seq: int
    unread: int
    updated_at: int
    last_message: Message
    peer: User
    delivered_seq: int
    peer_delivered_seq: int
    peer_read_seq: int
    def __init__(self, conv: _Optional[str] = ..., last_seq: _Optional[int] = ..., read_seq: _Optional[int] = ..., unread: _Optional[int] = ..., updated_at: _Optional[int] = ..., last_message: _Optional[_Union[Message, _Mapping]] = ..., peer: _Optional[_Union[User, _Mapping]] = ..., delivered_seq: _Optional[int] = ..., peer_delivered_seq: _Optional[int] = ..., peer_read_seq: _Optional[int] = ...) -> None: ...

class Synced(_message.Message):
    __slots__ = ("conversations", "messages", "cursor", "more")
    class MessagesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: MessageList
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[MessageList, _Mapping]] = ...) -> None: ...
    CONVERSATIONS_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    conversations: _containers.RepeatedCompositeFieldContainer[Conversation]
    messages: _containers.MessageMap[str, MessageList]
    cursor: str
    more: bool
    def __init__(self, conversations: _Optional[_Iterable[_Union[Conversation, _Mapping]]] = ..., messages: _Optional[_Mapping[str, MessageList]] = ..., cursor: _Optional[str] = ..., more: _Optional[bool] = ...) -> None: ...
