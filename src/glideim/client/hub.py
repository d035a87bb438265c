"""What a client is made of, put together: core, engine, store, iterators, and the end of it all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

import msgspec

from glideim.protocol.actions import Action
from glideim.protocol.codes import CloseCode, ErrorCode
from glideim.protocol.ports import Codec
from glideim.protocol.records import AckMessage, Empty, LoggedIn, Message

from . import events
from .account import Account
from .calls import PUBLIC, Call
from .core import Core, Fate
from .engine import Engine
from .errors import ClientClosedError, ClientError, RequestFailed, SendFailed, SignedOutError
from .options import Options
from .refresh import Refresher
from .store import Credentials, Store
from .streams import Confirm, MessageStream
from .timers import Timers
from .transport import Connect

T = TypeVar("T")


class Hub:
    """Everything behind `Client`. Implements `engine.Owner` and `streams.Source`."""

    def __init__(
        self,
        codec: Codec,
        options: Options,
        store: Store,
        *,
        connect: Connect,
        timers: Timers,
        rng: Random,
    ) -> None:
        self.options = options
        self.store = store
        self.timers = timers
        self.core = Core(codec, options, store, rng, emit=self.emit, restored=self.answered)
        self.engine = Engine(
            self.core, codec, options, connect=connect, timers=timers, rng=rng, owner=self
        )
        self._refresher = Refresher(timers, self._refresh)
        self._event_streams: set[events.EventStream] = set()
        self._message_streams: set[MessageStream] = set()
        self._changed = asyncio.Event()
        self._why_out: Exception | None = None
        self._error: Exception | None = None

    # --- life -----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """See `Client.start`."""
        if self._error is not None:
            raise self._error
        credentials = self.store.credentials()
        if credentials is not None and self.core.account is None:
            self.core.adopt(credentials)
        self.engine.start()
        self.engine.wake()

    async def close(self) -> None:
        """See `Client.close`."""
        if self._error is None:
            self._error = ClientClosedError("the client is closed")
        self._refresher.stop()
        await self.engine.stop()
        self.core.abandon(self._error)
        self.core.calls.fail_all(self._error)
        self._end_streams(None)
        self.store.close()

    def crashed(self, error: Exception) -> None:
        """The store failed: nothing that was promised can be kept, so everything ends with the error."""
        self._error = ClientError(f"the store cannot be used: {error}")
        self._error.__cause__ = error
        self._refresher.stop()
        self.engine.give_up()
        account, self.core.account = self.core.account, None
        if account is not None:
            account.outbox.fail_all(self._error)
        self.core.calls.fail_all(self._error)
        self._end_streams(self._error)

    def _end_streams(self, error: Exception | None) -> None:
        self._changed.set()
        for messages in self._message_streams:
            messages.end(error)
        for stream in self._event_streams:
            stream.end()

    # --- the account ----------------------------------------------------------------------------------------

    def account(self) -> Account:
        """Who is signed in. Raises SignedOutError, or whatever ended the client."""
        if self._error is not None:
            raise self._error
        if self.core.account is None:
            raise self._why_out or SignedOutError(
                "nobody is signed in: use login, guest or login_with"
            )
        return self.core.account

    @property
    def connected(self) -> bool:
        """Connected and signed in."""
        return self.core.link.ready

    async def adopt(self, credentials: Credentials) -> int:
        """Be this account from now on; returns its uid when it is signed in."""
        self._why_out = None
        if self.connected:
            self.engine.drop()
            await self._until(lambda: not self.connected, self.options.call_timeout)
        self.core.adopt(credentials)
        if credentials.uid:
            self.store.save_credentials(credentials)
        self.core.sign_in(self.engine.now)
        self.engine.hurry()
        await self.signed_in(self.options.call_timeout)
        return self.account().uid

    async def signed_in(self, timeout: float) -> None:
        """Wait until the connection is signed in. Raises SignedOutError, or RequestFailed when another client took
        the place at once or when it takes too long."""
        await self._until(
            lambda: self.connected or self.core.held or self.core.account is None, timeout
        )
        self.account()
        if self.core.held:
            raise RequestFailed(
                ErrorCode.UNAVAILABLE, "another client signed in as the same class of device"
            )
        if not self.connected:
            raise RequestFailed(ErrorCode.UNAVAILABLE, "no connection in time; trying goes on")

    def sign_out(self, code: int, reason: str) -> None:
        """Be nobody."""
        if self.core.account is None:
            return
        self._why_out = SignedOutError(reason)
        self._refresher.stop()
        self.store.save_credentials(None)
        self.core.abandon(self._why_out)
        self.emit(events.SignedOut(code, reason))

    async def _refresh(self) -> Credentials:
        """Exchange the token for a fresh one."""
        account = self.account()
        result = await self.call(
            Action.API_AUTH_REFRESH, Empty(), LoggedIn, self.options.call_timeout
        )
        fresh = msgspec.structs.replace(
            account.credentials,
            token=result.token,
            obtained_at=self.timers.now_ms(),
            expires_at=result.expires_at,
        )
        account.credentials = fresh
        self.store.save_credentials(fresh)
        return fresh

    async def _until(self, condition: Callable[[], bool], timeout: float) -> None:
        """Wait until the condition holds, or for `timeout` seconds."""
        end = self.engine.now + timeout
        timer = self.timers.call_at(end, self._changed.set)
        try:
            while not condition() and self.engine.now < end:
                if self._error is not None:
                    raise self._error
                self._changed.clear()
                await self._changed.wait()
        finally:
            timer.cancel()

    async def drained(self) -> None:
        """See `Client.drained`."""
        outbox = self.account().outbox
        while len(outbox):
            self.account()
            self._changed.clear()
            await self._changed.wait()

    # --- messages and calls ---------------------------------------------------------------------------------

    async def call(self, action: str, data: Any, kind: type[T], timeout: float) -> T:
        """See `Client.call`."""
        if action not in PUBLIC:
            self.account()
        elif self._error is not None:
            raise self._error
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def reply(result: Any) -> None:
            if future.done():
                return
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

        self.core.calls.add(Call(action, data, kind, reply, self.engine.now + timeout))
        self.engine.wake()
        return await future

    async def ask(self, action: str, data: Any, kind: type[T], /) -> T:
        """See `asking.Ask`."""
        return await self.call(action, data, kind, self.options.call_timeout)

    def tell(self, action: str, data: Any) -> bool:
        """Send something that is not answered; False when there is no connection. Raises RequestFailed."""
        told = self.core.tell(action, data)
        self.engine.wake()
        return told

    def answered(self, result: AckMessage | Exception, message: Message) -> None:
        """A message from the outbox has come to its end."""
        if isinstance(result, SendFailed):
            self.emit(events.Failed(message.cli_mid, message.to, result.code, result.message))

    def take(self) -> Message | None:
        """See `streams.Source`."""
        account = self.core.account
        message = account.inbox.take(self.engine.now) if account is not None else None
        if message is not None:
            self.engine.wake()
        return message

    def confirm(self, message: Message) -> None:
        """See `streams.Source`."""
        if self.core.account is not None:
            self.core.account.inbox.confirm(message.conv, message.seq)
            self.engine.wake()

    def is_mine(self, message: Message) -> bool:
        """See `streams.Source`."""
        return self.core.account is not None and message.from_ == self.core.account.uid

    def arrived(self) -> None:
        """See `engine.Owner`."""
        account = self.core.account
        if account is not None and len(account.inbox):
            for stream in self._message_streams:
                stream.wake()

    # --- events ---------------------------------------------------------------------------------------------

    def message_stream(self, confirm: Confirm, *, own: bool) -> MessageStream:
        """A new iterator over messages."""
        stream = MessageStream(self, confirm, own=own, ended=self._message_streams.discard)
        self._message_streams.add(stream)
        if self._error is not None:
            stream.end(None if isinstance(self._error, ClientClosedError) else self._error)
        return stream

    def event_stream(self) -> events.EventStream:
        """A new iterator over events."""
        stream = events.EventStream(self.options.events_limit, self._event_streams.discard)
        self._event_streams.add(stream)
        if self._error is not None:
            stream.end()
        return stream

    def emit(self, event: events.Event) -> None:
        """Tell whoever listens."""
        if isinstance(event, events.Connected):
            self._on_connected()
        self._changed.set()
        for stream in self._event_streams:
            stream.put(event)

    def _on_connected(self) -> None:
        account = self.core.account
        if account is not None:
            if self.store.credentials() != account.credentials:
                self.store.save_credentials(account.credentials)
            self._refresher.watch(account.credentials)

    def connection_ended(self, fate: Fate) -> None:
        """See `engine.Owner`."""
        if fate.session_ended:
            self.sign_out(fate.code, fate.reason)
        elif fate.code == CloseCode.KICKED:
            self.emit(events.Kicked(fate.reason))
