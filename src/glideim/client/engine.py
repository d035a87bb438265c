"""Drives a core: opens connections and comes back to lost ones, moves frames, keeps the timer."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Protocol

from glideim.protocol.ports import Codec

from . import events
from .core import Core, Fate
from .options import Options
from .timers import Timer, Timers
from .transport import Connect, Transport

_FOREVER = float("inf")
_SPREAD = 0.1
"""A time to return given by the server is lengthened by up to this share of it, never shortened."""


class Owner(Protocol):
    """Who is told what the engine cannot deal with itself."""

    def connection_ended(self, fate: Fate) -> None:
        """A connection ended, and how."""
        ...

    def crashed(self, error: Exception) -> None:
        """The store failed: nothing can go on."""
        ...

    def arrived(self) -> None:
        """Something came that may be for the application."""
        ...


class Engine:
    """The one task of a client. Implements `transport.Receiver`."""

    def __init__(
        self,
        core: Core,
        codec: Codec,
        options: Options,
        *,
        connect: Connect,
        timers: Timers,
        rng: Random,
        owner: Owner,
    ) -> None:
        self._core = core
        self._codec = codec
        self._options = options
        self._connect = connect
        self._timers = timers
        self._rng = rng
        self._owner = owner
        self._task: asyncio.Task[None] | None = None
        self._transport: Transport | None = None
        self._gone: asyncio.Future[tuple[int, str]] | None = None
        self._wanted = asyncio.Event()
        self._hurry = asyncio.Event()
        self._flush_due = False
        self._timer: Timer | None = None
        self._timer_at = _FOREVER
        self._paused = False
        self._attempts = 0

    @property
    def now(self) -> float:
        """The time, for the core."""
        return self._timers.monotonic()

    @property
    def running(self) -> bool:
        """Started and not closed."""
        return self._task is not None

    def start(self) -> None:
        """Begin; connects as soon as there is something to connect for."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="glideim-client")

    async def stop(self) -> None:
        """End the connection after what was written has left (`linger` at most) and the task with it."""
        task, self._task = self._task, None
        if task is None:
            return
        gone = self._gone
        if self._transport is not None and gone is not None:
            self._flush()
            self._transport.close()
            await asyncio.wait([gone], timeout=self._options.linger)
        self.drop()
        task.cancel()
        await asyncio.wait([task])
        self._disarm()

    def give_up(self) -> None:
        """End at once; for when nothing can go on. `stop` is still due."""
        self.drop()
        self._disarm()
        if self._task is not None:
            self._task.cancel()

    def drop(self) -> None:
        """Give the current connection up."""
        if self._transport is not None:
            self._transport.abort()

    def wake(self) -> None:
        """Something is to be sent, written or timed: see to it at the end of this turn."""
        if self._should_connect():
            self._wanted.set()
        if not self._flush_due and self._task is not None:
            self._flush_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def hurry(self) -> None:
        """Do not wait for the next try."""
        self._hurry.set()
        self.wake()

    # --- connections ----------------------------------------------------------------------------------------

    def _should_connect(self) -> bool:
        signed_in = self._core.account is not None and not self._core.held
        return signed_in or self._core.calls.wants_connection()

    async def _run(self) -> None:
        while True:
            self._hurry.clear()
            if not self._should_connect():
                self._wanted.clear()
                await self._wanted.wait()
            fate = await self._live()
            await self._rest(fate)

    async def _live(self) -> Fate:
        """One connection from beginning to end."""
        self._core.emit(events.Connecting())
        self._gone = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self._options.connect_timeout):
                await self._connect(self, self._codec)
            code, reason = await self._gone
        except OSError as error:
            self.drop()
            code, reason = 0, str(error) or "the server did not answer in time"
        self._transport = None
        self._paused = False
        return self._core.lost(code, reason)

    async def _rest(self, fate: Fate) -> None:
        """Wait before the next connection, as long as the rules say."""
        if fate.stays_away:
            self._core.held = True
        self._owner.connection_ended(fate)
        retry = self._should_connect()
        delay = self._delay(fate) if retry else 0.0
        self._core.emit(events.Disconnected(fate.code, fate.reason, will_retry=retry, delay=delay))
        if delay:
            timer = self._timers.call_at(self.now + delay, self._hurry.set)
            try:
                await self._hurry.wait()
            finally:
                timer.cancel()

    def _delay(self, fate: Fate) -> float:
        if fate.after is not None:
            return fate.after * (1 + _SPREAD * self._rng.random())
        ceiling = min(
            self._options.backoff_base * 2.0 ** min(self._attempts, 16), self._options.backoff_cap
        )
        self._attempts += 1
        return ceiling * self._rng.random()

    # --- what the transport tells ---------------------------------------------------------------------------

    def opened(self, transport: Transport) -> None:
        """See `transport.Receiver`."""
        self._transport = transport
        self._core.opened(self.now)
        self.wake()

    def received(self, frame: bytes) -> None:
        """See `transport.Receiver`."""
        self._core.received(frame, self.now)
        if self._core.settled:
            self._attempts = 0
        self._owner.arrived()
        self.wake()

    def writable(self, *, yes: bool) -> None:
        """See `transport.Receiver`."""
        self._paused = not yes
        self.wake()

    def closed(self, code: int, reason: str) -> None:
        """See `transport.Receiver`."""
        self._transport = None
        if self._gone is not None and not self._gone.done():
            self._gone.set_result((code, reason))

    # --- turns ----------------------------------------------------------------------------------------------

    def _flush(self) -> None:
        self._flush_due = False
        try:
            frames = self._core.flush(self.now, paused=self._paused)
        except Exception as error:  # noqa: BLE001 - the store failed: nothing that was promised can be kept
            self.drop()
            self._owner.crashed(error)
            return
        if self._transport is not None:
            if frames:
                self._transport.write(frames)
            if self._core.broken is not None:
                self._transport.abort()
        self._arm()

    def _arm(self) -> None:
        due = self._core.deadline()
        if due >= self._timer_at or self._task is None:
            return
        self._disarm()
        self._timer_at = due
        self._timer = self._timers.call_at(due, self._tick)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._timer_at = _FOREVER

    def _tick(self) -> None:
        self._disarm()
        self._core.tick(self.now)
        self._flush()
