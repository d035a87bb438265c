"""Asking the server for everything, as a device would that knows nothing: it must be what the model says."""

from __future__ import annotations

from typing import Any

from .compare import differences
from .device import Device, Refusal, view_of
from .week import Week

PAGE = 7
"""Items asked for at once: small, so that lists come in several pages."""
HISTORY_PAGE = 60


async def fresh_differences(week: Week) -> list[str]:
    """How the conversations, histories and groups that everybody can fetch differ from the model."""
    found: list[str] = []
    for person in week.people:
        device = person.here[0]
        name = f"{person.uid} fetches"
        listed = {entry["conv"]: entry for entry in await _pages(device, "api.conversations.list")}
        expected = week.world.view(person.uid)
        actual = {key: await _conversation(device, entry) for key, entry in listed.items()}
        for key in week.world.hidden(person.uid):
            found += [f"{name}: {key} is hidden but listed"] if key in listed else []
            del expected[key]
        found += differences(expected, actual, name)
        found += _misplaced(listed, name)
        for key in expected:
            if key.startswith("g:"):
                gid = int(key[2:])
                found += differences(
                    week.world.group(person.uid, gid), await _group(device, gid), f"{name} {key}"
                )
    return found


async def _pages(device: Device, action: str, **fields: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = await device.ask(action, {**fields, "cursor": cursor, "limit": PAGE})
        items += page["items"]
        cursor = page.get("cursor", "")
        if not cursor:
            return items


async def _conversation(device: Device, entry: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "lastSeq": entry.get("lastSeq", 0),
        "readSeq": entry.get("readSeq", 0),
        "unread": entry.get("unread", 0),
        "pinned": entry.get("pinned", False),
        "muted": entry.get("muted", False),
        "messages": await _history(device, entry["conv"]),
    }
    if entry["conv"].startswith("c:"):
        shown["peerReadSeq"] = entry.get("peerReadSeq", 0)
    return shown


async def _history(device: Device, key: str) -> dict[int, Any]:
    messages: dict[int, Any] = {}
    after = 0
    while True:
        query = {"conv": key, "after": after, "limit": HISTORY_PAGE}
        page = (await device.ask("api.messages.list", query))["items"]
        if not page:
            return messages
        messages |= {message["seq"]: view_of(message) for message in page}
        after = page[-1]["seq"]


async def _group(device: Device, gid: int) -> dict[str, Any]:
    group = await device.ask("api.groups.info", {"gid": gid})
    members = await _pages(device, "api.groups.members", gid=gid)
    return {
        "asking": await _asking(device, gid),
        "name": group.get("name", ""),
        "announcement": group.get("announcement", ""),
        "role": group.get("role", ""),
        "owner": group.get("owner", 0),
        "memberCount": group.get("memberCount", 0),
        "members": {member["uid"]: member["role"] for member in members},
    }


async def _asking(device: Device, gid: int) -> list[int] | str:
    try:
        return [asked["uid"] for asked in await _pages(device, "api.groups.requests", gid=gid)]
    except Refusal as refusal:
        return refusal.code


def _misplaced(listed: dict[str, dict[str, Any]], name: str) -> list[str]:
    """The list is newest first."""
    times = [entry.get("updatedAt", 0) for entry in listed.values()]
    return [] if times == sorted(times, reverse=True) else [f"{name}: the list is out of order"]
