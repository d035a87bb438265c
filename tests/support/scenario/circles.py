"""Groups in the model: who is in them, who may do what, and the events that this leaves in their streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .talks import ADMIN, MEMBER, OWNER, RANK, Post, Refused, Talk


@dataclass
class Seat:
    """Somebody's place in a group: they see what is after `since`."""

    role: str
    since: int
    muted_until: int = 0


@dataclass
class Circle(Talk):
    """A group."""

    gid: int = 0
    name: str = ""
    announcement: str = ""
    join_mode: str = "open"
    history: str = "join"
    members_invite: bool = True
    muted_until: int = 0
    dissolved: bool = False
    seats: dict[int, Seat] = field(default_factory=dict)
    asking: set[int] = field(default_factory=set)
    """Those who wait to be let in."""

    def has(self, uid: int) -> bool:
        return uid in self.seats and not self.dissolved

    def since(self, uid: int) -> int:
        return self.seats[uid].since

    def rank(self, uid: int) -> int:
        """How much somebody may do here; those who are not in it least."""
        seat = self.seats.get(uid)
        return RANK[seat.role] if seat is not None else -1

    def speak(self, uid: int) -> None:
        """Raises Refused for those who may not say anything now."""
        seat = self.seats[uid]
        if seat.muted_until or (self.muted_until and seat.role == MEMBER):
            raise Refused("muted")

    # --- what people do -------------------------------------------------------------------------------------

    def found(self, owner: int, uids: Sequence[int]) -> None:
        """The first event."""
        self.seats = {owner: Seat(OWNER, 0), **{uid: Seat(MEMBER, 0) for uid in uids}}
        self._event(owner, "created", (owner, *uids), self.name)
        for uid in (owner, *uids):
            self.read[uid] = self.last

    def join(self, uid: int) -> None:
        """By oneself, where that is allowed, or by asking; nothing happens to those who are in."""
        if self.dissolved:
            raise Refused("not_found")
        if self.has(uid):
            return
        if self.join_mode == "invite":
            raise Refused("not_found")
        if self.join_mode == "approval":
            self.asking.add(uid)
        else:
            self._let_in(uid, "joined", (uid,))

    def accept(self, by: int, uid: int) -> None:
        """Admins let in who asked."""
        self._asked(by, uid)
        self._let_in(by, "joined", (uid,))

    def reject(self, by: int, uid: int) -> None:
        """Or they do not; who asked may ask again."""
        self._asked(by, uid)
        self.asking.remove(uid)

    def _asked(self, by: int, uid: int) -> None:
        self._ranked(by, ADMIN)
        if uid not in self.asking:
            raise Refused("not_found")

    def invite(self, by: int, uids: Sequence[int]) -> None:
        """Bring others in; those who are in it already stay as they are."""
        self._ranked(by, MEMBER if self.members_invite else ADMIN)
        new = [uid for uid in uids if not self.has(uid)]
        if new:
            self._let_in(by, "invited", new)

    def leave(self, uid: int) -> None:
        """Go; an owner must give the group away first."""
        self._ranked(uid, MEMBER)
        if self.rank(uid) == RANK[OWNER]:
            raise Refused("conflict")
        self._let_out(uid, "left", uid)

    def remove(self, by: int, uid: int) -> None:
        """Admins send away members; the owner admins, too."""
        if by == uid:
            self.leave(by)
            return
        self._above(by, uid)
        self._let_out(by, "removed", uid)

    def set_role(self, by: int, uid: int, role: str) -> None:
        """The owner makes admins, and members of them again."""
        seat = self._seat(by, uid, OWNER)
        if seat.role == OWNER:
            raise Refused("forbidden")
        if seat.role != role:
            seat.role, seat.muted_until = role, 0
            self._event(by, "role", (uid,), role)

    def transfer(self, by: int, uid: int) -> None:
        """The owner gives the group to another member and stays an admin."""
        seat = self._seat(by, uid, OWNER)
        if uid != by:
            self.seats[by].role = ADMIN
            seat.role, seat.muted_until = OWNER, 0
            self._event(by, "owner", (uid,))

    def mute(self, by: int, uid: int, until: int) -> None:
        """Admins silence members, the owner admins, too; 0 lets them speak again."""
        self._above(by, uid)
        seat = self.seats[uid]
        if seat.muted_until != until:
            seat.muted_until = until
            self._muting(by, (uid,), until)

    def mute_all(self, by: int, until: int) -> None:
        """Only admins may speak."""
        self._ranked(by, ADMIN)
        if self.muted_until != until:
            self.muted_until = until
            self._muting(by, (), until)

    def rename(self, by: int, name: str) -> None:
        """Another name."""
        self._ranked(by, ADMIN)
        self.name = name
        self._event(by, "renamed", (), name)

    def announce(self, by: int, text: str) -> None:
        """Something for all to read."""
        self._ranked(by, ADMIN)
        self.announcement = text
        self._event(by, "announcement", (), text)

    def dissolve(self, by: int) -> None:
        """The end of the group."""
        self._ranked(by, OWNER)
        self._event(by, "dissolved", ())
        self.dissolved = True

    # --- rules ----------------------------------------------------------------------------------------------

    def _ranked(self, uid: int, role: str) -> None:
        if not self.has(uid):
            raise Refused("not_found")
        if self.rank(uid) < RANK[role]:
            raise Refused("forbidden")

    def _seat(self, by: int, uid: int, role: str) -> Seat:
        """The seat of another, for those who rank high enough."""
        self._ranked(by, role)
        if not self.has(uid):
            raise Refused("not_found")
        return self.seats[uid]

    def _above(self, by: int, uid: int) -> None:
        self._seat(by, uid, ADMIN)
        if self.rank(by) <= self.rank(uid):
            raise Refused("forbidden")

    def _let_in(self, by: int, kind: str, uids: Sequence[int]) -> None:
        since = 0 if self.history == "all" else self.last
        for uid in uids:
            self.seats[uid] = Seat(MEMBER, since)
        self.asking.difference_update(uids)
        self._event(by, kind, uids)
        for uid in uids:
            self.read[uid] = self.last

    def _let_out(self, by: int, kind: str, uid: int) -> None:
        self._event(by, kind, (uid,))
        # What somebody set for a conversation goes with them.
        del self.seats[uid], self.read[uid]
        self.settings.pop(uid, None)

    def _muting(self, by: int, uids: Sequence[int], until: int) -> None:
        self._event(by, "muted" if until else "unmuted", uids, str(until) if until else "")

    def _event(self, by: int, kind: str, uids: Sequence[int], value: str = "") -> None:
        self.add(Post(self.last + 1, by, kind=kind, uids=tuple(uids), value=value))
        if by in self.read:  # what somebody causes is not unread for them
            self.read[by] = self.last
