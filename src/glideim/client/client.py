"""The Python client of GlideIM."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from random import Random
from types import TracebackType
from typing import Any, Self, TypeVar

from glideim.protocol.actions import Action
from glideim.protocol.codec import load_codec
from glideim.protocol.codes import CloseCode, ErrorCode
from glideim.protocol.limits import check_send
from glideim.protocol.records import (
    AckMessage,
    Empty,
    Guest,
    HistoryQuery,
    LoggedIn,
    Login,
    Message,
    MessageList,
    Register,
    Registered,
    UpdateUser,
    User,
    UserList,
    UserSearch,
    UsersQuery,
)

from .contacts import Contacts
from .conversations import Conversations
from .dial import connector
from .errors import SendFailed
from .events import EventStream
from .files import Files
from .groups import Groups
from .hub import Hub
from .options import Options
from .sent import Sent, Submitted
from .sessions import Sessions
from .store import Credentials, MemoryStore, Store
from .streams import Confirm, MessageStream
from .talking import Talking, addressed
from .timers import LoopTimers, Timers
from .transport import Connect

T = TypeVar("T")


class Client(Talking):
    """One person's connection to a server, kept up through everything a network does.

    ```
    async with Client("ws://127.0.0.1:8080/ws", store=FileStore("alice.db")) as client:
        await client.login("alice", "secret")
        await client.send(bob, "hello")
        async for message in client.messages():
            print(message.from_, message.content)
    ```

    Addresses: `ws://…/ws`, `wss://…/ws`, `tcp://host:port`, `tls://host:port`. An account stays signed in through
    restarts when the store is a `FileStore`. All methods belong to the event loop in which the client was started.
    The client closes its store.
    """

    def __init__(
        self,
        url: str,
        *,
        store: Store | None = None,
        options: Options | None = None,
        api: str = "",
        tls: ssl.SSLContext | None = None,
        connect: Connect | None = None,
        timers: Timers | None = None,
        rng: Random | None = None,
    ) -> None:
        """`api` is the address of the HTTP API (`http://host:8081`), for downloads. `connect`, `timers` and `rng` replace
        network, time and chance. Raises ValueError for an address that
        is none, CodecError for a codec that there is not."""
        options = options or Options()
        super().__init__(
            Hub(
                load_codec(options.codec),
                options,
                store or MemoryStore(),
                connect=connect or connector(url, tls),
                timers=timers or LoopTimers(),
                rng=rng or Random(),
            )
        )
        self.groups = Groups(self._hub.ask)
        self.contacts = Contacts(self._hub.ask)
        self.conversations = Conversations(self._hub.ask)
        self.sessions = Sessions(self._hub.ask)
        self.files = Files(self._hub.ask, api)

    # --- life -----------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def start(self) -> None:
        """Begin. If the store knows an account, it is signed in and connecting begins in the background."""
        self._hub.start()

    async def close(self) -> None:
        """End: what was written leaves (`linger` seconds at most), iterators end, whoever waits is told with
        ClientClosedError. Messages that were not answered stay in the store. Harmless when repeated."""
        await self._hub.close()

    # --- accounts -------------------------------------------------------------------------------------------

    @property
    def uid(self) -> int:
        """Who is signed in; 0: nobody (or not known yet)."""
        account = self._hub.core.account
        return account.uid if account is not None else 0

    @property
    def is_connected(self) -> bool:
        """Connected and signed in at this moment."""
        return self._hub.connected

    async def register(self, account: str, password: str, nickname: str = "") -> int:
        """Make an account; returns its uid. Does not sign in. Raises RequestFailed."""
        request = Register(account, password, nickname)
        return (await self.call(Action.API_AUTH_REGISTER, request, Registered)).uid

    async def login(self, account: str, password: str) -> int:
        """Sign in, replacing whoever was; returns the uid once the connection is signed in. Raises RequestFailed."""
        request = Login(
            account, password, self._hub.options.device, self._hub.store.instance().hex()
        )
        return await self._logged_in(
            await self.call(Action.API_AUTH_LOGIN, request, LoggedIn), account
        )

    async def guest(self, nickname: str = "") -> int:
        """Make an account without a password and sign in; it is usable as long as the store is kept."""
        request = Guest(nickname, self._hub.options.device, self._hub.store.instance().hex())
        return await self._logged_in(await self.call(Action.API_AUTH_GUEST, request, LoggedIn), "")

    async def login_with(self, token: str) -> int:
        """Sign in with a token; it is not refreshed, since its expiry is not known. Raises SignedOutError if it
        is not valid."""
        return await self._hub.adopt(Credentials(0, token))

    async def logout(self) -> None:
        """End the session here and on the server. Raises RequestFailed when the server could not be told: then
        the token stays valid until it expires."""
        try:
            await self.call(Action.API_AUTH_LOGOUT, Empty(), Empty)
        finally:
            self._hub.sign_out(CloseCode.LOGGED_OUT, "signed out")
            self._hub.engine.drop()

    async def connect(self, *, timeout: float | None = None) -> None:
        """Connect now, instead of when the next try is due or after having been kicked; returns when signed in.
        Raises SignedOutError when nobody is, RequestFailed (`unavailable`) after `timeout` seconds."""
        self._hub.core.held = False
        self._hub.engine.hurry()
        await self._hub.signed_in(self._hub.options.call_timeout if timeout is None else timeout)

    async def _logged_in(self, result: LoggedIn, account: str) -> int:
        now = self._hub.timers.now_ms()
        return await self._hub.adopt(
            Credentials(result.uid, result.token, now, result.expires_at, account)
        )

    # --- messages -------------------------------------------------------------------------------------------

    async def send(
        self,
        to: int | str,
        content: str,
        *,
        type: int = 1,  # noqa: A002 - its name in the protocol
        reply_to: int = 0,
        mentions: Sequence[int] = (),
        cli_mid: str = "",
        queue: bool = True,
    ) -> Sent:
        """Send a message to a person (uid) or a group (`"g:<gid>"`) and wait until the server stored it: exactly one
        copy, after everything sent there before.

        While there is no connection it waits in the outbox (at most `outbox_limit` messages), also across
        restarts; with `queue=False` it is refused instead. Cancelling stops the wait, not the message. Raises
        SendFailed when the server refuses it, SignedOutError, ClientClosedError.
        """
        submitted = self.submit(
            to,
            content,
            type=type,
            reply_to=reply_to,
            mentions=mentions,
            cli_mid=cli_mid,
            queue=queue,
        )
        return await submitted.stored()

    def submit(
        self,
        to: int | str,
        content: str,
        *,
        type: int = 1,  # noqa: A002 - its name in the protocol
        reply_to: int = 0,
        mentions: Sequence[int] = (),
        cli_mid: str = "",
        queue: bool = True,
    ) -> Submitted:
        """As `send`, without waiting: the message is in the outbox. Its fate is the result, and an event."""
        account = self._hub.account()
        receiver, conv = addressed(to)
        message = Message(
            cli_mid=cli_mid or account.new_cli_mid(),
            conv=conv,
            to=receiver,
            type=type,
            content=content,
            reply_to=reply_to,
            mentions=tuple(mentions),
        )
        refusal = check_send(message)
        if refusal is not None:
            raise SendFailed(*refusal, message.cli_mid)
        if not queue and not self.is_connected:
            raise SendFailed(ErrorCode.UNAVAILABLE, "not connected", message.cli_mid)
        future: asyncio.Future[Sent] = asyncio.get_running_loop().create_future()

        def answer(result: AckMessage | Exception, sent: Message) -> None:
            self._hub.answered(result, sent)
            if future.done():
                return
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                ack = result
                future.set_result(
                    Sent(account.receipts, ack.cli_mid, ack.mid, ack.conv, ack.seq, ack.send_at)
                )

        account.outbox.add(message, answer)
        self._hub.engine.wake()
        return Submitted(message.cli_mid, future)

    def messages(self, *, confirm: Confirm = "next", own: bool = True) -> MessageStream:
        """Every message of every conversation, exactly once and in order of `seq` within each, until the client is
        closed. What this store sent itself is left out; `own=False` leaves out what the person's other devices
        sent, too. A message counts as received, here and for its sender (`delivered`), when it is confirmed."""
        return self._hub.message_stream(confirm, own=own)

    def confirm(self, message: Message) -> None:
        """The application is done with this message and all before it in its conversation: kept in the store,
        then told to the server."""
        self._hub.confirm(message)

    def mark_read(self, conv: str, seq: int) -> None:
        """The person has read everything up to `seq`; the others are told, now or when connected again."""
        self._hub.core.mark_read(self._hub.account(), conv, seq)
        self._hub.engine.wake()

    def waiting(self) -> list[Message]:
        """Messages in the outbox that are not answered yet, in order for each receiver."""
        return list(self._hub.account().outbox.waiting())

    async def drained(self) -> None:
        """Wait until the outbox is empty: everything submitted is stored or refused."""
        await self._hub.drained()

    def delivered_up_to(self, conv: str) -> int:
        """Everything of mine up to here is on a device of the other person, as far as is known."""
        return self._hub.account().receipts.delivered(conv)

    def read_up_to(self, conv: str, uid: int) -> int:
        """Everything up to here was read by the person, as far as is known."""
        return self._hub.account().receipts.read(conv, uid)

    # --- events and questions -------------------------------------------------------------------------------

    def events(self) -> EventStream:
        """What happens from now on besides messages. Any number of iterators; each keeps `events_limit` and then
        drops the oldest. Ends when the client is closed."""
        return self._hub.event_stream()

    async def call(
        self, action: str, data: Any, kind: type[T], *, timeout: float | None = None
    ) -> T:
        """Ask anything of the API: `kind` is the record of the result. Waits for a connection if there is none.
        Raises RequestFailed (`unavailable` also when the connection broke before the answer to something that
        may not be asked twice), SignedOutError, ClientClosedError."""
        wait = self._hub.options.call_timeout if timeout is None else timeout
        return await self._hub.call(action, data, kind, wait)

    async def history(
        self, conv: str, *, after: int | None = None, before: int | None = None, limit: int = 50
    ) -> tuple[Message, ...]:
        """Messages with `after < seq < before`, ascending, at most `limit` (200): the first ones if `after` is
        given, else the latest. Touches no cursor."""
        query = HistoryQuery(conv, after, before, limit)
        return (await self.call(Action.API_MESSAGES_LIST, query, MessageList)).items

    async def me(self) -> User:
        """One's own profile."""
        return await self.call(Action.API_USERS_ME, Empty(), User)

    async def update_me(self, *, nickname: str | None = None, avatar: str | None = None) -> User:
        """Change what is not None of one's own profile."""
        return await self.call(Action.API_USERS_UPDATE, UpdateUser(nickname, avatar), User)

    async def users(self, uids: Sequence[int]) -> tuple[User, ...]:
        """Profiles of those of the people who exist (at most 100)."""
        return (await self.call(Action.API_USERS_LIST, UsersQuery(tuple(uids)), UserList)).items

    async def search_users(self, q: str, *, limit: int = 20) -> tuple[User, ...]:
        """People by account or the beginning of account or nickname."""
        return (
            await self.call(Action.API_USERS_SEARCH, UserSearch(q, limit=limit), UserList)
        ).items
