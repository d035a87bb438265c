"""What a case of `glideim bench` is, and what it is given: options, and somebody to tell how far it is."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator

from msgspec import Struct

from .outcome import Outcome

Bar = Callable[[float], None]
"""Called with how much of a phase is done."""


class UsageError(Exception):
    """Options that do not go together; the text says which."""


class Options(Struct, frozen=True):
    """What the command line says. 0 stands for what the case has of its own."""

    clients: int = 0
    seconds: float = 0.0
    messages: int = 0
    processes: int = 2
    codec: str = "json"
    transport: str = "ws"
    url: str = ""
    pid: int = 0
    against: tuple[str, ...] = ()
    seed: int = 1
    seconds_between: float = 30.0
    window: int = 0
    """Messages under way for each sender, in cases that are as fast as they are answered."""
    data: str | None = None
    """Where the servers' data directories are made; else where temporary files are."""


class Progress:
    """Who is told how far it is. This one tells nobody."""

    def tell(self, text: str) -> None:
        """Something that is worth a line."""

    @contextlib.contextmanager
    def phase(self, what: str, total: float) -> Iterator[Bar]:
        """A part of the work, for as long as the block; the bar is told how much of `total` is done."""
        del what, total
        yield lambda _done: None


def _anything(_options: Options) -> None:
    """What most cases refuse: nothing."""


class Case(Struct, frozen=True):
    """One case. A new one is a module that defines it, and its entry in `cases`."""

    name: str
    about: str
    """What it measures, in a line."""
    run: Callable[[Options, Progress], Awaitable[list[Outcome]]]
    """One outcome for each server. Raises UsageError, WorkerError, GoneError, OSError."""
    clients: int = 2
    """How many there are if nothing else is said."""
    against: tuple[str, ...] = ()
    """Other servers that can be driven with it."""
    own_server: bool = False
    """It starts servers as it needs them: `--url` does not go with it."""
    check: Callable[[Options], None] = _anything
    """Raises UsageError for options that this case cannot do."""

    def clients_of(self, options: Options) -> int:
        """How many clients there are."""
        return options.clients or self.clients
