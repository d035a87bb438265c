"""Every action of protocol 2 and the record that its `data` is."""

from __future__ import annotations

from enum import StrEnum

from . import records as r


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
}
"""Record of the `api.ok` that answers each `api.*` action."""
