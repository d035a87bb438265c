"""What conversations are made of, in the model."""

from __future__ import annotations

from dataclasses import dataclass, field

NORMAL, RECALLED, EDITED = 0, 1, 2
OWNER, ADMIN, MEMBER = "owner", "admin", "member"
RANK = {MEMBER: 0, ADMIN: 1, OWNER: 2}
PINS = 50


class Refused(Exception):  # noqa: N818 - an answer like any other
    """The action is not allowed; `code` is what must be answered."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Post:
    """A message or a group event; events have a `kind` and those concerned."""

    seq: int
    sender: int
    type: int = 0
    content: str | None = None
    original: str = ""
    """What was sent, whatever became of it: the same again is the same message."""
    cli_mid: str = ""
    mid: int = 0
    reply_to: int = 0
    """`mid` of the message answered."""
    mentions: tuple[int, ...] = ()
    status: int = NORMAL
    reactions: dict[str, set[int]] = field(default_factory=dict)
    pinned: bool = False
    kind: str = ""
    uids: tuple[int, ...] = ()
    value: str = ""


@dataclass
class Settings:
    """What somebody did to a conversation of theirs."""

    pinned: bool = False
    muted: bool = False
    hidden_at: int = -1
    """Last `seq` when it was hidden: it is back when there is more; -1 is not hidden."""


@dataclass
class Talk:
    """A conversation, of two people unless it is a `Circle`."""

    key: str
    posts: list[Post] = field(default_factory=list)
    read: dict[int, int] = field(default_factory=dict)
    settings: dict[int, Settings] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return len(self.posts)

    def add(self, post: Post) -> Post:
        """The next of the conversation; whoever says something has read up to it."""
        self.posts.append(post)
        if not post.kind:
            self.read[post.sender] = post.seq
        return post

    def has(self, uid: int) -> bool:
        return uid in self.read

    def setting(self, uid: int) -> Settings:
        return self.settings.setdefault(uid, Settings())

    def since(self, _uid: int) -> int:
        """What comes after this is visible."""
        return 0


def chat_key(a: int, b: int) -> str:
    """The name of the conversation of two people."""
    return f"c:{min(a, b)}:{max(a, b)}"
