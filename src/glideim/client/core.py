"""The client without I/O: frames and time go in, frames and events come out.

The order of things in a turn: everything that arrived is taken in, then `flush` writes what changed to the store, and only
then are the frames handed out that rely on it: a message is kept before it is sent, a cursor before it is confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Any, NamedTuple

import msgspec

from glideim.protocol.actions import Action
from glideim.protocol.codes import CloseCode, ErrorCode
from glideim.protocol.ports import Codec
from glideim.protocol.records import (
    AckMessage,
    AuthOk,
    Empty,
    Envelope,
    Error,
    FrameError,
    Hello,
    NotifyClose,
    NotifyDevice,
    User,
)  # fmt: skip

from . import events
from .account import Account
from .calls import Call, Calls
from .errors import RequestFailed, SignedOutError
from .link import Link, Phase, TooLargeError
from .options import Options
from .outbox import Answer
from .store import Credentials, Store
from .traffic import Traffic

_PERMANENT: dict[str, CloseCode] = {
    ErrorCode.UNAUTHENTICATED: CloseCode.TOKEN_INVALID,
    ErrorCode.FORBIDDEN: CloseCode.BANNED,
}
"""Refusals of `auth` that no repetition helps, and the close codes that say the same."""

_SESSION_ENDED = frozenset({CloseCode.TOKEN_INVALID, CloseCode.BANNED, CloseCode.LOGGED_OUT})


class Fate(NamedTuple):
    """What follows the end of a connection."""

    code: int
    reason: str
    after: float | None
    """Seconds, if the server said when to return."""

    @property
    def stays_away(self) -> bool:
        """Do not come back by oneself (section 3 of the protocol)."""
        return 4100 <= self.code < 4200

    @property
    def session_ended(self) -> bool:
        """The token is of no use any more."""
        return self.code in _SESSION_ENDED


class Core:
    """Puts the parts together and gives each frame to the one it is for."""

    def __init__(
        self,
        codec: Codec,
        options: Options,
        store: Store,
        rng: Random,
        *,
        emit: Callable[[events.Event], None],
        restored: Answer,
    ) -> None:
        """`emit` is told of events, `restored` of how messages ended that an earlier client left in the store."""
        self._codec = codec
        self._options = options
        self._store = store
        self._rng = rng
        self.emit = emit
        self._answer = restored
        self.link = Link(codec, options)
        self.calls = Calls(options)
        self.account: Account | None = None
        self.traffic: Traffic | None = None
        """There is one while an account is signed in on the connection."""
        self.held = False
        """Do not sign in: another client took our place, or the session ended."""
        self._fate: Fate | None = None
        self._broken: str | None = None
        self._handlers: dict[str, Callable[[Any, int, float], None]] = {
            Action.HELLO: self._on_hello,
            Action.AUTH_OK: self._on_auth_ok,
            Action.ERROR: self._on_error,
            Action.MESSAGE_FAILED_SEND: self._on_error,
            Action.API_OK: self._on_result,
            Action.ACK_MESSAGE: self._on_ack,
            Action.HEARTBEAT: self._on_heartbeat,
            Action.NOTIFY_CLOSE: self._on_close,
            Action.NOTIFY_LOGIN: self._on_login,
            Action.NOTIFY_LOGOUT: self._on_logout,
        }

    # --- the account ----------------------------------------------------------------------------------------

    def adopt(self, credentials: Credentials) -> None:
        """Be this account from now on (`uid` 0: whoever the token belongs to). `sign_in` follows, or the next
        connection. The current one must not be signed in already (drop it first)."""
        if self.account is None or self.account.uid != credentials.uid:
            self.abandon(SignedOutError("another account signed in"))
            self.account = Account(credentials, self._store, self._options, self._rng)
            self.account.load(self._answer)
        self.account.credentials = credentials
        self.held = False

    def abandon(self, error: Exception) -> None:
        """Be nobody. What waits to be sent stays in the store; whoever waits for it is told."""
        if self.account is not None:
            self.account.save()
            self.account.outbox.fail_all(error)
            self.account = None
        self.calls.fail_private(error)

    def sign_in(self, now: float) -> None:
        """Sign the connection in, if it is open and there is an account."""
        if self.account is not None and self.link.phase is Phase.OPEN and not self.held:
            self.link.sign_in(self.account.credentials.token, self._store.instance().hex(), now)

    # --- the connection -------------------------------------------------------------------------------------

    def opened(self, now: float) -> None:
        """A connection is open."""
        self._fate = self._broken = None
        self.link.opened(now)

    def received(self, frame: bytes, now: float) -> None:
        """A frame arrived."""
        self.link.heard(now)
        try:
            envelopes = self._codec.decode(frame)
        except FrameError as error:
            self._broken = f"the server sent a frame that cannot be read: {error}"
            return
        for envelope in envelopes:
            # What this client does not know (a newer server's) is not for it.
            if isinstance(envelope, Envelope):
                self._handle(envelope, now)

    def _handle(self, envelope: Envelope, now: float) -> None:
        handler = self._handlers.get(envelope.action)
        if handler is not None:
            handler(envelope.data, envelope.seq, now)
        elif self.traffic is not None:
            self.traffic.handle(envelope.action, envelope.data, now)

    def lost(self, code: int, reason: str) -> Fate:
        """The connection is gone; `code` and `reason` as the transport saw it. What the server said counts more."""
        self.link.closed()
        if self.traffic is not None:
            self.traffic.end()
            self.traffic = None
        self.calls.disconnected()
        return self._fate or Fate(code, self._broken or reason, None)

    @property
    def settled(self) -> bool:
        """The connection proved itself: the catching up is done."""
        return self.traffic is not None and self.traffic.synced

    @property
    def broken(self) -> str | None:
        """Why the connection has to be given up, if it has to."""
        return self._broken

    def deadline(self) -> float:
        """When `tick` should be called, at the latest."""
        due = min(self.link.deadline(), self.calls.deadline())
        return due if self.traffic is None else min(due, self.traffic.deadline())

    def tick(self, now: float) -> None:
        """Let time pass."""
        self._broken = self._broken or self.link.tick(now)
        self.calls.tick(now)
        if self.traffic is not None:
            if self.link.wants_probe(now):
                due = now + self._options.call_timeout
                self.calls.add(
                    Call(Action.API_USERS_ME, Empty(), User, _ignore, due, internal=True)
                )
            self.traffic.tick(now)

    def flush(self, now: float, *, paused: bool = False) -> list[bytes]:
        """Write what changed to the store; then, what is to be sent now. With `paused` (the socket takes no more)
        only what cannot wait. Raises what the store raises."""
        if self.account is not None:
            self.account.save()
        if self.link.phase in {Phase.CLOSED, Phase.GREETING}:
            return []
        if self.traffic is not None and not paused:
            self.traffic.send(now)
        for call in self.calls.sendable(signed_in=self.link.ready):
            try:
                self.calls.asked(self.link.request(call.action, call.data), call)
            except TooLargeError:
                reason = "the request is larger than the server accepts"
                call.reply(RequestFailed(ErrorCode.TOO_LARGE, reason))
        return self.link.frames(now)

    def mark_read(self, account: Account, conv: str, seq: int) -> None:
        """Move the read position; kept until the server was seen to know it."""
        if seq > account.reads.get(conv, 0):
            account.reads[conv] = seq
            if self.traffic is not None:
                self.traffic.mark_read(conv, seq)

    def watch(self, account: Account, uids: Iterable[int]) -> None:
        """Want to know of the presence of these people, and of nobody else."""
        account.watched = frozenset(uids)
        if self.traffic is not None:
            self.traffic.watch()

    def tell(self, action: str, data: Any) -> bool:
        """Send something that is not answered; False when there is no connection. Raises RequestFailed."""
        if self.traffic is None:
            return False
        try:
            self.traffic.tell(action, data)
        except TooLargeError as error:
            reason = "the request is larger than the server accepts"
            raise RequestFailed(ErrorCode.TOO_LARGE, reason) from error
        return True

    # --- what comes in --------------------------------------------------------------------------------------

    def _on_hello(self, hello: Hello, _request: int, now: float) -> None:
        self.link.greeted(hello)
        self.sign_in(now)

    def _on_auth_ok(self, ok: AuthOk, _request: int, now: float) -> None:
        if self.account is None or self.link.phase is not Phase.SIGNING_IN:
            self._broken = "auth.ok was not expected"
            return
        account = self._confirmed(self.account, ok.uid)
        self.link.signed_in()
        self.traffic = Traffic(account, self.link, self.calls, self._options, self.emit)
        self.emit(events.Connected(ok.uid, self.link.hello.server, ok.node))
        self.traffic.begin(now)

    def _confirmed(self, account: Account, uid: int) -> Account:
        """The account that the token belongs to: known only now if nothing but the token was given."""
        if account.uid != uid:
            self.adopt(msgspec.structs.replace(account.credentials, uid=uid))
        return self.account or account

    def _on_error(self, error: Error, request: int, now: float) -> None:
        if self.link.phase is Phase.SIGNING_IN and request == self.link.auth_request:
            self._fate = Fate(_PERMANENT.get(error.code, 0), f"{error.code}: {error.message}", None)
            self._broken = "signing in was refused"
            return
        call = self.calls.answered(request)
        if call is not None:
            call.reply(RequestFailed(error.code, error.message, retryable=error.retryable))
        elif self.traffic is not None:
            self.traffic.refused(error, request, now)

    def _on_result(self, data: Any, request: int, now: float) -> None:
        call = self.calls.answered(request)
        if call is None:
            return
        try:
            result: Any = self._codec.result(data, call.kind)
        except FrameError as error:
            call.reply(RequestFailed(ErrorCode.INTERNAL, f"the answer cannot be read: {error}"))
            return
        if self.traffic is not None:
            self.traffic.now = now
        call.reply(result)

    def _on_ack(self, ack: AckMessage, request: int, now: float) -> None:
        """The answer to a step of a growing message, or to a message from the outbox."""
        call = self.calls.answered(request)
        if call is not None:
            call.reply(ack)
        elif self.traffic is not None:
            self.traffic.handle(Action.ACK_MESSAGE, ack, now)

    def _on_heartbeat(self, _data: Any, _request: int, now: float) -> None:
        self.link.answer_heartbeat(now)

    def _on_close(self, notice: NotifyClose, _request: int, _now: float) -> None:
        after = notice.reconnect_after / 1000 if notice.reconnect_after else None
        self._fate = Fate(notice.code, notice.reason, after)

    def _on_login(self, notice: NotifyDevice, _request: int, _now: float) -> None:
        self.emit(events.DeviceChanged(notice.device, online=True, at=notice.at))

    def _on_logout(self, notice: NotifyDevice, _request: int, _now: float) -> None:
        self.emit(events.DeviceChanged(notice.device, online=False, at=notice.at))


def _ignore(_result: Any) -> None:
    """A probe only wants a sign of life."""
