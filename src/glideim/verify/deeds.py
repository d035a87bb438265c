"""What people do to messages that are there: take back, edit, react, pin, read; and messages that grow. They also try
what they have no right to: which of it was right is for the checks to find out."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any

from glideim.protocol.actions import Action
from glideim.protocol.conversations import chat_key
from glideim.protocol.records import AckMessage, Message, MessageRead
from glideim.protocol.social import Pin, React, Recall, Stream

from . import record as r
from .device import Device
from .link import Link, RefusedError
from .outgoing import Outgoing
from .state import Held

KEYS = ("👍", "❤️", "ok")
MARKDOWN = 11
PINS = 40
"""From so many pinned messages of a conversation on, one is taken down instead: the server allows 50."""
GROWING = Held(0, "", r.GROWING)
LATEST = 20
"""So many of the last messages of a conversation things are done to."""
_numbers = itertools.count(1)


class Deeds:
    """Those of one person, on whatever device is theirs at the moment. All raise RefusedError and ConnectionError."""

    def __init__(
        self, record: r.Record, uid: int, rng: random.Random, device: Callable[[], Device]
    ) -> None:
        self._record = record
        self._uid = uid
        self._rng = rng
        self._device = device
        self._count = 0
        self.growing: dict[str, Held] = {}
        """What those that grow are after their next acknowledgement, by `cliMid`."""

    async def recall(self, stored: Sequence[Outgoing]) -> None:
        """Take back a message of one's own."""
        chosen = self._own(stored)
        if chosen is not None:
            await self._recall(chosen.conv, chosen.seq)

    async def moderate(self, stored: Sequence[Outgoing]) -> None:
        """Take back one of the last messages of a group, whoever wrote it: admins may, others are refused."""
        found = self._place("g:")
        if found is not None:
            conv, seq, _ = found
            for own in stored:
                if (own.conv, own.seq) == (conv, seq):
                    own.changed = True
            await self._recall(conv, seq)

    async def _recall(self, conv: str, seq: int) -> None:
        group = conv.startswith("g:")
        action = Action.MESSAGE_GROUP_RECALL if group else Action.MESSAGE_CHAT_RECALL
        await self._ask("recall", conv, seq, "", action, Recall(conv, seq))

    async def edit(self, stored: Sequence[Outgoing]) -> None:
        """Give a message of one's own another content."""
        chosen = self._own(stored)
        if chosen is not None:
            self._count += 1
            content = f"{chosen.content} (edit {self._count})"
            asked = Message(conv=chosen.conv, seq=chosen.seq, content=content)
            await self._ask(
                "edit", chosen.conv, chosen.seq, r.digest(content), Action.MESSAGE_EDIT, asked
            )

    def _own(self, stored: Sequence[Outgoing]) -> Outgoing | None:
        if not stored:
            return None
        chosen = self._rng.choice(stored)
        chosen.changed = True
        return chosen

    async def react(self) -> None:
        """Set a reaction to one of the last messages of a conversation, or take it back."""
        found = self._place()
        if found is not None:
            conv, seq, held = found
            key = self._rng.choice(KEYS)
            on = not any(name == key and mine for name, _, mine in held.reactions)
            act = "react" if on else "unreact"
            await self._ask(act, conv, seq, key, Action.MESSAGE_REACT, React(conv, seq, key, on))

    async def pin(self) -> None:
        """Pin one of the last messages of a conversation, or take one down; in groups that is for admins."""
        found = self._place()
        if found is not None:
            conv, seq, held = found
            items = self._device().state.conv(conv).items
            pinned = [at for at, item in items.items() if item.pinned]
            if len(pinned) >= PINS:
                await self._pin(conv, self._rng.choice(pinned), on=False)
            else:
                await self._pin(conv, seq, on=not held.pinned)

    async def pin_elsewhere(self, uids: Sequence[int]) -> None:
        """Pin what two others have written to each other."""
        one, other = self._rng.sample([uid for uid in uids if uid != self._uid], 2)
        await self._pin(chat_key(one, other), self._rng.randrange(1, 6), on=True)

    async def _pin(self, conv: str, seq: int, *, on: bool) -> None:
        act = "pin" if on else "unpin"
        await self._ask(act, conv, seq, "", Action.MESSAGE_PIN, Pin(conv, seq, on))

    async def read(self) -> None:
        """Say how far one has read in a conversation."""
        found = self._place()
        if found is not None:
            conv, seq, _ = found
            await self._ask(
                "read", conv, seq, "", Action.API_CONVERSATIONS_READ, MessageRead(conv, seq)
            )

    def _place(self, kind: str = "") -> tuple[str, int, Held] | None:
        """One of the last messages of any conversation whose key begins so."""
        conversations = [
            (key, conv)
            for key, conv in self._device().state.convs.items()
            if conv.items and key.startswith(kind)
        ]
        if not conversations:
            return None
        key, conv = self._rng.choice(conversations)
        seq = conv.last - self._rng.randrange(LATEST)
        held = conv.items.get(seq, GROWING)
        # Nothing is done to events of groups.
        return (key, seq, held) if held.mid and not held.content.startswith("event") else None

    async def grow(self, uids: Sequence[int]) -> None:
        """Write a message piece by piece; one in six is taken back instead of finished."""
        conv = self._receiver(uids)
        device = self._device()
        link = device.link
        self._count += 1
        cli, text = f"{self._uid}-grow-{self._count}", ""
        now = self._record.now()
        self._record.add(r.Sent(now, self._uid, device.session, cli, conv, "", grows=True))
        self.growing[cli] = GROWING
        try:
            opened = await link.ask(Action.MESSAGE_STREAM, _step(cli, "open", conv=conv))
            ack = opened.data
            if not isinstance(ack, AckMessage):
                raise link.give_up(f"{cli} was answered with {opened.action}")
            for _ in range(self._rng.randrange(1, 6)):
                await asyncio.sleep(self._rng.uniform(0.01, 0.15))
                piece = f"{cli} " + "z" * self._rng.randrange(40)
                link.tell(
                    Action.MESSAGE_STREAM, _step(cli, "delta", content=piece, offset=len(text))
                )
                text += piece
            await self._end(cli, ack, text, link)
        finally:
            self.growing.pop(cli, None)

    async def _end(self, cli: str, ack: AckMessage, text: str, link: Link) -> None:
        whole = r.digest(text)
        op = "cancel" if self._rng.random() < 1 / 6 else "finish"
        self.growing[cli] = (
            Held(ack.mid, whole) if op == "finish" else Held(ack.mid, "", r.RECALLED)
        )
        await self._ask(
            op, ack.conv, ack.seq, whole if op == "finish" else "", Action.MESSAGE_STREAM, _step(cli, op), link
        )  # fmt: skip

    def _receiver(self, uids: Sequence[int]) -> str:
        groups = [key for key in self._device().state.convs if key.startswith("g:")]
        if groups and self._rng.random() < 0.4:
            return self._rng.choice(groups)
        return chat_key(self._uid, self._rng.choice(uids))

    async def _ask(
        self, act: str, conv: str, seq: int, value: str, action: str, data: Any, link: Link | None = None
    ) -> None:  # fmt: skip
        """Ask for a change and note what comes of it. What was refused only for the moment may have been done."""
        link = link or self._device().link
        number, record = next(_numbers), self._record
        record.add(r.Asked(record.now(), self._uid, number, conv, seq, act, value))
        code = ""
        try:
            await link.ask(action, data)
        except RefusedError as refused:
            if refused.retryable:
                return
            code = refused.code
        record.add(r.Done(record.now(), number, code))


def _step(
    cli: str, op: str, *, content: str = "", offset: int | None = None, conv: str = ""
) -> Stream:
    return Stream(
        conv=conv,
        stream_id=cli,
        op=op,
        content=content,
        offset=offset,
        type=MARKDOWN if conv else 0,
    )
