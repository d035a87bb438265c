"""What each action of a client does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from msgspec.structs import replace

from glideim.account.ports import Authenticator, Caller, Principal
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.messaging.ports import Confirm, MessagePath, Send
from glideim.protocol.actions import Action
from glideim.protocol.codes import CloseCode, ErrorCode
from glideim.protocol.conversations import group_key
from glideim.protocol.records import AckRequest, Auth, Envelope, Message
from glideim.protocol.states import Event, State, Verdict, judge, next_state

from .connection import Connection, Handler
from .options import GatewayOptions
from .ports import ApiService, PresenceSink, Rates
from .turn import Turn

_API_OK = str(Action.API_OK)
DEVICES = range(1, 100)
FINISH_WITHIN = 5.0
"""Seconds that requests under way have when the gateway drains."""


class Front(Protocol):
    """What commands need of their gateway."""

    options: GatewayOptions
    turn: Turn

    def put(self, connection: Connection, envelope: Envelope) -> None:
        """Queue one envelope for one connection."""
        ...

    def refuse(
        self, connection: Connection, envelope: Envelope, code: ErrorCode, text: str
    ) -> None:
        """Answer a request with an error, in the form its action asks for."""
        ...

    def signed_in(self, connection: Connection, request_seq: int) -> None:
        """The connection now belongs to a person and device class."""
        ...

    def end(self, connection: Connection, code: CloseCode, reason: str) -> None:
        """Say why, write what waits, close."""
        ...


class Commands:
    """The handlers of a gateway, by action."""

    def __init__(
        self,
        gateway: Front,
        *,
        authenticator: Authenticator,
        messages: MessagePath,
        api: ApiService,
        presence: PresenceSink,
        may_send: Callable[[int], bool],
        rates: Rates,
    ) -> None:
        self._gateway = gateway
        self._turn = gateway.turn
        self._refuse = gateway.refuse
        self._authenticator = authenticator
        self._messages = messages
        self._api = api
        self._presence = presence
        self._may_send = may_send
        self._rates = rates
        self._tasks: set[asyncio.Task[None]] = set()
        self.ready: dict[str, Handler] = {
            "message.chat": self._send,
            "message.chat.retry": self._send,
            "message.chat.resend": self._send,
            "ack.request": self._confirm,
            "message.group": self._send_group,
            "message.group.retry": self._send_group,
            "ack.group.msg": self._confirm_group,
            "message.read": self._read,
            "message.chat.recall": self._act,
            "message.group.recall": self._act,
            "message.edit": self._act,
            "message.react": self._act,
            "message.pin": self._act,
            "message.cli": self._pass_on,
            "message.stream": self._stream,
            "presence.sub": self._watch,
        }
        """What signed-in connections ask for most, by action."""

    def __len__(self) -> int:
        """Requests under way."""
        return len(self._tasks)

    def others(self, connection: Connection, envelope: Envelope) -> None:
        """Do what an envelope asks for that is not in `ready`, or refuse it (section 4)."""
        action = envelope.action
        match judge(connection.state, action, self._api.is_public):
            case Verdict.SERVE if action == Action.AUTH:
                self._auth(connection, envelope)
            case Verdict.SERVE if action != Action.HEARTBEAT:
                self._api_call(connection, envelope)
            case Verdict.SERVE | Verdict.IGNORE:
                return  # any frame counts as life, and it was counted when it was read
            case Verdict.UNAUTHENTICATED:
                self._refuse(
                    connection, envelope, ErrorCode.UNAUTHENTICATED, "sign in first: send auth"
                )
            case Verdict.CONFLICT:
                text = "this connection signs in, or is signed in already"
                self._refuse(connection, envelope, ErrorCode.CONFLICT, text)
            case Verdict.UNSUPPORTED:
                text = f"{action} is not for clients to send"
                self._refuse(connection, envelope, ErrorCode.UNSUPPORTED, text)

    # --- the message path ---------------------------------------------------------------------------------

    def _send(self, connection: Connection, envelope: Envelope) -> None:
        uid = connection.uid
        if not self._may_send(uid):
            self._too_fast(connection, envelope)
            return
        message = envelope.data
        if message.status:
            message = _without_status(message)
        self._turn.send(Send(uid, connection.origin, envelope.seq, envelope.action, message))

    def _send_group(self, connection: Connection, envelope: Envelope) -> None:
        uid = connection.uid
        if not self._may_send(uid):
            self._too_fast(connection, envelope)
            return
        message = envelope.data
        if message.status:
            message = _without_status(message)
        self._turn.send(Send(uid, connection.origin, envelope.seq, envelope.action, message, True))

    def _too_fast(self, connection: Connection, envelope: Envelope) -> None:
        self._refuse(connection, envelope, ErrorCode.RATE_LIMITED, "too many messages; slow down")

    def _confirm_group(self, connection: Connection, envelope: Envelope) -> None:
        ack = AckRequest(group_key(envelope.data.to), envelope.data.seq)
        confirm = Confirm(connection.uid, connection.origin, envelope.seq, ack)
        self._turn.confirm(confirm)

    def _pass_on(self, connection: Connection, envelope: Envelope) -> None:
        # Nobody waits for these: beyond the limit they are dropped without a word.
        if self._rates.transient(connection.uid):
            self._messages.transient(connection.uid, connection.origin, envelope.data)

    def _stream(self, connection: Connection, envelope: Envelope) -> None:
        opens = envelope.data.op == "open"
        allow = self._may_send if opens else self._rates.grow
        if not allow(connection.uid):
            self._too_fast(connection, envelope)
            return
        self._messages.stream(connection.uid, connection.origin, envelope.seq, envelope.data)

    def _confirm(self, connection: Connection, envelope: Envelope) -> None:
        confirm = Confirm(connection.uid, connection.origin, envelope.seq, envelope.data)
        self._turn.confirm(confirm)

    def _watch(self, connection: Connection, envelope: Envelope) -> None:
        try:
            self._presence.subscribe(connection.uid, connection.origin, envelope.data.uids)
        except RequestError as error:
            self._refuse(connection, envelope, error.code, error.message)

    # --- requests that take their time --------------------------------------------------------------------

    def _read(self, connection: Connection, envelope: Envelope) -> None:
        data = envelope.data
        work = self._messages.read(connection.uid, connection.origin, data.conv, data.seq)
        self._start(connection, envelope, self._in_order(connection, work))

    def _act(self, connection: Connection, envelope: Envelope) -> None:
        work = self._done(connection, envelope)
        self._start(connection, envelope, self._in_order(connection, work))

    async def _in_order(self, connection: Connection, work: Coroutine[Any, Any, None]) -> None:
        """After what the connection asked for before: each has to look into the database, and these answers overtake
        each other."""
        if connection.order is None:
            connection.order = asyncio.Lock()
        try:
            async with connection.order:
                await work
        finally:
            work.close()

    async def _done(self, connection: Connection, envelope: Envelope) -> None:
        """What changes messages counts like a call of the API, which offers the same."""
        if connection.api_calls > self._gateway.options.api_calls or not self._rates.act(
            connection.uid
        ):
            raise RequestError(ErrorCode.RATE_LIMITED, "too many requests; slow down")
        answer = await self._messages.act(
            connection.uid, connection.origin, envelope.action, envelope.data
        )
        if answer is not None:
            self._gateway.put(connection, Envelope(answer.action, envelope.seq, answer.data))

    def _api_call(self, connection: Connection, envelope: Envelope) -> None:
        if connection.api_calls >= self._gateway.options.api_calls:
            text = "too many API calls under way on this connection"
            self._refuse(connection, envelope, ErrorCode.RATE_LIMITED, text)
            return
        self._start(connection, envelope, self._call(connection, envelope))

    async def _call(self, connection: Connection, envelope: Envelope) -> None:
        principal = Principal(connection.uid, connection.session_id) if connection.ready else None
        caller = Caller(principal, connection.address, connection.token, connection.device)
        result = await self._api.handle(caller, envelope.action, envelope.data)
        if envelope.action == Action.API_AUTH_REFRESH:
            # The next refresh on this connection is asked for with the new token: the old one ends soon.
            connection.token = result.token
        self._gateway.put(connection, Envelope(_API_OK, envelope.seq, result))

    def _start(
        self, connection: Connection, envelope: Envelope, work: Coroutine[Any, Any, None]
    ) -> None:
        connection.api_calls += 1
        task = asyncio.get_running_loop().create_task(self._guarded(connection, envelope, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(
        self, connection: Connection, envelope: Envelope, work: Coroutine[Any, Any, None]
    ) -> None:
        """Whatever happens, the request is answered."""
        try:
            await work
        except RequestError as error:
            self._refuse(connection, envelope, error.code, error.message)
        except StoreUnavailableError:
            self._refuse(connection, envelope, ErrorCode.UNAVAILABLE, "the store cannot serve now")
        except Exception as error:  # noqa: BLE001 - reported by the loop, answered here
            self._refuse(connection, envelope, ErrorCode.INTERNAL, "the server failed")
            context = {"message": f"{envelope.action} failed", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)
        finally:
            connection.api_calls -= 1

    async def finish(self) -> None:
        """Wait for the requests under way, a bounded time."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=FINISH_WITHIN)

    # --- signing in ---------------------------------------------------------------------------------------

    def _auth(self, connection: Connection, envelope: Envelope) -> None:
        auth: Auth = envelope.data
        if auth.device not in DEVICES:
            text = "device: must be a device class from 1 to 99"
            self._refuse(connection, envelope, ErrorCode.BAD_REQUEST, text)
            return
        connection.state = next_state(connection.state, Event.AUTH)
        self._start(connection, envelope, self._sign_in(connection, envelope, auth))

    async def _sign_in(self, connection: Connection, envelope: Envelope, auth: Auth) -> None:
        try:
            principal = await self._authenticator.authenticate(auth.token, connection.address)
        except RequestError as error:
            self._refuse(connection, envelope, error.code, error.message)
            banned = error.code == ErrorCode.FORBIDDEN
            code = CloseCode.BANNED if banned else CloseCode.TOKEN_INVALID
            if error.code in (ErrorCode.FORBIDDEN, ErrorCode.UNAUTHENTICATED):
                self._gateway.end(connection, code, error.message)
            else:
                connection.state = next_state(connection.state, Event.AUTH_AGAIN)
            return
        except Exception:
            connection.state = next_state(connection.state, Event.AUTH_AGAIN)
            raise
        if connection.state is State.SIGNING_IN:
            connection.uid, connection.session_id = principal
            connection.device, connection.device_id = auth.device, auth.device_id
            connection.token = auth.token
            connection.merges = auth.batch
            self._gateway.signed_in(connection, envelope.seq)


def _without_status(message: Message) -> Message:
    """What a sender decides of a message. Its status is the server's: one that is set would pass the screen, as a message
    that only begins to grow does, and could be one that there is not."""
    return replace(message, status=0)
