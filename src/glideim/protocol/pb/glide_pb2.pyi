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
    __slots__ = ("seq", "action", "ver", "extra", "message_chat", "ack_message", "ack_request", "ack_notify", "heartbeat", "message_read", "notify_read", "api_ok", "message_group", "ack_group_msg", "message_stream", "hello", "auth", "auth_ok", "error", "notify_close", "notify_kickout", "notify_login", "notify_logout", "notify_group", "notify_contact", "notify_conversation", "message_chat_retry", "message_chat_resend", "message_failed_send", "message_group_retry", "message_chat_recall", "message_group_recall", "message_edit", "message_react", "notify_react", "message_pin", "notify_pin", "message_cli", "presence_sub", "notify_presence", "api_auth_register", "api_auth_login", "api_auth_guest", "api_auth_refresh", "api_auth_logout", "api_auth_password", "api_auth_sessions", "api_auth_end_session", "api_users_me", "api_users_update", "api_users_list", "api_users_search", "api_messages_list", "api_messages_send", "api_sync", "api_messages_search", "api_messages_recall", "api_messages_edit", "api_messages_react", "api_messages_pin", "api_contacts_list", "api_contacts_add", "api_contacts_requests", "api_contacts_accept", "api_contacts_reject", "api_contacts_update", "api_contacts_delete", "api_blocks_list", "api_blocks_add", "api_blocks_remove", "api_groups_create", "api_groups_list", "api_groups_info", "api_groups_update", "api_groups_dissolve", "api_groups_members", "api_groups_add_members", "api_groups_remove_member", "api_groups_update_member", "api_groups_join", "api_groups_leave", "api_groups_requests", "api_groups_accept", "api_groups_reject", "api_conversations_list", "api_conversations_update", "api_conversations_hide", "api_conversations_pins", "api_conversations_read", "api_presence_list", "api_files_list", "api_files_info", "api_files_delete", "api_files_begin", "api_files_append", "api_files_status", "api_files_cancel", "api_admin_create_user", "api_admin_create_token", "api_admin_ban", "api_admin_unban", "api_admin_end_sessions", "api_admin_keys", "api_admin_create_key", "api_admin_revoke_key", "api_admin_create_bot", "api_admin_update_bot", "api_admin_delete_bot", "api_admin_dead_letters", "api_admin_retry_dead_letter", "api_admin_delete_dead_letter", "api_admin_statistics")
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
    MESSAGE_GROUP_FIELD_NUMBER: _ClassVar[int]
    ACK_GROUP_MSG_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_STREAM_FIELD_NUMBER: _ClassVar[int]
    HELLO_FIELD_NUMBER: _ClassVar[int]
    AUTH_FIELD_NUMBER: _ClassVar[int]
    AUTH_OK_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_CLOSE_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_KICKOUT_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_LOGIN_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_LOGOUT_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_GROUP_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_CONTACT_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_CONVERSATION_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CHAT_RETRY_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CHAT_RESEND_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FAILED_SEND_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_GROUP_RETRY_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CHAT_RECALL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_GROUP_RECALL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_EDIT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_REACT_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_REACT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_PIN_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_PIN_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLI_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_SUB_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_PRESENCE_FIELD_NUMBER: _ClassVar[int]
    API_AUTH_REGISTER_FIELD_NUMBER: _ClassVar[int]
    API_AUTH_LOGIN_FIELD_NUMBER: _ClassVar[int]
    API_AUTH_GUEST_FIELD_NUMBER: _ClassVar[int]
    API_AUTH_REFRESH_FIELD_NUMBER: _ClassVar[int]
    API_AUTH_LOGOUT_FIELD_NUMBER: _ClassVar[int]
    API_AUTH_PASSWORD_FIELD_NUMBER: _ClassVar[int]
    API_AUTH_SESSIONS_FIELD_NUMBER: _ClassVar[int]
    API_AUTH_END_SESSION_FIELD_NUMBER: _ClassVar[int]
    API_USERS_ME_FIELD_NUMBER: _ClassVar[int]
    API_USERS_UPDATE_FIELD_NUMBER: _ClassVar[int]
    API_USERS_LIST_FIELD_NUMBER: _ClassVar[int]
    API_USERS_SEARCH_FIELD_NUMBER: _ClassVar[int]
    API_MESSAGES_LIST_FIELD_NUMBER: _ClassVar[int]
    API_MESSAGES_SEND_FIELD_NUMBER: _ClassVar[int]
    API_SYNC_FIELD_NUMBER: _ClassVar[int]
    API_MESSAGES_SEARCH_FIELD_NUMBER: _ClassVar[int]
    API_MESSAGES_RECALL_FIELD_NUMBER: _ClassVar[int]
    API_MESSAGES_EDIT_FIELD_NUMBER: _ClassVar[int]
    API_MESSAGES_REACT_FIELD_NUMBER: _ClassVar[int]
    API_MESSAGES_PIN_FIELD_NUMBER: _ClassVar[int]
    API_CONTACTS_LIST_FIELD_NUMBER: _ClassVar[int]
    API_CONTACTS_ADD_FIELD_NUMBER: _ClassVar[int]
    API_CONTACTS_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    API_CONTACTS_ACCEPT_FIELD_NUMBER: _ClassVar[int]
    API_CONTACTS_REJECT_FIELD_NUMBER: _ClassVar[int]
    API_CONTACTS_UPDATE_FIELD_NUMBER: _ClassVar[int]
    API_CONTACTS_DELETE_FIELD_NUMBER: _ClassVar[int]
    API_BLOCKS_LIST_FIELD_NUMBER: _ClassVar[int]
    API_BLOCKS_ADD_FIELD_NUMBER: _ClassVar[int]
    API_BLOCKS_REMOVE_FIELD_NUMBER: _ClassVar[int]
    API_GROUPS_CREATE_FIELD_NUMBER: _ClassVar[int]
    API_GROUPS_LIST_FIELD_NUMBER: _ClassVar[int]
    API_GROUPS_INFO_FIELD_NUMBER: _ClassVar[int]
    API_GROUPS_UPDATE_FIELD_NUMBER: _ClassVar[int]
    API_GROUPS_DISSOLVE_FIELD_NUMBER: _ClassVar[int]
    API_GROUPS_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    API_GROUPS_ADD_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    API_GROUPS_REMOVE_MEMBER_FIELD_NUMBER: _ClassVar[int]
    API_GROUPS_UPDATE_MEMBER_FIELD_NUMBER: _ClassVar[int]
    API_GROUPS_JOIN_FIELD_NUMBER: _ClassVar[int]
    API_GROUPS_LEAVE_FIELD_NUMBER: _ClassVar[int]
    API_GROUPS_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    API_GROUPS_ACCEPT_FIELD_NUMBER: _ClassVar[int]
    API_GROUPS_REJECT_FIELD_NUMBER: _ClassVar[int]
    API_CONVERSATIONS_LIST_FIELD_NUMBER: _ClassVar[int]
    API_CONVERSATIONS_UPDATE_FIELD_NUMBER: _ClassVar[int]
    API_CONVERSATIONS_HIDE_FIELD_NUMBER: _ClassVar[int]
    API_CONVERSATIONS_PINS_FIELD_NUMBER: _ClassVar[int]
    API_CONVERSATIONS_READ_FIELD_NUMBER: _ClassVar[int]
    API_PRESENCE_LIST_FIELD_NUMBER: _ClassVar[int]
    API_FILES_LIST_FIELD_NUMBER: _ClassVar[int]
    API_FILES_INFO_FIELD_NUMBER: _ClassVar[int]
    API_FILES_DELETE_FIELD_NUMBER: _ClassVar[int]
    API_FILES_BEGIN_FIELD_NUMBER: _ClassVar[int]
    API_FILES_APPEND_FIELD_NUMBER: _ClassVar[int]
    API_FILES_STATUS_FIELD_NUMBER: _ClassVar[int]
    API_FILES_CANCEL_FIELD_NUMBER: _ClassVar[int]
    API_ADMIN_CREATE_USER_FIELD_NUMBER: _ClassVar[int]
    API_ADMIN_CREATE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    API_ADMIN_BAN_FIELD_NUMBER: _ClassVar[int]
    API_ADMIN_UNBAN_FIELD_NUMBER: _ClassVar[int]
    API_ADMIN_END_SESSIONS_FIELD_NUMBER: _ClassVar[int]
    API_ADMIN_KEYS_FIELD_NUMBER: _ClassVar[int]
    API_ADMIN_CREATE_KEY_FIELD_NUMBER: _ClassVar[int]
    API_ADMIN_REVOKE_KEY_FIELD_NUMBER: _ClassVar[int]
    API_ADMIN_CREATE_BOT_FIELD_NUMBER: _ClassVar[int]
    API_ADMIN_UPDATE_BOT_FIELD_NUMBER: _ClassVar[int]
    API_ADMIN_DELETE_BOT_FIELD_NUMBER: _ClassVar[int]
    API_ADMIN_DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    API_ADMIN_RETRY_DEAD_LETTER_FIELD_NUMBER: _ClassVar[int]
    API_ADMIN_DELETE_DEAD_LETTER_FIELD_NUMBER: _ClassVar[int]
    API_ADMIN_STATISTICS_FIELD_NUMBER: _ClassVar[int]
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
    message_group: Message
    ack_group_msg: AckGroup
    message_stream: Stream
    hello: Hello
    auth: Auth
    auth_ok: AuthOk
    error: Error
    notify_close: NotifyClose
    notify_kickout: NotifyKickout
    notify_login: NotifyDevice
    notify_logout: NotifyDevice
    notify_group: NotifyGroup
    notify_contact: NotifyContact
    notify_conversation: NotifyConversation
    message_chat_retry: Message
    message_chat_resend: Message
    message_failed_send: Error
    message_group_retry: Message
    message_chat_recall: Recall
    message_group_recall: Recall
    message_edit: Message
    message_react: React
    notify_react: NotifyReact
    message_pin: Pin
    notify_pin: Pin
    message_cli: Transient
    presence_sub: PresenceQuery
    notify_presence: NotifyPresence
    api_auth_register: Register
    api_auth_login: Login
    api_auth_guest: Guest
    api_auth_refresh: Empty
    api_auth_logout: Empty
    api_auth_password: ChangePassword
    api_auth_sessions: PageQuery
    api_auth_end_session: EndSession
    api_users_me: Empty
    api_users_update: UpdateUser
    api_users_list: UsersQuery
    api_users_search: UserSearch
    api_messages_list: HistoryQuery
    api_messages_send: Message
    api_sync: Sync
    api_messages_search: MessageSearch
    api_messages_recall: Recall
    api_messages_edit: Edit
    api_messages_react: React
    api_messages_pin: Pin
    api_contacts_list: PageQuery
    api_contacts_add: AddContact
    api_contacts_requests: PageQuery
    api_contacts_accept: AnswerContact
    api_contacts_reject: AnswerContact
    api_contacts_update: UpdateContact
    api_contacts_delete: PersonQuery
    api_blocks_list: PageQuery
    api_blocks_add: PersonQuery
    api_blocks_remove: PersonQuery
    api_groups_create: CreateGroup
    api_groups_list: PageQuery
    api_groups_info: GroupQuery
    api_groups_update: UpdateGroup
    api_groups_dissolve: GroupQuery
    api_groups_members: GroupPageQuery
    api_groups_add_members: AddMembers
    api_groups_remove_member: GroupMember
    api_groups_update_member: UpdateMember
    api_groups_join: JoinGroup
    api_groups_leave: GroupQuery
    api_groups_requests: GroupPageQuery
    api_groups_accept: GroupMember
    api_groups_reject: GroupMember
    api_conversations_list: PageQuery
    api_conversations_update: UpdateConversation
    api_conversations_hide: ConversationQuery
    api_conversations_pins: ConversationQuery
    api_conversations_read: MessageRead
    api_presence_list: PresenceQuery
    api_files_list: PageQuery
    api_files_info: FileQuery
    api_files_delete: FileQuery
    api_files_begin: BeginUpload
    api_files_append: AppendUpload
    api_files_status: UploadQuery
    api_files_cancel: UploadQuery
    api_admin_create_user: NewAccount
    api_admin_create_token: NewToken
    api_admin_ban: PersonQuery
    api_admin_unban: PersonQuery
    api_admin_end_sessions: PersonQuery
    api_admin_keys: Empty
    api_admin_create_key: NewKey
    api_admin_revoke_key: KeyQuery
    api_admin_create_bot: NewBot
    api_admin_update_bot: UpdateBot
    api_admin_delete_bot: PersonQuery
    api_admin_dead_letters: PageQuery
    api_admin_retry_dead_letter: DeadLetterQuery
    api_admin_delete_dead_letter: DeadLetterQuery
    api_admin_statistics: Empty
    def __init__(self, seq: _Optional[int] = ..., action: _Optional[str] = ..., ver: _Optional[int] = ..., extra: _Optional[_Mapping[str, str]] = ..., message_chat: _Optional[_Union[Message, _Mapping]] = ..., ack_message: _Optional[_Union[AckMessage, _Mapping]] = ..., ack_request: _Optional[_Union[AckRequest, _Mapping]] = ..., ack_notify: _Optional[_Union[AckNotify, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., message_read: _Optional[_Union[MessageRead, _Mapping]] = ..., notify_read: _Optional[_Union[NotifyRead, _Mapping]] = ..., api_ok: _Optional[_Union[ApiOk, _Mapping]] = ..., message_group: _Optional[_Union[Message, _Mapping]] = ..., ack_group_msg: _Optional[_Union[AckGroup, _Mapping]] = ..., message_stream: _Optional[_Union[Stream, _Mapping]] = ..., hello: _Optional[_Union[Hello, _Mapping]] = ..., auth: _Optional[_Union[Auth, _Mapping]] = ..., auth_ok: _Optional[_Union[AuthOk, _Mapping]] = ..., error: _Optional[_Union[Error, _Mapping]] = ..., notify_close: _Optional[_Union[NotifyClose, _Mapping]] = ..., notify_kickout: _Optional[_Union[NotifyKickout, _Mapping]] = ..., notify_login: _Optional[_Union[NotifyDevice, _Mapping]] = ..., notify_logout: _Optional[_Union[NotifyDevice, _Mapping]] = ..., notify_group: _Optional[_Union[NotifyGroup, _Mapping]] = ..., notify_contact: _Optional[_Union[NotifyContact, _Mapping]] = ..., notify_conversation: _Optional[_Union[NotifyConversation, _Mapping]] = ..., message_chat_retry: _Optional[_Union[Message, _Mapping]] = ..., message_chat_resend: _Optional[_Union[Message, _Mapping]] = ..., message_failed_send: _Optional[_Union[Error, _Mapping]] = ..., message_group_retry: _Optional[_Union[Message, _Mapping]] = ..., message_chat_recall: _Optional[_Union[Recall, _Mapping]] = ..., message_group_recall: _Optional[_Union[Recall, _Mapping]] = ..., message_edit: _Optional[_Union[Message, _Mapping]] = ..., message_react: _Optional[_Union[React, _Mapping]] = ..., notify_react: _Optional[_Union[NotifyReact, _Mapping]] = ..., message_pin: _Optional[_Union[Pin, _Mapping]] = ..., notify_pin: _Optional[_Union[Pin, _Mapping]] = ..., message_cli: _Optional[_Union[Transient, _Mapping]] = ..., presence_sub: _Optional[_Union[PresenceQuery, _Mapping]] = ..., notify_presence: _Optional[_Union[NotifyPresence, _Mapping]] = ..., api_auth_register: _Optional[_Union[Register, _Mapping]] = ..., api_auth_login: _Optional[_Union[Login, _Mapping]] = ..., api_auth_guest: _Optional[_Union[Guest, _Mapping]] = ..., api_auth_refresh: _Optional[_Union[Empty, _Mapping]] = ..., api_auth_logout: _Optional[_Union[Empty, _Mapping]] = ..., api_auth_password: _Optional[_Union[ChangePassword, _Mapping]] = ..., api_auth_sessions: _Optional[_Union[PageQuery, _Mapping]] = ..., api_auth_end_session: _Optional[_Union[EndSession, _Mapping]] = ..., api_users_me: _Optional[_Union[Empty, _Mapping]] = ..., api_users_update: _Optional[_Union[UpdateUser, _Mapping]] = ..., api_users_list: _Optional[_Union[UsersQuery, _Mapping]] = ..., api_users_search: _Optional[_Union[UserSearch, _Mapping]] = ..., api_messages_list: _Optional[_Union[HistoryQuery, _Mapping]] = ..., api_messages_send: _Optional[_Union[Message, _Mapping]] = ..., api_sync: _Optional[_Union[Sync, _Mapping]] = ..., api_messages_search: _Optional[_Union[MessageSearch, _Mapping]] = ..., api_messages_recall: _Optional[_Union[Recall, _Mapping]] = ..., api_messages_edit: _Optional[_Union[Edit, _Mapping]] = ..., api_messages_react: _Optional[_Union[React, _Mapping]] = ..., api_messages_pin: _Optional[_Union[Pin, _Mapping]] = ..., api_contacts_list: _Optional[_Union[PageQuery, _Mapping]] = ..., api_contacts_add: _Optional[_Union[AddContact, _Mapping]] = ..., api_contacts_requests: _Optional[_Union[PageQuery, _Mapping]] = ..., api_contacts_accept: _Optional[_Union[AnswerContact, _Mapping]] = ..., api_contacts_reject: _Optional[_Union[AnswerContact, _Mapping]] = ..., api_contacts_update: _Optional[_Union[UpdateContact, _Mapping]] = ..., api_contacts_delete: _Optional[_Union[PersonQuery, _Mapping]] = ..., api_blocks_list: _Optional[_Union[PageQuery, _Mapping]] = ..., api_blocks_add: _Optional[_Union[PersonQuery, _Mapping]] = ..., api_blocks_remove: _Optional[_Union[PersonQuery, _Mapping]] = ..., api_groups_create: _Optional[_Union[CreateGroup, _Mapping]] = ..., api_groups_list: _Optional[_Union[PageQuery, _Mapping]] = ..., api_groups_info: _Optional[_Union[GroupQuery, _Mapping]] = ..., api_groups_update: _Optional[_Union[UpdateGroup, _Mapping]] = ..., api_groups_dissolve: _Optional[_Union[GroupQuery, _Mapping]] = ..., api_groups_members: _Optional[_Union[GroupPageQuery, _Mapping]] = ..., api_groups_add_members: _Optional[_Union[AddMembers, _Mapping]] = ..., api_groups_remove_member: _Optional[_Union[GroupMember, _Mapping]] = ..., api_groups_update_member: _Optional[_Union[UpdateMember, _Mapping]] = ..., api_groups_join: _Optional[_Union[JoinGroup, _Mapping]] = ..., api_groups_leave: _Optional[_Union[GroupQuery, _Mapping]] = ..., api_groups_requests: _Optional[_Union[GroupPageQuery, _Mapping]] = ..., api_groups_accept: _Optional[_Union[GroupMember, _Mapping]] = ..., api_groups_reject: _Optional[_Union[GroupMember, _Mapping]] = ..., api_conversations_list: _Optional[_Union[PageQuery, _Mapping]] = ..., api_conversations_update: _Optional[_Union[UpdateConversation, _Mapping]] = ..., api_conversations_hide: _Optional[_Union[ConversationQuery, _Mapping]] = ..., api_conversations_pins: _Optional[_Union[ConversationQuery, _Mapping]] = ..., api_conversations_read: _Optional[_Union[MessageRead, _Mapping]] = ..., api_presence_list: _Optional[_Union[PresenceQuery, _Mapping]] = ..., api_files_list: _Optional[_Union[PageQuery, _Mapping]] = ..., api_files_info: _Optional[_Union[FileQuery, _Mapping]] = ..., api_files_delete: _Optional[_Union[FileQuery, _Mapping]] = ..., api_files_begin: _Optional[_Union[BeginUpload, _Mapping]] = ..., api_files_append: _Optional[_Union[AppendUpload, _Mapping]] = ..., api_files_status: _Optional[_Union[UploadQuery, _Mapping]] = ..., api_files_cancel: _Optional[_Union[UploadQuery, _Mapping]] = ..., api_admin_create_user: _Optional[_Union[NewAccount, _Mapping]] = ..., api_admin_create_token: _Optional[_Union[NewToken, _Mapping]] = ..., api_admin_ban: _Optional[_Union[PersonQuery, _Mapping]] = ..., api_admin_unban: _Optional[_Union[PersonQuery, _Mapping]] = ..., api_admin_end_sessions: _Optional[_Union[PersonQuery, _Mapping]] = ..., api_admin_keys: _Optional[_Union[Empty, _Mapping]] = ..., api_admin_create_key: _Optional[_Union[NewKey, _Mapping]] = ..., api_admin_revoke_key: _Optional[_Union[KeyQuery, _Mapping]] = ..., api_admin_create_bot: _Optional[_Union[NewBot, _Mapping]] = ..., api_admin_update_bot: _Optional[_Union[UpdateBot, _Mapping]] = ..., api_admin_delete_bot: _Optional[_Union[PersonQuery, _Mapping]] = ..., api_admin_dead_letters: _Optional[_Union[PageQuery, _Mapping]] = ..., api_admin_retry_dead_letter: _Optional[_Union[DeadLetterQuery, _Mapping]] = ..., api_admin_delete_dead_letter: _Optional[_Union[DeadLetterQuery, _Mapping]] = ..., api_admin_statistics: _Optional[_Union[Empty, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("mid", "cli_mid", "conv", "seq", "to", "type", "content", "send_at", "status", "reply_to", "mentions", "extra", "reactions", "pinned", "expire_at")
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
    REACTIONS_FIELD_NUMBER: _ClassVar[int]
    PINNED_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_AT_FIELD_NUMBER: _ClassVar[int]
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
    reactions: _containers.RepeatedCompositeFieldContainer[Reaction]
    pinned: bool
    expire_at: int
    def __init__(self, mid: _Optional[int] = ..., cli_mid: _Optional[str] = ..., conv: _Optional[str] = ..., seq: _Optional[int] = ..., to: _Optional[int] = ..., type: _Optional[int] = ..., content: _Optional[str] = ..., send_at: _Optional[int] = ..., status: _Optional[int] = ..., reply_to: _Optional[int] = ..., mentions: _Optional[_Iterable[int]] = ..., extra: _Optional[_Mapping[str, str]] = ..., reactions: _Optional[_Iterable[_Union[Reaction, _Mapping]]] = ..., pinned: _Optional[bool] = ..., expire_at: _Optional[int] = ..., **kwargs) -> None: ...

class Reaction(_message.Message):
    __slots__ = ("key", "count", "mine")
    KEY_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    MINE_FIELD_NUMBER: _ClassVar[int]
    key: str
    count: int
    mine: bool
    def __init__(self, key: _Optional[str] = ..., count: _Optional[int] = ..., mine: _Optional[bool] = ...) -> None: ...

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
    __slots__ = ("empty", "registered", "logged_in", "user", "user_list", "message_list", "ack_message", "synced", "session_list", "recall", "message", "notify_react", "pin", "contact_list", "contact_request", "contact_request_list", "contact", "group", "group_list", "member_list", "members_added", "member", "group_joined", "join_request_list", "conversation_list", "conversation", "presence_list", "file_list", "file_info", "upload", "key_list", "key_info", "bot", "dead_letter_list", "statistics")
    EMPTY_FIELD_NUMBER: _ClassVar[int]
    REGISTERED_FIELD_NUMBER: _ClassVar[int]
    LOGGED_IN_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    USER_LIST_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_LIST_FIELD_NUMBER: _ClassVar[int]
    ACK_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SYNCED_FIELD_NUMBER: _ClassVar[int]
    SESSION_LIST_FIELD_NUMBER: _ClassVar[int]
    RECALL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_REACT_FIELD_NUMBER: _ClassVar[int]
    PIN_FIELD_NUMBER: _ClassVar[int]
    CONTACT_LIST_FIELD_NUMBER: _ClassVar[int]
    CONTACT_REQUEST_FIELD_NUMBER: _ClassVar[int]
    CONTACT_REQUEST_LIST_FIELD_NUMBER: _ClassVar[int]
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    GROUP_LIST_FIELD_NUMBER: _ClassVar[int]
    MEMBER_LIST_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_ADDED_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    GROUP_JOINED_FIELD_NUMBER: _ClassVar[int]
    JOIN_REQUEST_LIST_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_LIST_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_LIST_FIELD_NUMBER: _ClassVar[int]
    FILE_LIST_FIELD_NUMBER: _ClassVar[int]
    FILE_INFO_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_FIELD_NUMBER: _ClassVar[int]
    KEY_LIST_FIELD_NUMBER: _ClassVar[int]
    KEY_INFO_FIELD_NUMBER: _ClassVar[int]
    BOT_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTER_LIST_FIELD_NUMBER: _ClassVar[int]
    STATISTICS_FIELD_NUMBER: _ClassVar[int]
    empty: Empty
    registered: Registered
    logged_in: LoggedIn
    user: User
    user_list: UserList
    message_list: MessageList
    ack_message: AckMessage
    synced: Synced
    session_list: SessionList
    recall: Recall
    message: Message
    notify_react: NotifyReact
    pin: Pin
    contact_list: ContactList
    contact_request: ContactRequest
    contact_request_list: ContactRequestList
    contact: Contact
    group: Group
    group_list: GroupList
    member_list: MemberList
    members_added: MembersAdded
    member: Member
    group_joined: GroupJoined
    join_request_list: JoinRequestList
    conversation_list: ConversationList
    conversation: Conversation
    presence_list: PresenceList
    file_list: FileList
    file_info: FileInfo
    upload: Upload
    key_list: KeyList
    key_info: KeyInfo
    bot: Bot
    dead_letter_list: DeadLetterList
    statistics: Statistics
    def __init__(self, empty: _Optional[_Union[Empty, _Mapping]] = ..., registered: _Optional[_Union[Registered, _Mapping]] = ..., logged_in: _Optional[_Union[LoggedIn, _Mapping]] = ..., user: _Optional[_Union[User, _Mapping]] = ..., user_list: _Optional[_Union[UserList, _Mapping]] = ..., message_list: _Optional[_Union[MessageList, _Mapping]] = ..., ack_message: _Optional[_Union[AckMessage, _Mapping]] = ..., synced: _Optional[_Union[Synced, _Mapping]] = ..., session_list: _Optional[_Union[SessionList, _Mapping]] = ..., recall: _Optional[_Union[Recall, _Mapping]] = ..., message: _Optional[_Union[Message, _Mapping]] = ..., notify_react: _Optional[_Union[NotifyReact, _Mapping]] = ..., pin: _Optional[_Union[Pin, _Mapping]] = ..., contact_list: _Optional[_Union[ContactList, _Mapping]] = ..., contact_request: _Optional[_Union[ContactRequest, _Mapping]] = ..., contact_request_list: _Optional[_Union[ContactRequestList, _Mapping]] = ..., contact: _Optional[_Union[Contact, _Mapping]] = ..., group: _Optional[_Union[Group, _Mapping]] = ..., group_list: _Optional[_Union[GroupList, _Mapping]] = ..., member_list: _Optional[_Union[MemberList, _Mapping]] = ..., members_added: _Optional[_Union[MembersAdded, _Mapping]] = ..., member: _Optional[_Union[Member, _Mapping]] = ..., group_joined: _Optional[_Union[GroupJoined, _Mapping]] = ..., join_request_list: _Optional[_Union[JoinRequestList, _Mapping]] = ..., conversation_list: _Optional[_Union[ConversationList, _Mapping]] = ..., conversation: _Optional[_Union[Conversation, _Mapping]] = ..., presence_list: _Optional[_Union[PresenceList, _Mapping]] = ..., file_list: _Optional[_Union[FileList, _Mapping]] = ..., file_info: _Optional[_Union[FileInfo, _Mapping]] = ..., upload: _Optional[_Union[Upload, _Mapping]] = ..., key_list: _Optional[_Union[KeyList, _Mapping]] = ..., key_info: _Optional[_Union[KeyInfo, _Mapping]] = ..., bot: _Optional[_Union[Bot, _Mapping]] = ..., dead_letter_list: _Optional[_Union[DeadLetterList, _Mapping]] = ..., statistics: _Optional[_Union[Statistics, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("uid", "account", "nickname", "avatar", "bot", "presence")
    UID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    NICKNAME_FIELD_NUMBER: _ClassVar[int]
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    BOT_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    uid: int
    account: str
    nickname: str
    avatar: str
    bot: bool
    presence: str
    def __init__(self, uid: _Optional[int] = ..., account: _Optional[str] = ..., nickname: _Optional[str] = ..., avatar: _Optional[str] = ..., bot: _Optional[bool] = ..., presence: _Optional[str] = ...) -> None: ...

class UpdateUser(_message.Message):
    __slots__ = ("nickname", "avatar", "presence")
    NICKNAME_FIELD_NUMBER: _ClassVar[int]
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    nickname: str
    avatar: str
    presence: str
    def __init__(self, nickname: _Optional[str] = ..., avatar: _Optional[str] = ..., presence: _Optional[str] = ...) -> None: ...

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
    __slots__ = ("conv", "last_seq", "read_seq", "unread", "updated_at", "last_message", "peer", "delivered_seq", "peer_delivered_seq", "peer_read_seq", "group", "pinned", "muted", "hidden", "expire_after")
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
    GROUP_FIELD_NUMBER: _ClassVar[int]
    PINNED_FIELD_NUMBER: _ClassVar[int]
    MUTED_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_AFTER_FIELD_NUMBER: _ClassVar[int]
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
    group: Group
    pinned: bool
    muted: bool
    hidden: bool
    expire_after: int
    def __init__(self, conv: _Optional[str] = ..., last_seq: _Optional[int] = ..., read_seq: _Optional[int] = ..., unread: _Optional[int] = ..., updated_at: _Optional[int] = ..., last_message: _Optional[_Union[Message, _Mapping]] = ..., peer: _Optional[_Union[User, _Mapping]] = ..., delivered_seq: _Optional[int] = ..., peer_delivered_seq: _Optional[int] = ..., peer_read_seq: _Optional[int] = ..., group: _Optional[_Union[Group, _Mapping]] = ..., pinned: _Optional[bool] = ..., muted: _Optional[bool] = ..., hidden: _Optional[bool] = ..., expire_after: _Optional[int] = ...) -> None: ...

class ConversationList(_message.Message):
    __slots__ = ("items", "cursor")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[Conversation]
    cursor: str
    def __init__(self, items: _Optional[_Iterable[_Union[Conversation, _Mapping]]] = ..., cursor: _Optional[str] = ...) -> None: ...

class Synced(_message.Message):
    __slots__ = ("conversations", "messages", "cursor", "more", "gone")
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
    GONE_FIELD_NUMBER: _ClassVar[int]
    conversations: _containers.RepeatedCompositeFieldContainer[Conversation]
    messages: _containers.MessageMap[str, MessageList]
    cursor: str
    more: bool
    gone: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, conversations: _Optional[_Iterable[_Union[Conversation, _Mapping]]] = ..., messages: _Optional[_Mapping[str, MessageList]] = ..., cursor: _Optional[str] = ..., more: _Optional[bool] = ..., gone: _Optional[_Iterable[str]] = ...) -> None: ...

class AckGroup(_message.Message):
    __slots__ = ("to", "seq")
    TO_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    to: int
    seq: int
    def __init__(self, to: _Optional[int] = ..., seq: _Optional[int] = ...) -> None: ...

class Recall(_message.Message):
    __slots__ = ("conv", "seq", "to", "mid", "recall_by", "at")
    CONV_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    MID_FIELD_NUMBER: _ClassVar[int]
    RECALL_BY_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    conv: str
    seq: int
    to: int
    mid: int
    recall_by: int
    at: int
    def __init__(self, conv: _Optional[str] = ..., seq: _Optional[int] = ..., to: _Optional[int] = ..., mid: _Optional[int] = ..., recall_by: _Optional[int] = ..., at: _Optional[int] = ...) -> None: ...

class React(_message.Message):
    __slots__ = ("conv", "seq", "key", "on")
    CONV_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    ON_FIELD_NUMBER: _ClassVar[int]
    conv: str
    seq: int
    key: str
    on: bool
    def __init__(self, conv: _Optional[str] = ..., seq: _Optional[int] = ..., key: _Optional[str] = ..., on: _Optional[bool] = ...) -> None: ...

class NotifyReact(_message.Message):
    __slots__ = ("conv", "seq", "key", "count", "uid", "on")
    CONV_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    ON_FIELD_NUMBER: _ClassVar[int]
    conv: str
    seq: int
    key: str
    count: int
    uid: int
    on: bool
    def __init__(self, conv: _Optional[str] = ..., seq: _Optional[int] = ..., key: _Optional[str] = ..., count: _Optional[int] = ..., uid: _Optional[int] = ..., on: _Optional[bool] = ...) -> None: ...

class Pin(_message.Message):
    __slots__ = ("conv", "seq", "on", "by", "at")
    CONV_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    ON_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    conv: str
    seq: int
    on: bool
    by: int
    at: int
    def __init__(self, conv: _Optional[str] = ..., seq: _Optional[int] = ..., on: _Optional[bool] = ..., by: _Optional[int] = ..., at: _Optional[int] = ...) -> None: ...

class Transient(_message.Message):
    __slots__ = ("conv", "to", "type", "content")
    CONV_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    conv: str
    to: int
    type: int
    content: str
    def __init__(self, conv: _Optional[str] = ..., to: _Optional[int] = ..., type: _Optional[int] = ..., content: _Optional[str] = ..., **kwargs) -> None: ...

class Stream(_message.Message):
    __slots__ = ("conv", "to", "stream_id", "op", "content", "offset", "mid", "seq", "type")
    CONV_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    OP_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    MID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    conv: str
    to: int
    stream_id: str
    op: str
    content: str
    offset: int
    mid: int
    seq: int
    type: int
    def __init__(self, conv: _Optional[str] = ..., to: _Optional[int] = ..., stream_id: _Optional[str] = ..., op: _Optional[str] = ..., content: _Optional[str] = ..., offset: _Optional[int] = ..., mid: _Optional[int] = ..., seq: _Optional[int] = ..., type: _Optional[int] = ..., **kwargs) -> None: ...

class NotifyGroup(_message.Message):
    __slots__ = ("gid", "seq", "type", "by", "uids", "value", "at")
    GID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    UIDS_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    gid: int
    seq: int
    type: str
    by: int
    uids: _containers.RepeatedScalarFieldContainer[int]
    value: str
    at: int
    def __init__(self, gid: _Optional[int] = ..., seq: _Optional[int] = ..., type: _Optional[str] = ..., by: _Optional[int] = ..., uids: _Optional[_Iterable[int]] = ..., value: _Optional[str] = ..., at: _Optional[int] = ...) -> None: ...

class NotifyContact(_message.Message):
    __slots__ = ("uid", "type", "remark", "at")
    UID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    REMARK_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    uid: int
    type: str
    remark: str
    at: int
    def __init__(self, uid: _Optional[int] = ..., type: _Optional[str] = ..., remark: _Optional[str] = ..., at: _Optional[int] = ...) -> None: ...

class NotifyConversation(_message.Message):
    __slots__ = ("conv", "pinned", "muted", "hidden", "expire_after", "by", "at")
    CONV_FIELD_NUMBER: _ClassVar[int]
    PINNED_FIELD_NUMBER: _ClassVar[int]
    MUTED_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_AFTER_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    conv: str
    pinned: bool
    muted: bool
    hidden: bool
    expire_after: int
    by: int
    at: int
    def __init__(self, conv: _Optional[str] = ..., pinned: _Optional[bool] = ..., muted: _Optional[bool] = ..., hidden: _Optional[bool] = ..., expire_after: _Optional[int] = ..., by: _Optional[int] = ..., at: _Optional[int] = ...) -> None: ...

class PresenceQuery(_message.Message):
    __slots__ = ("uids",)
    UIDS_FIELD_NUMBER: _ClassVar[int]
    uids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, uids: _Optional[_Iterable[int]] = ...) -> None: ...

class NotifyPresence(_message.Message):
    __slots__ = ("uid", "online", "devices", "at")
    UID_FIELD_NUMBER: _ClassVar[int]
    ONLINE_FIELD_NUMBER: _ClassVar[int]
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    uid: int
    online: bool
    devices: _containers.RepeatedScalarFieldContainer[int]
    at: int
    def __init__(self, uid: _Optional[int] = ..., online: _Optional[bool] = ..., devices: _Optional[_Iterable[int]] = ..., at: _Optional[int] = ...) -> None: ...

class EndSession(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: int
    def __init__(self, session_id: _Optional[int] = ...) -> None: ...

class MessageSearch(_message.Message):
    __slots__ = ("q", "conv", "type", "after", "before", "cursor", "limit")
    Q_FIELD_NUMBER: _ClassVar[int]
    CONV_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    q: str
    conv: str
    type: int
    after: int
    before: int
    cursor: str
    limit: int
    def __init__(self, q: _Optional[str] = ..., conv: _Optional[str] = ..., type: _Optional[int] = ..., after: _Optional[int] = ..., before: _Optional[int] = ..., cursor: _Optional[str] = ..., limit: _Optional[int] = ..., **kwargs) -> None: ...

class Edit(_message.Message):
    __slots__ = ("conv", "seq", "content")
    CONV_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    conv: str
    seq: int
    content: str
    def __init__(self, conv: _Optional[str] = ..., seq: _Optional[int] = ..., content: _Optional[str] = ...) -> None: ...

class PageQuery(_message.Message):
    __slots__ = ("cursor", "limit")
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    cursor: str
    limit: int
    def __init__(self, cursor: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class AddContact(_message.Message):
    __slots__ = ("uid", "message", "remark")
    UID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REMARK_FIELD_NUMBER: _ClassVar[int]
    uid: int
    message: str
    remark: str
    def __init__(self, uid: _Optional[int] = ..., message: _Optional[str] = ..., remark: _Optional[str] = ...) -> None: ...

class AnswerContact(_message.Message):
    __slots__ = ("uid", "remark")
    UID_FIELD_NUMBER: _ClassVar[int]
    REMARK_FIELD_NUMBER: _ClassVar[int]
    uid: int
    remark: str
    def __init__(self, uid: _Optional[int] = ..., remark: _Optional[str] = ...) -> None: ...

class UpdateContact(_message.Message):
    __slots__ = ("uid", "remark")
    UID_FIELD_NUMBER: _ClassVar[int]
    REMARK_FIELD_NUMBER: _ClassVar[int]
    uid: int
    remark: str
    def __init__(self, uid: _Optional[int] = ..., remark: _Optional[str] = ...) -> None: ...

class PersonQuery(_message.Message):
    __slots__ = ("uid",)
    UID_FIELD_NUMBER: _ClassVar[int]
    uid: int
    def __init__(self, uid: _Optional[int] = ...) -> None: ...

class CreateGroup(_message.Message):
    __slots__ = ("name", "avatar", "announcement", "join_mode", "history", "invite", "uids")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    ANNOUNCEMENT_FIELD_NUMBER: _ClassVar[int]
    JOIN_MODE_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    INVITE_FIELD_NUMBER: _ClassVar[int]
    UIDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    avatar: str
    announcement: str
    join_mode: str
    history: str
    invite: str
    uids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, name: _Optional[str] = ..., avatar: _Optional[str] = ..., announcement: _Optional[str] = ..., join_mode: _Optional[str] = ..., history: _Optional[str] = ..., invite: _Optional[str] = ..., uids: _Optional[_Iterable[int]] = ...) -> None: ...

class GroupQuery(_message.Message):
    __slots__ = ("gid",)
    GID_FIELD_NUMBER: _ClassVar[int]
    gid: int
    def __init__(self, gid: _Optional[int] = ...) -> None: ...

class UpdateGroup(_message.Message):
    __slots__ = ("gid", "name", "avatar", "announcement", "join_mode", "history", "invite", "muted_until")
    GID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    ANNOUNCEMENT_FIELD_NUMBER: _ClassVar[int]
    JOIN_MODE_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    INVITE_FIELD_NUMBER: _ClassVar[int]
    MUTED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    gid: int
    name: str
    avatar: str
    announcement: str
    join_mode: str
    history: str
    invite: str
    muted_until: int
    def __init__(self, gid: _Optional[int] = ..., name: _Optional[str] = ..., avatar: _Optional[str] = ..., announcement: _Optional[str] = ..., join_mode: _Optional[str] = ..., history: _Optional[str] = ..., invite: _Optional[str] = ..., muted_until: _Optional[int] = ...) -> None: ...

class GroupPageQuery(_message.Message):
    __slots__ = ("gid", "cursor", "limit")
    GID_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    gid: int
    cursor: str
    limit: int
    def __init__(self, gid: _Optional[int] = ..., cursor: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class AddMembers(_message.Message):
    __slots__ = ("gid", "uids")
    GID_FIELD_NUMBER: _ClassVar[int]
    UIDS_FIELD_NUMBER: _ClassVar[int]
    gid: int
    uids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, gid: _Optional[int] = ..., uids: _Optional[_Iterable[int]] = ...) -> None: ...

class GroupMember(_message.Message):
    __slots__ = ("gid", "uid")
    GID_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    gid: int
    uid: int
    def __init__(self, gid: _Optional[int] = ..., uid: _Optional[int] = ...) -> None: ...

class UpdateMember(_message.Message):
    __slots__ = ("gid", "uid", "role", "muted_until", "nickname")
    GID_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    MUTED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    NICKNAME_FIELD_NUMBER: _ClassVar[int]
    gid: int
    uid: int
    role: str
    muted_until: int
    nickname: str
    def __init__(self, gid: _Optional[int] = ..., uid: _Optional[int] = ..., role: _Optional[str] = ..., muted_until: _Optional[int] = ..., nickname: _Optional[str] = ...) -> None: ...

class JoinGroup(_message.Message):
    __slots__ = ("gid", "message")
    GID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    gid: int
    message: str
    def __init__(self, gid: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...

class UpdateConversation(_message.Message):
    __slots__ = ("conv", "pinned", "muted", "expire_after")
    CONV_FIELD_NUMBER: _ClassVar[int]
    PINNED_FIELD_NUMBER: _ClassVar[int]
    MUTED_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_AFTER_FIELD_NUMBER: _ClassVar[int]
    conv: str
    pinned: bool
    muted: bool
    expire_after: int
    def __init__(self, conv: _Optional[str] = ..., pinned: _Optional[bool] = ..., muted: _Optional[bool] = ..., expire_after: _Optional[int] = ...) -> None: ...

class ConversationQuery(_message.Message):
    __slots__ = ("conv",)
    CONV_FIELD_NUMBER: _ClassVar[int]
    conv: str
    def __init__(self, conv: _Optional[str] = ...) -> None: ...

class FileQuery(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class BeginUpload(_message.Message):
    __slots__ = ("name", "size", "type")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    name: str
    size: int
    type: str
    def __init__(self, name: _Optional[str] = ..., size: _Optional[int] = ..., type: _Optional[str] = ...) -> None: ...

class AppendUpload(_message.Message):
    __slots__ = ("upload_id", "offset", "data")
    UPLOAD_ID_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    upload_id: str
    offset: int
    data: str
    def __init__(self, upload_id: _Optional[str] = ..., offset: _Optional[int] = ..., data: _Optional[str] = ...) -> None: ...

class UploadQuery(_message.Message):
    __slots__ = ("upload_id",)
    UPLOAD_ID_FIELD_NUMBER: _ClassVar[int]
    upload_id: str
    def __init__(self, upload_id: _Optional[str] = ...) -> None: ...

class NewAccount(_message.Message):
    __slots__ = ("account", "password", "nickname", "avatar", "if_missing")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    NICKNAME_FIELD_NUMBER: _ClassVar[int]
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    IF_MISSING_FIELD_NUMBER: _ClassVar[int]
    account: str
    password: str
    nickname: str
    avatar: str
    if_missing: bool
    def __init__(self, account: _Optional[str] = ..., password: _Optional[str] = ..., nickname: _Optional[str] = ..., avatar: _Optional[str] = ..., if_missing: _Optional[bool] = ...) -> None: ...

class NewToken(_message.Message):
    __slots__ = ("uid", "device", "device_id")
    UID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    uid: int
    device: int
    device_id: str
    def __init__(self, uid: _Optional[int] = ..., device: _Optional[int] = ..., device_id: _Optional[str] = ...) -> None: ...

class NewKey(_message.Message):
    __slots__ = ("name", "scopes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    name: str
    scopes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., scopes: _Optional[_Iterable[str]] = ...) -> None: ...

class KeyQuery(_message.Message):
    __slots__ = ("key_id",)
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    key_id: int
    def __init__(self, key_id: _Optional[int] = ...) -> None: ...

class NewBot(_message.Message):
    __slots__ = ("account", "nickname", "avatar", "url", "secret")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    NICKNAME_FIELD_NUMBER: _ClassVar[int]
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    account: str
    nickname: str
    avatar: str
    url: str
    secret: str
    def __init__(self, account: _Optional[str] = ..., nickname: _Optional[str] = ..., avatar: _Optional[str] = ..., url: _Optional[str] = ..., secret: _Optional[str] = ...) -> None: ...

class UpdateBot(_message.Message):
    __slots__ = ("uid", "nickname", "avatar", "url", "secret")
    UID_FIELD_NUMBER: _ClassVar[int]
    NICKNAME_FIELD_NUMBER: _ClassVar[int]
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    uid: int
    nickname: str
    avatar: str
    url: str
    secret: str
    def __init__(self, uid: _Optional[int] = ..., nickname: _Optional[str] = ..., avatar: _Optional[str] = ..., url: _Optional[str] = ..., secret: _Optional[str] = ...) -> None: ...

class DeadLetterQuery(_message.Message):
    __slots__ = ("letter_id",)
    LETTER_ID_FIELD_NUMBER: _ClassVar[int]
    letter_id: int
    def __init__(self, letter_id: _Optional[int] = ...) -> None: ...

class Group(_message.Message):
    __slots__ = ("gid", "name", "avatar", "announcement", "join_mode", "history", "invite", "owner", "member_count", "max_members", "created_at", "role", "muted_until", "all_muted_until", "conv")
    GID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    ANNOUNCEMENT_FIELD_NUMBER: _ClassVar[int]
    JOIN_MODE_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    INVITE_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    MAX_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    MUTED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    ALL_MUTED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    CONV_FIELD_NUMBER: _ClassVar[int]
    gid: int
    name: str
    avatar: str
    announcement: str
    join_mode: str
    history: str
    invite: str
    owner: int
    member_count: int
    max_members: int
    created_at: int
    role: str
    muted_until: int
    all_muted_until: int
    conv: str
    def __init__(self, gid: _Optional[int] = ..., name: _Optional[str] = ..., avatar: _Optional[str] = ..., announcement: _Optional[str] = ..., join_mode: _Optional[str] = ..., history: _Optional[str] = ..., invite: _Optional[str] = ..., owner: _Optional[int] = ..., member_count: _Optional[int] = ..., max_members: _Optional[int] = ..., created_at: _Optional[int] = ..., role: _Optional[str] = ..., muted_until: _Optional[int] = ..., all_muted_until: _Optional[int] = ..., conv: _Optional[str] = ...) -> None: ...

class SessionInfo(_message.Message):
    __slots__ = ("session_id", "device", "device_id", "created_at", "expires_at", "current", "online")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    ONLINE_FIELD_NUMBER: _ClassVar[int]
    session_id: int
    device: int
    device_id: str
    created_at: int
    expires_at: int
    current: bool
    online: bool
    def __init__(self, session_id: _Optional[int] = ..., device: _Optional[int] = ..., device_id: _Optional[str] = ..., created_at: _Optional[int] = ..., expires_at: _Optional[int] = ..., current: _Optional[bool] = ..., online: _Optional[bool] = ...) -> None: ...

class SessionList(_message.Message):
    __slots__ = ("items", "cursor")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[SessionInfo]
    cursor: str
    def __init__(self, items: _Optional[_Iterable[_Union[SessionInfo, _Mapping]]] = ..., cursor: _Optional[str] = ...) -> None: ...

class Contact(_message.Message):
    __slots__ = ("uid", "remark", "since", "user")
    UID_FIELD_NUMBER: _ClassVar[int]
    REMARK_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    uid: int
    remark: str
    since: int
    user: User
    def __init__(self, uid: _Optional[int] = ..., remark: _Optional[str] = ..., since: _Optional[int] = ..., user: _Optional[_Union[User, _Mapping]] = ...) -> None: ...

class ContactList(_message.Message):
    __slots__ = ("items", "cursor")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[Contact]
    cursor: str
    def __init__(self, items: _Optional[_Iterable[_Union[Contact, _Mapping]]] = ..., cursor: _Optional[str] = ...) -> None: ...

class ContactRequest(_message.Message):
    __slots__ = ("uid", "message", "remark", "at", "outgoing", "state", "user")
    UID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REMARK_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    OUTGOING_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    uid: int
    message: str
    remark: str
    at: int
    outgoing: bool
    state: str
    user: User
    def __init__(self, uid: _Optional[int] = ..., message: _Optional[str] = ..., remark: _Optional[str] = ..., at: _Optional[int] = ..., outgoing: _Optional[bool] = ..., state: _Optional[str] = ..., user: _Optional[_Union[User, _Mapping]] = ...) -> None: ...

class ContactRequestList(_message.Message):
    __slots__ = ("items", "cursor")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ContactRequest]
    cursor: str
    def __init__(self, items: _Optional[_Iterable[_Union[ContactRequest, _Mapping]]] = ..., cursor: _Optional[str] = ...) -> None: ...

class GroupList(_message.Message):
    __slots__ = ("items", "cursor")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[Group]
    cursor: str
    def __init__(self, items: _Optional[_Iterable[_Union[Group, _Mapping]]] = ..., cursor: _Optional[str] = ...) -> None: ...

class Member(_message.Message):
    __slots__ = ("uid", "role", "nickname", "muted_until", "joined_at", "user")
    UID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    NICKNAME_FIELD_NUMBER: _ClassVar[int]
    MUTED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    JOINED_AT_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    uid: int
    role: str
    nickname: str
    muted_until: int
    joined_at: int
    user: User
    def __init__(self, uid: _Optional[int] = ..., role: _Optional[str] = ..., nickname: _Optional[str] = ..., muted_until: _Optional[int] = ..., joined_at: _Optional[int] = ..., user: _Optional[_Union[User, _Mapping]] = ...) -> None: ...

class MemberList(_message.Message):
    __slots__ = ("items", "cursor")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[Member]
    cursor: str
    def __init__(self, items: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., cursor: _Optional[str] = ...) -> None: ...

class MembersAdded(_message.Message):
    __slots__ = ("items", "refused")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[Member]
    refused: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, items: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., refused: _Optional[_Iterable[int]] = ...) -> None: ...

class GroupJoined(_message.Message):
    __slots__ = ("pending", "group")
    PENDING_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    pending: bool
    group: Group
    def __init__(self, pending: _Optional[bool] = ..., group: _Optional[_Union[Group, _Mapping]] = ...) -> None: ...

class JoinRequest(_message.Message):
    __slots__ = ("uid", "message", "at", "user")
    UID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    uid: int
    message: str
    at: int
    user: User
    def __init__(self, uid: _Optional[int] = ..., message: _Optional[str] = ..., at: _Optional[int] = ..., user: _Optional[_Union[User, _Mapping]] = ...) -> None: ...

class JoinRequestList(_message.Message):
    __slots__ = ("items", "cursor")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[JoinRequest]
    cursor: str
    def __init__(self, items: _Optional[_Iterable[_Union[JoinRequest, _Mapping]]] = ..., cursor: _Optional[str] = ...) -> None: ...

class PresenceList(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[NotifyPresence]
    def __init__(self, items: _Optional[_Iterable[_Union[NotifyPresence, _Mapping]]] = ...) -> None: ...

class FileInfo(_message.Message):
    __slots__ = ("id", "url", "name", "type", "size", "sha256", "width", "height", "thumbnail", "created_at")
    ID_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    THUMBNAIL_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    id: str
    url: str
    name: str
    type: str
    size: int
    sha256: str
    width: int
    height: int
    thumbnail: str
    created_at: int
    def __init__(self, id: _Optional[str] = ..., url: _Optional[str] = ..., name: _Optional[str] = ..., type: _Optional[str] = ..., size: _Optional[int] = ..., sha256: _Optional[str] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., thumbnail: _Optional[str] = ..., created_at: _Optional[int] = ...) -> None: ...

class FileList(_message.Message):
    __slots__ = ("items", "cursor", "used", "quota")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    USED_FIELD_NUMBER: _ClassVar[int]
    QUOTA_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[FileInfo]
    cursor: str
    used: int
    quota: int
    def __init__(self, items: _Optional[_Iterable[_Union[FileInfo, _Mapping]]] = ..., cursor: _Optional[str] = ..., used: _Optional[int] = ..., quota: _Optional[int] = ...) -> None: ...

class Upload(_message.Message):
    __slots__ = ("upload_id", "offset", "size", "expires_at", "file")
    UPLOAD_ID_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    upload_id: str
    offset: int
    size: int
    expires_at: int
    file: FileInfo
    def __init__(self, upload_id: _Optional[str] = ..., offset: _Optional[int] = ..., size: _Optional[int] = ..., expires_at: _Optional[int] = ..., file: _Optional[_Union[FileInfo, _Mapping]] = ...) -> None: ...

class KeyInfo(_message.Message):
    __slots__ = ("key_id", "name", "scopes", "key", "created_at", "used_at")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    USED_AT_FIELD_NUMBER: _ClassVar[int]
    key_id: int
    name: str
    scopes: _containers.RepeatedScalarFieldContainer[str]
    key: str
    created_at: int
    used_at: int
    def __init__(self, key_id: _Optional[int] = ..., name: _Optional[str] = ..., scopes: _Optional[_Iterable[str]] = ..., key: _Optional[str] = ..., created_at: _Optional[int] = ..., used_at: _Optional[int] = ...) -> None: ...

class KeyList(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[KeyInfo]
    def __init__(self, items: _Optional[_Iterable[_Union[KeyInfo, _Mapping]]] = ...) -> None: ...

class Bot(_message.Message):
    __slots__ = ("uid", "account", "nickname", "avatar", "url", "token")
    UID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    NICKNAME_FIELD_NUMBER: _ClassVar[int]
    AVATAR_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    uid: int
    account: str
    nickname: str
    avatar: str
    url: str
    token: str
    def __init__(self, uid: _Optional[int] = ..., account: _Optional[str] = ..., nickname: _Optional[str] = ..., avatar: _Optional[str] = ..., url: _Optional[str] = ..., token: _Optional[str] = ...) -> None: ...

class DeadLetter(_message.Message):
    __slots__ = ("letter_id", "event", "url", "body", "error", "attempts", "at")
    LETTER_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    letter_id: int
    event: str
    url: str
    body: str
    error: str
    attempts: int
    at: int
    def __init__(self, letter_id: _Optional[int] = ..., event: _Optional[str] = ..., url: _Optional[str] = ..., body: _Optional[str] = ..., error: _Optional[str] = ..., attempts: _Optional[int] = ..., at: _Optional[int] = ...) -> None: ...

class DeadLetterList(_message.Message):
    __slots__ = ("items", "cursor")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[DeadLetter]
    cursor: str
    def __init__(self, items: _Optional[_Iterable[_Union[DeadLetter, _Mapping]]] = ..., cursor: _Optional[str] = ...) -> None: ...

class Statistics(_message.Message):
    __slots__ = ("values",)
    class ValuesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.ScalarMap[str, int]
    def __init__(self, values: _Optional[_Mapping[str, int]] = ...) -> None: ...
