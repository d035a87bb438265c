"""Who may call what."""

from __future__ import annotations

import pytest

from glideim.account.ports import Caller, Principal
from glideim.api.ports import Endpoint
from glideim.api.scopes import check_key, scope_of
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Empty


async def nothing(_caller: Caller, _request: Empty) -> Empty:
    return Empty()


def endpoint(group: str = "Groups", **fields: object) -> Endpoint:
    values = {"public": False, "scope": "", "keys_only": False} | fields
    return Endpoint(
        "GET", "/x", "api.x", Empty, Empty, nothing, "X", group,
        public=bool(values["public"]), scope=str(values["scope"]), keys_only=bool(values["keys_only"]),
    )  # fmt: skip


SOMEBODY = Principal(7, 1)
USER = Caller(SOMEBODY, "192.0.2.1", "glt_x")


def key(*scopes: str, principal: Principal | None = None) -> Caller:
    return Caller(principal, "192.0.2.1", "glk_x", scopes=frozenset(scopes), key_id=1)


def refusal(caller: Caller, asked: Endpoint) -> ErrorCode | None:
    try:
        check_key(caller, asked)
    except RequestError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("asked", "scope"),
    [
        (endpoint(), "groups"),
        (endpoint("Messages"), "messages"),
        (endpoint("Users"), "users"),
        (endpoint("Messages", scope="act"), "act"),
        (endpoint("Nobody sorted this"), "admin"),
    ],
)
def test_the_scope_of_an_endpoint(asked: Endpoint, scope: str) -> None:
    assert scope_of(asked) == scope


def test_users_need_no_scope_but_may_not_call_what_is_for_keys() -> None:
    assert refusal(USER, endpoint()) is None
    assert refusal(USER, endpoint(keys_only=True, scope="admin")) is ErrorCode.FORBIDDEN
    anybody = Caller(None, "192.0.2.1")
    assert refusal(anybody, endpoint(keys_only=True, scope="admin")) is ErrorCode.FORBIDDEN


def test_a_key_needs_the_scope_and_somebody_to_act_as() -> None:
    assert refusal(key("groups", principal=SOMEBODY), endpoint()) is None
    assert refusal(key("groups"), endpoint()) is ErrorCode.BAD_REQUEST
    for scopes in ((), ("act", "admin", "users", "messages", "webhooks")):
        assert refusal(key(*scopes, principal=SOMEBODY), endpoint()) is ErrorCode.FORBIDDEN


def test_what_is_for_keys_needs_nobody_to_act_as() -> None:
    assert refusal(key("admin"), endpoint(keys_only=True, scope="admin")) is None
    assert refusal(key("users"), endpoint(keys_only=True, scope="admin")) is ErrorCode.FORBIDDEN
