"""A process that holds connections: signs people in, drops them all, brings them back with a sync."""

from __future__ import annotations

import asyncio
import functools
from typing import Any

import uvloop

from glideim.protocol.actions import Action
from glideim.protocol.records import Auth, Guest, LoggedIn, Sync, Synced

from .histogram import Histogram
from .light import DEVICE, LightClient, RefusedError, now_us
from .workers import hear, say, told


class Holder:
    """The people of one process."""

    def __init__(self, url: str, codec: str, at_once: int) -> None:
        self._url = url
        self._codec = codec
        self._at_once = at_once
        self._clients: list[LightClient] = []
        self._tokens: list[str] = []

    async def arrive(self, count: int) -> dict[str, Any]:
        """This many new people connect and sign in."""
        made = [functools.partial(self._guest, LightClient(self._codec)) for _ in range(count)]
        return await self._all(made)

    async def come_back(self) -> dict[str, Any]:
        """Everybody connects again, signs in and syncs."""
        tokens, self._clients = self._tokens, []
        return await self._all([functools.partial(self._return, token) for token in tokens])

    def drop(self) -> None:
        """All connections end."""
        for client in self._clients:
            client.close()

    async def _all(self, what: list[functools.partial[Any]]) -> dict[str, Any]:
        room, took, refused = asyncio.Semaphore(self._at_once), Histogram(), list[str]()

        async def one(do: functools.partial[Any]) -> None:
            async with room:
                began = now_us()
                try:
                    await do()
                except (OSError, TimeoutError, RefusedError) as error:
                    refused.append(repr(error))
                else:
                    took.add(now_us() - began)

        began = now_us()
        async with told(lambda: took.count + len(refused)):
            await asyncio.gather(*(one(do) for do in what))
        return {
            "seconds": (now_us() - began) / 1e6,
            "done": took.count,
            "took": took.plain(),
            "refused": len(refused),
            "problems": refused[:5],
        }

    async def _guest(self, client: LightClient) -> None:
        await client.connect(self._url)
        made = await client.call(Action.API_AUTH_GUEST, Guest(device=DEVICE), LoggedIn)
        await client.ask(Action.AUTH, Auth(token=made.token, device=DEVICE, batch=True))
        self._tokens.append(made.token)
        self._clients.append(client)

    async def _return(self, token: str) -> None:
        client = LightClient(self._codec)
        await client.connect(self._url)
        self._clients.append(client)
        await client.ask(Action.AUTH, Auth(token=token, device=DEVICE, batch=True))
        cursor, more = "", True
        while more:
            page = await client.call(Action.API_SYNC, Sync(cursor=cursor), Synced)
            cursor, more = page.cursor, page.more


async def run() -> None:
    """The whole life of the process: an answer to each line."""
    job = await hear()
    if not job:
        return
    holder = Holder(job["url"], job["codec"], job["atOnce"])
    say(await holder.arrive(job["clients"]))
    while said := await hear():
        if said["do"] == "drop":
            holder.drop()
            say({"dropped": True})
        else:
            say(await holder.come_back())
    holder.drop()


if __name__ == "__main__":
    uvloop.run(run())
