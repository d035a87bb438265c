"""The HTTP server: uvicorn inside the server's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

import uvicorn
from msgspec import Struct

from glideim.account.ports import Authenticator, KeyAuthenticator
from glideim.api.ports import Endpoint
from glideim.gateway.ports import ApiService

from .app import build_app
from .files import FileAccess
from .metrics import Metrics, Statistics
from .protocol import LimitedHttp

STOP_WITHIN = 5
"""Seconds that requests under way have when the server stops."""
CONNECTIONS_MOST = 2000
"""Beyond it requests are refused with 503: the long connection is for keeping, this port is for calls."""


class HttpOptions(Struct, frozen=True):
    """Where and how to serve."""

    host: str
    port: int
    """0 takes a free port."""
    tls_cert: str = ""
    tls_key: str = ""
    origins: tuple[str, ...] = ()
    """Origins whose pages may call the API."""
    body_limit: int = 1024 * 1024
    """Bytes of the largest request body."""


class HttpServer:
    """Serves the API's table, its description, health and metrics. Belongs to one event loop."""

    def __init__(  # noqa: PLR0913 - all by name, all from the one place that composes
        self,
        *,
        options: HttpOptions,
        endpoints: Sequence[Endpoint],
        api: ApiService,
        authenticator: Authenticator,
        keys: KeyAuthenticator | None = None,
        ready: Callable[[], Awaitable[bool]],
        statistics: Statistics,
        version: str,
        files: FileAccess | None = None,
    ) -> None:
        self._options = options
        app = build_app(
            endpoints=endpoints,
            api=api,
            authenticator=authenticator,
            keys=keys,
            ready=ready,
            metrics=Metrics(statistics),
            version=version,
            body_limit=options.body_limit,
            origins=options.origins,
            files=files,
        )
        self._server = _Server(
            uvicorn.Config(
                app,
                http=LimitedHttp,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                ssl_certfile=options.tls_cert or None,
                ssl_keyfile=options.tls_key or None,
                timeout_graceful_shutdown=STOP_WITHIN,
                limit_concurrency=CONNECTIONS_MOST,
            )
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> tuple[str, int]:
        """Begin to serve; the address that was bound. Raises OSError: the port is taken, a TLS file is unusable."""
        options = self._options
        family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
        listening = socket.create_server((options.host, options.port), family=family, backlog=1024)
        listening.setblocking(False)
        self._task = asyncio.get_running_loop().create_task(
            self._server.serve(sockets=[listening]), name="http"
        )
        host, port = listening.getsockname()[:2]
        started = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait({started, self._task}, return_when=asyncio.FIRST_COMPLETED)
        started.cancel()
        if self._task.done():
            listening.close()
            await self._task
        return host, port

    def statistics(self) -> Mapping[str, float]:
        """Connections that are open now."""
        return {
            "connections": len(self._server.server_state.connections),
            "connections_limit": CONNECTIONS_MOST,
        }

    async def stop(self) -> None:
        """Finish what is under way, for STOP_WITHIN seconds at most, then stop."""
        if self._task is not None:
            self._server.should_exit = True
            await asyncio.gather(self._task, return_exceptions=True)


class _Server(uvicorn.Server):
    """A uvicorn that says when it is ready and leaves signals alone: the program around it decides when to stop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
