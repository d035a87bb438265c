"""Who calls: a person with a token, or a server with an API key."""

from __future__ import annotations

from starlette.requests import Request

from glideim.account.keys import KEY_PREFIX
from glideim.account.ports import Authenticator, Caller, KeyAuthenticator, Principal
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import MAX_ID

ACT_AS = "GlideIM-Act-As"
"""Header that names the user as whom a key calls."""


class Callers:
    """Reads `Authorization` and `GlideIM-Act-As`."""

    def __init__(self, people: Authenticator, keys: KeyAuthenticator | None) -> None:
        self._people = people
        self._keys = keys

    async def of(self, request: Request, *, required: bool) -> Caller:
        """The caller; nobody in particular unless `required`. Raises RequestError."""
        address = request.client.host if request.client is not None else ""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip()
        if not required:
            return Caller(None, address, token)
        if scheme.lower() != "bearer" or not token:
            raise RequestError(ErrorCode.UNAUTHENTICATED, "send Authorization: Bearer <token>")
        if self._keys is not None and token.startswith(KEY_PREFIX):
            return await self._server(self._keys, request, address, token)
        return Caller(await self._people.authenticate(token, address), address, token)

    async def _server(
        self, keys: KeyAuthenticator, request: Request, address: str, token: str
    ) -> Caller:
        key = await keys.authenticate(token)
        name = request.headers.get(ACT_AS, "").strip()
        principal: Principal | None = None
        if name:
            if not (name.isascii() and name.isdigit() and len(name) <= 16 and int(name) <= MAX_ID):
                raise RequestError(ErrorCode.BAD_REQUEST, f"{ACT_AS}: must be a uid")
            principal = await keys.acting_as(key, int(name))
        return Caller(principal, address, token, scopes=frozenset(key.scopes), key_id=key.key_id)
