"""Bodies as they arrive, with limits on how long they may take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request

from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode

READ_WITHIN = 30.0
"""Seconds without a byte after which a body is given up."""
PATIENCE = 60.0
"""Seconds after which a body must have come at SLOWEST at least: an upload holds a place that others want."""
SLOWEST = 1024
"""Bytes a second."""


async def pieces_of(request: Request, most: int) -> AsyncIterator[bytes]:
    """The body piece by piece. Raises RequestError `too_large` beyond `most` bytes, TimeoutError, ClientDisconnect."""
    loop = asyncio.get_running_loop()
    begun, size = loop.time(), 0
    stream = request.stream().__aiter__()
    while True:
        async with asyncio.timeout(READ_WITHIN):
            chunk = await anext(stream, None)
        if chunk is None:
            return
        size += len(chunk)
        if size > most:
            raise RequestError(ErrorCode.TOO_LARGE, f"body: at most {most} bytes")
        took = loop.time() - begun
        if took > PATIENCE and size < took * SLOWEST:
            raise TimeoutError
        if chunk:
            yield chunk
