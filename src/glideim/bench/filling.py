"""What is stored to see how the database behaves as it fills, and the log that goes with it."""

from __future__ import annotations

import contextlib
import random
import tempfile
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

from glideim.edge.sql.sqlite import FILE_NAME, SqliteStores, open_sqlite
from glideim.kernel.clock import SystemClock
from glideim.protocol.conversations import chat_key
from glideim.protocol.records import Message

from .case import Options
from .histogram import Histogram
from .light import now_us

CONVERSATIONS, BATCH = 100_000, 128
"""Among how many people's chats messages are spread, and in commits of how many."""
LARGE, FEW = (1, 2), (1, 3)
"""The chats that history is read from: the one has half of all messages, the other 1,000."""
MIB = 2**20
_FIRST_MID = 1 << 40


class Mix:
    """Messages as they come: half in one chat, the rest in many of which few are busy; random names (cliMid)."""

    def __init__(self, conversations: int, seed: int) -> None:
        self._chance = random.Random(seed)
        self._conversations = conversations
        self._seqs: Counter[tuple[int, int]] = Counter()
        self._mid = _FIRST_MID

    def batch(self, size: int) -> list[Message]:
        """The next messages."""
        return [self.one(self._pair()) for _ in range(size)]

    def one(self, pair: tuple[int, int]) -> Message:
        """The next message of a chat."""
        sender, to = pair
        self._seqs[pair] += 1
        self._mid += 1
        name = str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
        return Message(
            mid=self._mid, seq=self._seqs[pair], from_=sender, to=to, conv=chat_key(sender, to), cli_mid=name,
            type=1, content="x" * 29, send_at=self._mid,
        )  # fmt: skip

    def stored(self, pair: tuple[int, int]) -> int:
        """How many a chat has."""
        return self._seqs[pair]

    def _pair(self) -> tuple[int, int]:
        if self._chance.random() < 0.5:
            return LARGE
        # The cube of a uniform number: P(below 1 %) = 0.01 ** (1/3), so the busiest hundredth gets a fifth.
        number = int(self._conversations * self._chance.random() ** 3)
        return 10 + 2 * number, 11 + 2 * number


class Filling:
    """A database, the messages that go into it, and how large its files become."""

    def __init__(self, stores: SqliteStores, directory: Path, mix: Mix, size: int) -> None:
        self.stores = stores
        self.mix = mix
        self.size = size
        """Messages of one commit."""
        self.commits = 0
        self.log_most = 0.0
        """Bytes that were in the log at most, after any commit."""
        self.directory = directory
        self._file = directory / FILE_NAME

    async def commit(self, messages: list[Message], took: Histogram) -> None:
        """Store these; `took` gets the microseconds."""
        began = now_us()
        await self.stores.messages.append(messages, [])
        took.add(now_us() - began)
        self.commits += 1
        self.log_most = max(self.log_most, self.log)

    async def next(self, took: Histogram) -> None:
        """Make and store the next batch; making it is not counted."""
        await self.commit(self.mix.batch(self.size), took)

    @property
    def log(self) -> float:
        """Bytes that are in the log now, copied or not: it is written from its beginning again once all are."""
        return self.stores.statistics()["wal_bytes"]

    @property
    def file(self) -> int:
        """Bytes of the database file, without the log."""
        return self._file.stat().st_size

    def figures(self) -> dict[str, float]:
        """How large things are at the end, and what was done to keep the log short."""
        done, log = self.stores.statistics(), Path(f"{self._file}-wal")
        return {
            "file (MiB)": self.file / MIB,
            "log at most (MiB)": self.log_most / MIB,
            "log at the end (MiB)": self.log / MIB,
            "log on the disk (MiB)": log.stat().st_size / MIB if log.exists() else 0.0,
            "checkpoints": done["checkpoints"],
            "times the log began anew": done["wal_restarts"],
        }


@contextlib.asynccontextmanager
async def opened(options: Options) -> AsyncIterator[Filling]:
    """An empty database in a directory of its own."""
    with tempfile.TemporaryDirectory(dir=options.data) as name:
        stores = await open_sqlite(Path(name), clock=SystemClock())
        try:
            mix = Mix(options.clients or CONVERSATIONS, options.seed)
            yield Filling(stores, Path(name), mix, options.window or BATCH)
        finally:
            await stores.close()
