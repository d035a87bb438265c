"""The gateway: frames in, requests out, and everything that goes to a connection written once a turn.

What one turn of the event loop read is handed on as one batch; what waits for a connection at the end of a turn
is one write. No task, future or log line per message.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from glideim.account.ports import Authenticator
from glideim.dispatch.ports import Dispatch, Item, Push
from glideim.kernel.clock import Clock
from glideim.messaging.ports import MessagePath, Send
from glideim.protocol.actions import Action
from glideim.protocol.codec import Codec
from glideim.protocol.codes import RETRYABLE, CloseCode, ErrorCode
from glideim.protocol.records import (
    AuthOk,
    Envelope,
    Error,
    FrameError,
    Hello,
    NotifyClose,
    NotifyDevice,
    NotifyKickout,
    Rejected,
)  # fmt: skip
from glideim.protocol.states import Event, State, next_state

from .commands import Commands
from .connection import Connection
from .delivery import Delivery
from .liveness import Liveness
from .options import GatewayOptions
from .ports import ApiService, PresenceSink, Rates, Wire
from .registry import Registry
from .turn import Turn

_SENDS = frozenset(
    {
        "message.chat", "message.chat.retry", "message.chat.resend", "message.group", "message.group.retry",
    }
)  # fmt: skip
_ERROR = str(Action.ERROR)
_FAILED = str(Action.MESSAGE_FAILED_SEND)

_KICKED: Mapping[str, str] = {
    "class": "signed in on another device of the same class",
    "one": "signed in on another device",
}

BAD_FRAMES = 3
BAD_FRAMES_WITHIN = 60.0
"""So many unreadable frames within so many seconds close a connection with 4010."""


class Gateway:
    """The connections of this node. Implements `GatewayLink` for dispatch; transports call `opened`, `received`,
    `oversized`, `blocked`, `unblocked` and `closed`."""

    def __init__(  # noqa: PLR0913 - all by name, all from the one place that composes
        self,
        *,
        options: GatewayOptions,
        clock: Clock,
        authenticator: Authenticator,
        messages: MessagePath,
        dispatch: Dispatch,
        api: ApiService,
        presence: PresenceSink,
        may_send: Callable[[int], bool],
        rates: Rates | None = None,
    ) -> None:
        self.node = options.node
        self.options = options
        self.draining = False
        self._clock = clock
        self._dispatch = dispatch
        self._messages = messages
        self._presence = presence
        self._registry = Registry()
        self._numbers = 0
        self._frames_in = 0
        self._too_slow_total = 0
        self._heartbeat_frames: dict[str, bytes] = {}
        self.turn = Turn(messages, options, refuse=self._no_room, too_slow=self._too_slow)
        self._delivery = Delivery(options.node, self._registry, self.turn)
        self.liveness = Liveness(options, beat=self._beat, close=self.end)
        self._wheel = self.liveness.wheel
        self._commands = Commands(
            self,
            authenticator=authenticator,
            messages=messages,
            api=api,
            presence=presence,
            may_send=may_send,
            rates=rates or Rates(),
        )

    def start(self) -> None:
        """Begin to look after connections; needs a running loop."""
        self.liveness.start()

    def statistics(self) -> Mapping[str, int]:
        """Connections, and what passed."""
        waiting = [connection.outbox_bytes for connection in self._registry.all()]
        return {
            "connections": len(self._registry),
            "connections_limit": self.options.max_connections,
            "outbox_bytes": sum(waiting),
            "outbox_bytes_largest": max(waiting, default=0),
            "outbox_bytes_largest_limit": self.options.outbox_bytes,
            "people": self._registry.people,
            "requests_under_way": len(self._commands),
            "opened_total": self._numbers,
            "frames_in_total": self._frames_in,
            "pushed_total": self._delivery.pushed,
            "writes_total": self.turn.writes,
            "too_slow_total": self._too_slow_total,
        }

    # --- called by transports -----------------------------------------------------------------------------

    def opened(self, wire: Wire, codec: Codec, address: str) -> Connection:
        """A client has connected and chosen its codec; it is greeted."""
        self._numbers += 1
        connection = Connection(self.node, self._numbers, wire, codec, address, self.liveness.tick)
        self._registry.add(connection)
        options = self.options
        hello = Hello(
            server_time=self._clock.now_ms(),
            heartbeat=max(1, round(options.heartbeat)),
            max_frame=options.max_frame,
            conn_id=f"{self.node}-{self._numbers}",
            server=options.server,
            codecs=options.codecs,
        )
        self.put(connection, Envelope(Action.HELLO, 0, hello))
        if self.draining or len(self._registry) > options.max_connections:
            self.end(
                connection,
                CloseCode.GOING_AWAY,
                "this server takes no more connections",
                self._return_in(),
            )
        else:
            self.liveness.watch(connection)
        return connection

    def received(self, connection: Connection, frame: bytes) -> None:
        """One frame arrived."""
        self._frames_in += 1
        connection.heard = self._wheel.tick
        try:
            envelopes = connection.codec.decode(frame)
        except FrameError as error:
            self._unreadable(connection, str(error))
            return
        handlers = connection.handlers
        for envelope in envelopes:
            if isinstance(envelope, Rejected):
                self._rejected(connection, envelope)
            elif (handler := handlers.get(envelope.action)) is not None:
                handler(connection, envelope)
            else:
                self._commands.others(connection, envelope)

    def oversized(self, connection: Connection) -> None:
        """A frame larger than `max_frame` was announced."""
        self.end(
            connection, CloseCode.FRAME_TOO_LARGE, f"frames may have {self.options.max_frame} bytes"
        )

    def blocked(self, connection: Connection) -> None:
        """The socket's buffer is full."""
        if connection.state >= State.CLOSING:
            return
        connection.blocked = True
        connection.blocked_since = self.liveness.tick

    def unblocked(self, connection: Connection) -> None:
        """The socket takes more again."""
        connection.blocked = False
        self.turn.unblocked(connection)

    def closed(self, connection: Connection) -> None:
        """The socket is gone."""
        connection.state = next_state(connection.state, Event.LOST)
        connection.handlers = {}
        connection.outbox = []
        self._registry.remove(connection)
        self._sign_out(connection)

    # --- called by dispatch -------------------------------------------------------------------------------

    def deliver(self, batch: Sequence[Item]) -> Sequence[int]:
        """See `GatewayLink`."""
        return self._delivery.deliver(batch)

    def connected(self, uid: int) -> int:
        """See `GatewayLink`."""
        return len(self._registry.of(uid))

    def close(
        self, uid: int, code: CloseCode, reason: str, *, session_id: int | None = None
    ) -> None:
        """See `GatewayLink`. Takes effect in the next turn, so that the request that caused it is answered."""
        asyncio.get_running_loop().call_soon(self._close_of, uid, code, reason, session_id)

    def _close_of(self, uid: int, code: CloseCode, reason: str, session_id: int | None) -> None:
        for connection in self._registry.of(uid):
            if session_id is None or connection.session_id == session_id:
                self.end(connection, code, reason)

    # --- called by commands -------------------------------------------------------------------------------

    def put(self, connection: Connection, envelope: Envelope) -> None:
        """Queue one envelope for one connection."""
        self.turn.put(connection, connection.codec.encode(envelope))

    def refuse(
        self, connection: Connection, envelope: Envelope, code: ErrorCode, text: str
    ) -> None:
        """Answer a request with an error, in the form its action asks for."""
        cli_mid = envelope.data.cli_mid if envelope.action in _SENDS else ""
        self._error(connection, envelope.action, envelope.seq, code, text, cli_mid)

    def signed_in(self, connection: Connection, request_seq: int) -> None:
        """The connection now belongs to a person and device class; who held that place leaves."""
        connection.state = next_state(connection.state, Event.AUTH_OK)
        connection.handlers = self._commands.ready
        now = self._clock.now_ms()
        uid, device = connection.uid, connection.device
        replaced = self._registry.sign_in(connection, self.options.devices)
        self.put(
            connection, Envelope(Action.AUTH_OK, request_seq, AuthOk(uid, device, now, self.node))
        )
        for other in replaced:
            self._kick(other, device, now)
        self._presence.came(uid, device, connection.session_id, connection.origin)
        self._messages.signed_in(uid, connection.origin)
        notice_of_login = Envelope(Action.NOTIFY_LOGIN, 0, NotifyDevice(device, now))
        self._dispatch.post((Push((uid,), notice_of_login, 0, connection.origin),))

    def replaced(self, number: int, device: int) -> None:
        """A newer login on another node takes the place of a connection here, if it is still there."""
        connection = self._registry.get(number)
        if connection is not None:
            self._kick(connection, device, self._clock.now_ms())

    def _kick(self, connection: Connection, device: int, now: int) -> None:
        notice = NotifyKickout(device, _KICKED[self.options.devices], now)
        self.put(connection, Envelope(Action.NOTIFY_KICKOUT, 0, notice))
        self.end(connection, CloseCode.KICKED, notice.reason)

    def end(
        self, connection: Connection, code: CloseCode, reason: str, reconnect_after: int = 0
    ) -> None:
        """Say why, write what waits, close."""
        if connection.state >= State.CLOSING:
            return
        if code == CloseCode.TOO_SLOW:
            self._too_slow_total += 1
        notice = NotifyClose(code, reason, reconnect_after)
        connection.outbox.append(connection.codec.encode(Envelope(Action.NOTIFY_CLOSE, 0, notice)))
        connection.state = next_state(connection.state, Event.END)
        connection.handlers = {}
        connection.blocked = False
        self.turn.write(connection)
        self._sign_out(connection)
        connection.wire.close(code, reason)

    # --- errors -------------------------------------------------------------------------------------------

    def _error(
        self,
        connection: Connection,
        action: str,
        seq: int,
        code: ErrorCode,
        text: str,
        cli_mid: str,
    ) -> None:
        reply = _FAILED if action in _SENDS else _ERROR
        error = Error(code, text, code in RETRYABLE, cli_mid)
        self.put(connection, Envelope(reply, seq, error))

    def _rejected(self, connection: Connection, rejected: Rejected) -> None:
        code = ErrorCode(rejected.code)
        action, seq, text = rejected.action, rejected.seq, rejected.message
        if connection.state < State.READY and not action.startswith(("auth", "heartbeat", "api.")):
            code, text = ErrorCode.UNAUTHENTICATED, "sign in first: send auth"
        self._error(connection, action, seq, code, text, rejected.cli_mid)

    def _unreadable(self, connection: Connection, why: str) -> None:
        """One frame that cannot be read is forgiven, the third within a minute is not."""
        self._error(connection, "", 0, ErrorCode.BAD_REQUEST, f"cannot read this frame: {why}", "")
        if connection.bad_frames is None:
            connection.bad_frames = deque(maxlen=BAD_FRAMES)
        seen = connection.bad_frames
        seen.append(self.liveness.tick)
        within = BAD_FRAMES_WITHIN / self.liveness.tick_seconds
        if len(seen) == BAD_FRAMES and seen[-1] - seen[0] <= within:
            self.end(connection, CloseCode.PROTOCOL_ERROR, "too many frames that cannot be read")

    def _no_room(self, sends: Sequence[Send]) -> None:
        for send in sends:
            connection = self._registry.get(send.origin.conn)
            if connection is not None:
                text = "too many messages are waiting to be stored"
                self._error(
                    connection,
                    send.action,
                    send.request_seq,
                    ErrorCode.UNAVAILABLE,
                    text,
                    send.message.cli_mid,
                )

    def _too_slow(self, connection: Connection) -> None:
        # What waits is not written any more: it would only fill the socket's buffer. The client pulls it.
        connection.outbox = []
        self.end(
            connection, CloseCode.TOO_SLOW, "frames were not read fast enough; pull what is missing"
        )

    # --- the end of connections ---------------------------------------------------------------------------

    def _beat(self, connection: Connection) -> None:
        self.put(connection, Envelope(Action.HEARTBEAT, 0, None))

    def _sign_out(self, connection: Connection) -> None:
        if not connection.uid or not self._registry.sign_out(connection):
            return
        self._presence.left(connection.uid, connection.origin)
        if not self._registry.of(connection.uid):
            self._messages.went_offline(connection.uid)

    def _return_in(self) -> int:
        """Milliseconds after which a client that is sent away shall return: a crowd is spread."""
        share = min(1.0, len(self._registry) / 1000)
        return round(1000 * max(0.2, self.options.drain_spread * share) * random.uniform(0.5, 1.0))  # noqa: S311

    async def drain(self) -> None:
        """Finish what was asked, then send everybody away. New requests are refused meanwhile."""
        self.draining = True
        self.liveness.stop()
        self.turn.run()
        await self._commands.finish()

    def send_away(self) -> None:
        """Close every connection with `going_away` and its own time to return."""
        for connection in self._registry.all():
            self.end(
                connection, CloseCode.GOING_AWAY, "the server is restarting", self._return_in()
            )

    @property
    def open_sockets(self) -> int:
        """Sockets that are not gone yet."""
        return len(self._registry)
