"""The families of errors that never mix.

Protocol errors (a frame that cannot be read) are `protocol.records.FrameError`; a request that is refused is a
RequestError; a connection that must end is a Disconnect. Engines raise StoreUnavailableError.
"""

from __future__ import annotations

from glideim.protocol.codes import RETRYABLE, CloseCode, ErrorCode


class RequestError(Exception):
    """A request is refused: `code` for programs, `message` for people (what was wrong, what to do)."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later."""
        return self.code in RETRYABLE


class Disconnect(Exception):  # noqa: N818 - a decision, not a failure
    """A connection must end."""

    def __init__(self, code: CloseCode, reason: str, *, reconnect_after_ms: int = 0) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason
        self.reconnect_after_ms = reconnect_after_ms


class StoreUnavailableError(Exception):
    """The store cannot serve (disk full, read-only, shut down …). Nothing was stored; try again later."""
