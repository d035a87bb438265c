"""The messages and conversations that a terminal client has seen, in a file: what it shows without asking."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from glideim.protocol.conversations import parse_group
from glideim.protocol.records import Message

_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
  conv TEXT NOT NULL, seq INTEGER NOT NULL, message BLOB NOT NULL, PRIMARY KEY (conv, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chats (conv TEXT PRIMARY KEY, chat BLOB NOT NULL) WITHOUT ROWID;
"""

_encode = msgspec.json.Encoder().encode
_message = msgspec.json.Decoder(Message)


class Chat(msgspec.Struct):
    """A conversation as it is listed, with one person (`peer`) or a group (`peer` is 0).

    `closed`: one does not belong to the group any more; what was said is still here to be read. `mentioned`: something
    that is not read yet names oneself.
    """

    conv: str
    peer: int
    name: str = ""
    preview: str = ""
    updated_at: int = 0
    last_seq: int = 0
    read_seq: int = 0
    delivered_seq: int = 0
    offline_seq: int = 0
    pinned: bool = False
    muted: bool = False
    hidden: bool = False
    closed: bool = False
    mentioned: bool = False
    expire_after: int = 0

    @property
    def gid(self) -> int:
        """The group; 0: a person."""
        return parse_group(self.conv) or 0

    @property
    def target(self) -> int | str:
        """Where a message is sent, as the client wants it."""
        return self.conv if self.gid else self.peer

    @property
    def title(self) -> str:
        """What it is called."""
        return self.name or (f"group {self.gid}" if self.gid else f"#{self.peer}")

    @property
    def unread(self) -> int:
        """Messages after the read position."""
        return max(0, self.last_seq - self.read_seq)


_chat = msgspec.json.Decoder(Chat)


class MessageFile:
    """One account's messages. Calls are short and made from the event loop."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def add(self, messages: Iterable[Message]) -> None:
        """Keep messages; those that are here already are replaced."""
        rows = [(m.conv, m.seq, _encode(m)) for m in messages]
        self._db.executemany("REPLACE INTO messages VALUES (?, ?, ?)", rows)

    def before(self, conv: str, seq: int, limit: int) -> Sequence[Message]:
        """The messages directly before `seq`, ascending and without a hole; fewer or none where they are not here."""
        rows = self._db.execute(
            "SELECT message FROM messages WHERE conv=? AND seq<? ORDER BY seq DESC LIMIT ?",
            (conv, seq, limit),
        )
        found: list[Message] = []
        for (row,) in rows:
            message = _message.decode(row)
            if message.seq != seq - 1 - len(found):
                break
            found.append(message)
        return found[::-1]

    def get(self, conv: str, seq: int) -> Message | None:
        """One message, if it is here."""
        row = self._db.execute(
            "SELECT message FROM messages WHERE conv=? AND seq=?", (conv, seq)
        ).fetchone()
        return _message.decode(row[0]) if row else None

    def latest(self, conv: str, limit: int) -> Iterator[Message]:
        """The messages of a conversation that are here, the newest first, holes or not."""
        rows = self._db.execute(
            "SELECT message FROM messages WHERE conv=? ORDER BY seq DESC LIMIT ?", (conv, limit)
        ).fetchall()
        return (_message.decode(row) for (row,) in rows)

    def save_chat(self, chat: Chat) -> None:
        """Keep how a conversation stands."""
        self._db.execute("REPLACE INTO chats VALUES (?, ?)", (chat.conv, _encode(chat)))

    def chats(self) -> list[Chat]:
        """All conversations."""
        return [_chat.decode(row) for (row,) in self._db.execute("SELECT chat FROM chats")]

    def close(self) -> None:
        """Release the file."""
        self._db.close()
