from __future__ import annotations

import msgspec
import pytest

from glideim.protocol.records import Message
from glideim.protocol.social import FileInfo, NotifyGroup
from glideim.tui.words import content_of, event_of, file_of, people_of, says, type_of

NAMES = {1: "me", 2: "Bob", 3: "Cid"}
DAY = 86_400_000


def words(message: Message, now: int = 0) -> str:
    return says(message, lambda uid: NAMES[uid], now)


def event(kind: str, uids: tuple[int, ...] = (), value: str = "") -> Message:
    notice = NotifyGroup(7, 1, kind, 2, uids, value, 1)
    return Message(
        conv="g:7", seq=1, from_=2, type=-1, content=msgspec.json.encode(notice).decode()
    )


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (event("created"), "Bob made the group"),
        (event("joined", (3,)), "Cid joined"),
        (event("joined"), "Bob joined"),
        (event("invited", (1, 3)), "Bob brought in me, Cid"),
        (event("renamed", value="{by}"), "Bob called the group “{by}”"),
        (event("announcement", value="tea"), "Bob announces: tea"),
        (event("announcement"), "Bob took the announcement down"),
        (event("role", (3,), "admin"), "Bob made Cid admin"),
        (event("muted", (3,), str(2**53 - 1)), "Bob silenced Cid"),
        (event("muted", (), str(2**53 - 1)), "Bob silenced everybody"),
        (event("unmuted", (3,)), "Bob let Cid write again"),
        (event("something"), "Bob: something"),
    ],
)
def test_events_of_groups(message: Message, text: str) -> None:
    assert words(message) == text


def test_a_mute_that_ends_says_when() -> None:
    assert words(event("muted", (3,), str(DAY))).startswith("Bob silenced Cid until ")


def test_what_is_not_there_any_more() -> None:
    assert words(Message(status=1)) == "(taken back)"
    assert words(Message(status=3)) == "(disappeared)"
    fleeting = Message(content="psst", type=1, expire_at=10)
    assert words(fleeting, 9) == "psst"
    assert words(fleeting, 10) == "(disappeared)"
    assert words(Message(content="so far", type=1, status=4)) == "so far …"


def test_an_event_that_cannot_be_read_is_shown_as_it_is() -> None:
    assert event_of(Message(type=-1, content="{")) is None
    assert words(Message(type=-1, content="{")) == "{"


def test_files() -> None:
    file = FileInfo(id="a", url="/files/a", name="a.png", type="image/png", size=3_000_000)
    message = Message(type=type_of(file), content=content_of(file))
    assert (message.type, file_of(message)) == (2, file)
    assert words(message) == "[picture] a.png (2.9 MiB)"
    assert words(Message(type=5, content="/files/b")) == "[file] /files/b"
    assert type_of(FileInfo(type="text/plain")) == 5


def test_a_message_does_not_choose_the_host() -> None:
    assert file_of(Message(type=5, content="http://elsewhere/x")) is None
    assert file_of(Message(type=5, content='{"url": "@elsewhere/x"}')) is None
    assert file_of(Message(type=1, content="/files/a")) is None


def test_whose_names_are_needed() -> None:
    assert people_of(event("invited", (1, 3))) == {1, 2, 3}
    assert people_of(Message(from_=2, type=1, content="x", mentions=(3,))) == {2, 3}
