"""The life of a connection as a table: what ends which state, and which actions each state serves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, IntEnum, auto

from .actions import Action


class State(IntEnum):
    """Where a connection is in its life. Larger is later; only a failed sign-in goes back."""

    NEW = auto()
    """Connected; nothing was said."""
    GREETED = auto()
    """`hello` was sent; waiting for `auth`."""
    SIGNING_IN = auto()
    """`auth` is being checked."""
    READY = auto()
    """Signed in."""
    CLOSING = auto()
    """The last frame was sent; nothing is read any more."""
    CLOSED = auto()
    """The socket is gone."""


class Event(Enum):
    """What happens to a connection."""

    GREET = auto()
    """The server sends `hello`."""
    AUTH = auto()
    """The client's `auth` is taken up."""
    AUTH_OK = auto()
    """The token is good."""
    AUTH_AGAIN = auto()
    """The token could not be checked just now; the client may try again."""
    END = auto()
    """The server closes: `notify.close` with any code."""
    LOST = auto()
    """The socket is gone, whoever closed it."""


class StateError(Exception):
    """An event in a state where it cannot happen: a fault of the program, not of the peer."""


TRANSITIONS: Mapping[tuple[State, Event], State] = {
    (State.NEW, Event.GREET): State.GREETED,
    (State.GREETED, Event.AUTH): State.SIGNING_IN,
    (State.SIGNING_IN, Event.AUTH_OK): State.READY,
    (State.SIGNING_IN, Event.AUTH_AGAIN): State.GREETED,
    # A bad token, a time-out, a kick, a drain: from anywhere alive.
    (State.NEW, Event.END): State.CLOSING,
    (State.GREETED, Event.END): State.CLOSING,
    (State.SIGNING_IN, Event.END): State.CLOSING,
    (State.READY, Event.END): State.CLOSING,
    # Only the first reason counts.
    (State.CLOSING, Event.END): State.CLOSING,
    # What was being checked when the close came is of no use any more.
    (State.CLOSING, Event.AUTH_OK): State.CLOSING,
    (State.CLOSING, Event.AUTH_AGAIN): State.CLOSING,
    (State.CLOSED, Event.END): State.CLOSED,
    (State.CLOSED, Event.AUTH_OK): State.CLOSED,
    (State.CLOSED, Event.AUTH_AGAIN): State.CLOSED,
    **{(state, Event.LOST): State.CLOSED for state in State},
}
"""The state after an event. What is not here cannot happen."""


def next_state(state: State, event: Event) -> State:
    """The state after an event. Raises StateError if it cannot happen in this state."""
    following = TRANSITIONS.get((state, event))
    if following is None:
        raise StateError(f"{event.name} in state {state.name}")
    return following


class Verdict(Enum):
    """What becomes of a request in a state."""

    SERVE = auto()
    """Hand it on."""
    UNAUTHENTICATED = auto()
    """Refuse it with `unauthenticated`: sign in first."""
    CONFLICT = auto()
    """Refuse it with `conflict`: `auth` on a connection that signs in, or is signed in."""
    UNSUPPORTED = auto()
    """Refuse it with `unsupported`: not for clients to send."""
    IGNORE = auto()
    """Nothing is read any more."""


REQUESTS: frozenset[str] = frozenset(
    {
        Action.AUTH,
        Action.HEARTBEAT,
        Action.MESSAGE_CHAT,
        Action.MESSAGE_CHAT_RETRY,
        Action.MESSAGE_CHAT_RESEND,
        Action.MESSAGE_GROUP,
        Action.MESSAGE_GROUP_RETRY,
        Action.MESSAGE_CHAT_RECALL,
        Action.MESSAGE_GROUP_RECALL,
        Action.MESSAGE_EDIT,
        Action.MESSAGE_REACT,
        Action.MESSAGE_PIN,
        Action.MESSAGE_CLI,
        Action.MESSAGE_STREAM,
        Action.MESSAGE_READ,
        Action.ACK_REQUEST,
        Action.ACK_GROUP_MSG,
        Action.PRESENCE_SUB,
    }
)
"""What clients may send, beside `api.*`."""


def judge(state: State, action: str, is_public: Callable[[str], bool]) -> Verdict:
    """What becomes of an action that is known; `is_public` tells which `api.*` need no login.

    Until sign-in only `auth`, `heartbeat` and public `api.*` are served (section "Life of a connection").
    """
    if state not in (State.GREETED, State.SIGNING_IN, State.READY):
        return Verdict.IGNORE
    if action == Action.HEARTBEAT:
        return Verdict.SERVE
    if action == Action.AUTH:
        return Verdict.SERVE if state is State.GREETED else Verdict.CONFLICT
    is_api = action.startswith("api.") and action != Action.API_OK
    if state is not State.READY:
        public = is_api and is_public(action)
        return Verdict.SERVE if public else Verdict.UNAUTHENTICATED
    return Verdict.SERVE if is_api or action in REQUESTS else Verdict.UNSUPPORTED
