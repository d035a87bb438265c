"""Contacts: requests and what becomes of them, remarks, blocks; tells the devices of both sides."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from glideim.dispatch.ports import Dispatch, Push
from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Envelope, User, UserList
from glideim.protocol.social import (
    Contact,
    ContactList,
    ContactRequest,
    ContactRequestList,
    NotifyContact,
)  # fmt: skip

from .ports import (
    STRANGERS,
    ContactLimits,
    ContactStore,
    IsBot,
    Link,
    LinkState,
    Outcome,
    Pair,
    People,
    Relation,
    RelationsListener,
)  # fmt: skip

REMARK_MOST = 64
MESSAGE_MOST = 256
PAGE = 100
"""Items of a page unless asked for fewer or more."""
PAGE_MOST = 200

_FRIENDS = (LinkState.FRIEND,)
_INCOMING = (LinkState.INCOMING,)
_OUTGOING = (LinkState.OUTGOING,)
_REQUESTS = (LinkState.INCOMING, LinkState.OUTGOING)


class ContactService:
    """Implements `Relations` for messaging, and what presence asks of relations."""

    def __init__(
        self,
        *,
        store: ContactStore,
        people: People,
        dispatch: Dispatch,
        clock: Clock,
        friends_only: bool = False,
        is_bot: IsBot | None = None,
        limits: ContactLimits | None = None,
    ) -> None:
        self._store = store
        self._people = people
        self._dispatch = dispatch
        self._clock = clock
        self._friends_only = friends_only
        self._is_bot = is_bot or _no_bot
        self._limits = limits or ContactLimits()
        self._listeners: list[RelationsListener] = []

    def listen(self, listener: RelationsListener) -> None:
        """Tell this one of every change of a relation from now on."""
        self._listeners.append(listener)

    # --- requests -----------------------------------------------------------------------------------------

    async def request(self, uid: int, peer: int, remark: str, message: str) -> ContactRequest:
        """Ask somebody to be a contact; if they asked already, that is accepted. Raises RequestError."""
        remark = check_text("remark", remark, REMARK_MOST)
        message = check_text("message", message, MESSAGE_MOST)
        user = await self._other(uid, peer)
        link = Link(uid, peer, LinkState.OUTGOING, remark, message, self._clock.now_ms())
        outcome = await self._store.request(link, self._limits)
        _check_outcome(outcome)
        if outcome is Outcome.REQUESTED:
            self._notify(peer, uid, "request", message, link.at)
        elif outcome is Outcome.ACCEPTED:
            await self._accepted(uid, peer)
        return _request(await self._link(uid, peer), user)

    async def accept(self, uid: int, peer: int, remark: str) -> Contact:
        """Become contacts of each other. Raises RequestError `not_found` when they did not ask."""
        remark = check_text("remark", remark, REMARK_MOST)
        now, most = self._clock.now_ms(), self._limits.contacts
        outcome = await self._store.accept(uid, peer, remark, now, most)
        _check_outcome(outcome)
        if outcome is Outcome.ACCEPTED:
            await self._accepted(uid, peer)
        users = await self._people.users((peer,))
        return _contact(await self._link(uid, peer), users.get(peer))

    async def _accepted(self, uid: int, peer: int) -> None:
        """Tell both, each with their own remark, which is nobody else's."""
        self._changed(uid, peer)
        for one, other in ((uid, peer), (peer, uid)):
            link = await self._store.link(one, other)
            if link is not None:
                self._notify(one, other, "accepted", link.remark, link.at)

    async def reject(self, uid: int, peer: int) -> None:
        """Refuse a request. Raises RequestError `not_found` when they did not ask."""
        if await self._store.remove(uid, peer, _INCOMING) is None:
            raise _no_such(peer)
        self._notify_both(uid, peer, "rejected")

    async def remove(self, uid: int, peer: int) -> None:
        """End a friendship, or take one's request back. Raises RequestError `not_found`."""
        if await self._store.remove(uid, peer, (*_FRIENDS, *_OUTGOING)) is None:
            raise _no_such(peer)
        self._changed(uid, peer)
        self._notify_both(uid, peer, "removed")

    async def set_remark(self, uid: int, peer: int, remark: str | None) -> Contact:
        """Change how one calls a contact; None leaves it as it is. Raises RequestError `not_found`."""
        if remark is None:
            link = await self._store.link(uid, peer)
        else:
            remark = check_text("remark", remark, REMARK_MOST)
            link = await self._store.set_remark(uid, peer, remark)
        if link is None or link.state is not LinkState.FRIEND:
            raise _no_such(peer)
        users = await self._people.users((peer,))
        return _contact(link, users.get(peer))

    async def contacts(self, uid: int, cursor: str, limit: int) -> ContactList:
        """A page of contacts, by uid. Raises RequestError."""
        links, following = await self._page(uid, _FRIENDS, cursor, limit)
        users = await self._people.users([link.peer for link in links])
        return ContactList(tuple(_contact(x, users.get(x.peer)) for x in links), following)

    async def requests(self, uid: int, cursor: str, limit: int) -> ContactRequestList:
        """A page of unanswered requests, received and sent, by uid. Raises RequestError."""
        links, following = await self._page(uid, _REQUESTS, cursor, limit)
        users = await self._people.users([link.peer for link in links])
        items = tuple(_request(link, users.get(link.peer)) for link in links)
        return ContactRequestList(items, following)

    async def _page(
        self, uid: int, states: Sequence[LinkState], cursor: str, limit: int
    ) -> tuple[Sequence[Link], str]:
        after, most = read_cursor(cursor), page_size(limit)
        links = await self._store.links(uid, states, after, most + 1)
        return links[:most], str(links[most - 1].peer) if len(links) > most else ""

    async def _link(self, uid: int, peer: int) -> Link:
        link = await self._store.link(uid, peer)
        if link is None:  # taken back by the other side since
            raise _no_such(peer)
        return link

    # --- blocks -------------------------------------------------------------------------------------------

    async def block(self, uid: int, peer: int) -> None:
        """Take no messages and requests from somebody any more. Raises RequestError."""
        await self._other(uid, peer)
        now, most = self._clock.now_ms(), self._limits.blocks
        outcome = await self._store.block(uid, peer, now, most)
        _check_outcome(outcome)
        if outcome is Outcome.REQUESTED:
            self._changed(uid, peer)

    async def unblock(self, uid: int, peer: int) -> None:
        """Lift a block; nothing happens if there is none."""
        if await self._store.unblock(uid, peer):
            self._changed(uid, peer)

    async def blocks(self, uid: int, cursor: str, limit: int) -> UserList:
        """A page of those whom a person blocked, by uid. Raises RequestError."""
        after, most = read_cursor(cursor), page_size(limit)
        found = await self._store.blocks(uid, after, most + 1)
        page = found[:most]
        users = await self._people.users([block.peer for block in page])
        items = tuple(users.get(block.peer, User(block.peer)) for block in page)
        return UserList(items, str(page[-1].peer) if len(found) > most else "")

    # --- what others ask ----------------------------------------------------------------------------------

    async def relations(self, pairs: Sequence[Pair]) -> Mapping[Pair, Relation]:
        """See `ContactStore.relations`."""
        return await self._store.relations(pairs)

    async def barred(self, uid: int, others: Sequence[int]) -> frozenset[int]:
        """Those of the others who blocked `uid`, and whom `uid` therefore must not bring into a group."""
        found = await self._store.relations([(uid, other) for other in others])
        return frozenset(other for (_, other), relation in found.items() if relation.blocked)

    async def refusals(self, pairs: Sequence[Pair]) -> Mapping[Pair, ErrorCode]:
        """See `Relations`. Notes to oneself are never refused, nor messages to or from bots for want of
        friendship."""
        asked = [(sender, receiver) for sender, receiver in pairs if sender != receiver]
        if not asked:
            return {}
        relations = await self._store.relations(asked)
        refused = {pair: ErrorCode.BLOCKED for pair, found in relations.items() if found.blocked}
        if self._friends_only:
            for pair in asked:
                strangers = not relations.get(pair, STRANGERS).friends
                if strangers and not any(map(self._is_bot, pair)):
                    refused.setdefault(pair, ErrorCode.NOT_FRIEND)
        return refused

    # --- telling ------------------------------------------------------------------------------------------

    def _changed(self, a: int, b: int) -> None:
        for listener in self._listeners:
            listener.relations_changed(a, b)

    def _notify_both(self, uid: int, peer: int, kind: str) -> None:
        now = self._clock.now_ms()
        self._notify(uid, peer, kind, "", now)
        self._notify(peer, uid, kind, "", now)

    def _notify(self, to: int, about: int, kind: str, remark: str, at: int) -> None:
        notice = NotifyContact(about, kind, remark, at)
        self._dispatch.post((Push((to,), Envelope(Action.NOTIFY_CONTACT, 0, notice)),))

    async def _other(self, uid: int, peer: int) -> User:
        if uid == peer:
            raise RequestError(ErrorCode.BAD_REQUEST, "uid: somebody else's")
        user = (await self._people.users((peer,))).get(peer)
        if user is None:
            raise _no_such_user(peer)
        return user


def _no_bot(_uid: int) -> bool:
    return False


def check_text(name: str, text: str, most: int) -> str:
    """A line of text, trimmed. Raises RequestError."""
    text = text.strip()
    if len(text) > most or any(unicodedata.category(c) in {"Cc", "Cs"} for c in text):
        raise RequestError(ErrorCode.BAD_REQUEST, f"{name}: at most {most} printable characters")
    return text


def read_cursor(cursor: str) -> int:
    """The uid after which a page begins. Raises RequestError."""
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 16):
        raise RequestError(ErrorCode.BAD_REQUEST, "cursor: not one that this server gave out")
    return int(cursor)


def page_size(limit: int) -> int:
    """How many items a page may have. Raises RequestError."""
    if limit < 0:
        raise RequestError(ErrorCode.BAD_REQUEST, "limit: must not be negative")
    return min(limit or PAGE, PAGE_MOST)


_REFUSED = {
    Outcome.NOTHING: (ErrorCode.NOT_FOUND, "there is no request of theirs to answer"),
    Outcome.BLOCKED: (ErrorCode.BLOCKED, "this person takes no requests from you"),
    Outcome.FULL: (ErrorCode.TOO_LARGE, "the list is full: remove somebody first"),
    Outcome.THEIRS_FULL: (ErrorCode.TOO_LARGE, "the other's list is full"),
}


def _check_outcome(outcome: Outcome) -> None:
    refused = _REFUSED.get(outcome)
    if refused is not None:
        raise RequestError(*refused)


def _no_such(peer: int) -> RequestError:
    return RequestError(ErrorCode.NOT_FOUND, f"{peer} is none of your contacts or requests")


def _no_such_user(peer: int) -> RequestError:
    return RequestError(ErrorCode.NOT_FOUND, f"there is no user {peer}")


def _contact(link: Link, user: User | None) -> Contact:
    return Contact(link.peer, link.remark, link.at, user)


def _request(link: Link, user: User | None) -> ContactRequest:
    state = "accepted" if link.state is LinkState.FRIEND else "pending"
    outgoing = link.state is LinkState.OUTGOING
    return ContactRequest(link.peer, link.message, link.remark, link.at, outgoing, state, user)
