"""A worker: a process that holds connections and asks the owner of the log for everything else.

Started by `pool` with one end of a socket pair; ends when the other end does.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec
import uvloop

from glideim.edge.listeners.ports import Listener, ListenOptions
from glideim.edge.listeners.registry import load_transports
from glideim.gateway.gateway import Gateway
from glideim.gateway.ports import Rates
from glideim.kernel.clock import SystemClock
from glideim.kernel.ratelimit import API, GROW, SEND, TRANSIENT, RateLimiter
from glideim.protocol.codec import load_codecs

from . import records as r
from .beginning import Beginning, listen_tls
from .remote import Owner

COUNT_EVERY = 2.0
"""Seconds between telling statistics."""
GONE_WITHIN = 10.0
"""Seconds that clients have to close after they were sent away."""


class Worker:
    """The whole process."""

    def __init__(self, beginning: Beginning) -> None:
        self._beginning = beginning
        self._listeners: list[Listener] = []
        self._over = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._codecs = load_codecs()
        clock = SystemClock()
        limiter = RateLimiter(clock, enabled=beginning.limits)
        self.owner = Owner(
            beginning.public,
            drain=partial(self._start, self._drain),
            send_away=partial(self._start, self._send_away),
            lost=self._over.set,
        )
        self._gateway = Gateway(
            options=msgspec.structs.replace(beginning.gateway, codecs=tuple(self._codecs)),
            clock=clock,
            authenticator=self.owner,
            messages=self.owner,
            dispatch=self.owner,
            api=self.owner,
            presence=self.owner,
            may_send=partial(limiter.allow, SEND),
            rates=Rates(
                partial(limiter.allow, API),
                partial(limiter.allow, TRANSIENT),
                partial(limiter.allow, GROW),
            ),
        )
        self.owner.attach(self._gateway)

    async def run(self) -> None:
        """Serve until the owner sends everybody away, or is gone."""
        self._gateway.start()
        try:
            for name, factory in load_transports().items():
                listener = factory(self._gateway, self._codecs, self._options(name))
                await listener.start()
                self._listeners.append(listener)
        except OSError as error:
            self.owner.link.tell(r.NotListening(error.strerror or str(error)))
            await self._over.wait()
            return
        self.owner.link.tell(r.Listening())
        counting = asyncio.ensure_future(self._count())
        await self._over.wait()
        counting.cancel()
        self.owner.link.flush()

    def _options(self, name: str) -> ListenOptions:
        beginning = self._beginning
        return ListenOptions(
            beginning.host,
            beginning.ports[name],
            beginning.gateway.max_frame,
            listen_tls(beginning),
            origins=beginning.origins,
            shared=True,
        )

    def _start(self, work: Callable[[], Any]) -> None:
        task = asyncio.ensure_future(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self) -> None:
        for listener in self._listeners:
            await listener.stop()
        await self._gateway.drain()
        self.owner.link.tell(r.Drained())

    async def _send_away(self) -> None:
        self._gateway.send_away()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + GONE_WITHIN
        while self._gateway.open_sockets and loop.time() < deadline:  # noqa: ASYNC110 - once in a life
            await asyncio.sleep(0.02)
        self._over.set()

    async def _count(self) -> None:
        while True:
            counted: Mapping[str, int] = self._gateway.statistics()
            self.owner.link.tell(r.Counted(dict(counted)))
            await asyncio.sleep(COUNT_EVERY)


async def _main(descriptor: int, beginning: Beginning) -> None:
    worker = Worker(beginning)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # The owner says when it is time; a signal to the whole group must not overtake it.
        loop.add_signal_handler(number, lambda: None)
    end = socket.socket(fileno=descriptor)
    end.setblocking(False)
    transport, _ = await loop.create_connection(lambda: worker.owner.link, sock=end)
    gc.freeze()
    try:
        await worker.run()
    finally:
        transport.close()


def main() -> None:
    """`python -m glideim.edge.workers.worker FD`, with its beginning as a line of JSON on standard input."""
    beginning = msgspec.json.decode(sys.stdin.buffer.readline(), type=Beginning)
    gc.set_threshold(50_000, 20, 100)
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(_main(int(sys.argv[1]), beginning))


if __name__ == "__main__":
    main()
