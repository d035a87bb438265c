"""Whatever is sent to the HTTP API, it answers as its own description says: no 5xx, nothing undocumented.

Requests are made from the description, valid ones and broken ones. FUZZ_API_EXAMPLES sets how many for each call
(`make fuzz-api` sends many, different ones every time).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from glideim.config import Config
from glideim.maintenance import add_key
from tests.support.processes import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLES = int(os.environ.get("FUZZ_API_EXAMPLES", "5"))
"""Requests per call and kind."""
REPEATABLE = "FUZZ_API_EXAMPLES" not in os.environ
SCOPES = ("admin", "users", "act", "messages", "groups", "webhooks")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


class Running:
    """A server, its description, and who calls it."""

    def __init__(self, server: ServerProcess, description: dict[str, Any], key: str) -> None:
        self.server = server
        self.schema = schemathesis.openapi.from_dict(description)
        self.key = key

    def operations(self) -> Iterator[Any]:
        """Everything described."""
        for found in self.schema.get_all_operations():
            assert isinstance(found, Ok), found.err()
            yield found.ok()

    def headers(self, operation: Any) -> dict[str, str]:
        """Authorization for a call: somebody new each time, for calls may end their own session."""
        schemes = [name for way in operation.definition.raw["security"] for name in way]
        if "token" not in schemes:
            return {"Authorization": f"Bearer {self.key}"} if schemes else {}
        made = httpx2.post(f"{self.server.http}/api/v2/auth/guest", json={"device": 1})
        return {"Authorization": f"Bearer {made.json()['token']}"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    data: Path = tmp_path_factory.mktemp("fuzz") / "data"
    async with ServerProcess(data) as server:
        async with httpx2.AsyncClient(base_url=server.http) as client:
            description = (await client.get("/api/v2/openapi.json")).json()
        yield Running(server, description, await add_key(Config(data=str(data)), "fuzz", SCOPES))


@pytest.mark.slow
@pytest.mark.timeout(0 if not REPEATABLE else 120)
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
async def test_answers_are_as_described(running: Running, mode: GenerationMode) -> None:
    failures = await asyncio.to_thread(_try_all, running, mode)
    assert not failures, "\n\n".join(failures)


def _try_all(running: Running, mode: GenerationMode) -> list[str]:
    """What went wrong, for each call."""
    failures = []
    tried = 0
    for operation in running.operations():
        try:
            tried += _try(running, operation, mode)
        except Exception as error:  # noqa: BLE001 - one report of everything that is wrong
            failures.append(f"{operation.label}: {error}")
    assert tried > 0
    return failures


def _try(running: Running, operation: Any, mode: GenerationMode) -> int:
    headers = running.headers(operation)
    tried = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=REPEATABLE,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        nonlocal tried
        tried += 1
        answer = case.call(base_url=running.server.http, headers=headers)
        case.validate_response(answer, checks=CHECKS)

    send()
    return tried
