"""`api.contacts.*` and `api.blocks.*`: friendships, requests, remarks and blocks."""

from __future__ import annotations

from glideim.account.ports import Caller
from glideim.contacts.service import ContactService
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Empty, UserList
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
)  # fmt: skip

from .auth import signed_in
from .ports import Endpoint

GROUP = "Contacts"
_WHO = {"uid": 10002, "account": "bob", "nickname": "Bob"}
_BOB = {"uid": 10002, "remark": "Bob from work", "since": 1798675200000, "user": _WHO}
_REQUEST = {
    "uid": 10002,
    "message": "We met on Monday",
    "at": 1798675200000,
    "state": "pending",
    "user": _WHO,
}
_ASKED = {**_REQUEST, "remark": "Bob from work", "outgoing": True}


class ContactHandlers:
    """The handlers."""

    def __init__(self, contacts: ContactService) -> None:
        self._contacts = contacts

    async def list(self, caller: Caller, request: PageQuery) -> ContactList:
        """One's contacts."""
        uid = signed_in(caller).uid
        return await self._contacts.contacts(uid, request.cursor, request.limit)

    async def requests(self, caller: Caller, request: PageQuery) -> ContactRequestList:
        """Unanswered requests, received and sent."""
        uid = signed_in(caller).uid
        return await self._contacts.requests(uid, request.cursor, request.limit)

    async def add(self, caller: Caller, request: AddContact) -> ContactRequest:
        """Ask somebody to be a contact."""
        uid = signed_in(caller).uid
        return await self._contacts.request(uid, request.uid, request.remark, request.message)

    async def accept(self, caller: Caller, request: AnswerContact) -> Contact:
        """Accept a request."""
        return await self._contacts.accept(signed_in(caller).uid, request.uid, request.remark)

    async def reject(self, caller: Caller, request: AnswerContact) -> Empty:
        """Reject a request."""
        await self._contacts.reject(signed_in(caller).uid, request.uid)
        return Empty()

    async def update(self, caller: Caller, request: UpdateContact) -> Contact:
        """Change how one calls a contact."""
        return await self._contacts.set_remark(signed_in(caller).uid, request.uid, request.remark)

    async def remove(self, caller: Caller, request: PersonQuery) -> Empty:
        """End a friendship, or take a request back."""
        await self._contacts.remove(signed_in(caller).uid, request.uid)
        return Empty()

    async def block(self, caller: Caller, request: PersonQuery) -> Empty:
        """Take nothing from somebody any more."""
        await self._contacts.block(signed_in(caller).uid, request.uid)
        return Empty()

    async def unblock(self, caller: Caller, request: PersonQuery) -> Empty:
        """Lift a block."""
        await self._contacts.unblock(signed_in(caller).uid, request.uid)
        return Empty()

    async def blocks(self, caller: Caller, request: PageQuery) -> UserList:
        """Whom one blocked."""
        uid = signed_in(caller).uid
        return await self._contacts.blocks(uid, request.cursor, request.limit)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The table of this group."""
        return (*self._contact_endpoints(), *self._block_endpoints())

    def _contact_endpoints(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                "GET", "/contacts", Action.API_CONTACTS_LIST, PageQuery, ContactList, self.list,
                "One's contacts", GROUP, "By uid, at most 200 a page (default 100).",
                example={"limit": 100}, example_result={"items": [_BOB]},
            ),
            Endpoint(
                "POST", "/contacts", Action.API_CONTACTS_ADD, AddContact, ContactRequest, self.add,
                "Ask somebody to be a contact", GROUP,
                "They get `notify.contact` of type `request` with the message as its remark. If they asked already,"
                " this accepts: `state` is then `accepted`. Asking again changes nothing but remark and message. At most 5,000 contacts and"
                " 1,000 unanswered requests of each kind.",
                status=201, errors=(ErrorCode.NOT_FOUND, ErrorCode.BLOCKED, ErrorCode.TOO_LARGE),
                example={"uid": 10002, "remark": "Bob from work", "message": "We met on Monday"},
                example_result=_ASKED,
            ),
            Endpoint(
                "GET", "/contacts/requests", Action.API_CONTACTS_REQUESTS, PageQuery,
                ContactRequestList, self.requests,
                "Unanswered requests", GROUP,
                "Received and sent (`outgoing`), by uid, at most 200 a page (default 100).",
                example={"limit": 100}, example_result={"items": [_REQUEST]},
            ),
            Endpoint(
                "POST", "/contacts/{uid}/accept", Action.API_CONTACTS_ACCEPT, AnswerContact, Contact, self.accept,
                "Accept a request", GROUP, "Both get `notify.contact` of type `accepted`.",
                errors=(ErrorCode.NOT_FOUND, ErrorCode.BLOCKED, ErrorCode.TOO_LARGE),
                example={"uid": 10002, "remark": "Bob from work"}, example_result=_BOB,
            ),
            Endpoint(
                "POST", "/contacts/{uid}/reject", Action.API_CONTACTS_REJECT, AnswerContact, Empty, self.reject,
                "Reject a request", GROUP,
                "Both get `notify.contact` of type `rejected`. They may ask again; block them to end that.",
                errors=(ErrorCode.NOT_FOUND,), example={"uid": 10002},
            ),
            Endpoint(
                "PATCH", "/contacts/{uid}", Action.API_CONTACTS_UPDATE, UpdateContact, Contact, self.update,
                "Change a remark", GROUP, "How one calls a contact; only oneself sees it.",
                errors=(ErrorCode.NOT_FOUND,),
                example={"uid": 10002, "remark": "Bob from work"}, example_result=_BOB,
            ),
            Endpoint(
                "DELETE", "/contacts/{uid}", Action.API_CONTACTS_DELETE, PersonQuery, Empty, self.remove,
                "Remove a contact", GROUP,
                "Ends the friendship for both, or takes back a request that one sent. Both get `notify.contact` of"
                " type `removed`.",
                errors=(ErrorCode.NOT_FOUND,), example={"uid": 10002},
            ),
        )  # fmt: skip

    def _block_endpoints(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                "GET", "/blocks", Action.API_BLOCKS_LIST, PageQuery, UserList, self.blocks,
                "Whom one blocked", GROUP, "By uid, at most 200 a page (default 100).",
                example={}, example_result={"items": [_WHO]},
            ),
            Endpoint(
                "PUT", "/blocks/{uid}", Action.API_BLOCKS_ADD, PersonQuery, Empty, self.block,
                "Block somebody", GROUP,
                "Their messages and requests are refused with `blocked`, and they see one offline. Nothing else"
                " changes: a friendship stays. At most 5,000.",
                errors=(ErrorCode.NOT_FOUND, ErrorCode.TOO_LARGE), example={"uid": 10002},
            ),
            Endpoint(
                "DELETE", "/blocks/{uid}", Action.API_BLOCKS_REMOVE, PersonQuery, Empty, self.unblock,
                "Lift a block", GROUP, "Also succeeds when there is none.", example={"uid": 10002},
            ),
        )  # fmt: skip
