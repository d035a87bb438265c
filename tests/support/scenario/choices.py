"""Choosing who, where and what, by the seed of the week."""

from __future__ import annotations

from .circles import Circle
from .device import Device
from .talks import Post, Talk
from .week import Person, Week

STRAY = 0.06
"""How often somebody tries what is not theirs: the refusal must be the one the model gives."""
LATE = 3
"""A message is the latest of this many drawn."""


class Choices:
    """What a deed is chosen with."""

    def __init__(self, week: Week) -> None:
        self.week = week
        self.world = week.world
        self.random = week.random

    def device(self, uid: int | None = None) -> Device | None:
        """Somebody's device that is connected; anybody's without a uid."""
        if uid is not None:
            here = self.week.person(uid).here
        else:
            here = [device for person in self.week.people for device in person.here]
        return self.random.choice(here) if here else None

    def someone(self, but: int = 0) -> Person:
        """Anybody else."""
        return self.random.choice([p for p in self.week.people if p.uid != but])

    def stray(self) -> bool:
        """Whether to try what is probably not allowed."""
        return self.random.random() < STRAY

    def talk_of(self, uid: int) -> Talk | None:
        """One of somebody's conversations; now and then one that is not theirs."""
        talks = list(self.world.talks.values())
        if not self.stray():
            talks = [talk for talk in talks if talk.has(uid)]
        return self.random.choice(talks) if talks else None

    def circle_of(self, uid: int) -> Circle | None:
        """One of somebody's groups; now and then one that is not theirs."""
        circles = list(self.world.circles.values())
        if not self.stray():
            circles = [circle for circle in circles if circle.has(uid)]
        return self.random.choice(circles) if circles else None

    def led(self) -> tuple[Circle, Device] | None:
        """A group and a device of one who may lead it; now and then of anybody."""
        circles = [circle for circle in self.world.circles.values() if not circle.dissolved]
        if not circles:
            return None
        circle = self.random.choice(circles)
        leaders = [uid for uid, seat in circle.seats.items() if seat.role != "member"]
        uid = self.someone().uid if self.random.random() < 0.2 else self.random.choice(leaders)
        device = self.device(uid)
        return (circle, device) if device is not None else None

    def member_of(self, circle: Circle) -> int:
        """A member; now and then anybody."""
        if self.stray():
            return self.someone().uid
        return self.random.choice(list(circle.seats))

    def post_of(self, talk: Talk) -> Post | None:
        """A message of a conversation, likelier a late one."""
        if not talk.posts:
            return None
        back = min(self.random.randrange(talk.last) for _ in range(LATE))
        return talk.posts[talk.last - 1 - back]
