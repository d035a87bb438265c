"""Records of Protobuf messages. Generated from records.py and social.py by scripts/gen_protocol.py: do not edit.

Each function raises OutOfRangeError when a number does not fit its field.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glideim.protocol import records as r
from glideim.protocol import social as s

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


def read_reaction(m: pb.Reaction) -> r.Reaction:
    return r.Reaction(m.key, m.count, m.mine)


def read_message(m: pb.Message) -> r.Message:
    mid = m.mid
    seq = m.seq
    from_ = getattr(m, "from")
    to = m.to
    send_at = m.send_at
    reply_to = m.reply_to
    expire_at = m.expire_at
    if (mid | seq | from_ | to | send_at | reply_to | expire_at) >> ID_BITS:
        raise out_of_range(
            mid=mid,
            seq=seq,
            from_=from_,
            to=to,
            send_at=send_at,
            reply_to=reply_to,
            expire_at=expire_at,
        )
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
        tuple([read_reaction(item) for item in m.reactions]),
        m.pinned,
        expire_at,
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


def read_ack_group(m: pb.AckGroup) -> s.AckGroup:
    to = m.to
    seq = m.seq
    if (to | seq) >> ID_BITS:
        raise out_of_range(to=to, seq=seq)
    return s.AckGroup(to, seq)


def read_recall(m: pb.Recall) -> s.Recall:
    seq = m.seq
    to = m.to
    mid = m.mid
    recall_by = m.recall_by
    at = m.at
    if (seq | to | mid | recall_by | at) >> ID_BITS:
        raise out_of_range(seq=seq, to=to, mid=mid, recall_by=recall_by, at=at)
    return s.Recall(m.conv, seq, to, mid, recall_by, at)


def read_react(m: pb.React) -> s.React:
    seq = m.seq
    if seq >> ID_BITS:
        raise out_of_range(seq=seq)
    return s.React(m.conv, seq, m.key, m.on)


def read_notify_react(m: pb.NotifyReact) -> s.NotifyReact:
    seq = m.seq
    uid = m.uid
    if (seq | uid) >> ID_BITS:
        raise out_of_range(seq=seq, uid=uid)
    return s.NotifyReact(m.conv, seq, m.key, m.count, uid, m.on)


def read_pin(m: pb.Pin) -> s.Pin:
    seq = m.seq
    by = m.by
    at = m.at
    if (seq | by | at) >> ID_BITS:
        raise out_of_range(seq=seq, by=by, at=at)
    return s.Pin(m.conv, seq, m.on, by, at)


def read_transient(m: pb.Transient) -> s.Transient:
    to = m.to
    from_ = getattr(m, "from")
    if (to | from_) >> ID_BITS:
        raise out_of_range(to=to, from_=from_)
    return s.Transient(m.conv, to, from_, m.type, m.content if m.HasField("content") else None)


def read_stream(m: pb.Stream) -> s.Stream:
    to = m.to
    offset = checked_id("offset", m.offset) if m.HasField("offset") else None
    from_ = getattr(m, "from")
    mid = m.mid
    seq = m.seq
    if (to | from_ | mid | seq) >> ID_BITS:
        raise out_of_range(to=to, from_=from_, mid=mid, seq=seq)
    return s.Stream(
        m.conv,
        to,
        m.stream_id,
        m.op,
        m.content if m.HasField("content") else None,
        offset,
        from_,
        mid,
        seq,
        m.type,
    )


def read_notify_group(m: pb.NotifyGroup) -> s.NotifyGroup:
    gid = m.gid
    seq = m.seq
    by = m.by
    at = m.at
    if (gid | seq | by | at) >> ID_BITS:
        raise out_of_range(gid=gid, seq=seq, by=by, at=at)
    return s.NotifyGroup(gid, seq, m.type, by, checked_ids("uids", m.uids), m.value, at)


def read_notify_contact(m: pb.NotifyContact) -> s.NotifyContact:
    uid = m.uid
    at = m.at
    if (uid | at) >> ID_BITS:
        raise out_of_range(uid=uid, at=at)
    return s.NotifyContact(uid, m.type, m.remark, at)


def read_notify_conversation(m: pb.NotifyConversation) -> s.NotifyConversation:
    expire_after = (
        checked_id("expire_after", m.expire_after) if m.HasField("expire_after") else None
    )
    by = m.by
    at = m.at
    if (by | at) >> ID_BITS:
        raise out_of_range(by=by, at=at)
    return s.NotifyConversation(
        m.conv,
        m.pinned if m.HasField("pinned") else None,
        m.muted if m.HasField("muted") else None,
        m.hidden if m.HasField("hidden") else None,
        expire_after,
        by,
        at,
    )


def read_presence_query(m: pb.PresenceQuery) -> s.PresenceQuery:
    return s.PresenceQuery(checked_ids("uids", m.uids))


def read_notify_presence(m: pb.NotifyPresence) -> s.NotifyPresence:
    uid = m.uid
    at = m.at
    if (uid | at) >> ID_BITS:
        raise out_of_range(uid=uid, at=at)
    return s.NotifyPresence(uid, m.online, tuple(m.devices), at)


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
        m.nickname if m.HasField("nickname") else None,
        m.avatar if m.HasField("avatar") else None,
        m.presence if m.HasField("presence") else None,
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


def read_page_query(m: pb.PageQuery) -> s.PageQuery:
    return s.PageQuery(m.cursor, m.limit)


def read_end_session(m: pb.EndSession) -> s.EndSession:
    session_id = m.session_id
    if session_id >> ID_BITS:
        raise out_of_range(session_id=session_id)
    return s.EndSession(session_id)


def read_message_search(m: pb.MessageSearch) -> s.MessageSearch:
    from_ = getattr(m, "from")
    after = m.after
    before = m.before
    if (from_ | after | before) >> ID_BITS:
        raise out_of_range(from_=from_, after=after, before=before)
    return s.MessageSearch(m.q, m.conv, from_, m.type, after, before, m.cursor, m.limit)


def read_edit(m: pb.Edit) -> s.Edit:
    seq = m.seq
    if seq >> ID_BITS:
        raise out_of_range(seq=seq)
    return s.Edit(m.conv, seq, m.content if m.HasField("content") else None)


def read_add_contact(m: pb.AddContact) -> s.AddContact:
    uid = m.uid
    if uid >> ID_BITS:
        raise out_of_range(uid=uid)
    return s.AddContact(uid, m.message, m.remark)


def read_answer_contact(m: pb.AnswerContact) -> s.AnswerContact:
    uid = m.uid
    if uid >> ID_BITS:
        raise out_of_range(uid=uid)
    return s.AnswerContact(uid, m.remark)


def read_update_contact(m: pb.UpdateContact) -> s.UpdateContact:
    uid = m.uid
    if uid >> ID_BITS:
        raise out_of_range(uid=uid)
    return s.UpdateContact(uid, m.remark if m.HasField("remark") else None)


def read_person_query(m: pb.PersonQuery) -> s.PersonQuery:
    uid = m.uid
    if uid >> ID_BITS:
        raise out_of_range(uid=uid)
    return s.PersonQuery(uid)


def read_create_group(m: pb.CreateGroup) -> s.CreateGroup:
    return s.CreateGroup(
        m.name,
        m.avatar,
        m.announcement,
        m.join_mode,
        m.history,
        m.invite,
        checked_ids("uids", m.uids),
    )


def read_group_query(m: pb.GroupQuery) -> s.GroupQuery:
    gid = m.gid
    if gid >> ID_BITS:
        raise out_of_range(gid=gid)
    return s.GroupQuery(gid)


def read_update_group(m: pb.UpdateGroup) -> s.UpdateGroup:
    gid = m.gid
    muted_until = checked_id("muted_until", m.muted_until) if m.HasField("muted_until") else None
    if gid >> ID_BITS:
        raise out_of_range(gid=gid)
    return s.UpdateGroup(
        gid,
        m.name if m.HasField("name") else None,
        m.avatar if m.HasField("avatar") else None,
        m.announcement if m.HasField("announcement") else None,
        m.join_mode if m.HasField("join_mode") else None,
        m.history if m.HasField("history") else None,
        m.invite if m.HasField("invite") else None,
        muted_until,
    )


def read_group_page_query(m: pb.GroupPageQuery) -> s.GroupPageQuery:
    gid = m.gid
    if gid >> ID_BITS:
        raise out_of_range(gid=gid)
    return s.GroupPageQuery(gid, m.cursor, m.limit)


def read_add_members(m: pb.AddMembers) -> s.AddMembers:
    gid = m.gid
    if gid >> ID_BITS:
        raise out_of_range(gid=gid)
    return s.AddMembers(gid, checked_ids("uids", m.uids))


def read_group_member(m: pb.GroupMember) -> s.GroupMember:
    gid = m.gid
    uid = m.uid
    if (gid | uid) >> ID_BITS:
        raise out_of_range(gid=gid, uid=uid)
    return s.GroupMember(gid, uid)


def read_update_member(m: pb.UpdateMember) -> s.UpdateMember:
    gid = m.gid
    uid = m.uid
    muted_until = checked_id("muted_until", m.muted_until) if m.HasField("muted_until") else None
    if (gid | uid) >> ID_BITS:
        raise out_of_range(gid=gid, uid=uid)
    return s.UpdateMember(
        gid,
        uid,
        m.role if m.HasField("role") else None,
        muted_until,
        m.nickname if m.HasField("nickname") else None,
    )


def read_join_group(m: pb.JoinGroup) -> s.JoinGroup:
    gid = m.gid
    if gid >> ID_BITS:
        raise out_of_range(gid=gid)
    return s.JoinGroup(gid, m.message)


def read_update_conversation(m: pb.UpdateConversation) -> s.UpdateConversation:
    expire_after = (
        checked_id("expire_after", m.expire_after) if m.HasField("expire_after") else None
    )
    return s.UpdateConversation(
        m.conv,
        m.pinned if m.HasField("pinned") else None,
        m.muted if m.HasField("muted") else None,
        expire_after,
    )


def read_conversation_query(m: pb.ConversationQuery) -> s.ConversationQuery:
    return s.ConversationQuery(m.conv)


def read_file_query(m: pb.FileQuery) -> s.FileQuery:
    return s.FileQuery(m.id)


def read_begin_upload(m: pb.BeginUpload) -> s.BeginUpload:
    size = m.size
    if size >> ID_BITS:
        raise out_of_range(size=size)
    return s.BeginUpload(m.name, size, m.type)


def read_append_upload(m: pb.AppendUpload) -> s.AppendUpload:
    offset = m.offset
    if offset >> ID_BITS:
        raise out_of_range(offset=offset)
    return s.AppendUpload(m.upload_id, offset, m.data)


def read_upload_query(m: pb.UploadQuery) -> s.UploadQuery:
    return s.UploadQuery(m.upload_id)


def read_new_account(m: pb.NewAccount) -> s.NewAccount:
    return s.NewAccount(m.account, m.password, m.nickname, m.avatar, m.if_missing)


def read_new_token(m: pb.NewToken) -> s.NewToken:
    uid = m.uid
    if uid >> ID_BITS:
        raise out_of_range(uid=uid)
    return s.NewToken(uid, m.device, m.device_id)


def read_new_key(m: pb.NewKey) -> s.NewKey:
    return s.NewKey(m.name, tuple(m.scopes))


def read_key_query(m: pb.KeyQuery) -> s.KeyQuery:
    key_id = m.key_id
    if key_id >> ID_BITS:
        raise out_of_range(key_id=key_id)
    return s.KeyQuery(key_id)


def read_new_bot(m: pb.NewBot) -> s.NewBot:
    return s.NewBot(m.account, m.nickname, m.avatar, m.url, m.secret)


def read_update_bot(m: pb.UpdateBot) -> s.UpdateBot:
    uid = m.uid
    if uid >> ID_BITS:
        raise out_of_range(uid=uid)
    return s.UpdateBot(
        uid,
        m.nickname if m.HasField("nickname") else None,
        m.avatar if m.HasField("avatar") else None,
        m.url if m.HasField("url") else None,
        m.secret if m.HasField("secret") else None,
    )


def read_dead_letter_query(m: pb.DeadLetterQuery) -> s.DeadLetterQuery:
    letter_id = m.letter_id
    if letter_id >> ID_BITS:
        raise out_of_range(letter_id=letter_id)
    return s.DeadLetterQuery(letter_id)


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
    return r.User(uid, m.account, m.nickname, m.avatar, m.bot, m.presence)


def read_user_list(m: pb.UserList) -> r.UserList:
    return r.UserList(tuple([read_user(item) for item in m.items]), m.cursor)


def read_message_list(m: pb.MessageList) -> r.MessageList:
    return r.MessageList(tuple([read_message(item) for item in m.items]), m.cursor)


def read_group(m: pb.Group) -> r.Group:
    gid = m.gid
    owner = m.owner
    created_at = m.created_at
    muted_until = m.muted_until
    all_muted_until = m.all_muted_until
    if (gid | owner | created_at | muted_until | all_muted_until) >> ID_BITS:
        raise out_of_range(
            gid=gid,
            owner=owner,
            created_at=created_at,
            muted_until=muted_until,
            all_muted_until=all_muted_until,
        )
    return r.Group(
        gid,
        m.name,
        m.avatar,
        m.announcement,
        m.join_mode,
        m.history,
        m.invite,
        owner,
        m.member_count,
        m.max_members,
        created_at,
        m.role,
        muted_until,
        all_muted_until,
        m.conv,
    )


def read_conversation(m: pb.Conversation) -> r.Conversation:
    last_seq = m.last_seq
    read_seq = m.read_seq
    updated_at = m.updated_at
    delivered_seq = m.delivered_seq
    peer_delivered_seq = m.peer_delivered_seq
    peer_read_seq = m.peer_read_seq
    expire_after = m.expire_after
    if (
        last_seq
        | read_seq
        | updated_at
        | delivered_seq
        | peer_delivered_seq
        | peer_read_seq
        | expire_after
    ) >> ID_BITS:
        raise out_of_range(
            last_seq=last_seq,
            read_seq=read_seq,
            updated_at=updated_at,
            delivered_seq=delivered_seq,
            peer_delivered_seq=peer_delivered_seq,
            peer_read_seq=peer_read_seq,
            expire_after=expire_after,
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
        read_group(m.group) if m.HasField("group") else None,
        m.pinned,
        m.muted,
        m.hidden,
        expire_after,
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
        tuple(m.gone),
    )


def read_session_info(m: pb.SessionInfo) -> s.SessionInfo:
    session_id = m.session_id
    created_at = m.created_at
    expires_at = m.expires_at
    if (session_id | created_at | expires_at) >> ID_BITS:
        raise out_of_range(session_id=session_id, created_at=created_at, expires_at=expires_at)
    return s.SessionInfo(
        session_id, m.device, m.device_id, created_at, expires_at, m.current, m.online
    )


def read_session_list(m: pb.SessionList) -> s.SessionList:
    return s.SessionList(tuple([read_session_info(item) for item in m.items]), m.cursor)


def read_contact(m: pb.Contact) -> s.Contact:
    uid = m.uid
    since = m.since
    if (uid | since) >> ID_BITS:
        raise out_of_range(uid=uid, since=since)
    return s.Contact(uid, m.remark, since, read_user(m.user) if m.HasField("user") else None)


def read_contact_list(m: pb.ContactList) -> s.ContactList:
    return s.ContactList(tuple([read_contact(item) for item in m.items]), m.cursor)


def read_contact_request(m: pb.ContactRequest) -> s.ContactRequest:
    uid = m.uid
    at = m.at
    if (uid | at) >> ID_BITS:
        raise out_of_range(uid=uid, at=at)
    return s.ContactRequest(
        uid,
        m.message,
        m.remark,
        at,
        m.outgoing,
        m.state,
        read_user(m.user) if m.HasField("user") else None,
    )


def read_contact_request_list(m: pb.ContactRequestList) -> s.ContactRequestList:
    return s.ContactRequestList(tuple([read_contact_request(item) for item in m.items]), m.cursor)


def read_group_list(m: pb.GroupList) -> s.GroupList:
    return s.GroupList(tuple([read_group(item) for item in m.items]), m.cursor)


def read_member(m: pb.Member) -> s.Member:
    uid = m.uid
    muted_until = m.muted_until
    joined_at = m.joined_at
    if (uid | muted_until | joined_at) >> ID_BITS:
        raise out_of_range(uid=uid, muted_until=muted_until, joined_at=joined_at)
    return s.Member(
        uid,
        m.role,
        m.nickname,
        muted_until,
        joined_at,
        read_user(m.user) if m.HasField("user") else None,
    )


def read_member_list(m: pb.MemberList) -> s.MemberList:
    return s.MemberList(tuple([read_member(item) for item in m.items]), m.cursor)


def read_members_added(m: pb.MembersAdded) -> s.MembersAdded:
    return s.MembersAdded(
        tuple([read_member(item) for item in m.items]), checked_ids("refused", m.refused)
    )


def read_group_joined(m: pb.GroupJoined) -> s.GroupJoined:
    return s.GroupJoined(m.pending, read_group(m.group) if m.HasField("group") else None)


def read_join_request(m: pb.JoinRequest) -> s.JoinRequest:
    uid = m.uid
    at = m.at
    if (uid | at) >> ID_BITS:
        raise out_of_range(uid=uid, at=at)
    return s.JoinRequest(uid, m.message, at, read_user(m.user) if m.HasField("user") else None)


def read_join_request_list(m: pb.JoinRequestList) -> s.JoinRequestList:
    return s.JoinRequestList(tuple([read_join_request(item) for item in m.items]), m.cursor)


def read_conversation_list(m: pb.ConversationList) -> r.ConversationList:
    return r.ConversationList(tuple([read_conversation(item) for item in m.items]), m.cursor)


def read_presence_list(m: pb.PresenceList) -> s.PresenceList:
    return s.PresenceList(tuple([read_notify_presence(item) for item in m.items]))


def read_file_info(m: pb.FileInfo) -> s.FileInfo:
    size = m.size
    created_at = m.created_at
    if (size | created_at) >> ID_BITS:
        raise out_of_range(size=size, created_at=created_at)
    return s.FileInfo(
        m.id, m.url, m.name, m.type, size, m.sha256, m.width, m.height, m.thumbnail, created_at
    )


def read_file_list(m: pb.FileList) -> s.FileList:
    used = m.used
    quota = m.quota
    if (used | quota) >> ID_BITS:
        raise out_of_range(used=used, quota=quota)
    return s.FileList(tuple([read_file_info(item) for item in m.items]), m.cursor, used, quota)


def read_upload(m: pb.Upload) -> s.Upload:
    offset = m.offset
    size = m.size
    expires_at = m.expires_at
    if (offset | size | expires_at) >> ID_BITS:
        raise out_of_range(offset=offset, size=size, expires_at=expires_at)
    return s.Upload(
        m.upload_id,
        offset,
        size,
        expires_at,
        read_file_info(m.file) if m.HasField("file") else None,
    )


def read_key_info(m: pb.KeyInfo) -> s.KeyInfo:
    key_id = m.key_id
    created_at = m.created_at
    used_at = m.used_at
    if (key_id | created_at | used_at) >> ID_BITS:
        raise out_of_range(key_id=key_id, created_at=created_at, used_at=used_at)
    return s.KeyInfo(key_id, m.name, tuple(m.scopes), m.key, created_at, used_at)


def read_key_list(m: pb.KeyList) -> s.KeyList:
    return s.KeyList(tuple([read_key_info(item) for item in m.items]))


def read_bot(m: pb.Bot) -> s.Bot:
    uid = m.uid
    if uid >> ID_BITS:
        raise out_of_range(uid=uid)
    return s.Bot(uid, m.account, m.nickname, m.avatar, m.url, m.token)


def read_dead_letter(m: pb.DeadLetter) -> s.DeadLetter:
    letter_id = m.letter_id
    at = m.at
    if (letter_id | at) >> ID_BITS:
        raise out_of_range(letter_id=letter_id, at=at)
    return s.DeadLetter(letter_id, m.event, m.url, m.body, m.error, m.attempts, at)


def read_dead_letter_list(m: pb.DeadLetterList) -> s.DeadLetterList:
    return s.DeadLetterList(tuple([read_dead_letter(item) for item in m.items]), m.cursor)


def read_statistics(m: pb.Statistics) -> s.Statistics:
    return s.Statistics(checked_map("values", m.values))


READERS: dict[type, Callable[[Any], Any]] = {
    r.Hello: read_hello,
    r.Auth: read_auth,
    r.AuthOk: read_auth_ok,
    r.Error: read_error,
    r.Heartbeat: read_heartbeat,
    r.NotifyClose: read_notify_close,
    r.NotifyKickout: read_notify_kickout,
    r.NotifyDevice: read_notify_device,
    r.Reaction: read_reaction,
    r.Message: read_message,
    r.AckMessage: read_ack_message,
    r.AckRequest: read_ack_request,
    r.AckNotify: read_ack_notify,
    r.MessageRead: read_message_read,
    r.NotifyRead: read_notify_read,
    s.AckGroup: read_ack_group,
    s.Recall: read_recall,
    s.React: read_react,
    s.NotifyReact: read_notify_react,
    s.Pin: read_pin,
    s.Transient: read_transient,
    s.Stream: read_stream,
    s.NotifyGroup: read_notify_group,
    s.NotifyContact: read_notify_contact,
    s.NotifyConversation: read_notify_conversation,
    s.PresenceQuery: read_presence_query,
    s.NotifyPresence: read_notify_presence,
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
    s.PageQuery: read_page_query,
    s.EndSession: read_end_session,
    s.MessageSearch: read_message_search,
    s.Edit: read_edit,
    s.AddContact: read_add_contact,
    s.AnswerContact: read_answer_contact,
    s.UpdateContact: read_update_contact,
    s.PersonQuery: read_person_query,
    s.CreateGroup: read_create_group,
    s.GroupQuery: read_group_query,
    s.UpdateGroup: read_update_group,
    s.GroupPageQuery: read_group_page_query,
    s.AddMembers: read_add_members,
    s.GroupMember: read_group_member,
    s.UpdateMember: read_update_member,
    s.JoinGroup: read_join_group,
    s.UpdateConversation: read_update_conversation,
    s.ConversationQuery: read_conversation_query,
    s.FileQuery: read_file_query,
    s.BeginUpload: read_begin_upload,
    s.AppendUpload: read_append_upload,
    s.UploadQuery: read_upload_query,
    s.NewAccount: read_new_account,
    s.NewToken: read_new_token,
    s.NewKey: read_new_key,
    s.KeyQuery: read_key_query,
    s.NewBot: read_new_bot,
    s.UpdateBot: read_update_bot,
    s.DeadLetterQuery: read_dead_letter_query,
    r.Registered: read_registered,
    r.Gateways: read_gateways,
    r.LoggedIn: read_logged_in,
    r.User: read_user,
    r.UserList: read_user_list,
    r.MessageList: read_message_list,
    r.Group: read_group,
    r.Conversation: read_conversation,
    r.Synced: read_synced,
    s.SessionInfo: read_session_info,
    s.SessionList: read_session_list,
    s.Contact: read_contact,
    s.ContactList: read_contact_list,
    s.ContactRequest: read_contact_request,
    s.ContactRequestList: read_contact_request_list,
    s.GroupList: read_group_list,
    s.Member: read_member,
    s.MemberList: read_member_list,
    s.MembersAdded: read_members_added,
    s.GroupJoined: read_group_joined,
    s.JoinRequest: read_join_request,
    s.JoinRequestList: read_join_request_list,
    r.ConversationList: read_conversation_list,
    s.PresenceList: read_presence_list,
    s.FileInfo: read_file_info,
    s.FileList: read_file_list,
    s.Upload: read_upload,
    s.KeyInfo: read_key_info,
    s.KeyList: read_key_list,
    s.Bot: read_bot,
    s.DeadLetter: read_dead_letter,
    s.DeadLetterList: read_dead_letter_list,
    s.Statistics: read_statistics,
}
