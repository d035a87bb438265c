"""Contacts and blocks, as the application deals with them."""

from __future__ import annotations

from collections.abc import AsyncIterator

from glideim.protocol.actions import Action
from glideim.protocol.records import Empty, User, UserList
from glideim.protocol.social import (
    AddContact,
    AnswerContact,
    Contact,
    ContactList,
    ContactRequest,
    ContactRequestList,
    PageQuery,
    PersonQuery,
    UpdateContact,
)

from .asking import Ask, paged


class Contacts:
    """`client.contacts`. Everything raises RequestFailed when the server refuses it."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def list(self) -> AsyncIterator[Contact]:
        """One's contacts, by uid."""
        return paged(self._ask, Action.API_CONTACTS_LIST, PageQuery, ContactList)

    async def add(self, uid: int, message: str = "", *, remark: str = "") -> ContactRequest:
        """Ask somebody; `message` is for them, `remark` one's own name for them. The `state` of the result is
        accepted when they had asked already."""
        return await self._ask(
            Action.API_CONTACTS_ADD, AddContact(uid, message, remark), ContactRequest
        )

    def requests(self) -> AsyncIterator[ContactRequest]:
        """Requests under way, one's own (`outgoing`) and those of others."""
        return paged(
            self._ask,
            Action.API_CONTACTS_REQUESTS,
            PageQuery,
            ContactRequestList,
        )

    async def accept(self, uid: int, remark: str = "") -> Contact:
        """Agree to somebody's request."""
        return await self._ask(Action.API_CONTACTS_ACCEPT, AnswerContact(uid, remark), Contact)

    async def reject(self, uid: int) -> None:
        """Turn somebody's request down."""
        await self._ask(Action.API_CONTACTS_REJECT, AnswerContact(uid), Empty)

    async def set_remark(self, uid: int, remark: str) -> Contact:
        """One's own name for a contact."""
        return await self._ask(Action.API_CONTACTS_UPDATE, UpdateContact(uid, remark), Contact)

    async def remove(self, uid: int) -> None:
        """End a contact, for both."""
        await self._ask(Action.API_CONTACTS_DELETE, PersonQuery(uid), Empty)

    def blocked(self) -> AsyncIterator[User]:
        """Whom one has blocked."""
        return paged(self._ask, Action.API_BLOCKS_LIST, PageQuery, UserList)

    async def block(self, uid: int) -> None:
        """Take no more messages from somebody."""
        await self._ask(Action.API_BLOCKS_ADD, PersonQuery(uid), Empty)

    async def unblock(self, uid: int) -> None:
        """Take messages from somebody again."""
        await self._ask(Action.API_BLOCKS_REMOVE, PersonQuery(uid), Empty)
