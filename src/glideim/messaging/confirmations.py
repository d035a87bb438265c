"""Delivery is confirmed: receivers' `ack.request` moves positions and becomes `ack.notify` (P6)."""

from __future__ import annotations

from collections.abc import Sequence

from glideim.dispatch.ports import Dispatch, Item, Origin, Push, Reply
from glideim.kernel.errors import RequestError
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.conversations import chat_key, parse_key
from glideim.protocol.limits import check_ack
from glideim.protocol.records import AckNotify, Envelope, Error, NotifyRead

from .conversations import Conversation, ConversationCache
from .ports import Confirm, MessageStore

_ACK_NOTIFY = str(Action.ACK_NOTIFY)
_NOTIFY_READ = str(Action.NOTIFY_READ)
_ERROR = str(Action.ERROR)


def member_key(uid: int, key: str) -> str:
    """The key of a conversation the person belongs to; anything else is as if it did not exist."""
    users = parse_key(key)
    if users is None or uid not in users:
        raise RequestError(ErrorCode.NOT_FOUND, "there is no such conversation")
    return key


def target_key(confirm: Confirm) -> str:
    """The conversation that a confirmation speaks of. Raises RequestError."""
    ack = confirm.ack
    refused = check_ack(ack)
    if refused is not None:
        raise RequestError(*refused)
    return member_key(confirm.uid, ack.conv) if ack.conv else chat_key(confirm.uid, ack.from_)


class Confirmations:
    """Positions of the members of conversations, and the notices they cause."""

    def __init__(self, store: MessageStore, dispatch: Dispatch, cache: ConversationCache) -> None:
        self._store = store
        self._dispatch = dispatch
        self._cache = cache
        self.confirmed = 0

    def now(self, confirms: Sequence[Confirm]) -> list[Confirm]:
        """Handle what memory can answer; returns the rest, for `later`."""
        items: list[Item] = []
        rest: list[Confirm] = []
        get = self._cache.get
        for confirm in confirms:
            ack = confirm.ack
            conversation = get(ack.conv)
            if conversation is None or not self._cumulative(conversation, confirm, items):
                rest.append(confirm)
        if items:
            self._dispatch.post(items)
        return rest

    async def later(self, confirms: Sequence[Confirm]) -> None:
        """Handle what needs the database."""
        items: list[Item] = []
        for confirm in confirms:
            try:
                items.extend(await self._settle(confirm))
            except RequestError as error:
                data = Error(error.code, error.message, error.retryable)
                items.append(Reply(confirm.origin, Envelope(_ERROR, confirm.request_seq, data)))
        self._dispatch.post(items)

    def _cumulative(self, conversation: Conversation, confirm: Confirm, items: list[Item]) -> bool:
        """ "Everything up to `seq`"; False when it takes the database to know what that means."""
        uid, seq = confirm.uid, confirm.ack.seq
        place = conversation.places.get(uid)
        if place is None or not 0 < seq <= conversation.seq:
            return False
        waiting = place.waiting
        last = None
        while waiting and waiting[0].seq <= seq:
            last = waiting.popleft()
        if last is None and place.delivered < min(seq, conversation.loaded_at):
            return False
        if seq > place.delivered:
            place.delivered = seq
            self._cache.mark(conversation)
        if last is not None:
            self.confirmed += 1
            notice = AckNotify(conversation.key, last.seq, last.mid, last.cli_mid, uid)
            items.append(Push((conversation.peer_of(uid),), Envelope(_ACK_NOTIFY, 0, notice)))
        return True

    async def _settle(self, confirm: Confirm) -> Sequence[Item]:
        key = target_key(confirm)
        await self._cache.load((key,))
        conversation = self._cache.get(key)
        if conversation is None:
            raise LookupError(f"conversation {key} was forgotten while it was in use")
        if not confirm.ack.conv:
            return await self._single(conversation, confirm)
        if confirm.ack.seq > conversation.seq:
            raise RequestError(
                ErrorCode.BAD_REQUEST, f"seq {confirm.ack.seq} of {key} does not exist yet"
            )
        items: list[Item] = []
        if not self._cumulative(conversation, confirm, items):
            items.extend(await self._from_store(conversation, confirm))
        return items

    async def _from_store(self, conversation: Conversation, confirm: Confirm) -> Sequence[Item]:
        """Messages from before the conversation was loaded: the newest one confirmed stands for all."""
        uid, seq = confirm.uid, confirm.ack.seq
        place = conversation.places[uid]
        peer = conversation.peer_of(uid)
        last = await self._store.last_from(conversation.key, peer, place.delivered, seq)
        place.delivered = max(place.delivered, seq)
        self._cache.mark(conversation)
        if last is None:
            return ()
        self.confirmed += 1
        notice = AckNotify(conversation.key, last.seq, last.mid, last.cli_mid, uid)
        return (Push((peer,), Envelope(_ACK_NOTIFY, 0, notice)),)

    async def _single(self, conversation: Conversation, confirm: Confirm) -> Sequence[Item]:
        """One message by its id. It moves the position only where nothing before it is missing."""
        uid, ack = confirm.uid, confirm.ack
        message = await self._store.by_mid(ack.mid)
        if message is None or message.conv != conversation.key or message.from_ != ack.from_:
            raise RequestError(ErrorCode.NOT_FOUND, "there is no such message")
        place = conversation.places[uid]
        if place.delivered + 1 == message.seq:
            place.delivered = message.seq
            self._cache.mark(conversation)
        for waiting in place.waiting:
            if waiting.seq == message.seq:
                place.waiting.remove(waiting)
                break
        self.confirmed += 1
        notice = AckNotify(conversation.key, message.seq, message.mid, message.cli_mid, uid)
        return (Push((message.from_,), Envelope(_ACK_NOTIFY, 0, notice)),)

    async def read(self, uid: int, origin: Origin | None, key: str, seq: int) -> None:
        """Move the read position and tell the other person and the reader's other devices."""
        await self._cache.load((member_key(uid, key),))
        conversation = self._cache.get(key)
        if conversation is None:
            raise LookupError(f"conversation {key} was forgotten while it was in use")
        if not 0 < seq <= conversation.seq:
            raise RequestError(ErrorCode.BAD_REQUEST, f"seq {seq} of {key} does not exist")
        place = conversation.places[uid]
        if seq <= place.read:
            return
        place.read = seq
        self._cache.mark(conversation)
        envelope = Envelope(_NOTIFY_READ, 0, NotifyRead(key, uid, seq))
        peer = conversation.peer_of(uid)
        self._dispatch.post((Push((peer,), envelope, uid if peer != uid else 0, origin),))

    def went_offline(self, uid: int) -> None:
        """Nobody of this person is left to confirm what was pushed: their senders learn that it waits."""
        notices: list[Item] = []
        for conversation in self._cache.of_user(uid):
            place = conversation.places[uid]
            peer = conversation.peer_of(uid)
            if peer == uid or not place.waiting or place.waiting[-1].seq <= place.offline_told:
                continue
            last = place.waiting[-1]
            place.offline_told = last.seq
            notice = AckNotify(conversation.key, last.seq, last.mid, last.cli_mid, uid, True)
            notices.append(Push((peer,), Envelope(_ACK_NOTIFY, 0, notice)))
        if notices:
            self._dispatch.post(notices)
