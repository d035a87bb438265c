"""A connection to a server that does not keep to the protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from glideim.protocol.actions import Action
from glideim.protocol.codec import load_codec
from glideim.protocol.records import Empty, Envelope, LoggedIn, NotifyRead
from glideim.verify.link import BrokenError, Link


class Wire:
    """What is written to a connection, and whether it was ended."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.aborted = False

    def write(self, frames: Sequence[bytes]) -> None:
        self.written.extend(frames)

    def close(self) -> None:
        self.abort()

    def abort(self) -> None:
        self.aborted = True


def opened(pushed: list[Envelope]) -> tuple[Link, Wire]:
    link, wire = Link("json", pushed.append, lambda _: None), Wire()
    link.opened(wire)
    return link, wire


@pytest.mark.parametrize(
    "frame", [b"", b"{", b"[[]]", b'{"action":5}', b'{"action":"x","seq":"1"}', b"\xff"]
)
def test_a_frame_that_cannot_be_read_is_noted_and_ends_the_connection(frame: bytes) -> None:
    link, wire = opened([])
    link.received(frame)
    assert link.broken
    assert wire.aborted


def test_what_cannot_be_taken_in_is_noted_too() -> None:
    def fails(_: Envelope) -> None:
        raise ValueError("too much")

    link, wire = Link("json", fails, lambda _: None), Wire()
    link.opened(wire)
    link.received(load_codec("json").encode(Envelope(Action.NOTIFY_READ, 0, NotifyRead())))
    assert link.broken == "ValueError: too much"
    assert wire.aborted


async def test_an_answer_of_another_kind_is_noted() -> None:
    link, wire = opened([])
    asking = asyncio.ensure_future(link.call(Action.API_AUTH_LOGIN, Empty(), LoggedIn))
    await asyncio.sleep(0)
    assert wire.written
    link.received(b'{"action":"api.ok","seq":1,"data":{"token":5}}')
    with pytest.raises(BrokenError):
        await asking
    assert "api.auth.login" in link.broken
    assert wire.aborted


async def test_answers_that_change_messages_are_handed_on_in_their_place() -> None:
    pushed: list[Envelope] = []
    link, _ = opened(pushed)
    asking = asyncio.ensure_future(link.ask(Action.MESSAGE_REACT, Empty()))
    await asyncio.sleep(0)
    link.received(
        b'{"action":"notify.react","seq":1,"data":{"conv":"c:1:2","seq":3,"key":"x","count":1,"uid":1,"on":true}}'
    )
    assert [envelope.action for envelope in pushed] == [Action.NOTIFY_REACT]
    assert (await asking).seq == 1
