"""Records of Protobuf messages. Generated from records.py by scripts/gen_protocol.py: do not edit.

Each function raises OutOfRangeError when a number does not fit its field.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glideim.protocol import records as r

from . import glide_pb2 as pb
from .ranges import ID_BITS, checked_id, checked_ids, checked_map, out_of_range


def read_hello(m: pb.Hello) -> r.Hello:
    server_time = m.server_time
    if server_time >> ID_BITS:
        raise out_of_range(server_time=server_time)
    return r.Hello(server_time, m.heartbeat, m.max_frame, m.conn_id, m.server, tuple(m.codecs))


def read_auth(m: pb.Auth) -> r.Auth:
    return r.Auth(m.token, m.device, m.device_id, m.batch)


def read_auth_ok(m: pb.AuthOk) -> r.AuthOk:
    uid = m.uid
    server_time = m.server_time
    if (uid | server_time) >> ID_BITS:
        raise out_of_range(uid=uid, server_time=server_time)
    return r.AuthOk(uid, m.device, server_time, m.node)


def read_error(m: pb.Error) -> r.Error:
    return r.Error(m.code, m.message, m.retryable, m.cli_mid)


def read_heartbeat(_: pb.Heartbeat) -> r.Heartbeat:
    return r.Heartbeat()


def read_notify_close(m: pb.NotifyClose) -> r.NotifyClose:
    reconnect_after = m.reconnect_after
    if reconnect_after >> ID_BITS:
        raise out_of_range(reconnect_after=reconnect_after)
    return r.NotifyClose(m.code, m.reason, reconnect_after)


def read_notify_kickout(m: pb.NotifyKickout) -> r.NotifyKickout:
    at = m.at
    if at >> ID_BITS:
        raise out_of_range(at=at)
    return r.NotifyKickout(m.device, m.reason, at)


def read_notify_device(m: pb.NotifyDevice) -> r.NotifyDevice:
    at = m.at
    if at >> ID_BITS:
        raise out_of_range(at=at)
    return r.NotifyDevice(m.device, at)


def read_message(m: pb.Message) -> r.Message:
    mid = m.mid
    seq = m.seq
    from_ = getattr(m, "from")
    to = m.to
    send_at = m.send_at
    reply_to = m.reply_to
    if (mid | seq | from_ | to | send_at | reply_to) >> ID_BITS:
        raise out_of_range(mid=mid, seq=seq, from_=from_, to=to, send_at=send_at, reply_to=reply_to)
    return r.Message(
        mid,
        m.cli_mid,
        m.conv,
        seq,
        from_,
        to,
        m.type,
        m.content if m.HasField("content") else None,
        send_at,
        m.status,
        reply_to,
        checked_ids("mentions", m.mentions),
        dict(m.extra) if m.extra else {},
    )


def read_ack_message(m: pb.AckMessage) -> r.AckMessage:
    mid = m.mid
    seq = m.seq
    send_at = m.send_at
    if (mid | seq | send_at) >> ID_BITS:
        raise out_of_range(mid=mid, seq=seq, send_at=send_at)
    return r.AckMessage(m.cli_mid, mid, m.conv, seq, send_at)


def read_ack_request(m: pb.AckRequest) -> r.AckRequest:
    seq = m.seq
    mid = m.mid
    from_ = getattr(m, "from")
    if (seq | mid | from_) >> ID_BITS:
        raise out_of_range(seq=seq, mid=mid, from_=from_)
    return r.AckRequest(m.conv, seq, mid, from_)


def read_ack_notify(m: pb.AckNotify) -> r.AckNotify:
    seq = m.seq
    mid = m.mid
    from_ = getattr(m, "from")
    if (seq | mid | from_) >> ID_BITS:
        raise out_of_range(seq=seq, mid=mid, from_=from_)
    return r.AckNotify(m.conv, seq, mid, m.cli_mid, from_, m.offline)


def read_message_read(m: pb.MessageRead) -> r.MessageRead:
    seq = m.seq
    if seq >> ID_BITS:
        raise out_of_range(seq=seq)
    return r.MessageRead(m.conv, seq)


def read_notify_read(m: pb.NotifyRead) -> r.NotifyRead:
    uid = m.uid
    seq = m.seq
    if (uid | seq) >> ID_BITS:
        raise out_of_range(uid=uid, seq=seq)
    return r.NotifyRead(m.conv, uid, seq)


def read_register(m: pb.Register) -> r.Register:
    return r.Register(m.account, m.password, m.nickname)


def read_login(m: pb.Login) -> r.Login:
    return r.Login(m.account, m.password, m.device, m.device_id)


def read_guest(m: pb.Guest) -> r.Guest:
    return r.Guest(m.nickname, m.device, m.device_id)


def read_empty(_: pb.Empty) -> r.Empty:
    return r.Empty()


def read_change_password(m: pb.ChangePassword) -> r.ChangePassword:
    return r.ChangePassword(m.old_password, m.new_password)


def read_update_user(m: pb.UpdateUser) -> r.UpdateUser:
    return r.UpdateUser(
        m.nickname if m.HasField("nickname") else None, m.avatar if m.HasField("avatar") else None
    )


def read_users_query(m: pb.UsersQuery) -> r.UsersQuery:
    return r.UsersQuery(checked_ids("uids", m.uids))


def read_user_search(m: pb.UserSearch) -> r.UserSearch:
    return r.UserSearch(m.q, m.cursor, m.limit)


def read_history_query(m: pb.HistoryQuery) -> r.HistoryQuery:
    after = checked_id("after", m.after) if m.HasField("after") else None
    before = checked_id("before", m.before) if m.HasField("before") else None
    return r.HistoryQuery(m.conv, after, before, m.limit)


def read_sync(m: pb.Sync) -> r.Sync:
    return r.Sync(checked_map("known", m.known), m.cursor)


def read_registered(m: pb.Registered) -> r.Registered:
    uid = m.uid
    if uid >> ID_BITS:
        raise out_of_range(uid=uid)
    return r.Registered(uid)


def read_gateways(m: pb.Gateways) -> r.Gateways:
    return r.Gateways(tuple(m.ws), tuple(m.tcp))


def read_logged_in(m: pb.LoggedIn) -> r.LoggedIn:
    uid = m.uid
    expires_at = m.expires_at
    if (uid | expires_at) >> ID_BITS:
        raise out_of_range(uid=uid, expires_at=expires_at)
    return r.LoggedIn(m.token, uid, expires_at, read_gateways(m.gateways))


def read_user(m: pb.User) -> r.User:
    uid = m.uid
    if uid >> ID_BITS:
        raise out_of_range(uid=uid)
    return r.User(uid, m.account, m.nickname, m.avatar)


def read_user_list(m: pb.UserList) -> r.UserList:
    return r.UserList(tuple([read_user(item) for item in m.items]), m.cursor)


def read_message_list(m: pb.MessageList) -> r.MessageList:
    return r.MessageList(tuple([read_message(item) for item in m.items]), m.cursor)


def read_conversation(m: pb.Conversation) -> r.Conversation:
    last_seq = m.last_seq
    read_seq = m.read_seq
    updated_at = m.updated_at
    delivered_seq = m.delivered_seq
    peer_delivered_seq = m.peer_delivered_seq
    peer_read_seq = m.peer_read_seq
    if (
        last_seq | read_seq | updated_at | delivered_seq | peer_delivered_seq | peer_read_seq
    ) >> ID_BITS:
        raise out_of_range(
            last_seq=last_seq,
            read_seq=read_seq,
            updated_at=updated_at,
            delivered_seq=delivered_seq,
            peer_delivered_seq=peer_delivered_seq,
            peer_read_seq=peer_read_seq,
        )
    return r.Conversation(
        m.conv,
        last_seq,
        read_seq,
        m.unread,
        updated_at,
        read_message(m.last_message) if m.HasField("last_message") else None,
        read_user(m.peer) if m.HasField("peer") else None,
        delivered_seq,
        peer_delivered_seq,
        peer_read_seq,
    )


def read_synced(m: pb.Synced) -> r.Synced:
    return r.Synced(
        tuple([read_conversation(item) for item in m.conversations]),
        {
            key: tuple([read_message(item) for item in value.items])
            for key, value in m.messages.items()
        },
        m.cursor,
        m.more,
    )


READERS: dict[type, Callable[[Any], Any]] = {
    r.Hello: read_hello,
    r.Auth: read_auth,
    r.AuthOk: read_auth_ok,
    r.Error: read_error,
    r.Heartbeat: read_heartbeat,
    r.NotifyClose: read_notify_close,
    r.NotifyKickout: read_notify_kickout,
    r.NotifyDevice: read_notify_device,
    r.Message: read_message,
    r.AckMessage: read_ack_message,
    r.AckRequest: read_ack_request,
    r.AckNotify: read_ack_notify,
    r.MessageRead: read_message_read,
    r.NotifyRead: read_notify_read,
    r.Register: read_register,
    r.Login: read_login,
    r.Guest: read_guest,
    r.Empty: read_empty,
    r.ChangePassword: read_change_password,
    r.UpdateUser: read_update_user,
    r.UsersQuery: read_users_query,
    r.UserSearch: read_user_search,
    r.HistoryQuery: read_history_query,
    r.Sync: read_sync,
    r.Registered: read_registered,
    r.Gateways: read_gateways,
    r.LoggedIn: read_logged_in,
    r.User: read_user,
    r.UserList: read_user_list,
    r.MessageList: read_message_list,
    r.Conversation: read_conversation,
    r.Synced: read_synced,
}
