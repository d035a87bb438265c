"""The server ends in the middle of the week, with messages under way, and comes back."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2

from .device import PATIENCE, Answer, Device
from .talks import Post, Refused, chat_key
from .week import Week

UNDER_WAY = 8
"""Messages that are being sent when the server ends, each in a conversation of its own."""
UNWRITTEN = "glideim_messaging_positions_unwritten"

Sending = tuple[Device, int, Post, "asyncio.Future[dict[str, Any]]"]


async def restart(week: Week, *, kill: bool) -> None:
    """By SIGKILL, as in a power cut, or by SIGTERM. What was acknowledged must be there; the rest is sent again."""
    week.journal.append("the server is killed" if kill else "the server is stopped")
    here = [device for person in week.people for device in person.here]
    for device in here:
        device.braced = True
    await _positions_written(week)
    sendings = await _sendings(week)
    await asyncio.wait(
        [answer for *_, answer in sendings], timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED
    )
    if kill:
        await week.server.kill()
    else:
        week.expect(await week.server.terminate(), 0)
    acked = [_acked(answer) for *_, answer in sendings]
    for device in here:
        await device.go()
    await week.server.start()
    for device in here:
        await device.come()
    for sending, ack in zip(sendings, acked, strict=True):
        await _again(week, sending, ack)


async def _sendings(week: Week) -> list[Sending]:
    """Messages on their way: to neighbours, so that no two of them are for the same conversation."""
    sendings: list[Sending] = []
    for person, other in zip(week.people[::2], week.people[1::2], strict=True):
        if len(sendings) == UNDER_WAY or not person.here:
            continue
        cli_mid, content = week.new_id(), f"at the end {week.done}"
        try:
            post = week.world.chat(person.uid, other.uid, cli_mid, 1, content)
        except Refused:
            continue
        device = person.here[0]
        answer = await device.start("message.chat", _data(post, other.uid))
        sendings.append((device, other.uid, post, answer))
    assert sendings, week.told("nobody is there to send anything")
    return sendings


def _acked(answer: asyncio.Future[dict[str, Any]]) -> Answer | None:
    """The acknowledgement, if it came before the end."""
    if not answer.done() or answer.result()["action"] != "ack.message":
        return None
    ack: Answer = answer.result()["data"]
    return ack


async def _again(week: Week, sending: Sending, acked: Answer | None) -> None:
    device, to, post, _ = sending
    ack = await device.ask("message.chat.retry", _data(post, to))
    post.mid = ack["mid"]
    week.expect((ack["conv"], ack["seq"]), (chat_key(device.uid, to), post.seq))
    if acked is not None:
        week.expect((ack["mid"], ack["seq"]), (acked["mid"], acked["seq"]))
    device.sent(ack, _data(post, to))
    # Nothing acknowledges what counts as read: when the server was killed, that may be lost and is said again.
    await device.ask("message.read", {"conv": ack["conv"], "seq": post.seq})


async def _positions_written(week: Week) -> None:
    """Read positions are written a little later than messages, and nothing tells the reader when."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    async with httpx2.AsyncClient(base_url=week.server.http) as client:
        while True:
            metrics = (await client.get("/metrics")).text.splitlines()
            if any(line.startswith(UNWRITTEN) and float(line.split()[-1]) == 0 for line in metrics):
                return
            assert asyncio.get_running_loop().time() < deadline, "positions stay unwritten"


def _data(post: Post, to: int) -> dict[str, Any]:
    return {"cliMid": post.cli_mid, "to": to, "type": post.type, "content": post.original}
