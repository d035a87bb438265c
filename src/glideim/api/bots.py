"""`api.admin.bots.*`: accounts that programs answer for."""

from __future__ import annotations

from glideim.account.admin import AccountAdmin
from glideim.account.ports import Caller
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Empty, User
from glideim.protocol.social import Bot, NewBot, PersonQuery, UpdateBot

from .ports import Bots, Endpoint

GROUP = "Administration"
DEVICE = 5
_BOT = {
    "uid": 10009,
    "account": "helper",
    "nickname": "Helper",
    "url": "https://bots.example.com/helper",
}


class BotHandlers:
    """The handlers. That the caller is a key with the scope was checked before."""

    def __init__(self, accounts: AccountAdmin, bots: Bots) -> None:
        self._accounts = accounts
        self._bots = bots

    async def add(self, caller: Caller, request: NewBot) -> Bot:
        """A new bot."""
        self._bots.check_new(request.url, request.secret)
        user = await self._accounts.create(request.account, "", request.nickname, request.avatar)
        await self._bots.add_bot(user.uid, request.url, request.secret)
        session = await self._accounts.sign_in(user.uid, DEVICE, "")
        return self._bot(user, session.token)

    async def change(self, caller: Caller, request: UpdateBot) -> Bot:
        """Another profile, webhook or secret."""
        await self._bots.change_bot(request.uid, request.url, request.secret)
        user = await self._accounts.update(request.uid, request.nickname, request.avatar)
        return self._bot(user)

    async def remove(self, caller: Caller, request: PersonQuery) -> Empty:
        """The bot is banned: it is signed out, and what it said stays."""
        await self._bots.remove_bot(request.uid)
        await self._accounts.ban(request.uid, banned=True)
        return Empty()

    def _bot(self, user: User, token: str = "") -> Bot:
        url = self._bots.bot_url(user.uid)
        return Bot(user.uid, user.account, user.nickname, user.avatar, url, token)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The table of this group."""
        return (
            Endpoint(
                "POST", "/admin/bots", Action.API_ADMIN_CREATE_BOT, NewBot, Bot, self.add,
                "Make a bot", GROUP,
                "An account that a program answers for: over a connection, with the `token` and device 5, or with"
                " webhooks to `url`, signed with `secret` (16 to 256 characters, your own choice). The token is shown this"
                " once.",
                status=201, keys_only=True, scope="users", errors=(ErrorCode.CONFLICT,),
                example={
                    "account": "helper", "nickname": "Helper", "url": _BOT["url"], "secret": "a long random text",
                },
                example_result={**_BOT, "token": "glt_…"},
            ),
            Endpoint(
                "PATCH", "/admin/bots/{uid}", Action.API_ADMIN_UPDATE_BOT, UpdateBot, Bot, self.change,
                "Change a bot", GROUP,
                "Fields that are not given stay as they are. An empty `url` ends its webhooks.",
                keys_only=True, scope="users", errors=(ErrorCode.NOT_FOUND,),
                example={"uid": 10009, "nickname": "Helper"}, example_result=_BOT,
            ),
            Endpoint(
                "DELETE", "/admin/bots/{uid}", Action.API_ADMIN_DELETE_BOT, PersonQuery, Empty, self.remove,
                "End a bot", GROUP,
                "What waits for it is dropped and the account banned; what it said stays.",
                keys_only=True, scope="users", errors=(ErrorCode.NOT_FOUND,), example={"uid": 10009},
            ),
        )  # fmt: skip
