"""Error and close codes of protocol 2. Generated from spec/codes.toml by scripts/gen_protocol.py: do not edit."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class ErrorCode(StrEnum):
    """Why a request was refused."""

    BAD_REQUEST = "bad_request"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"
    UNSUPPORTED = "unsupported"
    NOT_MEMBER = "not_member"
    MUTED = "muted"
    BLOCKED = "blocked"
    NOT_FRIEND = "not_friend"
    RECALL_EXPIRED = "recall_expired"


RETRYABLE: frozenset[ErrorCode] = frozenset(
    {ErrorCode.RATE_LIMITED, ErrorCode.UNAVAILABLE, ErrorCode.INTERNAL}
)

HTTP_STATUS: dict[ErrorCode, int] = {
    ErrorCode.BAD_REQUEST: 400,
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.CONFLICT: 409,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.INTERNAL: 500,
    ErrorCode.UNSUPPORTED: 404,
    ErrorCode.NOT_MEMBER: 403,
    ErrorCode.MUTED: 403,
    ErrorCode.BLOCKED: 403,
    ErrorCode.NOT_FRIEND: 403,
    ErrorCode.RECALL_EXPIRED: 403,
}


class CloseCode(IntEnum):
    """Why the server ended a connection: the number of `notify.close` and of the WebSocket close frame."""

    GOING_AWAY = 4000
    IDLE_TIMEOUT = 4001
    AUTH_TIMEOUT = 4002
    TOO_SLOW = 4008
    FRAME_TOO_LARGE = 4009
    PROTOCOL_ERROR = 4010
    KICKED = 4100
    TOKEN_INVALID = 4101
    BANNED = 4102
    LOGGED_OUT = 4103

    @property
    def may_reconnect(self) -> bool:
        """True for 4000-4099: reconnect with backoff and jitter; False for 4100-4199: do not."""
        return self < 4100
