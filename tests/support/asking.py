"""Asking a whole server for something in the two ways there are, HTTP and the long connection, as anybody."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx2

from tests.support.peers import Peer, open_pipe
from tests.support.processes import ServerProcess

WAYS = ("http", "connection")
DEVICE = 2
OK = "yes"


class Answer:
    """What came back: `code` is "yes" or why not; `raw` is every byte of it that says why."""

    def __init__(self, code: str, data: dict[str, Any], raw: bytes) -> None:
        self.code = code
        self.data = data
        self.raw = raw


class Person:
    """Somebody signed in, both ways; nobody in particular with uid 0."""

    def __init__(self, peer: Peer, token: str, uid: int) -> None:
        self.peer = peer
        self.token = token
        self.uid = uid


class Asker:
    """Calls API actions. Paths come from the server's own description."""

    def __init__(self, server: ServerProcess, client: httpx2.AsyncClient) -> None:
        self._server = server
        self._client = client
        self._endpoints: dict[str, tuple[str, str]] = {}
        self._number = 0

    async def start(self) -> None:
        """Learn the paths."""
        described = (await self._client.get("/api/v2/openapi.json")).json()
        for path, methods in described["paths"].items():
            for method, operation in methods.items():
                if isinstance(operation, dict) and "operationId" in operation:
                    self._endpoints[operation["operationId"]] = (method.upper(), path)

    async def guest(self) -> Person:
        """Somebody new."""
        person = await self.nobody()
        made = (await self._connected(person, "api.auth.guest", {"device": DEVICE})).data
        signed = await self._connected(person, "auth", {"token": made["token"], "device": DEVICE})
        assert signed.code == OK, signed.raw
        person.token, person.uid = made["token"], made["uid"]
        return person

    async def nobody(self) -> Person:
        """A connection that is not signed in."""
        peer = Peer(await open_pipe(self._server, ("tcp", "json")), "json")
        await peer.hear("hello")
        return Person(peer, "", 0)

    async def ask(self, way: str, person: Person, action: str, data: Mapping[str, Any]) -> Answer:
        """One request. What only the connection has goes there, whatever the way."""
        if way == "http" and action in self._endpoints:
            return await self._over_http(person, action, dict(data))
        return await self._connected(person, action, dict(data))

    async def must(self, person: Person, action: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """The result of something that is allowed."""
        answer = await self.ask("connection", person, action, data)
        assert answer.code == OK, (action, data, answer.raw)
        return answer.data

    async def _connected(self, person: Person, action: str, data: dict[str, Any]) -> Answer:
        self._number += 1
        await person.peer.say({"seq": self._number, "action": action, "data": data})
        while (envelope := await person.peer.hear()).get("seq") != self._number:
            continue
        body = envelope["data"]
        refused = envelope["action"] in ("error", "message.failed.send")
        raw = json.dumps([envelope["action"], body], sort_keys=True).encode()
        return Answer(body["code"] if refused else OK, body, raw)

    async def _over_http(self, person: Person, action: str, data: dict[str, Any]) -> Answer:
        method, path = self._endpoints[action]
        path = re.sub(r"\{(\w+)\}", lambda name: str(data.pop(name[1])), path)
        headers = {"Authorization": f"Bearer {person.token}"} if person.token else {}
        body = {"params": data} if method in ("GET", "DELETE") else {"json": data}
        answer = await self._client.request(method, path, headers=headers, **body)  # type: ignore[arg-type]
        assert answer.status_code < 500, (action, data, answer.text)
        if answer.status_code < 400:
            return Answer(OK, answer.json() if answer.content else {}, answer.content)
        return Answer(answer.json()["code"], {}, answer.content)
