"""Protobuf messages of records. Generated from records.py and social.py by scripts/gen_protocol.py: do not edit."""

# ruff: noqa: C901, PLR0912 - one branch per field is the plainest that can be generated.

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glideim.protocol import records as r
from glideim.protocol import social as s

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


def write_reaction(data: r.Reaction, m: pb.Reaction) -> None:
    if data.key:
        m.key = data.key
    if data.count:
        m.count = data.count
    if data.mine:
        m.mine = data.mine


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
    for reaction in data.reactions:
        write_reaction(reaction, m.reactions.add())
    if data.pinned:
        m.pinned = data.pinned
    if data.expire_at:
        m.expire_at = data.expire_at


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


def write_ack_group(data: s.AckGroup, m: pb.AckGroup) -> None:
    if data.to:
        m.to = data.to
    if data.seq:
        m.seq = data.seq


def write_recall(data: s.Recall, m: pb.Recall) -> None:
    if data.conv:
        m.conv = data.conv
    if data.seq:
        m.seq = data.seq
    if data.to:
        m.to = data.to
    if data.mid:
        m.mid = data.mid
    if data.recall_by:
        m.recall_by = data.recall_by
    if data.at:
        m.at = data.at


def write_react(data: s.React, m: pb.React) -> None:
    if data.conv:
        m.conv = data.conv
    if data.seq:
        m.seq = data.seq
    if data.key:
        m.key = data.key
    if data.on:
        m.on = data.on


def write_notify_react(data: s.NotifyReact, m: pb.NotifyReact) -> None:
    if data.conv:
        m.conv = data.conv
    if data.seq:
        m.seq = data.seq
    if data.key:
        m.key = data.key
    if data.count:
        m.count = data.count
    if data.uid:
        m.uid = data.uid
    if data.on:
        m.on = data.on


def write_pin(data: s.Pin, m: pb.Pin) -> None:
    if data.conv:
        m.conv = data.conv
    if data.seq:
        m.seq = data.seq
    if data.on:
        m.on = data.on
    if data.by:
        m.by = data.by
    if data.at:
        m.at = data.at


def write_transient(data: s.Transient, m: pb.Transient) -> None:
    if data.conv:
        m.conv = data.conv
    if data.to:
        m.to = data.to
    if data.from_:
        setattr(m, "from", data.from_)
    if data.type:
        m.type = data.type
    if data.content is not None:
        m.content = data.content


def write_stream(data: s.Stream, m: pb.Stream) -> None:
    if data.conv:
        m.conv = data.conv
    if data.to:
        m.to = data.to
    if data.stream_id:
        m.stream_id = data.stream_id
    if data.op:
        m.op = data.op
    if data.content is not None:
        m.content = data.content
    if data.offset is not None:
        m.offset = data.offset
    if data.from_:
        setattr(m, "from", data.from_)
    if data.mid:
        m.mid = data.mid
    if data.seq:
        m.seq = data.seq
    if data.type:
        m.type = data.type


def write_notify_group(data: s.NotifyGroup, m: pb.NotifyGroup) -> None:
    if data.gid:
        m.gid = data.gid
    if data.seq:
        m.seq = data.seq
    if data.type:
        m.type = data.type
    if data.by:
        m.by = data.by
    if data.uids:
        m.uids.extend(data.uids)
    if data.value:
        m.value = data.value
    if data.at:
        m.at = data.at


def write_notify_contact(data: s.NotifyContact, m: pb.NotifyContact) -> None:
    if data.uid:
        m.uid = data.uid
    if data.type:
        m.type = data.type
    if data.remark:
        m.remark = data.remark
    if data.at:
        m.at = data.at


def write_notify_conversation(data: s.NotifyConversation, m: pb.NotifyConversation) -> None:
    if data.conv:
        m.conv = data.conv
    if data.pinned is not None:
        m.pinned = data.pinned
    if data.muted is not None:
        m.muted = data.muted
    if data.hidden is not None:
        m.hidden = data.hidden
    if data.expire_after is not None:
        m.expire_after = data.expire_after
    if data.by:
        m.by = data.by
    if data.at:
        m.at = data.at


def write_presence_query(data: s.PresenceQuery, m: pb.PresenceQuery) -> None:
    if data.uids:
        m.uids.extend(data.uids)


def write_notify_presence(data: s.NotifyPresence, m: pb.NotifyPresence) -> None:
    if data.uid:
        m.uid = data.uid
    if data.online:
        m.online = data.online
    if data.devices:
        m.devices.extend(data.devices)
    if data.at:
        m.at = data.at


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
    if data.presence is not None:
        m.presence = data.presence


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


def write_page_query(data: s.PageQuery, m: pb.PageQuery) -> None:
    if data.cursor:
        m.cursor = data.cursor
    if data.limit:
        m.limit = data.limit


def write_end_session(data: s.EndSession, m: pb.EndSession) -> None:
    if data.session_id:
        m.session_id = data.session_id


def write_message_search(data: s.MessageSearch, m: pb.MessageSearch) -> None:
    if data.q:
        m.q = data.q
    if data.conv:
        m.conv = data.conv
    if data.from_:
        setattr(m, "from", data.from_)
    if data.type:
        m.type = data.type
    if data.after:
        m.after = data.after
    if data.before:
        m.before = data.before
    if data.cursor:
        m.cursor = data.cursor
    if data.limit:
        m.limit = data.limit


def write_edit(data: s.Edit, m: pb.Edit) -> None:
    if data.conv:
        m.conv = data.conv
    if data.seq:
        m.seq = data.seq
    if data.content is not None:
        m.content = data.content


def write_add_contact(data: s.AddContact, m: pb.AddContact) -> None:
    if data.uid:
        m.uid = data.uid
    if data.message:
        m.message = data.message
    if data.remark:
        m.remark = data.remark


def write_answer_contact(data: s.AnswerContact, m: pb.AnswerContact) -> None:
    if data.uid:
        m.uid = data.uid
    if data.remark:
        m.remark = data.remark


def write_update_contact(data: s.UpdateContact, m: pb.UpdateContact) -> None:
    if data.uid:
        m.uid = data.uid
    if data.remark is not None:
        m.remark = data.remark


def write_person_query(data: s.PersonQuery, m: pb.PersonQuery) -> None:
    if data.uid:
        m.uid = data.uid


def write_create_group(data: s.CreateGroup, m: pb.CreateGroup) -> None:
    if data.name:
        m.name = data.name
    if data.avatar:
        m.avatar = data.avatar
    if data.announcement:
        m.announcement = data.announcement
    if data.join_mode:
        m.join_mode = data.join_mode
    if data.history:
        m.history = data.history
    if data.invite:
        m.invite = data.invite
    if data.uids:
        m.uids.extend(data.uids)


def write_group_query(data: s.GroupQuery, m: pb.GroupQuery) -> None:
    if data.gid:
        m.gid = data.gid


def write_update_group(data: s.UpdateGroup, m: pb.UpdateGroup) -> None:
    if data.gid:
        m.gid = data.gid
    if data.name is not None:
        m.name = data.name
    if data.avatar is not None:
        m.avatar = data.avatar
    if data.announcement is not None:
        m.announcement = data.announcement
    if data.join_mode is not None:
        m.join_mode = data.join_mode
    if data.history is not None:
        m.history = data.history
    if data.invite is not None:
        m.invite = data.invite
    if data.muted_until is not None:
        m.muted_until = data.muted_until


def write_group_page_query(data: s.GroupPageQuery, m: pb.GroupPageQuery) -> None:
    if data.gid:
        m.gid = data.gid
    if data.cursor:
        m.cursor = data.cursor
    if data.limit:
        m.limit = data.limit


def write_add_members(data: s.AddMembers, m: pb.AddMembers) -> None:
    if data.gid:
        m.gid = data.gid
    if data.uids:
        m.uids.extend(data.uids)


def write_group_member(data: s.GroupMember, m: pb.GroupMember) -> None:
    if data.gid:
        m.gid = data.gid
    if data.uid:
        m.uid = data.uid


def write_update_member(data: s.UpdateMember, m: pb.UpdateMember) -> None:
    if data.gid:
        m.gid = data.gid
    if data.uid:
        m.uid = data.uid
    if data.role is not None:
        m.role = data.role
    if data.muted_until is not None:
        m.muted_until = data.muted_until
    if data.nickname is not None:
        m.nickname = data.nickname


def write_join_group(data: s.JoinGroup, m: pb.JoinGroup) -> None:
    if data.gid:
        m.gid = data.gid
    if data.message:
        m.message = data.message


def write_update_conversation(data: s.UpdateConversation, m: pb.UpdateConversation) -> None:
    if data.conv:
        m.conv = data.conv
    if data.pinned is not None:
        m.pinned = data.pinned
    if data.muted is not None:
        m.muted = data.muted
    if data.expire_after is not None:
        m.expire_after = data.expire_after


def write_conversation_query(data: s.ConversationQuery, m: pb.ConversationQuery) -> None:
    if data.conv:
        m.conv = data.conv


def write_file_query(data: s.FileQuery, m: pb.FileQuery) -> None:
    if data.id:
        m.id = data.id


def write_begin_upload(data: s.BeginUpload, m: pb.BeginUpload) -> None:
    if data.name:
        m.name = data.name
    if data.size:
        m.size = data.size
    if data.type:
        m.type = data.type


def write_append_upload(data: s.AppendUpload, m: pb.AppendUpload) -> None:
    if data.upload_id:
        m.upload_id = data.upload_id
    if data.offset:
        m.offset = data.offset
    if data.data:
        m.data = data.data


def write_upload_query(data: s.UploadQuery, m: pb.UploadQuery) -> None:
    if data.upload_id:
        m.upload_id = data.upload_id


def write_new_account(data: s.NewAccount, m: pb.NewAccount) -> None:
    if data.account:
        m.account = data.account
    if data.password:
        m.password = data.password
    if data.nickname:
        m.nickname = data.nickname
    if data.avatar:
        m.avatar = data.avatar
    if data.if_missing:
        m.if_missing = data.if_missing


def write_new_token(data: s.NewToken, m: pb.NewToken) -> None:
    if data.uid:
        m.uid = data.uid
    if data.device:
        m.device = data.device
    if data.device_id:
        m.device_id = data.device_id


def write_new_key(data: s.NewKey, m: pb.NewKey) -> None:
    if data.name:
        m.name = data.name
    if data.scopes:
        m.scopes.extend(data.scopes)


def write_key_query(data: s.KeyQuery, m: pb.KeyQuery) -> None:
    if data.key_id:
        m.key_id = data.key_id


def write_new_bot(data: s.NewBot, m: pb.NewBot) -> None:
    if data.account:
        m.account = data.account
    if data.nickname:
        m.nickname = data.nickname
    if data.avatar:
        m.avatar = data.avatar
    if data.url:
        m.url = data.url
    if data.secret:
        m.secret = data.secret


def write_update_bot(data: s.UpdateBot, m: pb.UpdateBot) -> None:
    if data.uid:
        m.uid = data.uid
    if data.nickname is not None:
        m.nickname = data.nickname
    if data.avatar is not None:
        m.avatar = data.avatar
    if data.url is not None:
        m.url = data.url
    if data.secret is not None:
        m.secret = data.secret


def write_dead_letter_query(data: s.DeadLetterQuery, m: pb.DeadLetterQuery) -> None:
    if data.letter_id:
        m.letter_id = data.letter_id


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
    if data.bot:
        m.bot = data.bot
    if data.presence:
        m.presence = data.presence


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


def write_group(data: r.Group, m: pb.Group) -> None:
    if data.gid:
        m.gid = data.gid
    if data.name:
        m.name = data.name
    if data.avatar:
        m.avatar = data.avatar
    if data.announcement:
        m.announcement = data.announcement
    if data.join_mode:
        m.join_mode = data.join_mode
    if data.history:
        m.history = data.history
    if data.invite:
        m.invite = data.invite
    if data.owner:
        m.owner = data.owner
    if data.member_count:
        m.member_count = data.member_count
    if data.max_members:
        m.max_members = data.max_members
    if data.created_at:
        m.created_at = data.created_at
    if data.role:
        m.role = data.role
    if data.muted_until:
        m.muted_until = data.muted_until
    if data.all_muted_until:
        m.all_muted_until = data.all_muted_until
    if data.conv:
        m.conv = data.conv


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
    if data.group is not None:
        m.group.SetInParent()
        write_group(data.group, m.group)
    if data.pinned:
        m.pinned = data.pinned
    if data.muted:
        m.muted = data.muted
    if data.hidden:
        m.hidden = data.hidden
    if data.expire_after:
        m.expire_after = data.expire_after


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
    if data.gone:
        m.gone.extend(data.gone)


def write_session_info(data: s.SessionInfo, m: pb.SessionInfo) -> None:
    if data.session_id:
        m.session_id = data.session_id
    if data.device:
        m.device = data.device
    if data.device_id:
        m.device_id = data.device_id
    if data.created_at:
        m.created_at = data.created_at
    if data.expires_at:
        m.expires_at = data.expires_at
    if data.current:
        m.current = data.current
    if data.online:
        m.online = data.online


def write_session_list(data: s.SessionList, m: pb.SessionList) -> None:
    for session_info in data.items:
        write_session_info(session_info, m.items.add())
    if data.cursor:
        m.cursor = data.cursor


def write_contact(data: s.Contact, m: pb.Contact) -> None:
    if data.uid:
        m.uid = data.uid
    if data.remark:
        m.remark = data.remark
    if data.since:
        m.since = data.since
    if data.user is not None:
        m.user.SetInParent()
        write_user(data.user, m.user)


def write_contact_list(data: s.ContactList, m: pb.ContactList) -> None:
    for contact in data.items:
        write_contact(contact, m.items.add())
    if data.cursor:
        m.cursor = data.cursor


def write_contact_request(data: s.ContactRequest, m: pb.ContactRequest) -> None:
    if data.uid:
        m.uid = data.uid
    if data.message:
        m.message = data.message
    if data.remark:
        m.remark = data.remark
    if data.at:
        m.at = data.at
    if data.outgoing:
        m.outgoing = data.outgoing
    if data.state:
        m.state = data.state
    if data.user is not None:
        m.user.SetInParent()
        write_user(data.user, m.user)


def write_contact_request_list(data: s.ContactRequestList, m: pb.ContactRequestList) -> None:
    for contact_request in data.items:
        write_contact_request(contact_request, m.items.add())
    if data.cursor:
        m.cursor = data.cursor


def write_group_list(data: s.GroupList, m: pb.GroupList) -> None:
    for group in data.items:
        write_group(group, m.items.add())
    if data.cursor:
        m.cursor = data.cursor


def write_member(data: s.Member, m: pb.Member) -> None:
    if data.uid:
        m.uid = data.uid
    if data.role:
        m.role = data.role
    if data.nickname:
        m.nickname = data.nickname
    if data.muted_until:
        m.muted_until = data.muted_until
    if data.joined_at:
        m.joined_at = data.joined_at
    if data.user is not None:
        m.user.SetInParent()
        write_user(data.user, m.user)


def write_member_list(data: s.MemberList, m: pb.MemberList) -> None:
    for member in data.items:
        write_member(member, m.items.add())
    if data.cursor:
        m.cursor = data.cursor


def write_members_added(data: s.MembersAdded, m: pb.MembersAdded) -> None:
    for member in data.items:
        write_member(member, m.items.add())
    if data.refused:
        m.refused.extend(data.refused)


def write_group_joined(data: s.GroupJoined, m: pb.GroupJoined) -> None:
    if data.pending:
        m.pending = data.pending
    if data.group is not None:
        m.group.SetInParent()
        write_group(data.group, m.group)


def write_join_request(data: s.JoinRequest, m: pb.JoinRequest) -> None:
    if data.uid:
        m.uid = data.uid
    if data.message:
        m.message = data.message
    if data.at:
        m.at = data.at
    if data.user is not None:
        m.user.SetInParent()
        write_user(data.user, m.user)


def write_join_request_list(data: s.JoinRequestList, m: pb.JoinRequestList) -> None:
    for join_request in data.items:
        write_join_request(join_request, m.items.add())
    if data.cursor:
        m.cursor = data.cursor


def write_conversation_list(data: r.ConversationList, m: pb.ConversationList) -> None:
    for conversation in data.items:
        write_conversation(conversation, m.items.add())
    if data.cursor:
        m.cursor = data.cursor


def write_presence_list(data: s.PresenceList, m: pb.PresenceList) -> None:
    for notify_presence in data.items:
        write_notify_presence(notify_presence, m.items.add())


def write_file_info(data: s.FileInfo, m: pb.FileInfo) -> None:
    if data.id:
        m.id = data.id
    if data.url:
        m.url = data.url
    if data.name:
        m.name = data.name
    if data.type:
        m.type = data.type
    if data.size:
        m.size = data.size
    if data.sha256:
        m.sha256 = data.sha256
    if data.width:
        m.width = data.width
    if data.height:
        m.height = data.height
    if data.thumbnail:
        m.thumbnail = data.thumbnail
    if data.created_at:
        m.created_at = data.created_at


def write_file_list(data: s.FileList, m: pb.FileList) -> None:
    for file_info in data.items:
        write_file_info(file_info, m.items.add())
    if data.cursor:
        m.cursor = data.cursor
    if data.used:
        m.used = data.used
    if data.quota:
        m.quota = data.quota


def write_upload(data: s.Upload, m: pb.Upload) -> None:
    if data.upload_id:
        m.upload_id = data.upload_id
    if data.offset:
        m.offset = data.offset
    if data.size:
        m.size = data.size
    if data.expires_at:
        m.expires_at = data.expires_at
    if data.file is not None:
        m.file.SetInParent()
        write_file_info(data.file, m.file)


def write_key_info(data: s.KeyInfo, m: pb.KeyInfo) -> None:
    if data.key_id:
        m.key_id = data.key_id
    if data.name:
        m.name = data.name
    if data.scopes:
        m.scopes.extend(data.scopes)
    if data.key:
        m.key = data.key
    if data.created_at:
        m.created_at = data.created_at
    if data.used_at:
        m.used_at = data.used_at


def write_key_list(data: s.KeyList, m: pb.KeyList) -> None:
    for key_info in data.items:
        write_key_info(key_info, m.items.add())


def write_bot(data: s.Bot, m: pb.Bot) -> None:
    if data.uid:
        m.uid = data.uid
    if data.account:
        m.account = data.account
    if data.nickname:
        m.nickname = data.nickname
    if data.avatar:
        m.avatar = data.avatar
    if data.url:
        m.url = data.url
    if data.token:
        m.token = data.token


def write_dead_letter(data: s.DeadLetter, m: pb.DeadLetter) -> None:
    if data.letter_id:
        m.letter_id = data.letter_id
    if data.event:
        m.event = data.event
    if data.url:
        m.url = data.url
    if data.body:
        m.body = data.body
    if data.error:
        m.error = data.error
    if data.attempts:
        m.attempts = data.attempts
    if data.at:
        m.at = data.at


def write_dead_letter_list(data: s.DeadLetterList, m: pb.DeadLetterList) -> None:
    for dead_letter in data.items:
        write_dead_letter(dead_letter, m.items.add())
    if data.cursor:
        m.cursor = data.cursor


def write_statistics(data: s.Statistics, m: pb.Statistics) -> None:
    if data.values:
        m.values.update(data.values)


WRITERS: dict[type, Callable[[Any, Any], None]] = {
    r.Hello: write_hello,
    r.Auth: write_auth,
    r.AuthOk: write_auth_ok,
    r.Error: write_error,
    r.Heartbeat: write_heartbeat,
    r.NotifyClose: write_notify_close,
    r.NotifyKickout: write_notify_kickout,
    r.NotifyDevice: write_notify_device,
    r.Reaction: write_reaction,
    r.Message: write_message,
    r.AckMessage: write_ack_message,
    r.AckRequest: write_ack_request,
    r.AckNotify: write_ack_notify,
    r.MessageRead: write_message_read,
    r.NotifyRead: write_notify_read,
    s.AckGroup: write_ack_group,
    s.Recall: write_recall,
    s.React: write_react,
    s.NotifyReact: write_notify_react,
    s.Pin: write_pin,
    s.Transient: write_transient,
    s.Stream: write_stream,
    s.NotifyGroup: write_notify_group,
    s.NotifyContact: write_notify_contact,
    s.NotifyConversation: write_notify_conversation,
    s.PresenceQuery: write_presence_query,
    s.NotifyPresence: write_notify_presence,
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
    s.PageQuery: write_page_query,
    s.EndSession: write_end_session,
    s.MessageSearch: write_message_search,
    s.Edit: write_edit,
    s.AddContact: write_add_contact,
    s.AnswerContact: write_answer_contact,
    s.UpdateContact: write_update_contact,
    s.PersonQuery: write_person_query,
    s.CreateGroup: write_create_group,
    s.GroupQuery: write_group_query,
    s.UpdateGroup: write_update_group,
    s.GroupPageQuery: write_group_page_query,
    s.AddMembers: write_add_members,
    s.GroupMember: write_group_member,
    s.UpdateMember: write_update_member,
    s.JoinGroup: write_join_group,
    s.UpdateConversation: write_update_conversation,
    s.ConversationQuery: write_conversation_query,
    s.FileQuery: write_file_query,
    s.BeginUpload: write_begin_upload,
    s.AppendUpload: write_append_upload,
    s.UploadQuery: write_upload_query,
    s.NewAccount: write_new_account,
    s.NewToken: write_new_token,
    s.NewKey: write_new_key,
    s.KeyQuery: write_key_query,
    s.NewBot: write_new_bot,
    s.UpdateBot: write_update_bot,
    s.DeadLetterQuery: write_dead_letter_query,
    r.Registered: write_registered,
    r.Gateways: write_gateways,
    r.LoggedIn: write_logged_in,
    r.User: write_user,
    r.UserList: write_user_list,
    r.MessageList: write_message_list,
    r.Group: write_group,
    r.Conversation: write_conversation,
    r.Synced: write_synced,
    s.SessionInfo: write_session_info,
    s.SessionList: write_session_list,
    s.Contact: write_contact,
    s.ContactList: write_contact_list,
    s.ContactRequest: write_contact_request,
    s.ContactRequestList: write_contact_request_list,
    s.GroupList: write_group_list,
    s.Member: write_member,
    s.MemberList: write_member_list,
    s.MembersAdded: write_members_added,
    s.GroupJoined: write_group_joined,
    s.JoinRequest: write_join_request,
    s.JoinRequestList: write_join_request_list,
    r.ConversationList: write_conversation_list,
    s.PresenceList: write_presence_list,
    s.FileInfo: write_file_info,
    s.FileList: write_file_list,
    s.Upload: write_upload,
    s.KeyInfo: write_key_info,
    s.KeyList: write_key_list,
    s.Bot: write_bot,
    s.DeadLetter: write_dead_letter,
    s.DeadLetterList: write_dead_letter_list,
    s.Statistics: write_statistics,
}
