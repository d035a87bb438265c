"""People at connections to a real server, and what several behaviour tests say to it."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.support.peers import Peer, Pipe, Way, open_pipe
from tests.support.processes import ServerProcess

PASSWORD = "a good password"
_names = iter(range(100_000))


class House(NamedTuple):
    """A server, and the way to connect to it."""

    server: ServerProcess
    way: Way
    pipes: list[Pipe]

    async def arrive(self) -> Peer:
        """Somebody who is connected and was greeted."""
        pipe = await open_pipe(self.server, self.way)
        self.pipes.append(pipe)
        peer = Peer(pipe, self.way[1])
        assert (await peer.hear())["action"] == "hello"
        return peer

    async def person(self, name: str = "", device: int = 1) -> Peer:
        """Somebody who is signed in: a new account unless named."""
        peer = await self.arrive()
        if not name:
            name = f"somebody-{next(_names)}"
            await call(peer, "api.auth.register", account=name, password=PASSWORD)
        login = await call(peer, "api.auth.login", account=name, password=PASSWORD, device=device)
        peer.uid, peer.token = login["uid"], login["token"]
        await sign_in(peer, device)
        return peer


async def sign_in(peer: Peer, device: int = 1) -> None:
    """Say `auth` with the token that the peer has."""
    await peer.say({"seq": 3, "action": "auth", "data": {"token": peer.token, "device": device}})
    assert (await peer.hear("auth.ok"))["data"]["uid"] == peer.uid


async def call(peer: Peer, action: str, **data: Any) -> dict[str, Any]:
    """The result of an `api.*` call; notices that come before it are passed over."""
    await peer.say({"seq": 77, "action": action, "data": data})
    answer = await answer_to(peer, 77)
    assert answer["action"] == "api.ok", answer
    result: dict[str, Any] = answer["data"]
    return result


async def refusal(peer: Peer, action: str, **data: Any) -> str:
    """The code of the error that a request is answered with."""
    await peer.say({"seq": 78, "action": action, "data": data})
    answer = await answer_to(peer, 78)
    assert answer["action"] in {"error", "message.failed.send"}, answer
    return str(answer["data"]["code"])


async def answer_to(peer: Peer, seq: int) -> dict[str, Any]:
    """The next envelope with this `seq`."""
    while True:
        envelope = await peer.hear()
        if envelope.get("seq") == seq and envelope["action"] != "notify.close":
            return envelope
