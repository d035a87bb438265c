"""The one place that builds and connects everything."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from ssl import SSLContext
from typing import Self

from . import __version__, settings
from .account.guard import BadTokens
from .account.passwords import Passwords
from .account.ports import EndReason, Session
from .account.service import AccountService
from .api.service import Api
from .config import Config, split_list
from .contacts.service import ContactService
from .dispatch.local import LocalDispatch
from .dispatch.ports import Push
from .edge.http.files import FileAccess
from .edge.http.server import HttpServer
from .edge.indexes import open_index
from .edge.listeners.ports import Listener, ListenOptions
from .edge.listeners.registry import load_transports
from .edge.servers import Around, ForServers, check_hook
from .edge.stores import StoreOpenError, Stores
from .edge.workers.owner import Services
from .edge.workers.pool import Workers, reserve
from .edge.workers.presence import Holding
from .gateway.gateway import Gateway
from .gateway.ports import Rates
from .group.service import GroupService
from .kernel.clock import Clock, SystemClock
from .kernel.errors import StoreUnavailableError
from .kernel.ids import IdSource, Leaf
from .kernel.ratelimit import API, GROW, KEYS, SEND, TRANSIENT, RateLimiter
from .media.service import MediaService
from .messaging.changes import Windows
from .messaging.service import MessagingService
from .messaging.visible import GroupSpans
from .opening import address_of, bind, message_ids, new_uids, open_stores
from .presence.service import PresenceService
from .protocol.actions import Action
from .protocol.codec import load_codecs
from .protocol.codes import CloseCode
from .protocol.records import Envelope, Gateways, NotifyDevice
from .search.ports import SearchIndex
from .search.service import SearchService
from .settings import StartError

log = logging.getLogger("glideim")

PURGE_EVERY = 3600.0
"""Seconds between deleting expired sessions."""
CLOSE_CODES = {
    EndReason.LOGOUT: (CloseCode.LOGGED_OUT, "this session was ended"),
    EndReason.PASSWORD: (CloseCode.TOKEN_INVALID, "the password was changed"),
    EndReason.BAN: (CloseCode.BANNED, "the account is banned"),
}


class Server:
    """A whole server in one process. Make it with `start`, end it with `stop`."""

    def __init__(
        self, config: Config, stores: Stores, index: SearchIndex, mids: IdSource, clock: Clock
    ) -> None:
        self._config = config
        self._stores = stores
        self._clock = clock
        self._listeners: dict[str, Listener] = {}
        self._bound: dict[str, str] = {}
        self._limiter = RateLimiter(
            clock, enabled=config.limits == "on", keys=min(KEYS, config.remembered)
        )
        self._dispatch = LocalDispatch()
        self._passwords = Passwords()
        uids = new_uids(stores, clock)
        self._accounts = AccountService(
            store=stores.accounts,
            uids=uids,
            session_ids=Leaf(stores.segments, "session", clock),
            passwords=self._passwords,
            clock=clock,
            gateways=_GatewayDirectory(config, self.addresses),
            ended=self,
            bad_tokens=BadTokens(self._limiter),
            signed_in=self._signed_in,
            is_bot=self._is_bot,
            options=settings.account_options(config),
        )
        self._contacts = ContactService(
            store=stores.contacts,
            people=self._accounts,
            dispatch=self._dispatch,
            clock=clock,
            friends_only=config.friends_only == "on",
            is_bot=self._is_bot,
        )
        self._presence = PresenceService(
            store=stores.presence,
            relations=self._contacts,
            dispatch=self._dispatch,
            clock=clock,
            call_later=asyncio.get_running_loop().call_later,
            limiter=self._limiter,
        )
        self._contacts.listen(self._presence)
        self._messaging = MessagingService(
            store=stores.messages,
            group_store=stores.groups,
            ids=mids,
            dispatch=self._dispatch,
            directory=self._accounts,
            relations=self._contacts,
            clock=clock,
            limits=settings.messaging_limits(config),
            windows=Windows(1000 * config.recall_seconds, 1000 * config.edit_seconds),
        )
        self._contacts.listen(self._messaging)
        self._groups = GroupService(
            store=stores.groups,
            log=self._messaging,
            gids=Leaf(stores.segments, "gid", clock, step=1, smallest=1, largest=1000),
            people=self._accounts,
            bars=self._contacts,
            clock=clock,
        )
        self._search = SearchService(
            index,
            stores.messages,
            GroupSpans(stores.groups),
            clock,
            busy=lambda: self._messaging.busy,
        )
        self._media = MediaService(
            store=stores.files,
            blobs=settings.blobs(config),
            scratch=None if config.store == "memory" else Path(config.data) / "uploads",
            clock=clock,
            options=settings.media_options(config),
        )
        self._servers = ForServers(
            settings.hook_options(config),
            Around(
                stores=stores,
                clock=clock,
                uids=uids,
                passwords=self._passwords,
                accounts=self._accounts,
                members=self._messaging,
                presence=self._dispatch,
                replies=self._messaging,
                statistics=self.statistics,
                version=__version__,
            ),
        )
        self._api = Api(
            self._accounts,
            self._messaging,
            self._limiter,
            contacts=self._contacts,
            groups=self._groups,
            media=self._media,
            presence=self._presence,
            search=self._search,
            for_servers=self._servers.endpoints,
        )
        self._codecs = load_codecs()
        self._gateway = Gateway(
            options=settings.gateway_options(config, tuple(self._codecs)),
            clock=clock,
            authenticator=self._accounts,
            messages=self._messaging,
            dispatch=self._dispatch,
            api=self._api,
            presence=self._presence,
            may_send=partial(self._limiter.allow, SEND),
            rates=Rates(
                partial(self._limiter.allow, API),
                partial(self._limiter.allow, TRANSIENT),
                partial(self._limiter.allow, GROW),
            ),
        )
        self._workers: Workers | None = None
        self._ports: list[socket.socket] = []
        if not config.workers:
            self._dispatch.attach(self._gateway)
        self._http = HttpServer(
            options=settings.http_options(config),
            endpoints=self._api.endpoints,
            api=self._api,
            authenticator=self._accounts,
            keys=self._servers.keys,
            ready=self._is_ready,
            statistics=self.statistics,
            version=__version__,
            files=FileAccess(self._media, self._api.admit),
        )
        self._purger: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, config: Config, clock: Clock | None = None) -> Self:
        """Open the store, begin to listen. Raises StartError."""
        clock = clock or SystemClock()
        tls = settings.tls(config)
        if (wrong := check_hook(settings.hook_options(config))) is not None:
            raise StartError(wrong)
        stores = await open_stores(config, clock)
        mids = await message_ids(config, stores, clock)
        try:
            index = await open_index(config.store, Path(config.data), config.pages_mib)
        except StoreOpenError as error:
            await stores.close()
            raise StartError(str(error)) from None
        server = cls(config, stores, index, mids, clock)
        try:
            await server._listen(tls)
        except BaseException:
            await server.stop()
            raise
        return server

    async def _listen(self, tls: SSLContext | None) -> None:
        await self._servers.start()
        self._messaging.tell_commits(self._servers.push.committed)
        if (screen := self._servers.screen) is not None:
            self._messaging.screened_by(screen)
        self._media.open()
        await self._media.recover()
        if recovered := await self._messaging.recover():
            log.warning("%d messages were growing when the server ended: taken back", recovered)
        self._messaging.start()
        self._search.start()
        self._gateway.start()
        self._purger = asyncio.get_running_loop().create_task(self._purge(), name="purge")
        if self._config.workers:
            await self._start_workers()
        else:
            await self._start_listeners(tls)
        self._bound["http"] = await bind("http", self._config.http_port, self._http)

    async def _start_listeners(self, tls: SSLContext | None) -> None:
        config = self._config
        ports = {"ws": config.ws_port, "tcp": config.tcp_port}
        for name, factory in load_transports().items():
            options = ListenOptions(
                config.host,
                ports.get(name, 0),
                config.max_frame,
                tls,
                origins=split_list(config.origins),
            )
            listener = self._listeners[name] = factory(self._gateway, self._codecs, options)
            self._bound[name] = await bind(name, options.port, listener)

    async def _start_workers(self) -> None:
        """Let others hold the connections. They listen on the same ports, which this process keeps for them."""
        config = self._config
        services = Services(
            authenticator=self._accounts,
            messages=self._messaging,
            dispatch=self._dispatch,
            api=self._api,
            presence=self._presence,
            holding=Holding(config.devices),
        )
        try:
            for name, port in (("ws", config.ws_port), ("tcp", config.tcp_port)):
                holder = reserve(config.host, port)
                self._ports.append(holder)
                self._bound[name] = address_of(*holder.getsockname()[:2])
            beginning = settings.beginning(config, self._bound, self._api.public_actions)
            self._workers = Workers(config.workers, beginning, services, self._dispatch)
            await self._workers.start()
        except OSError as error:
            raise StartError(f"the workers cannot listen: {error.strerror or error}") from None

    def addresses(self) -> Mapping[str, str]:
        """Where clients connect: `ws` and `http` are URLs, `tcp` is `host:port`."""
        secure = "s" if self._config.tls_cert else ""
        addresses = dict(self._bound)
        addresses["ws"] = f"ws{secure}://{self._bound['ws']}/ws"
        addresses["http"] = f"http{secure}://{self._bound['http']}"
        return addresses

    def statistics(self) -> Mapping[str, Mapping[str, float]]:
        """Every queue, cache and counter, by part."""
        return {
            "gateway": (self._workers or self._gateway).statistics(),
            "http": self._http.statistics(),
            "messaging": self._messaging.statistics(),
            "accounts": self._accounts.statistics(),
            "presence": self._presence.statistics(),
            "files": self._media.statistics(),
            "search": self._search.statistics(),
            "webhooks": self._servers.push.statistics(),
            "limits": {"buckets": len(self._limiter), "buckets_limit": self._limiter.limit},
            "store": self._stores.statistics(),
        }

    async def stop(self) -> None:
        """Drain: accept nothing new, commit and answer what was asked, send everybody away, close the store."""
        for listener in self._listeners.values():
            await listener.stop()
        await self._gateway.drain()
        if self._workers is not None:
            await self._workers.drain()
        await self._messaging.stop()
        self._gateway.send_away()
        if self._workers is not None:
            await self._workers.send_away()
        await self._http.stop()
        await self._servers.stop()
        await self._until_sockets_are_gone()
        if self._purger is not None:
            self._purger.cancel()
            await asyncio.gather(self._purger, return_exceptions=True)
        await self._presence.close()
        await self._search.stop()
        self._passwords.close()
        await self._media.close()
        await self._stores.close()
        for holder in self._ports:
            holder.close()

    def _is_bot(self, uid: int) -> bool:
        return self._servers.push.bots.is_bot(uid)

    async def _until_sockets_are_gone(self) -> None:
        """Clients close after `notify.close`; who does not is cut off by the transport after a second or so."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._config.drain_seconds
        while self._gateway.open_sockets and loop.time() < deadline:  # noqa: ASYNC110 - once in a life
            await asyncio.sleep(0.02)

    async def _is_ready(self) -> bool:
        """Whether requests can be served: storage answers and the server is not draining."""
        if self._gateway.draining:
            return False
        try:
            await self._stores.messages.heads(("c:1:1",))
        except StoreUnavailableError:
            return False
        return True

    async def _purge(self) -> None:
        while True:
            try:
                await self._accounts.purge()
                await self._media.purge()
            except StoreUnavailableError as error:
                log.warning("expired sessions could not be deleted: %s", error)
            await asyncio.sleep(PURGE_EVERY)

    def _signed_in(self, uid: int, device: int, device_id: str) -> None:
        self._servers.push.signed_in(uid, device, device_id)

    # --- what accounts need -------------------------------------------------------------------------------

    async def sessions_ended(self, sessions: Sequence[Session], reason: EndReason) -> None:
        """Connections end with their sessions; the person's other devices learn of a logout."""
        code, text = CLOSE_CODES[reason]
        loop = asyncio.get_running_loop()
        for session in sessions:
            await self._dispatch.close(session.uid, code, text, session_id=session.session_id)
            if reason is EndReason.LOGOUT:
                notice = Envelope(
                    Action.NOTIFY_LOGOUT, 0, NotifyDevice(session.device, self._clock.now_ms())
                )
                # After the closing, which takes effect in the next turn: only other devices are left then.
                loop.call_soon(self._dispatch.post, (Push((session.uid,), notice),))


class _GatewayDirectory:
    """Implements `GatewayDirectory` with the configured public addresses, else those that were bound."""

    def __init__(self, config: Config, addresses: Callable[[], Mapping[str, str]]) -> None:
        self._config = config
        self._addresses = addresses

    def addresses(self) -> Gateways:
        bound = self._addresses()
        return Gateways(
            split_list(self._config.public_ws) or (bound["ws"],),
            split_list(self._config.public_tcp) or (bound["tcp"],),
        )
