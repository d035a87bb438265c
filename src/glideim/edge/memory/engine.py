"""What the stores of one engine in memory share."""

from __future__ import annotations

from glideim.kernel.errors import StoreUnavailableError


class Engine:
    """Whether the engine is open."""

    def __init__(self) -> None:
        self.closed = False

    def check(self) -> None:
        if self.closed:
            raise StoreUnavailableError("the store is closed")
