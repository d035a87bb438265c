from __future__ import annotations

from pathlib import Path

from glideim.protocol.records import Message
from glideim.tui.messages import Chat, MessageFile


def message(seq: int, text: str = "") -> Message:
    return Message(
        mid=seq,
        conv="c:1:2",
        seq=seq,
        from_=1,
        to=2,
        type=1,
        content=text or f"m{seq}",
        send_at=seq,
    )


def test_gives_back_what_belongs_together(tmp_path: Path) -> None:
    file = MessageFile(tmp_path / "m.db")
    file.add([message(n) for n in (1, 2, 4, 5, 6)])
    assert [m.seq for m in file.before("c:1:2", 7, 10)] == [4, 5, 6]
    assert [m.seq for m in file.before("c:1:2", 7, 2)] == [5, 6]
    assert file.before("c:1:2", 4, 10) == []
    assert [m.seq for m in file.before("c:1:2", 3, 10)] == [1, 2]
    assert file.before("c:1:3", 3, 10) == []
    file.close()


def test_survives_and_replaces(tmp_path: Path) -> None:
    file = MessageFile(tmp_path / "m.db")
    file.add([message(1, "old")])
    file.add([message(1, "new")])
    file.save_chat(Chat("c:1:2", 2, "bob", last_seq=5, read_seq=3))
    file.close()
    file = MessageFile(tmp_path / "m.db")
    assert [m.content for m in file.before("c:1:2", 2, 10)] == ["new"]
    assert [(chat.name, chat.unread) for chat in file.chats()] == [("bob", 2)]
    file.close()
