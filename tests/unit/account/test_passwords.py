"""Hashing off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from glideim.account import passwords as module
from glideim.account.passwords import Passwords
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from tests.support.accounts import cheap_passwords


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    passwords = cheap_passwords()
    yield passwords
    passwords.close()


async def test_a_password_and_its_hash(passwords: Passwords) -> None:
    stored = await passwords.hash("pässwörd 🔑")
    assert stored.startswith("$argon2id$")
    assert await passwords.hash("pässwörd 🔑") != stored
    assert await passwords.verify(stored, "pässwörd 🔑")
    assert not await passwords.verify(stored, "pässwörd")
    assert not await passwords.verify("not a hash", "pässwörd")


async def test_nobody_has_no_password(passwords: Passwords) -> None:
    for guess in ("", "nobody's password", "x" * 256):
        assert not await passwords.verify("", guess)


async def test_hashes_made_with_other_parameters_are_outdated(passwords: Passwords) -> None:
    stored = await passwords.hash("secret")
    assert not passwords.outdated(stored)
    stronger = cheap_passwords(passes=2)
    try:
        assert stronger.outdated(stored)
        assert await stronger.verify(stored, "secret")
    finally:
        stronger.close()


async def test_the_parameters_of_a_server() -> None:
    passwords = Passwords()
    try:
        assert "$m=19456,t=2,p=1$" in await passwords.hash("secret")
    finally:
        passwords.close()


async def test_beyond_the_queue_it_refuses(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAITING", 3)
    results = await asyncio.gather(
        *(passwords.hash("secret") for _ in range(5)), return_exceptions=True
    )
    refused = [error.code for error in results if isinstance(error, RequestError)]
    assert refused == [ErrorCode.UNAVAILABLE] * 2
    assert passwords.under_way == 0
    assert await passwords.hash("secret")
