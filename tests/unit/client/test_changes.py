"""What waits for the application is changed, and what grows is put together, within bounds."""

from __future__ import annotations

from random import Random

import pytest

from glideim.client import changes
from glideim.client.account import Account
from glideim.client.changes import Changes, with_reaction
from glideim.client.events import Changed, Edited, Event, Growing, Pinned, Reacted, Recalled
from glideim.client.options import Options
from glideim.client.store import Credentials, MemoryStore
from glideim.protocol.records import Message, Reaction
from glideim.protocol.social import NotifyReact, Pin, Recall, Stream

CONV = "c:1:2"


def said(seq: int, content: str = "hello") -> Message:
    return Message(mid=seq, cli_mid="", conv=CONV, seq=seq, from_=2, to=1, type=1, content=content)


class Setting:
    """An account with a message that waits, one that waits for its turn, and the changes of both."""

    def __init__(self) -> None:
        self.account = Account(Credentials(1, "t"), MemoryStore(), Options(), Random(1))
        self.account.inbox.received([said(1), said(3)], 0.0)
        self.heard: list[Event] = []
        self.changes = Changes(self.account, self.heard.append)

    def taken(self) -> list[Message]:
        self.account.inbox.received([said(2)], 0.0)
        found: list[Message] = []
        while (message := self.account.inbox.take(0.0)) is not None:
            found.append(message)
        return found

    def handle(self, action: str, record: object) -> None:
        self.changes.handlers[action](record)


@pytest.fixture
def setting() -> Setting:
    return Setting()


@pytest.mark.parametrize("seq", [1, 3])
def test_a_recall_reaches_what_waits(setting: Setting, seq: int) -> None:
    setting.handle("message.chat.recall", Recall(CONV, seq, mid=seq, recall_by=2, at=5))
    found = {m.seq: (m.content, m.status) for m in setting.taken()}
    assert found.pop(seq) == (None, 1)
    assert set(found.values()) == {("hello", 0)}
    assert setting.heard == [Recalled(CONV, seq, seq, 2, 5)]


def test_of_what_is_recalled_nothing_is_left(setting: Setting) -> None:
    setting.handle("notify.react", NotifyReact(CONV, 1, "x", 1, 1, on=True))
    setting.handle("notify.pin", Pin(CONV, 1, on=True, by=2, at=5))
    setting.handle("message.chat.recall", Recall(CONV, 1, mid=1, recall_by=2, at=5))
    first = setting.taken()[0]
    assert (first.content, first.status, first.reactions, first.pinned) == (None, 1, (), False)


def test_an_edit_keeps_reactions_and_pins(setting: Setting) -> None:
    setting.handle("notify.react", NotifyReact(CONV, 1, "x", 1, 1, on=True))
    setting.handle("notify.pin", Pin(CONV, 1, on=True, by=2, at=5))
    setting.handle("message.edit", said(1, "other"))
    first = setting.taken()[0]
    assert (first.content, first.pinned) == ("other", True)
    assert first.reactions == (Reaction("x", 1, mine=True),)
    assert [type(e) for e in setting.heard] == [Reacted, Pinned, Edited]


def test_what_is_known_again_replaces_what_waits(setting: Setting) -> None:
    assert setting.account.inbox.knows(said(1))
    assert not setting.account.inbox.knows(said(2))
    setting.changes.known_again(said(1, "now"))
    assert setting.taken()[0].content == "now"
    assert setting.heard == [Changed(said(1, "now"))]


def test_text_grows_and_repairs_itself(setting: Setting) -> None:
    steps = [("open", "", 0), ("delta", "to ", 0), ("delta", "to be", 0), ("finish", "to be!", 0)]
    for op, content, offset in steps:
        step = Stream(CONV, stream_id="s", op=op, content=content, offset=offset, mid=1, seq=1)
        setting.changes.grow(step)
    texts = [event.text for event in setting.heard if isinstance(event, Growing)]
    assert texts == ["", "to ", "to be", "to be!"]
    assert setting.taken()[0].content == "to be!"


def test_growing_texts_are_bounded(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "GROWING_MOST", 2)
    for mid in (1, 2, 3):
        setting.changes.grow(Stream(CONV, stream_id="s", op="open", content="text", mid=mid))
    assert list(setting.changes._texts) == [2, 3]


def test_reactions_keep_their_order() -> None:
    message = said(1)
    for key in ("a", "b"):
        message = with_reaction(message, NotifyReact(CONV, 1, key, 1, 2, on=True), mine=None)
    message = with_reaction(message, NotifyReact(CONV, 1, "a", 2, 1, on=True), mine=True)
    assert message.reactions == (Reaction("a", 2, mine=True), Reaction("b", 1, mine=False))
    message = with_reaction(message, NotifyReact(CONV, 1, "a", 0, 1, on=False), mine=False)
    assert [r.key for r in message.reactions] == ["b"]
