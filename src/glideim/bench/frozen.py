"""Connections that sign in and never read."""

from __future__ import annotations

import asyncio
import socket

from glideim.protocol.actions import Action
from glideim.protocol.codec import load_codec
from glideim.protocol.framing import build_preamble, frame_header
from glideim.protocol.records import Auth, Envelope

from .light import DEVICE

_TAIL = 400
"""Bytes at the end in which the last frame is."""


async def freeze(port: int, token: str) -> socket.socket:
    """A TCP connection that signed in and never reads. Raises OSError."""
    loop, codec = asyncio.get_running_loop(), load_codec("json")
    frame = codec.encode(Envelope(Action.AUTH, 1, Auth(token=token, device=DEVICE)))
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.setblocking(False)
        await loop.sock_connect(made, ("127.0.0.1", port))
        await loop.sock_sendall(
            made, build_preamble(codec.tcp_byte) + frame_header(len(frame)) + frame
        )
    except BaseException:
        made.close()
        raise
    return made


async def ended(connection: socket.socket, within: float) -> tuple[bool, int]:
    """Read to the end at last: whether there was one within so many seconds, and the close code, 0 if it was lost with
    what the kernel had not sent."""
    loop, tail = asyncio.get_running_loop(), b""
    try:
        async with asyncio.timeout(within):
            while chunk := await loop.sock_recv(connection, 65536):
                tail = (tail + chunk)[-_TAIL:]
    except TimeoutError:
        return False, 0
    except OSError:
        return True, close_code(tail)
    return True, close_code(tail)


def close_code(tail: bytes) -> int:
    """Of the `notify.close` in JSON that these bytes end with; 0 if they do not."""
    _, found, rest = tail.rpartition(b'"notify.close"')
    _, named, number = rest.partition(b'"code":')
    digits = number[:4]
    complete = found and named and len(digits) == 4 and digits.isdigit()
    return int(digits) if complete else 0
