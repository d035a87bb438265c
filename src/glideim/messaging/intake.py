"""Before the commit: what is not valid is refused, what was accepted before is found, what the rest needs is loaded."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from glideim.contacts.ports import Pair, Relations
from glideim.dispatch.ports import Item
from glideim.group.rights import sending
from glideim.kernel.clock import Clock
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.conversations import chat_key, parse_group
from glideim.protocol.limits import check_send
from glideim.protocol.records import Message

from .answers import acknowledgement, failure, fingerprint, wanted
from .conversations import Accepted, Conversation, ConversationCache, RecentSends
from .groups import GroupCache
from .ports import Directory, MessageStore, Send
from .screening import CHANGED

_FRESH = frozenset(
    {str(Action.MESSAGE_CHAT), str(Action.MESSAGE_GROUP), str(Action.MESSAGE_STREAM)}
)
"""Actions that nobody tries twice: their messages are looked up only when the database refuses them."""
_RESEND = str(Action.MESSAGE_CHAT_RESEND)
_STREAM = str(Action.MESSAGE_STREAM)
_REFUSALS = {
    ErrorCode.BLOCKED: "the receiver has blocked you",
    ErrorCode.NOT_FRIEND: "this server asks for friendship before the first message",
}
_NOBODY: Mapping[int, ErrorCode] = {}


class Repeat(NamedTuple):
    """A send that was accepted before."""

    send: Send
    accepted: Accepted


class Intake:
    """Sorts batches of sends."""

    def __init__(
        self,
        *,
        store: MessageStore,
        directory: Directory,
        relations: Relations,
        clock: Clock,
        cache: ConversationCache,
        groups: GroupCache,
        recent: RecentSends,
    ) -> None:
        self._store = store
        self._directory = directory
        self._relations = relations
        self._clock = clock
        self._cache = cache
        self._groups = groups
        self._recent = recent

    async def sort(  # noqa: C901 - one loop over the batch, for every message
        self, batch: Sequence[Send], items: list[Item]
    ) -> tuple[list[Send], list[Repeat]]:
        """Sends that are new, and repeats; refusals go to `items`."""
        fresh: list[Send] = []
        repeats: list[Repeat] = []
        strangers: set[int] = set()
        all_open = no_retries = True
        gids: set[int] = set()
        known, recall, loaded = self._directory.known, self._recent.get, self._cache.between
        for send in batch:
            message = send.message
            refused = check_send(message)
            if refused is not None:
                items.append(failure(send, *refused))
                continue
            accepted = recall((send.uid, message.cli_mid))
            if accepted is not None:
                repeats.append(Repeat(send, accepted))
                continue
            if send.action not in _FRESH:
                no_retries = False
            if send.group:
                gids.add(message.to)
            else:
                conversation = loaded(send.uid, message.to)
                if conversation is None or not conversation.open:
                    all_open = False
                    if not known(message.to):
                        strangers.add(message.to)
            fresh.append(send)
        if not no_retries:
            fresh = await self._find_retries(fresh, repeats, items)
        if strangers:
            fresh = await self._refuse_unknown(fresh, strangers, items)
        if not all_open:
            await self._load({(s.uid, s.message.to) for s in fresh if not s.group})
            fresh = await self._refuse_barred(fresh, items)
        if gids:
            await self._groups.load(gids)
            fresh = self.refuse_outsiders(fresh, items)
        return fresh, repeats

    async def _find_retries(
        self, fresh: list[Send], repeats: list[Repeat], items: list[Item]
    ) -> list[Send]:
        """Look up retries that memory does not know before trying to store them: most are stored already."""
        retries = [send for send in fresh if send.action not in _FRESH]
        unknown = {id(send) for send in await self.without_stored(retries, repeats)}
        rest: list[Send] = []
        for send in fresh:
            if send.action in _FRESH:
                rest.append(send)
            elif id(send) not in unknown:
                continue
            elif send.action == _RESEND:
                text = "there is nothing to resend under this cliMid: it was never stored"
                items.append(failure(send, ErrorCode.NOT_FOUND, text))
            else:
                rest.append(send)
        return rest

    async def without_stored(self, sends: Sequence[Send], repeats: list[Repeat]) -> list[Send]:
        """Move those that the database already has to `repeats`; the rest."""
        stored = await self._store.find([(send.uid, send.message.cli_mid) for send in sends])
        rest: list[Send] = []
        for send in sends:
            message = stored.get((send.uid, send.message.cli_mid))
            if message is None:
                rest.append(send)
                continue
            group = parse_group(message.conv) is not None
            same = _may_be(send, message, group=group)
            print_of = wanted(send) if same else fingerprint(message, group=group)
            repeats.append(Repeat(send, (acknowledgement(message), print_of)))
        return rest

    async def _refuse_unknown(
        self, fresh: list[Send], strangers: set[int], items: list[Item]
    ) -> list[Send]:
        missing = strangers - await self._directory.exists(sorted(strangers))
        items.extend(
            failure(send, ErrorCode.NOT_FOUND, f"there is no user {send.message.to}")
            for send in fresh
            if not send.group and send.message.to in missing
        )
        return [send for send in fresh if send.group or send.message.to not in missing]

    async def _load(self, pairs: Collection[tuple[int, int]]) -> None:
        """Bring two-person conversations into memory, and learn who may write in those that are new. One after the
        other: a store that has the answers at hand gives them within this turn of the loop, where two tasks would each
        wait for a turn of their own."""
        between, changes = self._cache.between, self._cache.relation_changes
        new = {pair for pair in pairs if between(*pair) is None}
        refusals = await self._relations.refusals(
            [both for pair in new for both in (pair, pair[::-1])]
        )
        await self._cache.load({chat_key(*pair) for pair in pairs})
        if changes != self._cache.relation_changes:
            return  # of whom is not known: they are asked for again
        for pair in new:
            conversation = between(*pair)
            if conversation is not None and conversation.barred is None:
                conversation.barred = _refused(conversation, refusals)
                conversation.open = not conversation.barred

    # --- rights -------------------------------------------------------------------------------------------

    async def _refuse_barred(self, fresh: list[Send], items: list[Item]) -> list[Send]:
        rest: list[Send] = []
        between = self._cache.between
        asked = [between(send.uid, send.message.to) for send in fresh if not send.group]
        await self.ask_relations([c for c in asked if c is not None and c.barred is None])
        for send in fresh:
            conversation = None if send.group else between(send.uid, send.message.to)
            if conversation is None or conversation.open:
                rest.append(send)
                continue
            code = (conversation.barred or {}).get(send.uid)
            if code is None:
                rest.append(send)
            else:
                items.append(failure(send, code, _REFUSALS[code]))
        return rest

    async def ask_relations(self, conversations: Sequence[Conversation]) -> None:
        """Learn who of two may write to the other. What changes while it is being asked is asked again next time."""
        if not conversations:
            return
        before = {c.key: c.relation for c in conversations}
        pairs = [pair for c in conversations for pair in (c.users, c.users[::-1])]
        refusals = await self._relations.refusals(pairs)
        for conversation in conversations:
            found = conversation.barred = _refused(conversation, refusals)
            if conversation.relation != before[conversation.key]:
                # Right for this batch, which began before the change; not for the next.
                conversation.open = False
            else:
                conversation.open = not found

    def refuse_outsiders(self, fresh: list[Send], items: list[Item]) -> list[Send]:
        """Take out those who may not send to a group, as it is in memory."""
        rest: list[Send] = []
        now = self._clock.now_ms()
        for send in fresh:
            if not send.group:
                rest.append(send)
                continue
            conversation = self._groups.get(send.message.to)
            state = conversation.state if conversation is not None else None
            refused = sending(state, send.uid, now)
            if refused is None:
                rest.append(send)
            else:
                items.append(failure(send, *refused))
        return rest


def _refused(
    conversation: Conversation, refusals: Mapping[Pair, ErrorCode]
) -> Mapping[int, ErrorCode]:
    """Who of the two may not write to the other, and why."""
    if not refusals:
        return _NOBODY
    first, second = conversation.users
    return {
        sender: refusals[sender, other]
        for sender, other in ((first, second), (second, first))
        if (sender, other) in refusals
    }


def _may_be(send: Send, message: Message, *, group: bool) -> bool:
    """Whether what was sent first is no longer to be seen, as it was changed or grew, and nothing else speaks against
    it: a receiver never changes, a type only by a screen."""
    if (send.message.to, send.group) != (message.to, group):
        return False
    if send.action == _STREAM or CHANGED in message.extra:
        return True
    return message.status != 0 and send.message.type == message.type
