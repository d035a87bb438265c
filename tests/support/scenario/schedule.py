"""What people do next: a random choice among everything a messenger offers, weighted like a week at work."""

from __future__ import annotations

from .leading import Leading
from .talking import Talking

FIRST_GROUPS = 3


class Schedule(Talking, Leading):
    """Chooses and does."""

    async def play(self, actions: int) -> None:
        """This many, counted as what the server was asked to do."""
        weights = {
            self.chat: 26, self.say: 26, self.again: 3, self.recall: 6, self.edit: 6,
            self.react: 9, self.pin: 3, self.read: 16, self.block: 2, self.settle: 2, self.hide: 1,
            self.found: 2, self.join: 5, self.answer: 4, self.invite: 4, self.leave: 2, self.remove: 3,
            self.set_role: 2, self.transfer: 0.5, self.mute: 3, self.mute_all: 1, self.rename: 2,
            self.announce: 1, self.dissolve: 0.2, self.away: 7, self.back: 8,
        }  # fmt: skip
        while len(self.world.circles) < FIRST_GROUPS:
            await self.found()
        deeds, chances = list(weights), list(weights.values())
        end = self.week.done + actions
        while self.week.done < end:
            [deed] = self.random.choices(deeds, chances)
            await deed()
