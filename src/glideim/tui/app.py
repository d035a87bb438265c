"""The terminal client: an account, its client, its screens."""

from __future__ import annotations

from pathlib import Path

from textual.app import App

from glideim.client import Client, ClientError, Options
from glideim.client.timers import LoopTimers, Timers
from glideim.client.transport import Connect

from .book import Listener
from .home import Home, api_of
from .login import LoginScreen
from .messages import MessageFile
from .model import Model
from .screens import ChatScreen

DEVICE = 4
"""Desktop."""


class ChatApp(App[None]):
    """Signs in and shows the chats; asks for what it needs."""

    TITLE = "GlideIM"
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        server: str,
        account: str | None,
        password: str | None,
        data: Path,
        *,
        api: str = "",
        connect: Connect | None = None,
        timers: Timers | None = None,
    ) -> None:
        """`api` is the address of the HTTP API, when it is not the usual one; `connect` and `timers` replace network
        and time."""
        super().__init__()
        self._api = api or api_of(server)
        self.server = server
        self._chat_home = Home(data, server)
        self.account = account or self._chat_home.last_account() or ""
        self._password = password
        self._connect_with = connect
        self._chat_timers = timers or LoopTimers()
        self._chat_client: Client | None = None
        self.model: Model | None = None

    def now_ms(self) -> int:
        """The time."""
        return self._chat_timers.now_ms()

    async def on_mount(self) -> None:
        """Go where the stored sign-in or the given password leads."""
        if self.account and self._chat_home.credentials(self.account) is not None:
            await self._begin(self._new_client(self.account))
        elif self.account and self._password:
            try:
                await self.sign_in(self.account, self._password, register=False)
            except ClientError as error:
                await self.push_screen(self._login_screen(str(error)))
        else:
            await self.push_screen(self._login_screen(""))

    async def sign_in(self, account: str, password: str, *, register: bool) -> None:
        """Sign in, after registering if asked for, and show the chats. Raises ClientError."""
        client = self._new_client(account)
        try:
            if register:
                await client.register(account, password)
            await client.login(account, password)
        except BaseException:
            await client.close()
            raise
        self.account = account
        self._chat_home.remember(account)
        await self._begin(client)

    def signed_out(self, reason: str) -> None:
        """The session has ended: ask for a new one."""
        self.run_worker(self._to_login(reason), exclusive=True)

    async def on_unmount(self) -> None:
        """Leave in good order: what was written is sent or kept."""
        await self._end()

    def _login_screen(self, error: str) -> LoginScreen:
        return LoginScreen(self.server, self.account, error, self.sign_in)

    def _new_client(self, account: str) -> Client:
        client = Client(
            self.server,
            store=self._chat_home.state(account),
            options=Options(device=DEVICE, start="now"),
            api=self._api,
            connect=self._connect_with,
            timers=self._chat_timers,
        )
        client.start()
        return client

    async def _begin(self, client: Client) -> None:
        self._chat_client = client
        screen: ChatScreen | None = None

        def changed() -> None:
            if screen is not None:
                screen.changed()

        def noted(text: str) -> None:
            self.notify(text, markup=False)

        file = MessageFile(self._chat_home.messages(self.account))
        self.model = Model(client, file, self.now_ms, Listener(changed, noted))
        self.model.start()
        screen = ChatScreen(self.model, self.account, self.now_ms, self.signed_out)
        await self.push_screen(screen)

    async def _to_login(self, reason: str) -> None:
        await self._end()
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await self.push_screen(self._login_screen(reason))

    async def _end(self) -> None:
        client, self._chat_client = self._chat_client, None
        model, self.model = self.model, None
        if model is not None:
            await model.stop()
        if client is not None:
            await client.close()
