"""A true history of four people, told as the record of a run would tell it; tests forge it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from glideim.protocol.conversations import chat_key
from glideim.verify import record as r
from glideim.verify.check import Outcome, check, summary

ALICE, BOB, CAROL, DAVE = 1, 2, 3, 4
GROUP = "g:9"
CHAT = chat_key(ALICE, BOB)
replace = msgspec.structs.replace


class History:
    """A true history, told as the record of a run would tell it. Everyone is connected once, as session = uid."""

    def __init__(self) -> None:
        self.lines: list[r.Line] = []
        self.at = 0.0
        self.count = 0
        self.page = 0
        self.numbers = 0
        self.seqs: dict[str, int] = {}
        self.stored: list[r.Received] = []
        self.inside: dict[int, int] = {}
        self.read: dict[tuple[int, str], int] = {}
        for uid in (ALICE, BOB, CAROL, DAVE):
            self.add(r.Opened(self.tick(), uid, uid, 2, "ws/json"))
        self.at += 5000
        self.group_event(True, ALICE, BOB, CAROL)

    def tick(self) -> float:
        self.at += 1
        return self.at

    def add(self, line: r.Line) -> None:
        self.lines.append(line)

    def next_seq(self, conv: str) -> int:
        self.seqs[conv] = self.seqs.get(conv, 0) + 1
        return self.seqs[conv]

    def readers(self, conv: str) -> list[int]:
        return [ALICE, BOB] if conv == CHAT else sorted(self.inside)

    def group_event(self, inside: bool, *uids: int) -> None:
        seq = self.next_seq(GROUP)
        self.add(r.Membership(self.tick(), GROUP, seq, uids, inside))
        for uid in uids:
            if inside:
                self.inside[uid] = seq
            else:
                del self.inside[uid]
        self._event(seq)

    def becomes_role(self, uid: int, role: str) -> None:
        """An event of the group says that somebody has another role now."""
        seq = self.next_seq(GROUP)
        self.add(r.Role(self.tick(), GROUP, seq, (uid,), role))
        self._event(seq)

    def _event(self, seq: int) -> None:
        event = r.Received(self.at, 0, 0, GROUP, seq, 1000 + seq, "", 0, f"event {seq}", 0)
        self.stored.append(replace(event, send_at=int(self.at)))
        for uid in self.readers(GROUP):
            self.add(replace(event, at=self.tick(), uid=uid, session=uid, mid=0))

    def message(self, conv: str, sender: int, content: str, *, retried: bool = False) -> None:
        self.count += 1
        cli, seq = f"{sender}-{self.count}", self.next_seq(conv)
        mid = 1_000_000 + self.count
        for _ in range(1 + retried):
            self.add(r.Sent(self.tick(), sender, sender, cli, conv, r.digest(content)))
        seen = r.Received(
            self.tick(), 0, 0, conv, seq, mid, cli, sender, r.digest(content), int(self.at)
        )
        self.stored.append(seen)
        self.add(r.Acked(self.tick(), sender, sender, cli, conv, seq, mid))
        if conv == CHAT:
            other = ALICE + BOB - sender
            self.add(replace(seen, at=self.tick(), uid=other, session=other))
            self.add(r.Confirmed(self.tick(), other, other, conv, seq))
            self.add(r.Delivered(self.tick(), sender, sender, conv, seq, other))
        else:
            for uid in self.readers(conv):
                if uid != sender:
                    self.add(replace(seen, at=self.tick(), uid=uid, session=uid))

    def ask(
        self, uid: int, conv: str, seq: int, act: str, value: str = "", *, code: str | None = ""
    ) -> None:
        """A change is asked for; `code` None: without an answer."""
        self.numbers += 1
        self.add(r.Asked(self.tick(), uid, self.numbers, conv, seq, act, value))
        if code is not None:
            self.add(r.Done(self.tick(), self.numbers, code))

    def becomes(self, conv: str, seq: int, **fields: object) -> None:
        """From now on a message is fetched as another one."""
        at = next(n for n, item in enumerate(self.stored) if (item.conv, item.seq) == (conv, seq))
        self.stored[at] = replace(self.stored[at], **fields)

    def finish(self) -> list[r.Line]:
        """Everyone fetches everything."""
        self.at += 10_000
        for uid in (ALICE, BOB, CAROL, DAVE):
            self.add(r.Fetched(self.tick(), uid, r.PUSH, "", 0, 0, final=True))
            for conv in (CHAT, GROUP):
                if uid in self.readers(conv):
                    self.fetch(uid, conv)
        return self.lines

    def fetch(self, uid: int, conv: str) -> None:
        self.page += 1
        begin = self.inside[uid] if conv == GROUP else 1
        items = [item for item in self.stored if item.conv == conv and item.seq >= begin]
        self.add(r.Listed(self.tick(), uid, conv, self.read.get((uid, conv), 0)))
        for item in items:
            self.add(replace(item, at=self.tick(), uid=uid, session=uid, page=self.page))
        upto = items[-1].seq if items else 0
        self.add(r.Fetched(self.tick(), uid, self.page, conv, 0, upto, final=True))


def a_history() -> list[r.Line]:
    """A small true history in which everything occurs."""
    history = History()
    history.message(CHAT, ALICE, "hello")
    history.message(CHAT, BOB, "hello to you", retried=True)
    history.message(CHAT, ALICE, "how are you")
    history.message(GROUP, BOB, "to all")
    history.group_event(True, DAVE)
    history.message(GROUP, DAVE, "thanks")
    history.group_event(False, CAROL)
    history.message(GROUP, ALICE, "without Carol")
    return history.finish()


def examined(lines: Sequence[r.Line]) -> Outcome:
    """What is found in a record that was written to a file and read back."""
    with tempfile.TemporaryDirectory() as folder:
        record = r.Record(Path(folder) / "record.jsonl")
        with contextlib.closing(record):
            for line in lines:
                record.add(line)
            return check(record.stored())


def kinds(lines: Sequence[r.Line]) -> set[str]:
    """What kinds of breaches are found."""
    return set(summary(examined(lines).findings))
