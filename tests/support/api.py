"""The API over in-memory engines, called in both ways that clients have."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx2
import msgspec

from glideim.account.ports import Caller
from glideim.api.service import Api
from glideim.contacts.service import ContactService
from glideim.edge.blobs import memory_blobs
from glideim.edge.http.app import build_app
from glideim.edge.http.metrics import Metrics
from glideim.edge.memory.search import MemorySearch
from glideim.edge.servers import Around, ForServers
from glideim.group.service import GroupService
from glideim.kernel.errors import RequestError
from glideim.kernel.ids import Leaf
from glideim.kernel.ratelimit import RateLimiter
from glideim.media.service import MediaOptions, MediaService
from glideim.messaging.service import MessagingService
from glideim.messaging.visible import GroupSpans
from glideim.presence.service import PresenceService
from glideim.protocol.codes import HTTP_STATUS, ErrorCode
from glideim.protocol.json_codec import JsonCodec
from glideim.protocol.records import Envelope
from glideim.push.service import HookOptions
from glideim.search.service import SearchService
from tests.support.accounts import PASSWORD, House
from tests.support.hooks import Town
from tests.support.messaging import KeepingDispatch
from tests.support.timers import ManualTimers

HOME = "192.0.2.1"


class Refused(Exception):  # noqa: N818 - an answer like any other
    """The answer was an error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


class ApiWorld:
    """Everything behind the API. Use as an async context manager."""

    def __init__(self, way: str, *, limits: bool = True) -> None:
        self._call = {"http": self._over_http, "connection": self._over_connection}[way]
        self.house = House()
        self.clock = self.house.clock
        dispatch, limiter = KeepingDispatch(), RateLimiter(self.clock, enabled=limits)
        self.contacts = ContactService(
            store=self.house.store.contacts,
            people=self.house.accounts,
            dispatch=dispatch,
            clock=self.clock,
        )
        self.messaging = MessagingService(
            store=self.house.store.messages,
            group_store=self.house.store.groups,
            ids=Leaf(self.house.store.segments, "mid", self.clock),
            dispatch=KeepingDispatch(),
            directory=self.house.accounts,
            relations=self.contacts,
            clock=self.clock,
        )
        self.groups = GroupService(
            store=self.house.store.groups,
            log=self.messaging,
            gids=Leaf(self.house.store.segments, "gid", self.clock),
            people=self.house.accounts,
            bars=self.contacts,
            clock=self.clock,
        )
        self.presence = PresenceService(
            store=self.house.store.presence,
            relations=self.contacts,
            dispatch=dispatch,
            clock=self.clock,
            call_later=ManualTimers(self.clock).call_later,
            limiter=limiter,
        )
        self.search = SearchService(
            MemorySearch(),
            self.house.store.messages,
            GroupSpans(self.house.store.groups),
            self.clock,
            busy=lambda: False,
        )
        self.servers = ForServers(
            HookOptions(),
            Around(
                stores=self.house.store,
                clock=self.clock,
                uids=Leaf(self.house.store.segments, "uid", self.clock),
                passwords=self.house.passwords,
                accounts=self.house.accounts,
                members=Town(),
                presence=dispatch,
                replies=self.messaging,
                statistics=lambda: {"part": {"figure": 1.0}},
                version="1",
            ),
        )
        self.media = MediaService(
            store=self.house.store.files,
            blobs=memory_blobs(),
            scratch=None,
            clock=self.clock,
            options=MediaOptions(),
        )
        self.api = Api(
            self.house.accounts,
            self.messaging,
            limiter,
            contacts=self.contacts,
            groups=self.groups,
            media=self.media,
            presence=self.presence,
            search=self.search,
            for_servers=self.servers.endpoints,
        )
        self._codec = JsonCodec()
        self._app: Any = build_app(
            endpoints=self.api.endpoints,
            api=self.api,
            authenticator=self.house.accounts,
            keys=self.servers.keys,
            ready=self._ready,
            metrics=Metrics(dict),
            version="1",
            body_limit=2**20,
            origins=(),
        )

    async def __aenter__(self) -> ApiWorld:
        self.media.open()
        self.messaging.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.messaging.stop()
        await self.search.stop()
        await self.media.close()
        self.house.close()

    async def call(
        self,
        action: str,
        data: Mapping[str, Any] | None = None,
        token: str = "",
        address: str = HOME,
    ) -> Any:
        """The result as JSON. Raises Refused."""
        return await self._call(action, dict(data or {}), token, address)

    async def person(self, name: str) -> tuple[int, str]:
        """Somebody new: uid and token."""
        await self.call("api.auth.register", {"account": name, "password": PASSWORD})
        login = {"account": name, "password": PASSWORD, "device": 2}
        answer = await self.call("api.auth.login", login)
        return answer["uid"], answer["token"]

    @staticmethod
    async def _ready() -> bool:
        return True

    async def _over_http(self, action: str, data: dict[str, Any], token: str, address: str) -> Any:
        endpoint = next((e for e in self.api.endpoints if e.action == action), None)
        if endpoint is None:
            method, path, status = "POST", f"/{action}", 200
        else:
            method, status = endpoint.method, endpoint.status
            path = re.sub(r"{(\w+)}", lambda m: str(data.pop(m[1], "-")), endpoint.path)
        query = {k: ",".join(map(str, v)) if isinstance(v, list) else v for k, v in data.items()}
        arguments: dict[str, Any] = {"params": query} if method == "GET" else {"json": data}
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx2.ASGITransport(self._app, client=(address, 1234))
        async with httpx2.AsyncClient(transport=transport, base_url="http://api") as client:
            answer = await client.request(method, f"/api/v2{path}", headers=headers, **arguments)
        body = answer.json()
        if answer.status_code >= 400:
            assert HTTP_STATUS[ErrorCode(body["code"])] == answer.status_code == body["status"]
            raise Refused(body["code"], body["detail"])
        assert answer.status_code == status
        return body

    async def _over_connection(
        self, action: str, data: dict[str, Any], token: str, address: str
    ) -> Any:
        frame = json.dumps({"seq": 1, "action": action, "data": data}).encode()
        (envelope,) = self._codec.decode(frame)
        try:
            principal = await self.house.accounts.authenticate(token) if token else None
            if not isinstance(envelope, Envelope):
                raise Refused(envelope.code, envelope.message)
            caller = Caller(principal, address, token)
            result = await self.api.handle(caller, action, envelope.data)
        except RequestError as error:
            raise Refused(error.code, error.message) from None
        return msgspec.json.decode(msgspec.json.encode(result))
