"""Which connections a gateway holds, by number and by person."""

from __future__ import annotations

from collections.abc import Sequence

from .connection import Connection
from .options import Devices

NOBODY: tuple[Connection, ...] = ()


class Registry:
    """Connections by number; signed-in ones by person, too. Lists per person are replaced, never changed, so
    that a loop over one is safe whatever its body does."""

    def __init__(self) -> None:
        self.by_number: dict[int, Connection] = {}
        self.of_user: dict[int, tuple[Connection, ...]] = {}
        """Both are open for reading: the answer and the push of every message look here."""

    def __len__(self) -> int:
        return len(self.by_number)

    def all(self) -> Sequence[Connection]:
        """Every connection, signed in or not."""
        return tuple(self.by_number.values())

    @property
    def people(self) -> int:
        """How many people are signed in."""
        return len(self.of_user)

    def add(self, connection: Connection) -> None:
        """A socket was opened."""
        self.by_number[connection.number] = connection

    def get(self, number: int) -> Connection | None:
        """By number."""
        return self.by_number.get(number)

    def of(self, uid: int) -> Sequence[Connection]:
        """The signed-in connections of a person."""
        return self.of_user.get(uid, NOBODY)

    def sign_in(self, connection: Connection, devices: Devices) -> Sequence[Connection]:
        """Add a connection to its person's; returns those that it replaces."""
        others = self.of(connection.uid)
        self.of_user[connection.uid] = (*others, connection)
        match devices:
            case "class":
                return [other for other in others if other.device == connection.device]
            case "one":
                return others
            case "unlimited":
                return NOBODY

    def sign_out(self, connection: Connection) -> bool:
        """Take a connection from its person's; whether it was there."""
        held = self.of(connection.uid)
        rest = tuple(other for other in held if other is not connection)
        if len(rest) == len(held):
            return False
        if rest:
            self.of_user[connection.uid] = rest
        else:
            del self.of_user[connection.uid]
        return True

    def remove(self, connection: Connection) -> None:
        """A socket is gone."""
        self.by_number.pop(connection.number, None)
