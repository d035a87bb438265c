"""The replay check: what a device built from events beside what the server shows when asked afresh."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping

from glideim.protocol.records import MAX_ID

from . import record as r
from .device import Device
from .link import RefusedError
from .state import Held

WINDOW = 1000
"""Of a conversation of more than twice as many messages a part of so many is compared, at its end or anywhere: to fetch
everything each time would, after some minutes, be most of what a run does. In the end everything is compared."""
SETTLE = 1.0
"""Seconds given to pushes that were on their way while the server was asked."""


async def compare(
    record: r.Record, device: Device, rng: random.Random, calm: Callable[[], bool]
) -> None:
    """Compare one conversation and one group. Nothing is noted if the connection was lost or changed meanwhile.
    Raises RefusedError, ConnectionError."""
    if not device.current or not calm():
        return
    session = device.session
    listed = await device.conversations()
    if not listed:
        return
    key = rng.choice(sorted(listed))
    # What history teaches would hide what the events did not: the events come first.
    await asyncio.sleep(SETTLE)
    if device.session != session or not calm():
        return
    conv = device.state.conv(key)
    held, turn, begin = dict(conv.items), conv.turn, conv.begin
    missing = _missing(held, begin, listed[key].last_seq)
    after, upto = part(rng, begin, listed[key].last_seq)
    shown = await device.history(key, after, upto)
    await asyncio.sleep(SETTLE)
    # Who left and came back meanwhile begins anew.
    if device.session == session and calm() and conv.begin == begin:
        _note(record, device.uid, key, missing)
        # What was told to be another one while this went on may be either.
        held = {
            seq: item
            for seq, item in held.items()
            if after < seq <= upto and conv.changed.get(seq, 0) <= turn
        }
        _note(record, device.uid, key, difference(held, shown))
    groups = sorted(key for key in listed if key.startswith("g:"))
    if groups:
        await _compare_members(record, device, rng.choice(groups), session, calm)


async def _compare_members(
    record: r.Record, device: Device, key: str, session: int, calm: Callable[[], bool]
) -> None:
    before = device.state.members(key)
    try:
        shown = await device.members(key)
    except RefusedError:
        return
    await asyncio.sleep(SETTLE)
    after = device.state.members(key)
    # Only a group that stood still meanwhile can be compared with one moment's answer.
    if before is None or before != after or device.session != session or not calm():
        return
    text = "" if after == shown else f"has {sorted(after)}, the server shows {sorted(shown)}"
    _note(record, device.uid, f"members of {key}", text)


def part(rng: random.Random, begin: int, last: int) -> tuple[int, int]:
    """After which `seq` and up to which one to compare."""
    first = max(0, begin - 1)
    if last - first <= 2 * WINDOW:
        return 0, MAX_ID
    after = rng.choice((last - WINDOW, rng.randrange(first, last - WINDOW)))
    return after, after + WINDOW


def _note(record: r.Record, uid: int, what: str, difference: str) -> None:
    record.add(r.Compared(record.now(), uid, what, difference))


def _missing(held: Mapping[int, Held], begin: int, last: int) -> str:
    missing = [seq for seq in range(max(1, begin), last + 1) if seq not in held]
    return f"lacks {missing[:20]} of {last}" if missing else ""


def _same(held: Held, shown: Held | None) -> bool:
    # Pushed events have no `mid`.
    return shown is not None and (held == shown or (not held.mid and held.content == shown.content))


def difference(held: Mapping[int, Held], shown: Mapping[int, Held]) -> str:
    """What was held before and is shown otherwise, or not at all."""
    other = sorted(seq for seq, item in held.items() if not _same(item, shown.get(seq)))
    if not other:
        return ""
    first = other[0]
    return f"shown differently: {other[:20]}; {first}: has {held[first]}, the server {shown.get(first)}"


async def final_state(record: r.Record, device: Device) -> None:
    """After everything: fetch all, for the checks, and compare it with what the device has. Raises RefusedError,
    ConnectionError."""
    record.add(r.Fetched(record.now(), device.uid, r.PUSH, "", 0, 0, final=True))
    for key, listed in (await device.conversations()).items():
        conv = device.state.conv(key)
        held = dict(conv.items)
        record.add(r.Listed(record.now(), device.uid, key, listed.read_seq))
        _note(record, device.uid, key, _missing(held, conv.begin, listed.last_seq))
        try:
            shown = await device.history(key, final=True)
        except RefusedError:
            continue  # a group that one is out of
        _note(record, device.uid, key, difference(held, shown))
        inside = device.state.members(key)
        if inside is not None:
            found = await device.members(key)
            text = "" if inside == found else f"has {sorted(inside)}, the server {sorted(found)}"
            _note(record, device.uid, f"members of {key}", text)
