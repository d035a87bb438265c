"""Who may call what: users with their tokens, servers with API keys."""

from __future__ import annotations

from glideim.account.ports import Caller
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode

from .ports import Endpoint

OF_GROUP = {
    "Accounts": "users",
    "Users": "users",
    "Contacts": "users",
    "Blocks": "users",
    "Presence": "users",
    "Groups": "groups",
    "Messages": "messages",
    "Conversations": "messages",
    "Files": "messages",
    "Search": "messages",
}
"""Scope that a key needs for an endpoint that names none, by the endpoint's heading."""
STRONGEST = "admin"
"""What an endpoint asks for that nobody has sorted."""


def scope_of(endpoint: Endpoint) -> str:
    """The scope that a key needs for it."""
    return endpoint.scope or OF_GROUP.get(endpoint.group, STRONGEST)


def check_key(caller: Caller, endpoint: Endpoint) -> None:
    """Raises RequestError `forbidden` if a key lacks the scope, or anybody else calls what is for keys;
    `bad_request` if a key has to say as whom it calls."""
    if caller.scopes is None:
        if endpoint.keys_only:
            raise RequestError(ErrorCode.FORBIDDEN, "this call takes an API key")
        return
    scope = scope_of(endpoint)
    if scope not in caller.scopes:
        raise RequestError(ErrorCode.FORBIDDEN, f"this API key lacks the scope {scope}")
    if caller.principal is None and not endpoint.public and not endpoint.keys_only:
        text = "this call runs as a user: name one with the header GlideIM-Act-As"
        raise RequestError(ErrorCode.BAD_REQUEST, text)
