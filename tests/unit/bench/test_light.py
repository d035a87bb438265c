"""The light client: answers find who asked, in whatever order askers come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from glideim.bench.light import LightClient
from glideim.protocol.codec import load_codec
from glideim.protocol.records import Empty, Envelope


class Wire:
    """Writes nowhere."""

    def write(self, frames: Sequence[bytes]) -> None:
        self.last = frames

    def close(self) -> None:
        self.last = ()

    def abort(self) -> None:
        self.last = ()


async def test_an_answer_takes_no_place_from_those_that_wait() -> None:
    client = LightClient("json")
    client.opened(Wire())
    asked = [asyncio.ensure_future(client.ask("api.users.me", Empty())) for _ in range(3)]
    await asyncio.sleep(0)
    codec = load_codec("json")
    for number in (1, 2, 3):
        client.received(codec.encode(Envelope("heartbeat", number)))
        async with asyncio.timeout(5):
            assert (await asked[number - 1]).seq == number
