"""`api.users.*`: profiles."""

from __future__ import annotations

from typing import Protocol

from msgspec.structs import replace

from glideim.account.checks import check_profile
from glideim.account.ports import Caller
from glideim.account.service import AccountService
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Empty, UpdateUser, User, UserList, UserSearch, UsersQuery

from .auth import signed_in
from .ports import Endpoint

GROUP = "Users"
_USER = {
    "uid": 10001,
    "account": "alice",
    "nickname": "Alice",
    "avatar": "https://example.com/alice.png",
}


class Audiences(Protocol):
    """Who may see whether a person is there."""

    async def audience(self, uid: int) -> str: ...

    async def set_audience(self, uid: int, name: str) -> None:
        """Raises RequestError."""
        ...


class UserHandlers:
    """The handlers."""

    def __init__(self, accounts: AccountService, audiences: Audiences) -> None:
        self._accounts = accounts
        self._audiences = audiences

    async def me(self, caller: Caller, request: Empty) -> User:
        """One's own profile."""
        uid = signed_in(caller).uid
        return await self._own(await self._accounts.user(uid))

    async def update(self, caller: Caller, request: UpdateUser) -> User:
        """Change one's own profile."""
        uid = signed_in(caller).uid
        if request.presence is not None:
            # Checked as a whole before anything is changed.
            check_profile(request.nickname, request.avatar)
            await self._audiences.set_audience(uid, request.presence)
        return await self._own(await self._accounts.update(uid, request.nickname, request.avatar))

    async def _own(self, user: User) -> User:
        return replace(user, presence=await self._audiences.audience(user.uid))

    async def list(self, caller: Caller, request: UsersQuery) -> UserList:
        """Profiles by uid."""
        signed_in(caller)
        return await self._accounts.list_users(request.uids)

    async def search(self, caller: Caller, request: UserSearch) -> UserList:
        """Profiles by account or the beginning of account or nickname."""
        signed_in(caller)
        return await self._accounts.search(request.q, request.cursor, request.limit)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The table of this group."""
        return (
            Endpoint(
                "GET", "/users/me", Action.API_USERS_ME, Empty, User, self.me,
                "One's own profile", GROUP, example_result={**_USER, "presence": "everyone"},
            ),
            Endpoint(
                "PATCH", "/users/me", Action.API_USERS_UPDATE, UpdateUser, User, self.update,
                "Change one's own profile", GROUP,
                "Fields that are not given stay as they are. `presence` is who may see whether one is there: `everyone`"
                " (who is not blocked), `contacts` or `nobody`.",
                example={"nickname": "Alice L.", "presence": "contacts"},
                example_result={**_USER, "nickname": "Alice L.", "presence": "contacts"},
            ),
            Endpoint(
                "GET", "/users/search", Action.API_USERS_SEARCH, UserSearch, UserList, self.search,
                "Find people", GROUP,
                "By the beginning of account or nickname, without regard to case; an exact account name comes"
                " first. At most 50 a page.",
                example={"q": "ali"}, example_result={"items": [_USER]},
            ),
            Endpoint(
                "GET", "/users", Action.API_USERS_LIST, UsersQuery, UserList, self.list,
                "Profiles by uid", GROUP, "At most 100 `uids`; unknown ones are left out of the result.",
                errors=(ErrorCode.TOO_LARGE,),
                example={"uids": [10001, 10002]}, example_result={"items": [_USER]},
            ),
        )  # fmt: skip
