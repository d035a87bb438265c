"""Every action of protocol 2 and the record that its `data` is."""

from __future__ import annotations

from enum import StrEnum

from . import records as r
from . import social as s


class Action(StrEnum):
    """Names of the actions, as they travel."""

    HELLO = "hello"
    AUTH = "auth"
    AUTH_OK = "auth.ok"
    ERROR = "error"
    HEARTBEAT = "heartbeat"
    NOTIFY_CLOSE = "notify.close"
    NOTIFY_KICKOUT = "notify.kickout"
    NOTIFY_LOGIN = "notify.login"
    NOTIFY_LOGOUT = "notify.logout"

    MESSAGE_CHAT = "message.chat"
    MESSAGE_CHAT_RETRY = "message.chat.retry"
    MESSAGE_CHAT_RESEND = "message.chat.resend"
    MESSAGE_FAILED_SEND = "message.failed.send"
    ACK_MESSAGE = "ack.message"
    ACK_REQUEST = "ack.request"
    ACK_NOTIFY = "ack.notify"
    MESSAGE_READ = "message.read"
    NOTIFY_READ = "notify.read"

    MESSAGE_GROUP = "message.group"
    MESSAGE_GROUP_RETRY = "message.group.retry"
    ACK_GROUP_MSG = "ack.group.msg"
    MESSAGE_CHAT_RECALL = "message.chat.recall"
    MESSAGE_GROUP_RECALL = "message.group.recall"
    MESSAGE_EDIT = "message.edit"
    MESSAGE_REACT = "message.react"
    NOTIFY_REACT = "notify.react"
    MESSAGE_PIN = "message.pin"
    NOTIFY_PIN = "notify.pin"
    MESSAGE_CLI = "message.cli"
    MESSAGE_STREAM = "message.stream"
    NOTIFY_GROUP = "notify.group"
    NOTIFY_CONTACT = "notify.contact"
    NOTIFY_CONVERSATION = "notify.conversation"
    PRESENCE_SUB = "presence.sub"
    NOTIFY_PRESENCE = "notify.presence"

    API_OK = "api.ok"
    API_AUTH_REGISTER = "api.auth.register"
    API_AUTH_LOGIN = "api.auth.login"
    API_AUTH_GUEST = "api.auth.guest"
    API_AUTH_REFRESH = "api.auth.refresh"
    API_AUTH_LOGOUT = "api.auth.logout"
    API_AUTH_PASSWORD = "api.auth.password"
    API_USERS_ME = "api.users.me"
    API_USERS_UPDATE = "api.users.update"
    API_USERS_LIST = "api.users.list"
    API_USERS_SEARCH = "api.users.search"
    API_MESSAGES_LIST = "api.messages.list"
    API_MESSAGES_SEND = "api.messages.send"
    API_SYNC = "api.sync"
    API_AUTH_SESSIONS = "api.auth.sessions"
    API_AUTH_END_SESSION = "api.auth.end_session"
    API_MESSAGES_SEARCH = "api.messages.search"
    API_MESSAGES_RECALL = "api.messages.recall"
    API_MESSAGES_EDIT = "api.messages.edit"
    API_MESSAGES_REACT = "api.messages.react"
    API_MESSAGES_PIN = "api.messages.pin"
    API_CONTACTS_LIST = "api.contacts.list"
    API_CONTACTS_ADD = "api.contacts.add"
    API_CONTACTS_REQUESTS = "api.contacts.requests"
    API_CONTACTS_ACCEPT = "api.contacts.accept"
    API_CONTACTS_REJECT = "api.contacts.reject"
    API_CONTACTS_UPDATE = "api.contacts.update"
    API_CONTACTS_DELETE = "api.contacts.delete"
    API_BLOCKS_LIST = "api.blocks.list"
    API_BLOCKS_ADD = "api.blocks.add"
    API_BLOCKS_REMOVE = "api.blocks.remove"
    API_GROUPS_CREATE = "api.groups.create"
    API_GROUPS_LIST = "api.groups.list"
    API_GROUPS_INFO = "api.groups.info"
    API_GROUPS_UPDATE = "api.groups.update"
    API_GROUPS_DISSOLVE = "api.groups.dissolve"
    API_GROUPS_MEMBERS = "api.groups.members"
    API_GROUPS_ADD_MEMBERS = "api.groups.add_members"
    API_GROUPS_REMOVE_MEMBER = "api.groups.remove_member"
    API_GROUPS_UPDATE_MEMBER = "api.groups.update_member"
    API_GROUPS_JOIN = "api.groups.join"
    API_GROUPS_LEAVE = "api.groups.leave"
    API_GROUPS_REQUESTS = "api.groups.requests"
    API_GROUPS_ACCEPT = "api.groups.accept"
    API_GROUPS_REJECT = "api.groups.reject"
    API_CONVERSATIONS_LIST = "api.conversations.list"
    API_CONVERSATIONS_UPDATE = "api.conversations.update"
    API_CONVERSATIONS_HIDE = "api.conversations.hide"
    API_CONVERSATIONS_PINS = "api.conversations.pins"
    API_CONVERSATIONS_READ = "api.conversations.read"
    API_PRESENCE_LIST = "api.presence.list"
    API_FILES_LIST = "api.files.list"
    API_FILES_INFO = "api.files.info"
    API_FILES_DELETE = "api.files.delete"
    API_FILES_BEGIN = "api.files.begin"
    API_FILES_APPEND = "api.files.append"
    API_FILES_STATUS = "api.files.status"
    API_FILES_CANCEL = "api.files.cancel"
    API_ADMIN_CREATE_USER = "api.admin.create_user"
    API_ADMIN_CREATE_TOKEN = "api.admin.create_token"
    API_ADMIN_BAN = "api.admin.ban"
    API_ADMIN_UNBAN = "api.admin.unban"
    API_ADMIN_END_SESSIONS = "api.admin.end_sessions"
    API_ADMIN_KEYS = "api.admin.keys"
    API_ADMIN_CREATE_KEY = "api.admin.create_key"
    API_ADMIN_REVOKE_KEY = "api.admin.revoke_key"
    API_ADMIN_CREATE_BOT = "api.admin.create_bot"
    API_ADMIN_UPDATE_BOT = "api.admin.update_bot"
    API_ADMIN_DELETE_BOT = "api.admin.delete_bot"
    API_ADMIN_DEAD_LETTERS = "api.admin.dead_letters"
    API_ADMIN_RETRY_DEAD_LETTER = "api.admin.retry_dead_letter"
    API_ADMIN_DELETE_DEAD_LETTER = "api.admin.delete_dead_letter"
    API_ADMIN_STATISTICS = "api.admin.statistics"


RECORDS: dict[str, type] = {
    Action.HELLO: r.Hello,
    Action.AUTH: r.Auth,
    Action.AUTH_OK: r.AuthOk,
    Action.ERROR: r.Error,
    Action.HEARTBEAT: r.Heartbeat,
    Action.NOTIFY_CLOSE: r.NotifyClose,
    Action.NOTIFY_KICKOUT: r.NotifyKickout,
    Action.NOTIFY_LOGIN: r.NotifyDevice,
    Action.NOTIFY_LOGOUT: r.NotifyDevice,
    Action.MESSAGE_CHAT: r.Message,
    Action.MESSAGE_CHAT_RETRY: r.Message,
    Action.MESSAGE_CHAT_RESEND: r.Message,
    Action.MESSAGE_FAILED_SEND: r.Error,
    Action.ACK_MESSAGE: r.AckMessage,
    Action.ACK_REQUEST: r.AckRequest,
    Action.ACK_NOTIFY: r.AckNotify,
    Action.MESSAGE_READ: r.MessageRead,
    Action.NOTIFY_READ: r.NotifyRead,
    Action.MESSAGE_GROUP: r.Message,
    Action.MESSAGE_GROUP_RETRY: r.Message,
    Action.ACK_GROUP_MSG: s.AckGroup,
    Action.MESSAGE_CHAT_RECALL: s.Recall,
    Action.MESSAGE_GROUP_RECALL: s.Recall,
    Action.MESSAGE_EDIT: r.Message,
    Action.MESSAGE_REACT: s.React,
    Action.NOTIFY_REACT: s.NotifyReact,
    Action.MESSAGE_PIN: s.Pin,
    Action.NOTIFY_PIN: s.Pin,
    Action.MESSAGE_CLI: s.Transient,
    Action.MESSAGE_STREAM: s.Stream,
    Action.NOTIFY_GROUP: s.NotifyGroup,
    Action.NOTIFY_CONTACT: s.NotifyContact,
    Action.NOTIFY_CONVERSATION: s.NotifyConversation,
    Action.PRESENCE_SUB: s.PresenceQuery,
    Action.NOTIFY_PRESENCE: s.NotifyPresence,
    Action.API_AUTH_REGISTER: r.Register,
    Action.API_AUTH_LOGIN: r.Login,
    Action.API_AUTH_GUEST: r.Guest,
    Action.API_AUTH_REFRESH: r.Empty,
    Action.API_AUTH_LOGOUT: r.Empty,
    Action.API_AUTH_PASSWORD: r.ChangePassword,
    Action.API_USERS_ME: r.Empty,
    Action.API_USERS_UPDATE: r.UpdateUser,
    Action.API_USERS_LIST: r.UsersQuery,
    Action.API_USERS_SEARCH: r.UserSearch,
    Action.API_MESSAGES_LIST: r.HistoryQuery,
    Action.API_MESSAGES_SEND: r.Message,
    Action.API_SYNC: r.Sync,
    Action.API_AUTH_SESSIONS: s.PageQuery,
    Action.API_AUTH_END_SESSION: s.EndSession,
    Action.API_MESSAGES_SEARCH: s.MessageSearch,
    Action.API_MESSAGES_RECALL: s.Recall,
    Action.API_MESSAGES_EDIT: s.Edit,
    Action.API_MESSAGES_REACT: s.React,
    Action.API_MESSAGES_PIN: s.Pin,
    Action.API_CONTACTS_LIST: s.PageQuery,
    Action.API_CONTACTS_ADD: s.AddContact,
    Action.API_CONTACTS_REQUESTS: s.PageQuery,
    Action.API_CONTACTS_ACCEPT: s.AnswerContact,
    Action.API_CONTACTS_REJECT: s.AnswerContact,
    Action.API_CONTACTS_UPDATE: s.UpdateContact,
    Action.API_CONTACTS_DELETE: s.PersonQuery,
    Action.API_BLOCKS_LIST: s.PageQuery,
    Action.API_BLOCKS_ADD: s.PersonQuery,
    Action.API_BLOCKS_REMOVE: s.PersonQuery,
    Action.API_GROUPS_CREATE: s.CreateGroup,
    Action.API_GROUPS_LIST: s.PageQuery,
    Action.API_GROUPS_INFO: s.GroupQuery,
    Action.API_GROUPS_UPDATE: s.UpdateGroup,
    Action.API_GROUPS_DISSOLVE: s.GroupQuery,
    Action.API_GROUPS_MEMBERS: s.GroupPageQuery,
    Action.API_GROUPS_ADD_MEMBERS: s.AddMembers,
    Action.API_GROUPS_REMOVE_MEMBER: s.GroupMember,
    Action.API_GROUPS_UPDATE_MEMBER: s.UpdateMember,
    Action.API_GROUPS_JOIN: s.JoinGroup,
    Action.API_GROUPS_LEAVE: s.GroupQuery,
    Action.API_GROUPS_REQUESTS: s.GroupPageQuery,
    Action.API_GROUPS_ACCEPT: s.GroupMember,
    Action.API_GROUPS_REJECT: s.GroupMember,
    Action.API_CONVERSATIONS_LIST: s.PageQuery,
    Action.API_CONVERSATIONS_UPDATE: s.UpdateConversation,
    Action.API_CONVERSATIONS_HIDE: s.ConversationQuery,
    Action.API_CONVERSATIONS_PINS: s.ConversationQuery,
    Action.API_CONVERSATIONS_READ: r.MessageRead,
    Action.API_PRESENCE_LIST: s.PresenceQuery,
    Action.API_FILES_LIST: s.PageQuery,
    Action.API_FILES_INFO: s.FileQuery,
    Action.API_FILES_DELETE: s.FileQuery,
    Action.API_FILES_BEGIN: s.BeginUpload,
    Action.API_FILES_APPEND: s.AppendUpload,
    Action.API_FILES_STATUS: s.UploadQuery,
    Action.API_FILES_CANCEL: s.UploadQuery,
    Action.API_ADMIN_CREATE_USER: s.NewAccount,
    Action.API_ADMIN_CREATE_TOKEN: s.NewToken,
    Action.API_ADMIN_BAN: s.PersonQuery,
    Action.API_ADMIN_UNBAN: s.PersonQuery,
    Action.API_ADMIN_END_SESSIONS: s.PersonQuery,
    Action.API_ADMIN_KEYS: r.Empty,
    Action.API_ADMIN_CREATE_KEY: s.NewKey,
    Action.API_ADMIN_REVOKE_KEY: s.KeyQuery,
    Action.API_ADMIN_CREATE_BOT: s.NewBot,
    Action.API_ADMIN_UPDATE_BOT: s.UpdateBot,
    Action.API_ADMIN_DELETE_BOT: s.PersonQuery,
    Action.API_ADMIN_DEAD_LETTERS: s.PageQuery,
    Action.API_ADMIN_RETRY_DEAD_LETTER: s.DeadLetterQuery,
    Action.API_ADMIN_DELETE_DEAD_LETTER: s.DeadLetterQuery,
    Action.API_ADMIN_STATISTICS: r.Empty,
}
"""Record of each action's `data`. `api.ok` is absent: its record depends on what was asked (`RESULTS`)."""

RESULTS: dict[str, type] = {
    Action.API_AUTH_REGISTER: r.Registered,
    Action.API_AUTH_LOGIN: r.LoggedIn,
    Action.API_AUTH_GUEST: r.LoggedIn,
    Action.API_AUTH_REFRESH: r.LoggedIn,
    Action.API_AUTH_LOGOUT: r.Empty,
    Action.API_AUTH_PASSWORD: r.Empty,
    Action.API_USERS_ME: r.User,
    Action.API_USERS_UPDATE: r.User,
    Action.API_USERS_LIST: r.UserList,
    Action.API_USERS_SEARCH: r.UserList,
    Action.API_MESSAGES_LIST: r.MessageList,
    Action.API_MESSAGES_SEND: r.AckMessage,
    Action.API_SYNC: r.Synced,
    Action.API_AUTH_SESSIONS: s.SessionList,
    Action.API_AUTH_END_SESSION: r.Empty,
    Action.API_MESSAGES_SEARCH: r.MessageList,
    Action.API_MESSAGES_RECALL: s.Recall,
    Action.API_MESSAGES_EDIT: r.Message,
    Action.API_MESSAGES_REACT: s.NotifyReact,
    Action.API_MESSAGES_PIN: s.Pin,
    Action.API_CONTACTS_LIST: s.ContactList,
    Action.API_CONTACTS_ADD: s.ContactRequest,
    Action.API_CONTACTS_REQUESTS: s.ContactRequestList,
    Action.API_CONTACTS_ACCEPT: s.Contact,
    Action.API_CONTACTS_REJECT: r.Empty,
    Action.API_CONTACTS_UPDATE: s.Contact,
    Action.API_CONTACTS_DELETE: r.Empty,
    Action.API_BLOCKS_LIST: r.UserList,
    Action.API_BLOCKS_ADD: r.Empty,
    Action.API_BLOCKS_REMOVE: r.Empty,
    Action.API_GROUPS_CREATE: r.Group,
    Action.API_GROUPS_LIST: s.GroupList,
    Action.API_GROUPS_INFO: r.Group,
    Action.API_GROUPS_UPDATE: r.Group,
    Action.API_GROUPS_DISSOLVE: r.Empty,
    Action.API_GROUPS_MEMBERS: s.MemberList,
    Action.API_GROUPS_ADD_MEMBERS: s.MembersAdded,
    Action.API_GROUPS_REMOVE_MEMBER: r.Empty,
    Action.API_GROUPS_UPDATE_MEMBER: s.Member,
    Action.API_GROUPS_JOIN: s.GroupJoined,
    Action.API_GROUPS_LEAVE: r.Empty,
    Action.API_GROUPS_REQUESTS: s.JoinRequestList,
    Action.API_GROUPS_ACCEPT: s.Member,
    Action.API_GROUPS_REJECT: r.Empty,
    Action.API_CONVERSATIONS_LIST: r.ConversationList,
    Action.API_CONVERSATIONS_UPDATE: r.Conversation,
    Action.API_CONVERSATIONS_HIDE: r.Empty,
    Action.API_CONVERSATIONS_PINS: r.MessageList,
    Action.API_CONVERSATIONS_READ: r.Empty,
    Action.API_PRESENCE_LIST: s.PresenceList,
    Action.API_FILES_LIST: s.FileList,
    Action.API_FILES_INFO: s.FileInfo,
    Action.API_FILES_DELETE: r.Empty,
    Action.API_FILES_BEGIN: s.Upload,
    Action.API_FILES_APPEND: s.Upload,
    Action.API_FILES_STATUS: s.Upload,
    Action.API_FILES_CANCEL: r.Empty,
    Action.API_ADMIN_CREATE_USER: r.User,
    Action.API_ADMIN_CREATE_TOKEN: r.LoggedIn,
    Action.API_ADMIN_BAN: r.Empty,
    Action.API_ADMIN_UNBAN: r.Empty,
    Action.API_ADMIN_END_SESSIONS: r.Empty,
    Action.API_ADMIN_KEYS: s.KeyList,
    Action.API_ADMIN_CREATE_KEY: s.KeyInfo,
    Action.API_ADMIN_REVOKE_KEY: r.Empty,
    Action.API_ADMIN_CREATE_BOT: s.Bot,
    Action.API_ADMIN_UPDATE_BOT: s.Bot,
    Action.API_ADMIN_DELETE_BOT: r.Empty,
    Action.API_ADMIN_DEAD_LETTERS: s.DeadLetterList,
    Action.API_ADMIN_RETRY_DEAD_LETTER: r.Empty,
    Action.API_ADMIN_DELETE_DEAD_LETTER: r.Empty,
    Action.API_ADMIN_STATISTICS: s.Statistics,
}
"""Record of the `api.ok` that answers each `api.*` action."""
