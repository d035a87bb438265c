"""Messages straight into the embedded database, without a server: how it keeps its speed as it grows."""

from __future__ import annotations

import random
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from glideim.edge.sql.sqlite import FILE_NAME, SqliteStores, open_sqlite
from glideim.kernel.clock import SystemClock
from glideim.protocol.conversations import chat_key
from glideim.protocol.records import Message

from .case import Case, Options, Progress, UsageError
from .histogram import Histogram
from .light import now_us
from .outcome import Outcome, load_average
from .stored import PAGE, PAGES, SMALL, alternate

MESSAGES, CONVERSATIONS, BATCH = 1_000_000, 100_000, 128
"""What is stored in the end, among how many people's chats, and in commits of how many messages."""
WINDOWS, COMMITS = 10, 100
"""How often growth is measured, and commits of each measurement, into the full file and an empty one in turn."""
LARGE, FEW = (1, 2), (1, 3)
"""The chats that history is read from: the one has half of all messages, the other 1,000."""
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


async def _commit(stores: SqliteStores, mix: Mix, size: int, took: Histogram) -> None:
    messages = mix.batch(size)
    began = now_us()
    await stores.messages.append(messages, [])
    took.add(now_us() - began)


async def _fill(stores: SqliteStores, mix: Mix, batches: int, size: int) -> Histogram:
    took = Histogram()
    for _ in range(batches):
        await _commit(stores, mix, size, took)
    return took


async def _compare(
    stores: SqliteStores, mix: Mix, options: Options, size: int
) -> tuple[Histogram, Histogram]:
    """Commits into the full file and into an empty one, in turn, on the same disk."""
    full, empty = Histogram(), Histogram()
    with tempfile.TemporaryDirectory(dir=options.data) as directory:
        other = await open_sqlite(Path(directory), clock=SystemClock())
        try:
            other_mix = Mix(options.clients or CONVERSATIONS, options.seed)
            for _ in range(COMMITS):
                await _commit(stores, mix, size, full)
                await _commit(other, other_mix, size, empty)
        finally:
            await other.close()
    return full, empty


async def _pages(
    stores: SqliteStores, mix: Mix, seed: int, progress: Progress
) -> dict[str, Histogram]:
    chance = random.Random(seed)

    def page(pair: tuple[int, int], latest: bool) -> Callable[[], Awaitable[object]]:
        async def read() -> None:
            after = chance.randint(0, mix.stored(pair) - PAGE)
            before = after + PAGE + 1
            got = await stores.messages.history(
                chat_key(*pair), after, before, PAGE, latest=latest, viewer=1
            )
            if sorted(message.seq for message in got) != list(range(after + 1, before)):
                raise ValueError(f"the {PAGE} messages after {after} are not what was read")

        return read

    ways = {
        f"page of {mix.stored(pair)} messages, {name}": page(pair, latest)
        for pair in (FEW, LARGE)
        for name, latest in (("forwards", False), ("backwards", True))
    }
    return await alternate(ways, PAGES, progress)


def _size(directory: Path) -> int:
    """Bytes of the database file, without the log."""
    return (directory / FILE_NAME).stat().st_size


async def _run(options: Options, progress: Progress) -> list[Outcome]:
    size, messages = options.window or BATCH, options.messages or MESSAGES
    batches = max(1, messages // (size * WINDOWS) - COMMITS)
    full = empty = Histogram()
    points, figures, worst = list[tuple[float, float]](), dict[str, float](), 0.0
    with tempfile.TemporaryDirectory(dir=options.data) as directory:
        stores = await open_sqlite(Path(directory), clock=SystemClock())
        try:
            mix, began = Mix(options.clients or CONVERSATIONS, options.seed), time.monotonic()
            await stores.messages.append([mix.one(FEW) for _ in range(SMALL)], [])
            with progress.phase("fill", WINDOWS) as bar:
                for done in range(WINDOWS):
                    filled = await _fill(stores, mix, batches, size)
                    full, empty = await _compare(stores, mix, options, size)
                    ratio = empty.total / max(1, full.total)
                    points.append((time.monotonic() - began, ratio))
                    worst = max(worst, filled.quantile(1.0) / 1000)
                    bar(done + 1)
            stored = SMALL + (batches + COMMITS) * WINDOWS * size
            figures["messages stored"] = stored
            figures["commits/s, full / empty"] = points[-1][1]
            figures["worst window of these"] = min(ratio for _, ratio in points)
            figures["worst commit (ms)"] = worst
            figures["file (bytes per message)"] = _size(Path(directory)) / stored
            took = await _pages(stores, mix, options.seed, progress)
        finally:
            await stores.close()
    latency = {name: h.summary() for name, h in (("empty commit", empty), ("full commit", full), *took.items())}  # fmt: skip
    return [
        Outcome(
            case="rows", target="glideim's SQLite", figures=figures, latency_ms=latency,
            lines={"full / empty": tuple(points)}, load_average=load_average(),
        )
    ]  # fmt: skip


def _check(options: Options) -> None:
    least = SMALL * 2
    if options.messages and options.messages < least:
        raise UsageError(f"rows needs at least {least} messages")


CASE = Case(
    "rows", "commits as the embedded database grows, against an empty one; pages of a long chat",
    _run, clients=CONVERSATIONS, own_server=True, check=_check,
)  # fmt: skip
