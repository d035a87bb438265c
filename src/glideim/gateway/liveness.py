"""Dead connections are found and closed: silence, sockets that take nothing, clients that never sign in."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from glideim.protocol.codes import CloseCode
from glideim.protocol.states import State

from .connection import Connection
from .options import GatewayOptions
from .wheel import TimingWheel

SLOTS = 1024


class Liveness:
    """Visits every connection about once per heartbeat interval; a frame costs its connection one attribute."""

    def __init__(
        self,
        options: GatewayOptions,
        *,
        beat: Callable[[Connection], None],
        close: Callable[[Connection, CloseCode, str], None],
    ) -> None:
        self._options = options
        self._beat = beat
        self._close = close
        self.wheel: TimingWheel[Connection] = TimingWheel(SLOTS, self.look_after)
        """Open for reading its tick: every frame does."""
        self._timer: asyncio.TimerHandle | None = None
        self.tick_seconds = min(1.0, options.heartbeat / 10, options.auth_timeout / 10)
        self._heartbeat = self._ticks(options.heartbeat)
        self._auth_timeout = self._ticks(options.auth_timeout)
        self._blocked_timeout = self._ticks(options.blocked_timeout)

    @property
    def tick(self) -> int:
        """The current time in ticks; connections note it as `heard`."""
        return self.wheel.tick

    def _ticks(self, seconds: float) -> int:
        return max(1, math.ceil(seconds / self.tick_seconds))

    def start(self) -> None:
        """Begin to tick; needs a running loop."""
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self.tick_seconds, self._tick)

    def stop(self) -> None:
        """No more ticks."""
        if self._timer is not None:
            self._timer.cancel()

    def _tick(self) -> None:
        self.wheel.advance()
        self.start()

    def advance(self, seconds: float) -> None:
        """Let time pass at once: for tests and simulations, instead of `start`."""
        for _ in range(round(seconds / self.tick_seconds)):
            self.wheel.advance()

    def watch(self, connection: Connection) -> None:
        """A connection was opened: it has so long to sign in."""
        self.wheel.add(connection, self._auth_timeout)

    def look_after(self, connection: Connection) -> int:
        """One visit; returns in how many ticks to come again, 0 when the connection is over."""
        if connection.state >= State.CLOSING:
            return 0
        now = self.wheel.tick
        if connection.state is not State.READY:
            return self._waiting_for_auth(connection, now)
        if connection.blocked and now - connection.blocked_since >= self._blocked_timeout:
            self._close(connection, CloseCode.TOO_SLOW, "nothing was read for too long")
            return 0
        idle = now - connection.heard
        if idle < self._heartbeat * (connection.misses + 1):
            connection.misses = 0  # it was heard after the last heartbeat
        if idle < self._heartbeat:
            return min(
                self._heartbeat - idle,
                self._blocked_timeout if connection.blocked else idle + SLOTS,
            )
        if connection.misses >= self._options.heartbeat_misses:
            self._close(
                connection,
                CloseCode.IDLE_TIMEOUT,
                "nothing was heard, heartbeats stayed unanswered",
            )
            return 0
        connection.misses += 1
        self._beat(connection)
        return self._heartbeat

    def _waiting_for_auth(self, connection: Connection, now: int) -> int:
        left = connection.opened + self._auth_timeout - now
        if left > 0:
            return left
        self._close(connection, CloseCode.AUTH_TIMEOUT, "no sign-in in time")
        return 0
