"""The life of a connection: every state with every event and every action."""

from __future__ import annotations

import itertools

import pytest

from glideim.protocol.actions import RECORDS, Action
from glideim.protocol.states import (
    TRANSITIONS,
    Event,
    State,
    StateError,
    Verdict,
    judge,
    next_state,
)

PUBLIC = frozenset({"api.auth.register", "api.auth.login", "api.auth.guest"})
ALIVE = (State.NEW, State.GREETED, State.SIGNING_IN, State.READY)


def expected(state: State, event: Event) -> State | None:
    """The rules in other words than the table's."""
    if event is Event.LOST or (state is State.CLOSED and event not in (Event.GREET, Event.AUTH)):
        return State.CLOSED
    if event is Event.END:
        return State.CLOSING
    if state is State.CLOSING:
        return State.CLOSING if event in (Event.AUTH_OK, Event.AUTH_AGAIN) else None
    if event is Event.GREET:
        return State.GREETED if state is State.NEW else None
    if event is Event.AUTH:
        return State.SIGNING_IN if state is State.GREETED else None
    if state is not State.SIGNING_IN:
        return None
    return State.READY if event is Event.AUTH_OK else State.GREETED


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, Event)))
def test_every_event_in_every_state(state: State, event: Event) -> None:
    following = expected(state, event)
    if following is None:
        with pytest.raises(StateError, match=f"{event.name} in state {state.name}"):
            next_state(state, event)
    else:
        assert next_state(state, event) is following


def test_every_state_is_reached_and_every_one_ends() -> None:
    reached, todo = {State.NEW}, [State.NEW]
    while todo:
        state = todo.pop()
        for event in Event:
            following = TRANSITIONS.get((state, event))
            if following is not None and following not in reached:
                reached.add(following)
                todo.append(following)
    assert reached == set(State)
    assert all(next_state(state, Event.LOST) is State.CLOSED for state in State)


def test_nothing_leads_back_but_a_sign_in_to_be_tried_again() -> None:
    back = {key for key, state in TRANSITIONS.items() if state < key[0]}
    assert back == {(State.SIGNING_IN, Event.AUTH_AGAIN)}


@pytest.mark.parametrize(
    ("state", "action"), list(itertools.product(State, [*RECORDS, Action.API_OK]))
)
def test_every_action_in_every_state(state: State, action: str) -> None:
    verdict = judge(state, action, PUBLIC.__contains__)
    if state not in ALIVE[1:]:
        assert verdict is Verdict.IGNORE
    elif action == "heartbeat":
        assert verdict is Verdict.SERVE
    elif action == "auth":
        assert verdict is (Verdict.SERVE if state is State.GREETED else Verdict.CONFLICT)
    elif state is not State.READY:
        assert verdict is (Verdict.SERVE if action in PUBLIC else Verdict.UNAUTHENTICATED)
    else:
        from_client = action in {
            "message.chat", "message.chat.retry", "message.chat.resend", "message.read", "ack.request",
            "message.group", "message.group.retry", "ack.group.msg", "message.chat.recall", "message.group.recall",
            "message.edit", "message.react", "message.pin", "message.cli", "message.stream", "presence.sub",
        } or (action.startswith("api.") and action != "api.ok")  # fmt: skip
        assert verdict is (Verdict.SERVE if from_client else Verdict.UNSUPPORTED)
