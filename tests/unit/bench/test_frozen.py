"""How a connection that never read is seen to end."""

from __future__ import annotations

import socket

import pytest

from glideim.bench.frozen import close_code, ended

CLOSE = (
    b'{"action":"notify.close","data":{"code":4008,"reason":"frames were not read fast enough"}}'
)


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        (b"rest of a frame" + CLOSE, 4008),
        (b"", 0),
        (b'{"action":"message.chat","data":{"code":4008}}', 0),
        (b'{"action":"notify.close","data":{"code":40', 0),
        (b'{"action":"notify.close","data":{"reason":"x"}}', 0),
    ],
)
def test_the_code_is_read_where_there_is_one(tail: bytes, code: int) -> None:
    assert close_code(tail) == code


async def test_the_end_is_seen_behind_everything_that_was_not_read() -> None:
    theirs, ours = socket.socketpair()
    ours.setblocking(False)
    theirs.sendall(b"y" * 5000 + CLOSE)
    theirs.close()
    assert await ended(ours, 5.0) == (True, 4008)
    ours.close()


async def test_a_connection_that_goes_on_has_not_ended() -> None:
    theirs, ours = socket.socketpair()
    ours.setblocking(False)
    theirs.sendall(b"y")
    assert await ended(ours, 0.0) == (False, 0)
    theirs.close()
    ours.close()
