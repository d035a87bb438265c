"""What exists on the server that is flooded: ids, names and cursors that it gave out, for frames to name.

Everything is bounded and forgets the oldest. A draw takes one random number, however much there is to draw from, so that the
frames after it are the same in the next run with the same seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")

KEPT = 64
"""Of each kind."""
LEARNED = 3
"""Items of a page that are looked at."""
IDS = frozenset(
    {"uid", "gid", "conv", "seq", "mid", "cli_mid", "cursor", "token", "upload_id", "id", "session_id", "key_id", "letter_id"}
)  # fmt: skip
"""Fields of answers whose values are kept."""


class Slots(Generic[T]):
    """The newest of a kind, and one of them by chance."""

    def __init__(self) -> None:
        self._items: list[T] = []
        self._next = 0

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T) -> None:
        """Keep it, in the place of the oldest if there is no room."""
        if len(self._items) < KEPT:
            self._items.append(item)
        else:
            self._items[self._next] = item
            self._next = (self._next + 1) % KEPT

    def draw(self, random: Random) -> T | None:
        """One of them; None if there is none."""
        at = random.random()
        return self._items[int(at * len(self._items))] if self._items else None


class Known(Struct, frozen=True):
    """A message that is stored."""

    conv: str
    seq: int
    mid: int
    cli_mid: str
    sender: int
    to: int
    type: int = 1
    content: str = "hello"

    @property
    def group(self) -> bool:
        """Whether it is in a group."""
        return self.conv.startswith("g:")


class Person(Struct):
    """Somebody who may be signed in. Guests have no password."""

    uid: int
    account: str = ""
    password: str = ""


class Pool:
    """All that is known of one server."""

    def __init__(self) -> None:
        self.people: list[Person] = []
        self._kinds: dict[Any, Slots[Any]] = {}

    def of(self, *kind: Any) -> Slots[Any]:
        """The slots of a kind: a name, and whose or what it is of."""
        slots = self._kinds.get(kind)
        if slots is None:
            slots = self._kinds[kind] = Slots()
        return slots

    def person(self, random: Random) -> Person:
        """One of the people."""
        return self.people[int(random.random() * len(self.people))]

    def message(self, known: Known) -> None:
        """A message is stored: its sender may change it, and both may name it."""
        self.of("sent", known.sender, known.group).put(known)
        self.of("seen", known.sender).put(known)
        if not known.group:
            self.of("seen", known.to).put(known)

    def learn(self, action: str, me: int, value: Any, depth: int = 0) -> None:
        """Keep what an answer names: for everybody, and as mine."""
        if isinstance(value, Struct):
            for name in value.__struct_fields__:
                found = getattr(value, name)
                if name in IDS and found:
                    self.of(name).put(found)
                    self.of(name, me).put(found)
                    if name == "cursor":
                        self.of("cursor of", action).put(found)
                elif depth < LEARNED and found:
                    self.learn(action, me, found, depth + 1)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            for item in value[:LEARNED]:
                self.learn(action, me, item, depth + 1)
