"""Delivery is confirmed: receivers' `ack.request` moves positions and becomes `ack.notify` (P6)."""

from __future__ import annotations

from collections.abc import Sequence

from glideim.dispatch.ports import Dispatch, Item, Origin, Push, Reply
from glideim.kernel.errors import RequestError
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.conversations import chat_key, parse_group, parse_key
from glideim.protocol.limits import check_ack
from glideim.protocol.records import AckNotify, Envelope, Error, NotifyRead

from .access import Access, no_conversation
from .conversations import Conversation, ConversationCache
from .groups import GroupCache, GroupConversation
from .ports import Confirm, MessageStore

_ACK_NOTIFY = str(Action.ACK_NOTIFY)
_NOTIFY_READ = str(Action.NOTIFY_READ)
_ERROR = str(Action.ERROR)


def member_key(uid: int, key: str) -> str:
    """The key of a conversation the person belongs to; anything else is as if it did not exist."""
    users = parse_key(key)
    if users is None or uid not in users:
        raise no_conversation()
    return key


def _not_yet(seq: int, key: str) -> RequestError:
    return RequestError(ErrorCode.BAD_REQUEST, f"seq {seq} of {key} does not exist yet")


def target_key(confirm: Confirm) -> str:
    """The conversation that a confirmation speaks of. Raises RequestError."""
    ack = confirm.ack
    refused = check_ack(ack)
    if refused is not None:
        raise RequestError(*refused)
    return member_key(confirm.uid, ack.conv) if ack.conv else chat_key(confirm.uid, ack.from_)


class Confirmations:
    """Positions of the members of conversations, and the notices they cause."""

    def __init__(
        self,
        store: MessageStore,
        dispatch: Dispatch,
        cache: ConversationCache,
        groups: GroupCache,
        access: Access,
    ) -> None:
        self._store = store
        self._dispatch = dispatch
        self._cache = cache
        self._groups = groups
        self._access = access
        self.confirmed = 0

    def now(self, confirms: Sequence[Confirm]) -> list[Confirm]:
        """Handle what memory can answer; returns the rest, for `later`."""
        items: list[Item] = []
        rest: list[Confirm] = []
        get = self._cache.get
        for confirm in confirms:
            ack = confirm.ack
            conversation = get(ack.conv)
            if conversation is None:
                group = self._groups.by_key(ack.conv)
                if group is None or not self._in_group(group, confirm):
                    rest.append(confirm)
            elif not self._cumulative(conversation, confirm, items):
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
        last = place.take_confirmed(seq)
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

    def _in_group(self, group: GroupConversation, confirm: Confirm) -> bool:
        """The same in a group: nobody is told, so it costs a member nothing but this."""
        if confirm.uid not in group.state.members or not 0 < confirm.ack.seq <= group.seq:
            return False
        group.move(confirm.uid, delivered=confirm.ack.seq)
        self._groups.mark(group)
        self.confirmed += 1
        return True

    async def _settle_in_group(self, confirm: Confirm) -> None:
        view = await self._access.view(confirm.uid, confirm.ack.conv)
        if view.group is None or not self._in_group(view.group, confirm):
            raise _not_yet(confirm.ack.seq, confirm.ack.conv)

    async def _settle(self, confirm: Confirm) -> Sequence[Item]:
        if parse_group(confirm.ack.conv) is not None:
            await self._settle_in_group(confirm)
            return ()
        key = target_key(confirm)
        await self._cache.load((key,))
        conversation = self._cache.get(key)
        if conversation is None:
            raise LookupError(f"conversation {key} was forgotten while it was in use")
        if not confirm.ack.conv:
            return await self._single(conversation, confirm)
        if confirm.ack.seq > conversation.seq:
            raise _not_yet(confirm.ack.seq, key)
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
        """Move the read position and tell the other person and the reader's other devices; in groups only those."""
        if parse_group(key) is not None:
            await self._read_in_group(uid, origin, key, seq)
            return
        await self._cache.load((member_key(uid, key),))
        conversation = self._cache.get(key)
        if conversation is None:
            raise LookupError(f"conversation {key} was forgotten while it was in use")
        if not 0 < seq <= conversation.seq:
            raise _not_yet(seq, key)
        place = conversation.places[uid]
        if seq <= place.read:
            return
        place.read = seq
        self._cache.mark(conversation)
        envelope = Envelope(_NOTIFY_READ, 0, NotifyRead(key, uid, seq))
        peer = conversation.peer_of(uid)
        self._dispatch.post((Push((peer,), envelope, uid if peer != uid else 0, origin),))

    async def _read_in_group(self, uid: int, origin: Origin | None, key: str, seq: int) -> None:
        view = await self._access.view(uid, key)
        group = view.group
        if group is None or not 0 < seq <= group.seq:
            raise _not_yet(seq, key)
        _, read = group.moved.get(uid, (0, 0))
        if seq <= read:
            return
        group.move(uid, read=seq)
        self._groups.mark(group)
        envelope = Envelope(_NOTIFY_READ, 0, NotifyRead(key, uid, seq))
        self._dispatch.post((Push((uid,), envelope, 0, origin),))

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
