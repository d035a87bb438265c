"""Webhooks over HTTP."""

from __future__ import annotations

import asyncio
import ssl

import httpx2

from glideim.kernel.clock import Clock
from glideim.push.ports import ANSWER_MOST, Delivery, HookError, Target
from glideim.push.signing import DELIVERY, EVENT, SIGNATURE, sign

CONNECTIONS = 64
"""Sockets to all hooks together."""
IDLE_CONNECTIONS = 16
_LATER = frozenset({408, 425, 429})
"""Answers below 500 that ask for another try."""


class HttpHookClient:
    """Implements `HookClient`. Redirects are not followed, proxies of the environment are not used, cookies are not
    kept, and of an answer no more is read than is allowed."""

    def __init__(self, clock: Clock, version: str, tls: ssl.SSLContext | None = None) -> None:
        self._clock = clock
        self._agent = f"GlideIM/{version}"
        self._tls = tls
        self._made: httpx2.AsyncClient | None = None

    @property
    def _client(self) -> httpx2.AsyncClient:
        """Made when first needed: reading the certificates of the system takes its time."""
        if self._made is None:
            self._made = httpx2.AsyncClient(
                verify=self._tls or ssl.create_default_context(),
                trust_env=False,
                follow_redirects=False,
                timeout=None,
                limits=httpx2.Limits(
                    max_connections=CONNECTIONS, max_keepalive_connections=IDLE_CONNECTIONS
                ),
                headers={
                    "User-Agent": self._agent,
                    "Content-Type": "application/json",
                    # What comes is counted as it comes: nothing small may turn out large.
                    "Accept-Encoding": "identity",
                },
            )
        return self._made

    async def post(
        self, target: Target, delivery: Delivery, timeout: float, *, answer_most: int = ANSWER_MOST
    ) -> bytes:
        """See HookClient."""
        body = delivery.body.encode("utf-8", "replace")
        headers = {
            EVENT: delivery.event,
            DELIVERY: delivery.ident,
            SIGNATURE: sign(target.secret, body, self._clock.now_ms() // 1000),
        }
        try:
            async with asyncio.timeout(timeout):
                return await self._exchange(target.url, body, headers, answer_most)
        except TimeoutError:
            raise HookError(f"no answer within {timeout:g} s") from None
        except httpx2.InvalidURL as error:
            raise HookError(f"the URL cannot be used: {error}", permanent=True) from None
        except (httpx2.HTTPError, httpx2.StreamError, OSError) as error:
            raise HookError(f"{type(error).__name__}: {error}") from None

    async def _exchange(
        self, url: str, body: bytes, headers: dict[str, str], answer_most: int
    ) -> bytes:
        async with self._client.stream("POST", url, content=body, headers=headers) as answer:
            self._client.cookies.clear()
            status = answer.status_code
            if not 200 <= status < 300:
                permanent = status < 500 and status not in _LATER
                raise HookError(f"status {status}", permanent=permanent)
            parts: list[bytes] = []
            size = 0
            async for part in answer.aiter_raw():
                size += len(part)
                if size > answer_most:
                    raise HookError(f"its answer has more than {answer_most} bytes", permanent=True)
                parts.append(part)
            return b"".join(parts)

    async def close(self) -> None:
        """Close every connection."""
        if self._made is not None:
            await self._made.aclose()
