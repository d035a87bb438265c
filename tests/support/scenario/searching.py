"""Searching for words after the week: everybody finds what the model finds, and nothing else."""

from __future__ import annotations

from typing import Any

from .device import Device
from .week import Week

LOOKED_FOR = ("merged", "lunch", "看一下", "edited")
"""Said often; the last is only in what was edited."""
PAGE = 50


async def search_differences(week: Week) -> list[str]:
    """How what everybody finds differs from the model."""
    found: list[str] = []
    for person in week.people:
        for word in LOOKED_FOR:
            messages = await _search(person.here[0], word)
            expected = week.world.found_by(person.uid, word)
            actual = [(message["conv"], message["seq"]) for message in messages]
            name = f"{person.uid} looks for {word}"
            if len(actual) != len(set(actual)):
                found.append(f"{name}: something comes twice")
            found += [f"{name}: {where} is missing" for where in sorted(expected - set(actual))]
            found += [f"{name}: {where} is too much" for where in sorted(set(actual) - expected)]
            times = [message["sendAt"] for message in messages]
            if times != sorted(times, reverse=True):
                found.append(f"{name}: not newest first")
    assert any(week.world.found_by(person.uid, LOOKED_FOR[-1]) for person in week.people)
    return found


async def _search(device: Device, word: str) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    cursor = ""
    while True:
        query = {"q": word, "limit": PAGE, "cursor": cursor}
        page = await device.ask("api.messages.search", query)
        messages += page.get("items") or ()
        cursor = page.get("cursor", "")
        if not cursor:
            return messages
