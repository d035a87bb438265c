"""`api.admin.*`: what other servers and administrators do, with API keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from glideim.account.admin import AccountAdmin
from glideim.account.keys import SCOPES, KeyService
from glideim.account.ports import ApiKey, Caller
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Empty, LoggedIn, User
from glideim.protocol.social import (
    DeadLetterList,
    DeadLetterQuery,
    KeyInfo,
    KeyList,
    KeyQuery,
    NewAccount,
    NewKey,
    NewToken,
    PageQuery,
    PersonQuery,
    Statistics,
)  # fmt: skip

from .ports import DeadLetters, Endpoint

GROUP = "Administration"
_USER = {"uid": 10001, "account": "alice", "nickname": "Alice"}
_KEY = {"keyId": 1, "name": "app", "scopes": ["act", "users"], "createdAt": 1798675200000}
_DEAD = {
    "letterId": 4, "event": "after_send", "url": "https://app.example.com/hook", "error": "status 500", "attempts": 8,
    "at": 1798675290000, "body": '{"event":"after_send","delivery":"after_send-71-80","messages":[…]}',
}  # fmt: skip


class AdminHandlers:
    """The handlers. That the caller is a key with the scope was checked before."""

    def __init__(
        self,
        accounts: AccountAdmin,
        keys: KeyService,
        dead: DeadLetters,
        statistics: Callable[[], Mapping[str, Mapping[str, float]]],
    ) -> None:
        self._accounts = accounts
        self._keys = keys
        self._dead = dead
        self._statistics = statistics

    async def add_user(self, caller: Caller, request: NewAccount) -> User:
        """A new account."""
        return await self._accounts.create(
            request.account,
            request.password,
            request.nickname,
            request.avatar,
            if_missing=request.if_missing,
        )

    async def sign_in(self, caller: Caller, request: NewToken) -> LoggedIn:
        """A token for somebody's device."""
        return await self._accounts.sign_in(request.uid, request.device, request.device_id)

    async def ban(self, caller: Caller, request: PersonQuery) -> Empty:
        """Ban an account."""
        await self._accounts.ban(request.uid, banned=True)
        return Empty()

    async def unban(self, caller: Caller, request: PersonQuery) -> Empty:
        """Lift a ban."""
        await self._accounts.ban(request.uid, banned=False)
        return Empty()

    async def end_sessions(self, caller: Caller, request: PersonQuery) -> Empty:
        """Sign somebody out everywhere."""
        await self._accounts.end_sessions(request.uid)
        return Empty()

    async def keys(self, caller: Caller, request: Empty) -> KeyList:
        """All keys, without their secrets."""
        return KeyList(tuple(_info(key) for key in await self._keys.list()))

    async def add_key(self, caller: Caller, request: NewKey) -> KeyInfo:
        """A new key."""
        key, secret = await self._keys.add(request.name, request.scopes)
        return KeyInfo(key.key_id, key.name, key.scopes, secret, key.created_at)

    async def revoke_key(self, caller: Caller, request: KeyQuery) -> Empty:
        """The end of a key."""
        await self._keys.revoke(request.key_id)
        return Empty()

    async def dead(self, caller: Caller, request: PageQuery) -> DeadLetterList:
        """Deliveries that were given up."""
        return await self._dead.dead(request.cursor, request.limit)

    async def retry(self, caller: Caller, request: DeadLetterQuery) -> Empty:
        """Deliver one of them now."""
        await self._dead.retry(request.letter_id)
        return Empty()

    async def forget(self, caller: Caller, request: DeadLetterQuery) -> Empty:
        """Forget one of them."""
        await self._dead.forget(request.letter_id)
        return Empty()

    async def statistics(self, caller: Caller, request: Empty) -> Statistics:
        """What `/metrics` says, as JSON."""
        return Statistics(
            {
                f"{part}.{name}": int(value)
                for part, figures in self._statistics().items()
                for name, value in figures.items()
            }
        )

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The table of this group."""
        return (*self._of_users(), *self._of_keys(), *self._of_webhooks())

    def _of_users(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                "POST", "/admin/users", Action.API_ADMIN_CREATE_USER, NewAccount, User, self.add_user,
                "Make an account", GROUP,
                "`account` may be the name that your own system knows them by. Without a `password` nobody signs in"
                " with one: give out tokens. With `ifMissing` an account that exists is returned as it is.",
                status=201, keys_only=True, scope="users", errors=(ErrorCode.CONFLICT,),
                example={"account": "alice", "nickname": "Alice", "ifMissing": True}, example_result=_USER,
            ),
            Endpoint(
                "POST", "/admin/users/{uid}/token", Action.API_ADMIN_CREATE_TOKEN, NewToken, LoggedIn,
                self.sign_in, "A token for a user", GROUP,
                "Signs a person in whom your own system has recognised: hand the token to their device.",
                status=201, keys_only=True, scope="act", errors=(ErrorCode.NOT_FOUND,),
                example={"uid": 10001, "device": 2, "deviceId": "browser-1"},
                example_result={
                    "token": "glt_…", "uid": 10001, "expiresAt": 1798675200000,
                    "gateways": {"ws": ["ws://127.0.0.1:8080/ws"], "tcp": ["127.0.0.1:8082"]},
                },
            ),
            Endpoint(
                "POST", "/admin/users/{uid}/ban", Action.API_ADMIN_BAN, PersonQuery, Empty, self.ban,
                "Ban an account", GROUP, "Its sessions and connections end at once.",
                keys_only=True, scope="users", errors=(ErrorCode.NOT_FOUND,), example={"uid": 10001},
            ),
            Endpoint(
                "DELETE", "/admin/users/{uid}/ban", Action.API_ADMIN_UNBAN, PersonQuery, Empty, self.unban,
                "Lift a ban", GROUP,
                keys_only=True, scope="users", errors=(ErrorCode.NOT_FOUND,), example={"uid": 10001},
            ),
            Endpoint(
                "DELETE", "/admin/users/{uid}/sessions", Action.API_ADMIN_END_SESSIONS, PersonQuery, Empty,
                self.end_sessions, "Sign a user out everywhere", GROUP,
                keys_only=True, scope="users", errors=(ErrorCode.NOT_FOUND,), example={"uid": 10001},
            ),
        )  # fmt: skip

    def _of_keys(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                "GET", "/admin/keys", Action.API_ADMIN_KEYS, Empty, KeyList, self.keys,
                "API keys", GROUP, "Without their secrets. `usedAt` is exact to the hour.",
                keys_only=True, scope="admin", example_result={"items": [_KEY]},
            ),
            Endpoint(
                "POST", "/admin/keys", Action.API_ADMIN_CREATE_KEY, NewKey, KeyInfo, self.add_key,
                "Make an API key", GROUP,
                f"`scopes`: {', '.join(f'`{scope}`' for scope in SCOPES)}. The `key` is shown this once.",
                status=201, keys_only=True, scope="admin", errors=(ErrorCode.CONFLICT,),
                example={"name": "app", "scopes": ["act", "users"]}, example_result={**_KEY, "key": "glk_…"},
            ),
            Endpoint(
                "DELETE", "/admin/keys/{keyId}", Action.API_ADMIN_REVOKE_KEY, KeyQuery, Empty, self.revoke_key,
                "Revoke an API key", GROUP, "It is refused at once.",
                keys_only=True, scope="admin", errors=(ErrorCode.NOT_FOUND,), example={"keyId": 1},
            ),
        )  # fmt: skip

    def _of_webhooks(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                "GET", "/admin/webhooks/dead", Action.API_ADMIN_DEAD_LETTERS, PageQuery, DeadLetterList,
                self.dead, "Dead letters", GROUP,
                "Webhook deliveries that were given up, the oldest first; the newest 1000 are kept.",
                keys_only=True, scope="webhooks", example_result={"items": [_DEAD]},
            ),
            Endpoint(
                "POST", "/admin/webhooks/dead/{letterId}/retry", Action.API_ADMIN_RETRY_DEAD_LETTER, DeadLetterQuery, Empty,
                self.retry, "Deliver a dead letter now", GROUP,
                "One try, with the delivery's old id. It is forgotten when that works; else `unavailable` says why"
                " not.",
                keys_only=True, scope="webhooks", errors=(ErrorCode.NOT_FOUND,), example={"letterId": 4},
            ),
            Endpoint(
                "DELETE", "/admin/webhooks/dead/{letterId}", Action.API_ADMIN_DELETE_DEAD_LETTER, DeadLetterQuery, Empty,
                self.forget, "Forget a dead letter", GROUP,
                keys_only=True, scope="webhooks", errors=(ErrorCode.NOT_FOUND,), example={"letterId": 4},
            ),
            Endpoint(
                "GET", "/admin/statistics", Action.API_ADMIN_STATISTICS, Empty, Statistics, self.statistics,
                "Counters and queues", GROUP, "What `/metrics` says, in whole numbers, by `part.name`.",
                keys_only=True, scope="admin",
                example_result={"values": {"gateway.connections": 12}},
            ),
        )  # fmt: skip


def _info(key: ApiKey) -> KeyInfo:
    return KeyInfo(key.key_id, key.name, key.scopes, "", key.created_at, key.used_at)
