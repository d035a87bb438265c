"""What a crash left behind, put right before anybody connects."""

from __future__ import annotations

from .ports import MessageStore, Position

WITHIN_MS = 5_000
"""Positions are written within two seconds; so long before the last message they may be missing."""
MESSAGES = 20_000
"""Most messages looked at."""
BATCH = 1_000


async def read_what_one_said(store: MessageStore) -> None:
    """Who says something has read what stands above: one's own messages never count as unread. Positions are written
    behind the messages, so a crash forgets the latest ones; the messages say where they were."""
    highest = await store.highest_mid()
    newest = await store.by_mid(highest)
    since = newest.send_at - WITHIN_MS if newest is not None else 0
    after = max(0, highest - MESSAGES)
    read: dict[tuple[str, int], int] = {}
    while page := await store.log(after, BATCH):
        after = page[-1].mid
        for message in page:
            if message.send_at >= since and message.from_:
                key = message.conv, message.from_
                read[key] = max(read.get(key, 0), message.seq)
    await store.save_positions([Position(conv, uid, 0, seq) for (conv, uid), seq in read.items()])
