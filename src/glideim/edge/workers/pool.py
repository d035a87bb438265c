"""The workers of a server: started, restarted when one dies, drained and ended together."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections import Counter
from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from glideim.dispatch.local import LocalDispatch

from . import records as r
from .beginning import Beginning
from .link import WAITING_MOST
from .owner import RemoteGateway, Services

log = logging.getLogger("glideim.workers")

START_WITHIN = 20.0
"""Seconds for a worker to listen."""
DRAIN_WITHIN = 10.0
"""Seconds for a worker to finish what was asked."""
END_WITHIN = 15.0
"""Seconds for a worker to end after it was told to; then it is killed."""
RESTART_AFTER = 1.0
"""Seconds until a worker that died is started again."""


class Workers:
    """All of them. `start`, then `drain`, `send_away`."""

    def __init__(
        self, count: int, beginning: Beginning, services: Services, dispatch: LocalDispatch
    ) -> None:
        self._count = count
        self._beginning = beginning
        self._services = services
        self._dispatch = dispatch
        self._remotes: dict[int, RemoteGateway] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._stopping = False
        self._generation = 0
        self.restarted = 0

    async def start(self) -> None:
        """Start them, and wait until all listen. Raises OSError."""
        started = [asyncio.get_running_loop().create_future() for _ in range(self._count)]
        for number, ready in enumerate(started):
            self._keepers.append(asyncio.ensure_future(self._keep(number, ready)))
        await asyncio.gather(*started)

    def statistics(self) -> Mapping[str, int]:
        """The sum of what each said last."""
        total: Counter[str] = Counter()
        for remote in self._remotes.values():
            total.update(remote.counted)
        return {
            **total,
            "workers": len(self._remotes),
            "link_bytes": sum(remote.link.waiting for remote in self._remotes.values()),
            "link_bytes_limit": WAITING_MOST * len(self._remotes),
            "restarted_total": self.restarted,
        }

    async def drain(self) -> None:
        """Let them accept nothing new and finish what was asked."""
        self._stopping = True
        remotes = list(self._remotes.values())
        for remote in remotes:
            remote.link.tell(r.Drain())
        if remotes:
            await asyncio.wait([remote.drained for remote in remotes], timeout=DRAIN_WITHIN)

    async def send_away(self) -> None:
        """Close all connections and end the workers."""
        for remote in self._remotes.values():
            remote.link.tell(r.SendAway())
        if self._keepers:
            await asyncio.wait(self._keepers, timeout=END_WITHIN + 5)

    async def _keep(self, number: int, ready: asyncio.Future[None]) -> None:
        """One worker, as often as it has to be started."""
        while not self._stopping:
            try:
                await self._live(number, ready)
            except OSError as error:
                if not ready.done():
                    ready.set_exception(error)
                    return
                log.warning("a worker could not begin: %s", error)
            if not self._stopping:
                self.restarted += 1
                log.warning("worker %d ended by itself; starting another", number)
                await asyncio.sleep(RESTART_AFTER)

    async def _live(self, number: int, ready: asyncio.Future[None]) -> None:
        """A worker from beginning to end. Raises OSError when it cannot listen."""
        self._generation += 1
        # A name of its own for each: what was meant for connections of the one before must not reach the next.
        node = f"{self._beginning.gateway.node}-w{number}-{self._generation}"
        beginning = replace(self._beginning, gateway=replace(self._beginning.gateway, node=node))
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "glideim.edge.workers.worker", str(theirs.fileno()),
                stdin=asyncio.subprocess.PIPE, pass_fds=(theirs.fileno(),),
            )  # fmt: skip
        remote = RemoteGateway(node, self._services, replace=self._replace)
        try:
            await self._begin(ours, remote, process, beginning)
            self._remotes[number] = remote
            self._dispatch.attach(remote)
            if not ready.done():
                ready.set_result(None)
            await remote.gone
        finally:
            self._remotes.pop(number, None)
            self._dispatch.detach(remote)
            await _ended(process)

    async def _begin(
        self,
        ours: socket.socket,
        remote: RemoteGateway,
        process: asyncio.subprocess.Process,
        beginning: Beginning,
    ) -> None:
        ours.setblocking(False)
        await asyncio.get_running_loop().create_connection(lambda: remote.link, sock=ours)
        if process.stdin is not None:
            process.stdin.write(msgspec.json.encode(beginning) + b"\n")
            process.stdin.close()
        try:
            async with asyncio.timeout(START_WITHIN):
                await remote.listening
        except TimeoutError:
            remote.link.close()
            raise OSError("a worker did not begin in time") from None

    def _replace(self, node: str, conn: int, device: int) -> None:
        for remote in self._remotes.values():
            if remote.node == node:
                remote.link.tell(r.Replace(conn, device))


def reserve(host: str, port: int) -> socket.socket:
    """A port that all workers may listen on: bound and not listened to, so that 0 becomes a number that stays ours.
    Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    holder = socket.socket(family, socket.SOCK_STREAM)
    try:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind((host, port))
    except OSError:
        holder.close()
        raise
    return holder


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Wait for the end of a process whose link is gone, or make it."""
    try:
        async with asyncio.timeout(END_WITHIN):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
