"""The replay check: what a device built from events beside what the server shows when asked afresh."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping

from . import record as r
from .device import Device
from .link import RefusedError
from .state import Held

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
    chats = [key for key in listed if key.startswith("c:")]
    groups = [key for key in listed if key.startswith("g:")]
    if chats:
        key = rng.choice(chats)
        # What history teaches would hide what the events did not: the events come first.
        await asyncio.sleep(SETTLE)
        held = dict(device.state.conv(key).items)
        if device.session == session and calm():
            _note(record, device.uid, key, _missing(held, listed[key]))
            shown = await device.history(key)
            _note(record, device.uid, key, _difference(held, shown))
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


def _note(record: r.Record, uid: int, what: str, difference: str) -> None:
    record.add(r.Compared(record.now(), uid, what, difference))


def _missing(held: Mapping[int, Held], last: int) -> str:
    missing = [seq for seq in range(1, last + 1) if seq not in held]
    return f"lacks {missing[:20]} of {last}" if missing else ""


def _same(held: Held, shown: Held | None) -> bool:
    # Pushed events have no `mid`.
    return shown is not None and (held == shown or (not held.mid and held.content == shown.content))


def _difference(held: Mapping[int, Held], shown: Mapping[int, Held]) -> str:
    """What was held before and is shown otherwise, or not at all."""
    other = [seq for seq, item in held.items() if not _same(item, shown.get(seq))]
    return f"shown differently: {sorted(other)[:20]}" if other else ""


async def final_state(record: r.Record, device: Device) -> None:
    """After everything: fetch all, for the checks, and compare it with what the device has. Raises RefusedError,
    ConnectionError."""
    record.add(r.Fetched(record.now(), device.uid, r.PUSH, "", 0, 0, final=True))
    for key, last in (await device.conversations()).items():
        held = dict(device.state.conv(key).items)
        if key.startswith("c:"):
            _note(record, device.uid, key, _missing(held, last))
        try:
            shown = await device.history(key, final=True)
        except RefusedError:
            continue  # a group that one is out of
        _note(record, device.uid, key, _difference(held, shown))
        inside = device.state.members(key)
        if inside is not None:
            found = await device.members(key)
            text = "" if inside == found else f"has {sorted(inside)}, the server {sorted(found)}"
            _note(record, device.uid, f"members of {key}", text)
