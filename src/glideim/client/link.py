"""One connection as the protocol sees it: greeting, signing in, request numbers, heartbeats, frames. No I/O."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

from glideim.protocol.actions import Action
from glideim.protocol.ports import Codec
from glideim.protocol.records import Auth, Envelope, Heartbeat, Hello

from .options import Options

_FOREVER = float("inf")
_OVERHEAD = 8
"""More than any codec adds for each envelope of a batch."""
_MAX_FRAME = 64 * 1024
"""Until the server has said how much it takes."""
_PROBE_AFTER = 2.0
_DEAD_AFTER = 2.5
"""Heartbeat intervals without a sign of life before the server is asked for one, and before it is given up."""
_ANSWER_AFTER = 1.0
"""Seconds: a heartbeat is answered unless something was sent just now. Keeps two sides that both answer from
answering each other for ever."""


class Phase(Enum):
    """Life of a connection."""

    CLOSED = auto()
    GREETING = auto()
    """Open; waiting for `hello`."""
    OPEN = auto()
    """Nobody is signed in."""
    SIGNING_IN = auto()
    READY = auto()


class TooLargeError(Exception):
    """One envelope is larger than the largest frame that the server accepts."""


class Link:
    """The state of the current connection, and what waits to be written to it."""

    def __init__(self, codec: Codec, options: Options) -> None:
        self.codec = codec
        self._options = options
        self.phase = Phase.CLOSED
        self.hello = Hello()
        self.auth_request = 0
        self._requests = 0
        self._bodies: list[bytes] = []
        self._sent_at = 0.0
        self._heard_at = 0.0
        self._phase_due = _FOREVER
        self._probed = False

    @property
    def ready(self) -> bool:
        """Signed in."""
        return self.phase is Phase.READY

    def opened(self, now: float) -> None:
        """A new connection is open."""
        self.phase = Phase.GREETING
        self.hello = Hello()
        self._bodies.clear()
        self._sent_at = self._heard_at = now
        self._phase_due = now + self._options.connect_timeout
        self._probed = False

    def closed(self) -> None:
        """The connection is gone."""
        self.phase = Phase.CLOSED
        self._bodies.clear()
        self._phase_due = _FOREVER

    def greeted(self, hello: Hello) -> None:
        """`hello` came."""
        self.hello = hello
        if self.phase is Phase.GREETING:
            self.phase = Phase.OPEN
            self._phase_due = _FOREVER

    def sign_in(self, token: str, device_id: str, now: float) -> None:
        """Send `auth`."""
        auth = Auth(token, self._options.device, device_id, batch=True)
        self.auth_request = self.request(Action.AUTH, auth)
        self.phase = Phase.SIGNING_IN
        self._phase_due = now + self._options.connect_timeout

    def signed_in(self) -> None:
        """`auth.ok` came."""
        self.phase = Phase.READY
        self._phase_due = _FOREVER

    def request(self, action: str, data: Any) -> int:
        """Queue a request; returns its number. Raises TooLargeError."""
        self._requests += 1
        self._post(Envelope(action, self._requests, data))
        return self._requests

    def tell(self, action: str, data: Any) -> None:
        """Queue something that has no answer. Raises TooLargeError."""
        self._post(Envelope(action, 0, data))

    def frames(self, now: float) -> list[bytes]:
        """What waits, joined into frames that the server accepts; afterwards nothing waits."""
        if not self._bodies:
            return []
        self._sent_at = now
        bodies, self._bodies = self._bodies, []
        limit = self._limit()
        frames: list[bytes] = []
        batch: list[bytes] = []
        size = _OVERHEAD
        for body in bodies:
            if batch and size + len(body) + _OVERHEAD > limit:
                frames.append(self._join(batch))
                batch, size = [], _OVERHEAD
            batch.append(body)
            size += len(body) + _OVERHEAD
        frames.append(self._join(batch))
        return frames

    def heard(self, now: float) -> None:
        """Something arrived: the server lives."""
        self._heard_at = now
        self._probed = False

    def answer_heartbeat(self, now: float) -> None:
        """The server asked whether we are there."""
        if now - self._sent_at >= _ANSWER_AFTER:
            self.tell(Action.HEARTBEAT, Heartbeat())

    def deadline(self) -> float:
        """When `tick` should be called."""
        if self.phase is Phase.CLOSED:
            return _FOREVER
        interval = self.hello.heartbeat
        if not interval:
            return self._phase_due
        silence = self._heard_at + interval * (_DEAD_AFTER if self._probed else _PROBE_AFTER)
        return min(self._phase_due, silence, self._sent_at + interval)

    def tick(self, now: float) -> str | None:
        """Send a heartbeat if one is due. Returns why the connection has to be given up, or None."""
        if self.phase is Phase.CLOSED:
            return None
        if now >= self._phase_due:
            return (
                "the server did not greet"
                if self.phase is Phase.GREETING
                else "signing in took too long"
            )
        interval = self.hello.heartbeat
        if interval and now >= self._heard_at + interval * _DEAD_AFTER:
            return "nothing was heard from the server"
        if interval and now >= self._sent_at + interval and not self._bodies:
            self.tell(Action.HEARTBEAT, Heartbeat())
        return None

    def wants_probe(self, now: float) -> bool:
        """True once when the server was silent for so long that it has to be asked whether it lives: a client's
        heartbeats are not answered."""
        interval = self.hello.heartbeat
        if self._probed or not interval or now < self._heard_at + interval * _PROBE_AFTER:
            return False
        self._probed = True
        return True

    def _join(self, bodies: list[bytes]) -> bytes:
        return bodies[0] if len(bodies) == 1 else self.codec.join(bodies)

    def _limit(self) -> int:
        return self.hello.max_frame or _MAX_FRAME

    def _post(self, envelope: Envelope) -> None:
        body = self.codec.encode(envelope)
        if len(body) + 2 * _OVERHEAD > self._limit():
            raise TooLargeError
        self._bodies.append(body)
