"""What a client raises."""

from __future__ import annotations

from glideim.protocol.codes import RETRYABLE


class ClientError(Exception):
    """Base of everything that a client raises."""


class RequestFailed(ClientError):  # noqa: N818 - the name that applications read best
    """The server refused a request, or it could not be asked: `code` (one of `ErrorCode`) for programs, `message`
    for people. With `retryable` the same request may succeed later."""

    def __init__(self, code: str, message: str, *, retryable: bool | None = None) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message
        self.retryable = code in RETRYABLE if retryable is None else retryable


class SendFailed(RequestFailed):
    """A message was refused for good and is no longer in the outbox."""

    def __init__(
        self, code: str, message: str, cli_mid: str, *, retryable: bool | None = None
    ) -> None:
        super().__init__(code, message, retryable=retryable)
        self.cli_mid = cli_mid


class SignedOutError(ClientError):
    """Nobody is signed in on this client, or the server ended the session."""


class ClientClosedError(ClientError):
    """The client was closed. Messages still in the outbox are sent when a client opens the same store."""
