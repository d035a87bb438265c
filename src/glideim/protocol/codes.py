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
    {
        ErrorCode.RATE_LIMITED,
        ErrorCode.UNAVAILABLE,
        ErrorCode.INTERNAL,
    }
)
"""The same request may succeed later."""

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

ERROR_TEXT: dict[ErrorCode, str] = {
    ErrorCode.BAD_REQUEST: "The request is malformed or a field has a value that is not allowed.",
    ErrorCode.UNAUTHENTICATED: "Sign in first, or the token is not valid (any more).",
    ErrorCode.FORBIDDEN: "The account may not do this.",
    ErrorCode.NOT_FOUND: "It does not exist, or the account may not know that it does.",
    ErrorCode.CONFLICT: "It contradicts what is already stored.",
    ErrorCode.TOO_LARGE: "A field or the request is larger than allowed.",
    ErrorCode.RATE_LIMITED: "Too many requests; slow down and try again.",
    ErrorCode.UNAVAILABLE: "The server cannot do this just now; nothing was done, try again.",
    ErrorCode.INTERNAL: "The server failed; whether it was done is unknown, try again.",
    ErrorCode.UNSUPPORTED: "The server does not know this action.",
    ErrorCode.NOT_MEMBER: "Only members may do this.",
    ErrorCode.MUTED: "The member or the group is muted.",
    ErrorCode.BLOCKED: "The receiver blocked the sender.",
    ErrorCode.NOT_FRIEND: "The server asks for friendship before the first message.",
    ErrorCode.RECALL_EXPIRED: "The time to take the message back is over.",
}


class CloseCode(IntEnum):
    """Why a connection was ended: the number of `notify.close` and of the close frame."""

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


CLOSE_TEXT: dict[CloseCode, str] = {
    CloseCode.GOING_AWAY: "The server drains or is overloaded; reconnect after `reconnectAfter`.",
    CloseCode.IDLE_TIMEOUT: "Nothing was heard from the client, and heartbeats stayed unanswered.",
    CloseCode.AUTH_TIMEOUT: "The client did not sign in in time.",
    CloseCode.TOO_SLOW: "The client reads too slowly; nothing is lost, pull after reconnecting.",
    CloseCode.FRAME_TOO_LARGE: "A frame was larger than `maxFrame`.",
    CloseCode.PROTOCOL_ERROR: "Too many frames that cannot be read.",
    CloseCode.KICKED: "A newer login took this device's place.",
    CloseCode.TOKEN_INVALID: "The token is not valid (any more).",
    CloseCode.BANNED: "The account is banned.",
    CloseCode.LOGGED_OUT: "The session was ended by its owner.",
}
