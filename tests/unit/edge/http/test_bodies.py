"""Bodies with limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from glideim.edge.http import bodies
from glideim.edge.http.bodies import pieces_of
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode


def request(*parts: bytes | None) -> Request:
    """A request whose body comes in parts, the last of which is the end; None: the client goes away."""
    left = list(parts)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.Event().wait()
        part = left.pop(0)
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": bool(part)}

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


async def read(request: Request, most: int = 100) -> list[bytes]:
    return [piece async for piece in pieces_of(request, most)]


async def test_pieces_as_they_come() -> None:
    assert await read(request(b"ab", b"c", b"")) == [b"ab", b"c"]
    assert await read(request(b"")) == []


async def test_more_than_may_come() -> None:
    assert await read(request(b"ab", b"c", b""), 3) == [b"ab", b"c"]
    with pytest.raises(RequestError) as refused:
        await read(request(b"ab", b"cd", b""), 3)
    assert refused.value.code is ErrorCode.TOO_LARGE


async def test_a_client_that_goes_away() -> None:
    with pytest.raises(ClientDisconnect):
        await read(request(b"ab", None))


@pytest.mark.parametrize(
    "limit",
    [
        lambda patch: patch.setattr(bodies, "READ_WITHIN", 0.01),
        lambda patch: [
            patch.setattr(bodies, n, v) for n, v in (("PATIENCE", -1), ("SLOWEST", 1e9))
        ],
    ],
    ids=["stalls", "trickles"],
)
async def test_a_client_that_is_too_slow(
    limit: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch)
    with pytest.raises(TimeoutError):
        await read(request(b"ab"))
