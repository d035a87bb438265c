"""Protobuf messages of records. Generated from records.py by scripts/gen_protocol.py: do not edit."""

# ruff: noqa: C901, PLR0912 - one branch per field is the plainest that can be generated.

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glideim.protocol import records as r

from . import glide_pb2 as pb


def write_hello(data: r.Hello, m: pb.Hello) -> None:
    if data.server_time:
        m.server_time = data.server_time
    if data.heartbeat:
        m.heartbeat = data.heartbeat
    if data.max_frame:
        m.max_frame = data.max_frame
    if data.conn_id:
        m.conn_id = data.conn_id
    if data.server:
        m.server = data.server
    if data.codecs:
        m.codecs.extend(data.codecs)


def write_auth(data: r.Auth, m: pb.Auth) -> None:
    if data.token:
        m.token = data.token
    if data.device:
        m.device = data.device
    if data.device_id:
        m.device_id = data.device_id
    if data.batch:
        m.batch = data.batch


def write_auth_ok(data: r.AuthOk, m: pb.AuthOk) -> None:
    if data.uid:
        m.uid = data.uid
    if data.device:
        m.device = data.device
    if data.server_time:
        m.server_time = data.server_time
    if data.node:
        m.node = data.node


def write_error(data: r.Error, m: pb.Error) -> None:
    if data.code:
        m.code = data.code
    if data.message:
        m.message = data.message
    if data.retryable:
        m.retryable = data.retryable
    if data.cli_mid:
        m.cli_mid = data.cli_mid


def write_heartbeat(_data: r.Heartbeat, _m: pb.Heartbeat) -> None:
    """Nothing to fill."""


def write_notify_close(data: r.NotifyClose, m: pb.NotifyClose) -> None:
    if data.code:
        m.code = data.code
    if data.reason:
        m.reason = data.reason
    if data.reconnect_after:
        m.reconnect_after = data.reconnect_after


def write_notify_kickout(data: r.NotifyKickout, m: pb.NotifyKickout) -> None:
    if data.device:
        m.device = data.device
    if data.reason:
        m.reason = data.reason
    if data.at:
        m.at = data.at


def write_notify_device(data: r.NotifyDevice, m: pb.NotifyDevice) -> None:
    if data.device:
        m.device = data.device
    if data.at:
        m.at = data.at


def write_message(data: r.Message, m: pb.Message) -> None:
    if data.mid:
        m.mid = data.mid
    if data.cli_mid:
        m.cli_mid = data.cli_mid
    if data.conv:
        m.conv = data.conv
    if data.seq:
        m.seq = data.seq
    if data.from_:
        setattr(m, "from", data.from_)
    if data.to:
        m.to = data.to
    if data.type:
        m.type = data.type
    if data.content is not None:
        m.content = data.content
    if data.send_at:
        m.send_at = data.send_at
    if data.status:
        m.status = data.status
    if data.reply_to:
        m.reply_to = data.reply_to
    if data.mentions:
        m.mentions.extend(data.mentions)
    if data.extra:
        m.extra.update(data.extra)


def write_ack_message(data: r.AckMessage, m: pb.AckMessage) -> None:
    if data.cli_mid:
        m.cli_mid = data.cli_mid
    if data.mid:
        m.mid = data.mid
    if data.conv:
        m.conv = data.conv
    if data.seq:
        m.seq = data.seq
    if data.send_at:
        m.send_at = data.send_at


def write_ack_request(data: r.AckRequest, m: pb.AckRequest) -> None:
    if data.conv:
        m.conv = data.conv
    if data.seq:
        m.seq = data.seq
    if data.mid:
        m.mid = data.mid
    if data.from_:
        setattr(m, "from", data.from_)


def write_ack_notify(data: r.AckNotify, m: pb.AckNotify) -> None:
    if data.conv:
        m.conv = data.conv
    if data.seq:
        m.seq = data.seq
    if data.mid:
        m.mid = data.mid
    if data.cli_mid:
        m.cli_mid = data.cli_mid
    if data.from_:
        setattr(m, "from", data.from_)
    if data.offline:
        m.offline = data.offline


def write_message_read(data: r.MessageRead, m: pb.MessageRead) -> None:
    if data.conv:
        m.conv = data.conv
    if data.seq:
        m.seq = data.seq


def write_notify_read(data: r.NotifyRead, m: pb.NotifyRead) -> None:
    if data.conv:
        m.conv = data.conv
    if data.uid:
        m.uid = data.uid
    if data.seq:
        m.seq = data.seq


def write_register(data: r.Register, m: pb.Register) -> None:
    if data.account:
        m.account = data.account
    if data.password:
        m.password = data.password
    if data.nickname:
        m.nickname = data.nickname


def write_login(data: r.Login, m: pb.Login) -> None:
    if data.account:
        m.account = data.account
    if data.password:
        m.password = data.password
    if data.device:
        m.device = data.device
    if data.device_id:
        m.device_id = data.device_id


def write_guest(data: r.Guest, m: pb.Guest) -> None:
    if data.nickname:
        m.nickname = data.nickname
    if data.device:
        m.device = data.device
    if data.device_id:
        m.device_id = data.device_id


def write_empty(_data: r.Empty, _m: pb.Empty) -> None:
    """Nothing to fill."""


def write_change_password(data: r.ChangePassword, m: pb.ChangePassword) -> None:
    if data.old_password:
        m.old_password = data.old_password
    if data.new_password:
        m.new_password = data.new_password


def write_update_user(data: r.UpdateUser, m: pb.UpdateUser) -> None:
    if data.nickname is not None:
        m.nickname = data.nickname
    if data.avatar is not None:
        m.avatar = data.avatar


def write_users_query(data: r.UsersQuery, m: pb.UsersQuery) -> None:
    if data.uids:
        m.uids.extend(data.uids)


def write_user_search(data: r.UserSearch, m: pb.UserSearch) -> None:
    if data.q:
        m.q = data.q
    if data.cursor:
        m.cursor = data.cursor
    if data.limit:
        m.limit = data.limit


def write_history_query(data: r.HistoryQuery, m: pb.HistoryQuery) -> None:
    if data.conv:
        m.conv = data.conv
    if data.after is not None:
        m.after = data.after
    if data.before is not None:
        m.before = data.before
    if data.limit:
        m.limit = data.limit


def write_sync(data: r.Sync, m: pb.Sync) -> None:
    if data.known:
        m.known.update(data.known)
    if data.cursor:
        m.cursor = data.cursor


def write_registered(data: r.Registered, m: pb.Registered) -> None:
    if data.uid:
        m.uid = data.uid


def write_gateways(data: r.Gateways, m: pb.Gateways) -> None:
    if data.ws:
        m.ws.extend(data.ws)
    if data.tcp:
        m.tcp.extend(data.tcp)


def write_logged_in(data: r.LoggedIn, m: pb.LoggedIn) -> None:
    if data.token:
        m.token = data.token
    if data.uid:
        m.uid = data.uid
    if data.expires_at:
        m.expires_at = data.expires_at
    write_gateways(data.gateways, m.gateways)


def write_user(data: r.User, m: pb.User) -> None:
    if data.uid:
        m.uid = data.uid
    if data.account:
        m.account = data.account
    if data.nickname:
        m.nickname = data.nickname
    if data.avatar:
        m.avatar = data.avatar


def write_user_list(data: r.UserList, m: pb.UserList) -> None:
    for user in data.items:
        write_user(user, m.items.add())
    if data.cursor:
        m.cursor = data.cursor


def write_message_list(data: r.MessageList, m: pb.MessageList) -> None:
    for message in data.items:
        write_message(message, m.items.add())
    if data.cursor:
        m.cursor = data.cursor


def write_conversation(data: r.Conversation, m: pb.Conversation) -> None:
    if data.conv:
        m.conv = data.conv
    if data.last_seq:
        m.last_seq = data.last_seq
    if data.read_seq:
        m.read_seq = data.read_seq
    if data.unread:
        m.unread = data.unread
    if data.updated_at:
        m.updated_at = data.updated_at
    if data.last_message is not None:
        m.last_message.SetInParent()
        write_message(data.last_message, m.last_message)
    if data.peer is not None:
        m.peer.SetInParent()
        write_user(data.peer, m.peer)
    if data.delivered_seq:
        m.delivered_seq = data.delivered_seq
    if data.peer_delivered_seq:
        m.peer_delivered_seq = data.peer_delivered_seq
    if data.peer_read_seq:
        m.peer_read_seq = data.peer_read_seq


def write_synced(data: r.Synced, m: pb.Synced) -> None:
    for conversation in data.conversations:
        write_conversation(conversation, m.conversations.add())
    for key, items in data.messages.items():
        page = m.messages[key].items
        for message in items:
            write_message(message, page.add())
    if data.cursor:
        m.cursor = data.cursor
    if data.more:
        m.more = data.more


WRITERS: dict[type, Callable[[Any, Any], None]] = {
    r.Hello: write_hello,
    r.Auth: write_auth,
    r.AuthOk: write_auth_ok,
    r.Error: write_error,
    r.Heartbeat: write_heartbeat,
    r.NotifyClose: write_notify_close,
    r.NotifyKickout: write_notify_kickout,
    r.NotifyDevice: write_notify_device,
    r.Message: write_message,
    r.AckMessage: write_ack_message,
    r.AckRequest: write_ack_request,
    r.AckNotify: write_ack_notify,
    r.MessageRead: write_message_read,
    r.NotifyRead: write_notify_read,
    r.Register: write_register,
    r.Login: write_login,
    r.Guest: write_guest,
    r.Empty: write_empty,
    r.ChangePassword: write_change_password,
    r.UpdateUser: write_update_user,
    r.UsersQuery: write_users_query,
    r.UserSearch: write_user_search,
    r.HistoryQuery: write_history_query,
    r.Sync: write_sync,
    r.Registered: write_registered,
    r.Gateways: write_gateways,
    r.LoggedIn: write_logged_in,
    r.User: write_user,
    r.UserList: write_user_list,
    r.MessageList: write_message_list,
    r.Conversation: write_conversation,
    r.Synced: write_synced,
}
