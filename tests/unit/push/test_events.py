"""Bodies of deliveries."""

from __future__ import annotations

import msgspec
import pytest

from glideim.push.events import (
    BODY_BYTES,
    BODY_EVENTS,
    PREVIEW_MOST,
    UIDS_MOST,
    Login,
    deliveries,
    offline_events,
    preview,
)
from glideim.push.ports import Event
from tests.support.hooks import said


def test_a_body_names_its_event_and_delivery() -> None:
    login = Login(7, 2, "browser", 99)
    (one,) = deliveries(Event.LOGIN, "logins", [("99.1", login)], 5)
    assert msgspec.json.decode(one.body) == {
        "event": "login",
        "delivery": "login-99.1-99.1",
        "logins": [{"uid": 7, "device": 2, "deviceId": "browser", "at": 99}],
    }
    assert (one.ident, one.event, one.hook, one.created_at) == ("login-99.1-99.1", "login", 0, 5)


def test_many_events_make_several_deliveries_in_order() -> None:
    items = [(str(n), n) for n in range(BODY_EVENTS + 1)]
    first, second = deliveries(Event.AFTER_SEND, "messages", items, 5)
    assert msgspec.json.decode(first.body)["messages"] == list(range(BODY_EVENTS))
    assert msgspec.json.decode(second.body)["messages"] == [BODY_EVENTS]
    assert first.ident == f"after_send-0-{BODY_EVENTS - 1}"


def test_large_events_make_several_deliveries() -> None:
    items = [(str(n), "x" * (BODY_BYTES // 2)) for n in range(3)]
    made = deliveries(Event.AFTER_SEND, "messages", items, 5)
    assert [len(msgspec.json.decode(one.body)["messages"]) for one in made] == [1, 1, 1]


def test_nothing_makes_no_delivery() -> None:
    assert deliveries(Event.AFTER_SEND, "messages", [], 5) == []


def test_an_offline_event_says_what_a_push_service_needs() -> None:
    message = said(9, 1, gid=5, mentions=(3,), content="hello\n  you")
    (event,) = offline_events(message, [2, 3])
    assert msgspec.to_builtins(event) == {
        "mid": 9, "conv": "g:5", "seq": 9, "from": 1, "type": 1, "uids": [2, 3],
        "preview": "hello you", "sendAt": 9, "mentioned": (3,),
    }  # fmt: skip


def test_many_receivers_make_several_offline_events() -> None:
    parts = list(offline_events(said(9, 1, gid=5), list(range(1, UIDS_MOST + 3))))
    assert [len(part.uids) for part in parts] == [UIDS_MOST, 2]


@pytest.mark.parametrize(
    ("kind", "content", "shown"),
    [(1, "x" * 500, "x" * PREVIEW_MOST), (11, "# a", "# a"), (2, "https://…", ""), (1, None, "")],
)
def test_previews_are_short_and_of_texts_only(kind: int, content: str | None, shown: str) -> None:
    assert preview(said(1, type=kind, content=content)) == shown
