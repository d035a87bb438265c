"""Answers leave in one piece, and whatever waits for more leaves anyhow."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from glideim.edge.http.protocol import Joining

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


class Written(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__({"peername": "someone"})
        self.writes: list[bytes] = []
        self.ended = ""

    def write(self, data: Any) -> None:
        assert not self.ended
        self.writes.append(bytes(data))

    def close(self) -> None:
        self.ended = "closed"

    def abort(self) -> None:
        self.ended = "aborted"

    def is_closing(self) -> bool:
        return bool(self.ended)


@pytest.fixture
async def written() -> Written:
    return Written()


@pytest.fixture
async def joining(written: Written) -> Joining:
    return Joining(written, asyncio.get_running_loop())


async def test_head_and_body_are_one_write(joining: Joining, written: Written) -> None:
    joining.write(HEAD)
    joining.write(b"body")
    assert written.writes == [HEAD + b"body"]
    joining.write(b"more")
    await asyncio.sleep(0)
    assert written.writes == [HEAD + b"body", b"more"]


async def test_a_head_alone_leaves_with_the_next_turn_of_the_loop(
    joining: Joining, written: Written
) -> None:
    joining.write(HEAD)
    assert written.writes == []
    await asyncio.sleep(0)
    assert written.writes == [HEAD]


async def test_two_heads_keep_their_order(joining: Joining, written: Written) -> None:
    joining.write(HEAD)
    joining.write(HEAD + b"1")
    joining.write(HEAD)
    await asyncio.sleep(0)
    assert b"".join(written.writes) == HEAD + HEAD + b"1" + HEAD


async def test_closing_writes_what_waits_and_aborting_does_not(
    joining: Joining, written: Written
) -> None:
    joining.write(HEAD)
    joining.close()
    await asyncio.sleep(0)
    assert (written.writes, written.ended, joining.is_closing()) == ([HEAD], "closed", True)
    aborted = Written()
    other = Joining(aborted, asyncio.get_running_loop())
    other.write(HEAD)
    other.abort()
    await asyncio.sleep(0)
    assert (aborted.writes, aborted.ended) == ([], "aborted")


async def test_it_knows_what_the_transport_knows(joining: Joining) -> None:
    assert joining.get_extra_info("peername") == "someone"
    assert joining.get_extra_info("nothing", 7) == 7
