"""What a signed-in connection carries for its account: messages, confirmations, positions, catching up. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.conversations import group_key
from glideim.protocol.records import (
    AckMessage,
    AckNotify,
    AckRequest,
    Conversation,
    Error,
    HistoryQuery,
    Message,
    MessageList,
    MessageRead,
    NotifyRead,
    Sync,
    Synced,
)  # fmt: skip
from glideim.protocol.social import NotifyGroup, PresenceQuery, Stream

from . import events
from .account import Account
from .calls import Call, Calls
from .changes import Changes
from .errors import RequestFailed, SendFailed
from .inbox import Pull
from .link import Link, TooLargeError
from .options import Options
from .syncing import Syncing

_FOREVER = float("inf")
_COMING = frozenset({"created", "joined", "invited"})
"""Events of groups that bring people in."""


class Traffic:
    """One account on one signed-in connection; a new connection gets a new one."""

    def __init__(
        self,
        account: Account,
        link: Link,
        calls: Calls,
        options: Options,
        emit: Callable[[events.Event], None],
    ) -> None:
        self.account = account
        self._link = link
        self._calls = calls
        self._options = options
        self._emit = emit
        self.now = 0.0
        self._syncing = Syncing(account, options, self)
        self._changes = Changes(account, emit)
        self.handlers: dict[str, Callable[[Any], None]] = {
            Action.ACK_MESSAGE: self._on_ack,
            Action.MESSAGE_CHAT: self._on_message,
            Action.MESSAGE_GROUP: self._on_message,
            Action.NOTIFY_GROUP: self._on_group,
            Action.MESSAGE_STREAM: self._on_stream,
            Action.ACK_NOTIFY: self._on_delivered,
            Action.NOTIFY_READ: self._on_read,
            **self._changes.handlers,
        }

    @property
    def synced(self) -> bool:
        """Whether the catching up is done."""
        return self._syncing.done

    def begin(self, now: float) -> None:
        """The connection is signed in: catch up, and send again what was not answered."""
        self.now = now
        if self.account.watched:
            self.watch()
        self._syncing.begin()

    def end(self) -> None:
        """The connection is gone."""
        self.account.outbox.disconnected()
        self.account.inbox.disconnected()
        for writer in self.account.writers.values():
            writer.disconnected()

    def handle(self, action: str, data: Any, now: float) -> None:
        """A push or an acknowledgement came."""
        self.now = now
        handler = self.handlers.get(action)
        if handler is not None:
            handler(data)

    def refused(self, error: Error, request: int, now: float) -> None:
        """The server refused something; a message, if it says so or the request carried one."""
        outbox = self.account.outbox
        cli_mid = error.cli_mid or outbox.sent_as(request) or ""
        if cli_mid in self.account.writers:
            self.account.writers[cli_mid].refused(
                SendFailed(error.code, error.message, cli_mid, retryable=error.retryable)
            )
        elif cli_mid:
            outbox.refused(cli_mid, error.code, error.message, retryable=error.retryable, now=now)

    def deadline(self) -> float:
        """When `tick` should be called, at the latest."""
        pulls = self.account.inbox.deadline() if self.synced else _FOREVER
        return min(self.account.outbox.deadline(), self._syncing.deadline(), pulls)

    def tick(self, now: float) -> None:
        """Let time pass."""
        self.now = now
        self.account.outbox.tick(now)
        self._syncing.tick(now)

    # --- what goes out --------------------------------------------------------------------------------------

    def send(self, now: float) -> None:
        """Queue everything that may be sent now. The account was saved before."""
        self.now = now
        for entry in self.account.outbox.pump(now):
            try:
                entry.request = self._link.request(entry.action, entry.message)
            except TooLargeError:
                cli_mid, reason = (
                    entry.message.cli_mid,
                    "the message is larger than the server accepts",
                )
                self.account.outbox.refused(
                    cli_mid, ErrorCode.TOO_LARGE, reason, retryable=False, now=now
                )
        acks = self.account.inbox.acks
        for conv, seq in acks.items():
            self._link.tell(Action.ACK_REQUEST, AckRequest(conv=conv, seq=seq))
        acks.clear()
        if self.synced:
            for pull in self.account.inbox.pulls(now):
                self._pull(pull)

    def mark_read(self, conv: str, seq: int) -> None:
        """Tell the server how far the person has read."""
        self._link.tell(Action.MESSAGE_READ, MessageRead(conv, seq))

    def watch(self) -> None:
        """Tell the server whose presence this connection wants to know."""
        self._link.tell(Action.PRESENCE_SUB, PresenceQuery(tuple(sorted(self.account.watched))))

    def tell(self, action: str, data: Any) -> None:
        """Send something that is not answered. Raises TooLargeError."""
        self._link.tell(action, data)

    def ask(self, action: str, data: Sync) -> None:
        """Ask for a page of the synchronisation; the answer goes back to it."""
        self._call(action, data, Synced, self._on_page)

    def _pull(self, pull: Pull) -> None:
        query = HistoryQuery(conv=pull.conv, after=pull.after, limit=pull.limit)
        self._call(
            Action.API_MESSAGES_LIST,
            query,
            MessageList,
            lambda page: self._on_pulled(pull.conv, page),
        )

    def _call(self, action: str, data: Any, kind: type, reply: Callable[[Any], None]) -> None:
        due = self.now + self._options.call_timeout
        self._calls.add(Call(action, data, kind, reply, due, internal=True))

    # --- what comes in --------------------------------------------------------------------------------------

    def _on_message(self, message: Message) -> None:
        self._claim((message,))
        if message.status and self.account.inbox.knows(message):
            self._changes.known_again(message)
        self.account.inbox.received((message,), self.now)

    def _on_group(self, notice: NotifyGroup) -> None:
        """An event has its place among the messages of the group: it is pulled like one that was missed."""
        self._changes.group(notice)
        if not notice.seq:
            return
        conv, inbox = group_key(notice.gid), self.account.inbox
        if self.account.uid in notice.uids and notice.type in _COMING:
            inbox.begin(conv, notice.seq)
        inbox.exists(conv, notice.seq, self.now)

    def _on_stream(self, step: Stream) -> None:
        """A message that grew is pulled when it is whole; a cancelled one, for its place."""
        self._changes.grow(step)
        if step.op in {"finish", "cancel"}:
            self.account.inbox.exists(step.conv, step.seq, self.now)

    def _claim(self, messages: Iterable[Message]) -> None:
        """A message of ours that comes back while it is still in the outbox is its own acknowledgement."""
        account = self.account
        for m in messages:
            if m.from_ == account.uid and m.cli_mid in account.outbox:
                self._on_ack(AckMessage(m.cli_mid, m.mid, m.conv, m.seq, m.send_at))

    def _on_ack(self, ack: AckMessage) -> None:
        if self.account.outbox.acked(ack):
            self.account.inbox.sent(ack.conv, ack.seq, self.now)
            self._emit(events.Stored(ack.cli_mid, ack.mid, ack.conv, ack.seq, ack.send_at))

    def _on_delivered(self, notice: AckNotify) -> None:
        if self.account.receipts.notified(notice):
            self._emit(events.Delivered(notice.conv, notice.seq, notice.cli_mid, notice.offline))

    def _on_read(self, notice: NotifyRead) -> None:
        if self.account.receipts.was_read(notice.conv, notice.uid, notice.seq):
            self._emit(events.Read(notice.conv, notice.uid, notice.seq))

    def _on_page(self, result: Synced | RequestFailed) -> None:
        if isinstance(result, RequestFailed):
            if self._syncing.failed(result, self.now):
                self._emit(events.Synced(()))
            return
        conversations = self._syncing.page(result, self.now)
        for messages in result.messages.values():
            self._claim(messages)
            # What is here already comes because it changed.
            for message in messages:
                if self.account.inbox.knows(message):
                    self._changes.known_again(message)
            self.account.inbox.received(messages, self.now)
        if result.gone:
            self._emit(events.Gone(result.gone))
        for conversation in result.conversations:
            self._positions(conversation)
        if conversations is not None:
            self.account.inbox.hasten(self.now)
            for conv, seq in self.account.reads.items():
                self.mark_read(conv, seq)
            self._emit(events.Synced(conversations))

    def _positions(self, conversation: Conversation) -> None:
        """What `ack.notify` and `notify.read` would have said meanwhile."""
        conv = conversation.conv
        self._on_delivered(AckNotify(conv=conv, seq=conversation.peer_delivered_seq))
        self._on_read(NotifyRead(conv, self.account.uid, conversation.read_seq))
        if conversation.peer is not None:
            self._on_read(NotifyRead(conv, conversation.peer.uid, conversation.peer_read_seq))

    def _on_pulled(self, conv: str, result: MessageList | RequestFailed) -> None:
        inbox = self.account.inbox
        if isinstance(result, MessageList):
            self._claim(result.items)
            inbox.pulled(conv, result.items, self.now)
        elif result.retryable:
            inbox.pull_failed(conv, self.now)
        else:
            first, last = inbox.skip(conv, self.now)
            self._emit(events.Skipped(conv, first, last, result.code))
